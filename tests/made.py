"""Things on disk that several tests make."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path


def venv_with_ipykernel(prefix: Path) -> Path:
    """A real virtual environment in which a kernel starts, made in a second.

    What is installed beside the tests is linked into it instead of being installed again. The project
    itself is not: its kernels are those of an environment that does not have it.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    [site] = prefix.glob("lib/python3.*/site-packages")
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if "tfgpu" not in package.name and package.suffix != ".pth":
            (site / package.name).symlink_to(package)
    return prefix
