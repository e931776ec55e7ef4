"""What the package index has, asked with pip: it knows the index, its mirror and its certificates."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

from packaging.version import Version

from scripts.common import BIN, Stop, child_environment

_MANYLINUX = (5, 12, 17, 24, 26, 27, 28, 31, 34, 35, 39)


def _manylinux(arch: str) -> tuple[str, ...]:
    named = ("manylinux1", "manylinux2010", "manylinux2014")
    return tuple(f"{name}_{arch}" for name in (*named, *(f"manylinux_2_{minor}" for minor in _MANYLINUX)))


PLATFORMS = {
    "linux_x86_64": _manylinux("x86_64"),
    "linux_aarch64": _manylinux("aarch64"),
    "macos_arm64": tuple(f"macosx_{major}_0_arm64" for major in range(11, 17)),
    "macos_x86_64": tuple(f"macosx_{v}_x86_64" for v in ("10_9", "10_11", "10_14", "10_15", "11_0", "12_0")),
    "win_amd64": ("win_amd64",),
}
"""The tables' word for a platform, and pip's for it."""


@cache
def versions(package: str, tag: str, platform: str) -> tuple[str, ...]:
    """The final releases with a wheel for this Python (``cp312``) and platform, oldest first."""
    done = _pip("index", "versions", package, *_target(tag, platform))
    if done.returncode != 0 and "No matching distribution" not in done.stderr:
        raise Stop(f"pip could not ask the index for {package}: {done.stderr.strip()[-300:]}")
    # As text: --json came with pip 25, and a venv has the pip of its Python.
    line = re.search(r"^Available versions: (.*)$", done.stdout, re.MULTILINE)
    found = line[1].split(", ") if line else []
    # A local version (1.0+cpu) is none of the index's: pip is configured for a folder besides.
    return tuple(sorted((each for each in found if "+" not in each), key=Version))


def download(package: str, version: str, tag: str, platform: str, folder: Path) -> Path:
    """The wheel, in this folder. Raises Stop where the index does not give it."""
    done = _pip(
        "download", f"{package}=={version}", "--no-deps", "-q", "-d", str(folder), *_target(tag, platform)
    )
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise Stop(f"pip could not download {package} {version}: {done.stderr.strip()[-300:]}")
    return wheels[0]


def _target(tag: str, platform: str) -> list[str]:
    words = ["--only-binary", ":all:", "--python-version", f"{tag[2]}.{tag[3:]}", "--implementation", "cp"]
    return [*words, *(f"--platform={each}" for each in PLATFORMS[platform])]


def _pip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "python", "-m", "pip", *words],
        capture_output=True,
        text=True,
        check=False,
        env=child_environment(),
    )
