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

LINUX = Host(os="linux")


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


@pytest.mark.parametrize(
    ("environ", "said", "kind"),
    [
        ({"container": "systemd-nspawn"}, "", "systemd-nspawn"),
        ({}, "lxc\n", "lxc"),
        ({}, "wsl\n", None),
    ],
)
def test_systemd_s_mark_counts_and_wsl_is_no_container(
    tmp_path: Path, environ: dict[str, str], said: str, kind: str | None
) -> None:
    write_machine_tree(tmp_path)
    (tmp_path / "run/systemd").mkdir(parents=True)
    (tmp_path / "run/systemd/container").write_text(said)
    assert host_facts(Machine(root=tmp_path, environ=environ, platform="linux"), None).container == kind


def test_what_a_login_dropped_is_known_of_the_container_s_first_process(tmp_path: Path) -> None:
    write_machine_tree(tmp_path, container="docker")
    (tmp_path / "proc/1/environ").write_bytes(
        b"NVIDIA_VISIBLE_DEVICES=all\0NVIDIA_DRIVER_CAPABILITIES=utility\0"
    )
    found = host_facts(
        Machine(root=tmp_path, environ={"NVIDIA_VISIBLE_DEVICES": "0"}, platform="linux"), {"PATH": "/bin"}
    )
    assert found.nvidia_container_variables == {
        "NVIDIA_VISIBLE_DEVICES": "0",
        "NVIDIA_DRIVER_CAPABILITIES": "utility",
    }


def test_render_nodes_are_listed_where_amd_s_driver_is(tmp_path: Path) -> None:
    write_machine_tree(tmp_path, pci_devices=0, driver=None)
    (tmp_path / "dev/dri").mkdir(parents=True)
    (tmp_path / "dev/dri/renderD128").touch()
    (tmp_path / "dev/dri/card0").touch()
    machine = Machine(root=tmp_path, environ={}, platform="linux")
    assert host_facts(machine, None).device_nodes == ()
    (tmp_path / "dev/kfd").touch()
    assert host_facts(machine, None).device_nodes == ("/dev/kfd", "/dev/dri/renderD128")


@pytest.mark.parametrize(("mode", "made"), [(0o4755, True), (0o755, False), (None, False)])
def test_a_program_of_root_makes_missing_nodes(tmp_path: Path, mode: int | None, made: bool) -> None:
    write_machine_tree(tmp_path, pci_devices=1)
    if mode is not None:
        program = tmp_path / "usr/bin/nvidia-modprobe"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch()
        program.chmod(mode)
    found = host_facts(Machine(root=tmp_path, environ={}, platform="linux"), None)
    assert found.nodes_on_demand is made


def test_nodes_that_this_user_may_not_open_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_machine_tree(tmp_path, pci_devices=1)
    # The user that runs the tests may be root, to whom everything is open.
    monkeypatch.setattr("os.access", lambda path, _: not str(path).endswith("nvidiactl"))
    found = host_facts(Machine(root=tmp_path, environ={}, platform="linux"), None)
    assert found.device_nodes_denied == ("/dev/nvidiactl",)


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
    found = driver_facts(machine, reading("library-mismatch"), LINUX)
    assert (found.status, found.version, found.kernel_module_version) == (
        "library-mismatch",
        "550.54.14",
        "535.86.05",
    )
    assert driver_facts(machine, None, LINUX).kernel_module_version == "535.86.05"


def test_the_open_kernel_modules_line_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "proc/driver/nvidia/version"
    path.parent.mkdir(parents=True)
    path.write_text("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.10  Release Build\n")
    assert driver_facts(Machine(root=tmp_path), None, LINUX).kernel_module_version == "570.86.10"


def test_instances_are_listed_with_their_gpu(tmp_path: Path) -> None:
    whole = Device(uuid="GPU-1", index=0, mig=True, compute_capability="8.0", memory=Memory(total=8, free=4))
    part = Device(uuid="MIG-2", parent="GPU-1")
    found = gpu_facts(Machine(root=tmp_path), reading("ok", whole, part), LINUX)
    assert found is not None and len(found) == 1
    assert (found[0].mig, found[0].memory_total, found[0].memory_free) == (("MIG-2",), 8, 4)


