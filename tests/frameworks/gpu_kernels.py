"""Kernels of real TensorFlow built for GPUs, on machines whose driver and CUDA libraries are stand-ins."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.doctor.scan import made
from tests.frameworks.registration import DRIVER, Cell, Laid, Wheel
from tests.kernels.bare import bare_environment
from tests.notebooks import places
from tests.standin import driver
from tests.tools import interpreter, python_version, real_environment

TF221 = Wheel("gpu221", 12, 9, "9.5.1.17")
"""The release that ``make test`` has. It does not find all libraries of its own extra by itself; here
LD_LIBRARY_PATH names them."""

WELL = Cell("all within reach", path=("wheels",))
WITHOUT_CUDNN = Cell("all within reach but cuDNN", without=("cudnn",), path=("wheels",))


def gpu_kernel(cell: Cell, folder: Path) -> tuple[Path, dict[str, str]]:
    """An environment that has an ipykernel too, and the variables of a program on its machine."""
    laid = Laid(cell, TF221, real_environment(TF221.environment), folder / "laid")
    version = python_version(laid.prefix / "bin" / "python")
    assert version is not None
    [site] = bare_environment(version).glob("lib/python3*/site-packages")
    (laid.site / "ipykernel.pth").write_text(f"{site}\n")
    made.distribution(laid.site, "nvidia-cuda-nvcc-cu12", "12.5.82")
    made.compiler(laid.site / "nvidia/cuda_nvcc")
    named = laid.library_path()
    scenario = driver.write_scenario(
        laid.root / "scenario.txt", driver=DRIVER, cuda=12080, devices=[driver.device(0)]
    )
    # For the loader the folders as they are, for the doctor as they are called on that machine.
    path = [*named, laid.driver_folder, *(f"/{each.relative_to(laid.root)}" for each in named)]
    variables = {
        **places(folder, laid.root),
        "LD_LIBRARY_PATH": os.pathsep.join(map(str, path)),
        "TFGPU_STANDIN_CUDA": ",".join(cell.capabilities),
        "TFGPU_STANDIN_SCENARIO": str(scenario),
    }
    return laid.prefix, variables


def linked_kernel(name: str, version: str, prefix: Path) -> Path:
    """An environment with the packages of this real one, of this Python, and with an ipykernel."""
    subprocess.run([interpreter(version), "-m", "venv", "--without-pip", prefix], check=True)
    [site] = prefix.glob("lib/python3*/site-packages")
    [packages] = real_environment(name).glob("lib/python3*/site-packages")
    [kernels] = bare_environment(version).glob("lib/python3*/site-packages")
    for each in packages.iterdir():
        (site / each.name).symlink_to(each)
    (site / "ipykernel.pth").write_text(f"{kernels}\n")
    return prefix
