"""The CUDA libraries of a Windows machine: a tree with a folder a drive."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_tfgpu.doctor.scan.libraries import libraries
from jupyter_tfgpu.doctor.snapshot import Library
from jupyter_tfgpu.environments import FrameworkBuild
from jupyter_tfgpu.machine import Machine

TOOLKIT = "C/Program Files/NVIDIA GPU Computing Toolkit/CUDA/v11.2/bin"
ON_PATH = "C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA\\v11.2\\bin"


def put(machine: Machine, folder: str, *names: str) -> None:
    path = machine.root / folder
    path.mkdir(parents=True, exist_ok=True)
    for name in names:
        (path / name).touch()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(root=tmp_path, environ={}, home=tmp_path, platform="win32")
    put(machine, "C/Windows/System32", "nvcuda.dll", "nvml.dll", "msvcp140.dll", "kernel32.dll")
    put(machine, TOOLKIT, "cudart64_110.dll", "cublas64_11.dll", "cudnn64_8.dll", "nvcc.exe")
    put(machine, "C/env/Scripts", "python.exe")
    put(machine, "C/env/Lib/site-packages/torch/lib", "cudnn64_8.dll", "torch_cuda.dll")
    return machine


def build(machine: Machine, name: str) -> FrameworkBuild:
    return FrameworkBuild(
        name=name,  # type: ignore[arg-type]
        version="2.10.0",
        cuda_build=True,
        rocm_build=None,
        cuda="11.2",
        cudnn="8",
        compute_capabilities=None,
        folder=machine.root / "C/env/Lib/site-packages" / name,
        location="site",
    )


def found(machine: Machine, variables: Mapping[str, str], name: str = "tensorflow") -> tuple[Library, ...]:
    prefix = machine.root / "C/env"
    sites, interpreter = [prefix / "Lib/site-packages"], prefix / "Scripts/python.exe"
    listed = libraries(machine, prefix, sites, build(machine, name), variables, (), "x86_64", interpreter)
    assert listed is not None and listed.unmet == ()
    return listed.libraries


def test_path_and_the_systems_folder_are_searched(machine: Machine) -> None:
    listed = found(machine, {"Path": f'C:\\tools;"{ON_PATH}";relative'})
    assert {each.file: (each.reachable, each.version, each.origin) for each in listed[:6]} == {
        "msvcp140.dll": (True, None, "system"),
        "nvcuda.dll": (True, None, "driver"),
        "nvml.dll": (True, None, "driver"),
        "cublas64_11.dll": (True, "11.2", "system"),
        "cudart64_110.dll": (True, "11.2", "system"),
        "cudnn64_8.dll": (True, None, "system"),
    }
    [own] = listed[6:]
    assert (own.file, own.origin, own.reachable) == ("cudnn64_8.dll", "bundled", False)


def test_a_toolkit_that_path_does_not_name_is_out_of_reach(machine: Machine) -> None:
    reached = {each.file: each.reachable for each in found(machine, {}) if each.origin != "bundled"}
    assert reached["cudart64_110.dll"] is False and reached["nvcuda.dll"] is True


def test_pytorch_finds_its_own_first(machine: Machine) -> None:
    copies = [each for each in found(machine, {"PATH": ON_PATH}, "torch") if each.file == "cudnn64_8.dll"]
    assert [(each.origin, each.reachable) for each in copies] == [
        ("bundled", True),
        ("system", True),
    ]


def test_the_header_beside_bin_tells_which_cudnn_it_is(machine: Machine) -> None:
    include = machine.root / TOOLKIT.replace("/bin", "/include")
    include.mkdir()
    (include / "cudnn_version.h").write_text(
        "#define CUDNN_MAJOR 8\n#define CUDNN_MINOR 1\n#define CUDNN_PATCHLEVEL 1\n"
    )
    [copy] = [each for each in found(machine, {"PATH": ON_PATH}) if each.file == "cudnn64_8.dll"][:1]
    assert copy.version == "8.1.1"


def test_the_folder_of_the_python_that_a_venv_is_made_from_is_searched(machine: Machine) -> None:
    (machine.root / "C/env/pyvenv.cfg").write_text("home = D:\\Python310\n")
    put(machine, "D/Python310", "msvcp140_1.dll")
    [copy] = [each for each in found(machine, {}) if each.file == "msvcp140_1.dll"]
    assert copy.reachable


def test_condas_libraries_are_out_of_reach_until_path_names_them(machine: Machine) -> None:
    put(machine, "C/env/Library/bin", "cudart64_100.dll")
    outside, inside = (
        [each for each in found(machine, variables) if each.file == "cudart64_100.dll"]
        for variables in ({}, {"PATH": "C:\\env\\Library\\bin"})
    )
    assert [each.reachable for each in (*outside, *inside)] == [False, True]
    assert outside[0].version == "10.0"
