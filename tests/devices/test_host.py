"""What the machine's files say of the driver."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.devices.host import driver_files, host_memory, kernel_module_version
from jupyter_tfgpu.machine import Machine
from tests.standin.driver import GIB, write_machine_tree


def machine(folder: Path, **variables: str) -> Machine:
    return Machine(root=folder, environ=variables)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        (
            "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024",
            "550.54.14",
        ),
        (
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build",
            "570.86.15",
        ),
        (
            "NVRM version: NVIDIA UNIX aarch64 Kernel Module  470.57.02  Tue Jul 13 16:14:05 UTC 2021",
            "470.57.02",
        ),
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  367.57  Mon Oct  3 20:37:01 PDT 2016", "367.57"),
        ("something else altogether", None),
    ],
)
def test_the_kernel_modules_version_is_read(tmp_path: Path, line: str, version: str | None) -> None:
    file = tmp_path / "proc/driver/nvidia/version"
    file.parent.mkdir(parents=True)
    file.write_text(f"{line}\nGCC version:  gcc version 11.4.0 (Ubuntu 11.4.0-1ubuntu1~22.04)\n")
    assert kernel_module_version(machine(tmp_path)) == version


def test_a_tree_says_what_it_was_made_with(tmp_path: Path) -> None:
    write_machine_tree(tmp_path, driver="550.90.07", kernel_module="550.54.14", pci_devices=3)
    files = driver_files(machine(tmp_path))
    assert (files.library, files.kernel_module, files.pci_devices) == ("550.90.07", "550.54.14", 3)
    assert (files.container, files.wsl, files.device_nodes, files.distribution) == (
        None,
        False,
        True,
        "ubuntu",
    )


def test_an_empty_machine_is_one_of_which_nothing_is_known(tmp_path: Path) -> None:
    files = driver_files(machine(tmp_path))
    assert (files.library, files.kernel_module, files.pci_devices, files.container) == (None, None, 0, None)
    assert host_memory(machine(tmp_path)) is None


@pytest.mark.parametrize("kind", ["docker", "podman", "kubernetes"])
def test_a_container_is_recognised(tmp_path: Path, kind: str) -> None:
    assert driver_files(machine(write_machine_tree(tmp_path, container=kind))).container == kind


@pytest.mark.parametrize(
    ("variables", "kind"),
    [
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({"APPTAINER_CONTAINER": "x.sif"}, "apptainer"),
        ({"container": "lxc"}, "lxc"),
    ],
)
def test_a_container_is_recognised_by_its_variables(
    tmp_path: Path, variables: dict[str, Any], kind: str
) -> None:
    assert driver_files(machine(tmp_path, **variables)).container == kind


def test_wsl_is_recognised(tmp_path: Path) -> None:
    files = driver_files(machine(write_machine_tree(tmp_path, wsl=True)))
    assert (files.wsl, files.wsl_library, files.kernel_module, files.pci_devices) == (True, True, None, 0)


def test_the_hosts_memory_is_in_bytes(tmp_path: Path) -> None:
    write_machine_tree(tmp_path, memory=64 * GIB)
    assert host_memory(machine(tmp_path)) == (64 * GIB, 32 * GIB)


def test_of_several_libraries_the_newest_counts(tmp_path: Path) -> None:
    write_machine_tree(tmp_path, driver="550.54.14")
    write_machine_tree(tmp_path, driver="1000.2")
    assert driver_files(machine(tmp_path)).library == "1000.2"
