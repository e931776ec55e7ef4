"""The stand-in's library, built by gcc: with all its symbols, or with as few as an old driver has."""

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
    """The library, built where need be. ``missing``: symbols that it shall not export.

    Each source and list of symbols has a folder of its own under ``build/``, and the library is renamed
    into place, so any number of processes may call this at once.
    """
    names = sorted(set(missing))
    key = hashlib.sha256(SOURCE.read_bytes() + "\n".join(names).encode()).hexdigest()[:16]
    library = BUILD / key / LIBRARY
    if library.exists():
        return library
    library.parent.mkdir(parents=True, exist_ok=True)
    gcc = shutil.which("gcc") or shutil.which("cc")
    if gcc is None:
        raise NoCompiler("the stand-in driver needs a C compiler: apt-get install gcc libc6-dev")
    with tempfile.TemporaryDirectory(dir=library.parent) as scratch:
        script, made = Path(scratch, "symbols"), Path(scratch, LIBRARY)
        script.write_text("{ local: " + "".join(f"{name}; " for name in names) + "};\n")
        command = [gcc, "-O2", "-Wall", "-Wextra", "-Werror", "-Wno-format-truncation", "-shared", "-fPIC"]
        command += ["-fvisibility=hidden", f"-Wl,-soname,{LIBRARY}"]
        command += [f"-Wl,--version-script={script}"] if names else []
        command += ["-o", str(made), str(SOURCE), "-lpthread", "-ldl"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NoCompiler(f"the stand-in driver did not compile:\n{done.stderr}")
        made.replace(library)
    return library
