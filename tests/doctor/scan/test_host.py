"""The machine's facts, from trees on disk that look like machines."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.devices.reading import Device, DriverState, Memory, Reading
from jupyter_tfgpu.devices.simulated import SimulatedSource
from jupyter_tfgpu.doctor.scan.driver import driver_facts, gpu_facts
from jupyter_tfgpu.doctor.scan.host import host_facts, simulated_host
from jupyter_tfgpu.doctor.snapshot import Host
from jupyter_tfgpu.machine import Machine
from tests.standin.tree import write_machine_tree


def host(folder: Path, environ: dict[str, str] | None = None, **tree: Any) -> Host:
    machine = Machine(root=write_machine_tree(folder, **tree), environ=environ or {}, platform="linux")
    return host_facts(machine, None)


def test_a_machine_with_two_gpus_and_their_driver(tmp_path: Path) -> None:
    found = host(tmp_path, pci_devices=2)
    assert (found.os, found.os_version, found.wsl, found.container) == ("linux", "Ubuntu 22.04", False, None)
    assert found.nvidia_pci_devices == 2
    assert found.device_nodes is not None and "/dev/nvidia1" in found.device_nodes
    assert found.cpu_flags is not None and "avx2" in found.cpu_flags
    assert found.glibc is None  # a tree has no C library to ask


def test_a_machine_without_a_gpu(tmp_path: Path) -> None:
    found = host(tmp_path, pci_devices=0, driver=None)
    assert (found.nvidia_pci_devices, found.device_nodes, found.device_nodes_denied) == (0, (), ())


def test_a_kernel_without_a_pci_bus_has_no_device_on_it(tmp_path: Path) -> None:
    (tmp_path / "sys/bus/cpu").mkdir(parents=True)
    assert host_facts(Machine(root=tmp_path, platform="linux"), None).nvidia_pci_devices == 0


def test_a_machine_without_sys_is_not_known(tmp_path: Path) -> None:
    found = host_facts(Machine(root=tmp_path, environ={}, platform="linux"), None)
    assert (found.nvidia_pci_devices, found.wsl, found.cpu_flags) == (None, None, None)


def test_a_sound_device_of_a_graphics_card_is_no_gpu(tmp_path: Path) -> None:
    for number, kind in enumerate(("0x030000", "0x040300", "0x0c0330")):
        folder = tmp_path / f"sys/bus/pci/devices/0000:01:00.{number}"
        folder.mkdir(parents=True)
        (folder / "vendor").write_text("0x10de\n")
        (folder / "class").write_text(f"{kind}\n")
    assert host_facts(Machine(root=tmp_path, platform="linux"), None).nvidia_pci_devices == 1


def test_wsl_is_known_by_its_kernel(tmp_path: Path) -> None:
    found = host(tmp_path, wsl=True)
    assert found.wsl and found.device_nodes == ("/dev/dxg",) and found.nvidia_pci_devices == 0


@pytest.mark.parametrize("kind", ["docker", "podman", "kubernetes"])
def test_containers_are_known_by_their_marks(tmp_path: Path, kind: str) -> None:
    found = host(tmp_path, environ={"NVIDIA_VISIBLE_DEVICES": "all"}, container=kind)
    assert found.container == kind
    assert found.nvidia_container_variables == {"NVIDIA_VISIBLE_DEVICES": "all"}


def test_apptainer_is_known_by_its_variable(tmp_path: Path) -> None:
    assert host(tmp_path, environ={"APPTAINER_CONTAINER": "/x.sif"}).container == "apptainer"


def test_a_jetson_says_its_release(tmp_path: Path) -> None:
    write_machine_tree(tmp_path)
    (tmp_path / "etc/nv_tegra_release").write_text(
        "# R35 (release), REVISION: 4.1, GCID: 33958178, BOARD: t186ref\n"
    )
    assert host_facts(Machine(root=tmp_path, platform="linux"), None).jetson == "R35.4.1"


def test_other_systems_are_not_looked_through(tmp_path: Path) -> None:
    found = host_facts(Machine(root=tmp_path, platform="win32"), None)
    assert (found.os, found.nvidia_pci_devices, found.device_nodes) == ("windows", None, None)


def reading(status: Any = "ok", *devices: Device, simulated: bool = False) -> Reading:
    state = DriverState(status=status, version="550.54.14", cuda_version="12.4", message="said")
    return Reading(taken_at=time.time(), driver=state, devices=devices, simulated=simulated)


def test_the_kernel_module_says_its_version_whatever_the_driver_says(tmp_path: Path) -> None:
    machine = Machine(root=write_machine_tree(tmp_path, kernel_module="535.86.05"), platform="linux")
    found = driver_facts(machine, reading("library-mismatch"))
    assert (found.status, found.version, found.kernel_module_version) == (
        "library-mismatch",
        "550.54.14",
        "535.86.05",
    )
    assert driver_facts(machine, None).kernel_module_version == "535.86.05"


def test_the_open_kernel_modules_line_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "proc/driver/nvidia/version"
    path.parent.mkdir(parents=True)
    path.write_text("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.10  Release Build\n")
    assert driver_facts(Machine(root=tmp_path), None).kernel_module_version == "570.86.10"


def test_instances_are_listed_with_their_gpu() -> None:
    whole = Device(uuid="GPU-1", index=0, mig=True, compute_capability="8.0", memory=Memory(total=8, free=4))
    part = Device(uuid="MIG-2", parent="GPU-1")
    found = gpu_facts(reading("ok", whole, part))
    assert found is not None and len(found) == 1
    assert (found[0].mig, found[0].memory_total, found[0].memory_free) == (("MIG-2",), 8, 4)


def test_a_driver_that_did_not_answer_lists_nothing_and_one_that_did_may_list_none() -> None:
    assert gpu_facts(reading("not-loaded")) is None and gpu_facts(None) is None
    assert gpu_facts(reading("ok")) == ()


def test_a_simulated_machine_has_the_simulated_devices_and_no_others(tmp_path: Path) -> None:
    real = host(tmp_path, pci_devices=0, container="docker")
    found = simulated_host(real, SimulatedSource("workstation").read())
    assert (found.nvidia_pci_devices, found.container) == (2, None)
    assert found.device_nodes is not None and "/dev/nvidia1" in found.device_nodes
    assert simulated_host(real, SimulatedSource("none").read()).nvidia_pci_devices == 0


@pytest.mark.parametrize(
    ("status", "count"), [("library-mismatch", None), ("not-answering", None), ("ok", 0)]
)
def test_a_simulated_driver_that_lists_nothing_does_not_mean_that_there_is_no_gpu(
    tmp_path: Path, status: str, count: int | None
) -> None:
    real = host(tmp_path, pci_devices=0, container="docker")
    found = simulated_host(real, reading(status, simulated=True))
    assert found.nvidia_pci_devices == count
    assert found.device_nodes == (None if count is None else ())
