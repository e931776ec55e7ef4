"""A wheel as our own readers see it: unpacked as an environment, without what they do not read."""

from __future__ import annotations

import re
import tempfile
import zipfile
from pathlib import Path

from jupyter_tfgpu.doctor import Snapshot, scan
from jupyter_tfgpu.machine import Machine
from scripts.knowledge import index

_READ = re.compile(
    r"[^/]+\.dist-info/.*"
    r"|(tensorflow|tensorflow_core)/(python/platform/build_info\.py|tools/pip_package/.*|__init__\.py"
    r"|libtensorflow_framework\.so.*|include/.*/cuda_config\.h)"
    r"|torch/(version\.py|__init__\.py|lib/libtorch_python\.so|lib/libtorch_cuda\.so)"
    r"|jax_cuda\d+_plugin/.*\.py"
)
"""The members of a wheel that say how it was built."""


def read(package: str, version: str, tag: str, platform: str) -> tuple[Snapshot, str]:
    """The facts of an environment that holds this wheel alone, and the wheel's file name."""
    with tempfile.TemporaryDirectory(prefix="tfgpu-knowledge-") as folder:
        wheel = index.download(package, version, tag, platform, Path(folder))
        prefix = Path(folder) / "environment"
        unpack(wheel, prefix, tag)
        return scan(Machine(), prefix, reading=None), wheel.name


def unpack(wheel: Path, prefix: Path, tag: str) -> None:
    """Lays the members that are read into an environment for this Python."""
    python = f"python{tag[2]}.{tag[3:]}"
    site = prefix / "lib" / python / "site-packages"
    site.mkdir(parents=True)
    (prefix / "bin").mkdir()
    (prefix / "bin" / "python").symlink_to("/usr/bin/python3")
    (prefix / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion_info = {python.removeprefix('python')}.0\n")
    with zipfile.ZipFile(wheel) as file:
        # Up to 1.15 the modules lie in a folder of the wheel that the installer empties into site-packages.
        for member in file.infolist():
            name = re.sub(r"^[^/]+\.data/(purelib|platlib)/", "", member.filename)
            if _READ.fullmatch(name) and not member.is_dir():
                target = site / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read(member))