def test_a_driver_that_did_not_answer_lists_nothing_and_one_that_did_may_list_none(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    assert gpu_facts(machine, reading("not-loaded"), LINUX) is None
    assert gpu_facts(machine, None, LINUX) is None
    assert gpu_facts(machine, reading("ok"), LINUX) == ()


def test_libraries_that_were_replaced_while_the_driver_runs_are_those_of_a_kernel_that_starts_now(
    tmp_path: Path,
) -> None:
    tree = write_machine_tree(tmp_path, driver="560.35.03", kernel_module="550.54.14")
    state = DriverState(status="ok", version="550.54.14", cuda_version="12.4", message="updated")
    found = driver_facts(Machine(root=tree, platform="linux"), Reading(taken_at=0, driver=state), LINUX)
    assert (found.status, found.version, found.kernel_module_version, found.cuda_version) == (
        "library-mismatch",
        "560.35.03",
        "550.54.14",
        None,
    )


@pytest.mark.parametrize(
    ("machine_facts", "status"),
    [
        ({"os": "linux"}, "absent"),
        ({"os": "macos"}, None),
        ({"os": "linux", "jetson": "R35.4.1"}, None),
        ({"os": "linux", "jetson": "R36.3.0"}, "absent"),
        ({"os": "linux", "jetson": "release unknown"}, None),
    ],
)
def test_without_a_driver_library_nothing_is_said_where_there_is_none_by_nature(
    tmp_path: Path, machine_facts: Any, status: str | None
) -> None:
    found = driver_facts(Machine(root=tmp_path), reading("absent"), Host(**machine_facts))
    assert found.status == status


def test_amd_s_gpus_are_those_that_their_kernel_driver_lists(tmp_path: Path) -> None:
    for number, version in enumerate((0, 100301, 90010)):
        folder = tmp_path / f"sys/class/kfd/kfd/topology/nodes/{number}"
        (folder / "mem_banks/0").mkdir(parents=True)
        (folder / "properties").write_text(f"cpu_cores_count 0\ngfx_target_version {version}\nsimd 8\n")
        (folder / "mem_banks/0/properties").write_text("heap_type 1\nsize_in_bytes 17163091968\n")
    machine = Machine(root=tmp_path, platform="linux")
    found = gpu_facts(machine, reading("absent"), LINUX)
    assert found is not None
    assert [(each.index, each.vendor, each.gfx, each.memory_total) for each in found] == [
        (0, "amd", "gfx1031", 17163091968),
        (1, "amd", "gfx90a", 17163091968),
    ]
    mixed = gpu_facts(machine, reading("ok", Device(uuid="GPU-1", index=0)), LINUX)
    assert [each.vendor for each in mixed or ()] == ["nvidia", "amd", "amd"]


@pytest.mark.parametrize(
    ("versions", "nodes"),
    [
        ((0, 100306), ()),  # a Ryzen of the desktop
        ((0, 100306, 110000), ("/dev/kfd", "/dev/dri/renderD128")),
        ((0,), ()),
        ((), ()),
        (None, ("/dev/kfd", "/dev/dri/renderD128")),
    ],
)
def test_a_gpu_that_is_part_of_the_processor_is_none_to_train_on(
    tmp_path: Path, versions: tuple[int, ...] | None, nodes: tuple[str, ...]
) -> None:
    write_machine_tree(tmp_path, pci_devices=0, driver=None)
    (tmp_path / "dev/dri").mkdir(parents=True)
    for name in ("kfd", "dri/renderD128"):
        (tmp_path / "dev" / name).touch()
    if versions is not None:
        (tmp_path / "sys/class/kfd/kfd/topology/nodes").mkdir(parents=True)
    for number, version in enumerate(versions or ()):
        folder = tmp_path / f"sys/class/kfd/kfd/topology/nodes/{number}"
        folder.mkdir()
        (folder / "properties").write_text(f"gfx_target_version {version}\n")
    machine = Machine(root=tmp_path, environ={}, platform="linux")
    facts = host_facts(machine, None)
    assert facts.device_nodes == nodes
    assert [gpu.gfx for gpu in gpu_facts(machine, reading("absent"), facts) or ()] == (
        ["gfx1100"] if versions and 110000 in versions else []
    )


def test_an_apple_processor_has_a_gpu() -> None:
    [gpu] = gpu_facts(Machine(), None, Host(os="macos", arch="arm64")) or ()
    assert gpu.vendor == "apple"
    assert gpu_facts(Machine(), None, Host(os="macos", arch="x86_64")) is None


def test_a_jetson_without_nvml_has_the_gpu_of_its_board(tmp_path: Path) -> None:
    board = tmp_path / "proc/device-tree/compatible"
    board.parent.mkdir(parents=True)
    board.write_bytes(b"nvidia,p2888-0001+p2822-0000\0nvidia,tegra194\0")
    machine = Machine(root=tmp_path, environ={}, platform="linux")
    facts = host_facts(machine, None)
    assert facts.jetson == "release unknown"
    [gpu] = gpu_facts(machine, None, facts) or ()
    assert (gpu.vendor, gpu.name, gpu.compute_capability) == ("nvidia", "Xavier", "7.2")


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
