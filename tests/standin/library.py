"""The stand-ins' libraries, built by gcc: NVML with all its symbols, or with as few as an old driver has, and
what a framework asks of CUDA's driver."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE / "nvml.c"
BUILD = HERE / "build"
LIBRARY = "libnvidia-ml.so.1"
CUDA_SOURCE = HERE / "cuda.c"
CUDA_LIBRARY = "libcuda.so.1"

BEFORE_510 = (
    "nvmlDeviceGetMemoryInfo_v2",
    "nvmlDeviceGetComputeRunningProcesses_v3",
    "nvmlDeviceGetGraphicsRunningProcesses_v3",
    "nvmlDeviceGetMPSComputeRunningProcesses_v3",
    "nvmlDeviceGetTemperatureV",
    "nvmlDeviceGetCurrentClocksEventReasons",
    "nvmlDeviceGetConfComputeMemSizeInfo",
    "nvmlDeviceGetRunningProcessDetailList",
)
"""What a driver before 510.39 does not export. For ``build(missing=…)``."""

BEFORE_450_66 = (
    *BEFORE_510,
    "nvmlDeviceGetComputeRunningProcesses_v2",
    "nvmlDeviceGetGraphicsRunningProcesses_v2",
    "nvmlDeviceGetMPSComputeRunningProcesses_v2",
)
"""What a driver before 450.66 does not export: its process lists are of the first version."""

BEFORE_450 = (
    *BEFORE_450_66,
    "nvmlDeviceGetMPSComputeRunningProcesses",
    "nvmlDeviceGetMigMode",
    "nvmlDeviceGetMaxMigDeviceCount",
    "nvmlDeviceGetMigDeviceHandleByIndex",
    "nvmlDeviceGetGpuInstanceId",
)
"""What a driver of before MIG and MPS's process lists does not export."""

DRIVER_535_43 = ("nvmlDeviceGetRunningProcessDetailList",)
"""Drivers 535.43 to 535.86 wrote 32-byte process entries (``process-struct 32``) and lacked this."""


class NoCompiler(RuntimeError):
    """gcc is missing or failed; the text says which."""


def build(missing: Iterable[str] = ()) -> Path:
    """The management library, built where need be. ``missing``: symbols that it shall not export."""
    names = sorted(set(missing))
    return _built(
        SOURCE, LIBRARY, "{ local: " + "".join(f"{name}; " for name in names) + "};\n" if names else ""
    )


def build_cuda() -> Path:
    """The CUDA driver, built where need be. Its devices: ``TFGPU_STANDIN_CUDA`` (cuda.c)."""
    return _built(CUDA_SOURCE, CUDA_LIBRARY, "")


def _built(source: Path, name: str, symbols: str) -> Path:
    """``symbols``: a version script for the linker, empty for none.

    Each source and script has a folder of its own under ``build/``, and the library is renamed into place, so
    any number of processes may call this at once.
    """
    key = hashlib.sha256(source.read_bytes() + symbols.encode()).hexdigest()[:16]
    library = BUILD / key / name
    if library.exists():
        return library
    library.parent.mkdir(parents=True, exist_ok=True)
    gcc = shutil.which("gcc") or shutil.which("cc")
    if gcc is None:
        raise NoCompiler("the stand-in driver needs a C compiler: apt-get install gcc libc6-dev")
    with tempfile.TemporaryDirectory(dir=library.parent) as scratch:
        script, made = Path(scratch, "symbols"), Path(scratch, name)
        script.write_text(symbols)
        command = [gcc, "-O2", "-Wall", "-Wextra", "-Werror", "-Wno-format-truncation", "-shared", "-fPIC"]
        command += ["-fvisibility=hidden", f"-Wl,-soname,{name}"]
        command += [f"-Wl,--version-script={script}"] if symbols else []
        command += ["-o", str(made), str(source), "-lpthread", "-ldl"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NoCompiler(f"the stand-in driver did not compile:\n{done.stderr}")
        made.replace(library)
    return library
