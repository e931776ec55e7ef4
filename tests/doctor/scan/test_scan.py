"""A whole scan of an environment on disk, read as data: what it says, and what the doctor makes of it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.devices.reading import Device, DriverState, Reading
from jupyter_tfgpu.devices.simulated import SimulatedSource
from jupyter_tfgpu.doctor import Snapshot, decode_snapshot, diagnose, redact, scan
from jupyter_tfgpu.machine import Machine
from tests.doctor.made import CUDA_12
from tests.doctor.scan import made
from tests.standin.tree import EMPTY_LIBRARY, write_machine_tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the loader is glibc's")

READING = Reading(
    taken_at=0,
    driver=DriverState(status="ok", version="550.54.14", cuda_version="12.4"),
    devices=(Device(uuid="GPU-1", index=0, name="NVIDIA A100", compute_capability="8.0"),),
)
NONE = Reading(taken_at=0, driver=DriverState(status="absent", message="none"))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    tree = write_machine_tree(tmp_path / "machine", pci_devices=1)
    return Machine(root=tree, environ={}, home=tmp_path / "home", platform="linux")


def scanned(
    machine: Machine,
    prefix: Path,
    reading: Reading | None = READING,
    variables: Mapping[str, str] | None = None,
) -> Snapshot:
    return scan(machine, prefix, reading=reading, variables={} if variables is None else variables)


def facts(snapshot: Snapshot) -> Any:
    """The environment's part, as plain values."""
    assert snapshot.environment is not None
    return snapshot.environment


def codes(snapshot: Snapshot) -> list[str]:
    return [each.code for each in diagnose(snapshot).findings]


def test_an_environment_with_all_its_libraries_is_ok(machine: Machine, tmp_path: Path) -> None:
    site = made.venv(tmp_path / "env")
    made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    made.cuda_wheels(site)
    snapshot = scanned(machine, tmp_path / "env")
    [build] = facts(snapshot).frameworks
    assert (build.name, build.version, build.cuda_build, build.cuda) == (
        "tensorflow",
        "2.20.0",
        True,
        "12.5.1",
    )
    assert set(build.needs) == {"libcuda.so.1", *CUDA_12}
    assert str(site / "nvidia/cudnn/lib") in build.search_path
    reached = {each.file: each for each in facts(snapshot).libraries if each.reachable}
    assert set(CUDA_12) | {"libcuda.so.1"} <= set(reached)
    assert (reached["libcudnn.so.9"].version, reached["libcudnn.so.9"].cuda_major) == ("9.3.0", 12)
    assert (reached["libcufft.so.11"].version, reached["libcufft.so.11"].origin) == ("12.5", "wheel")
    assert (reached["libcuda.so.1"].version, reached["libcuda.so.1"].origin) == ("550.54.14", "driver")
    assert diagnose(snapshot).verdict == "ok"


def test_a_cpu_build_is_told_from_its_own_files(machine: Machine, tmp_path: Path) -> None:
    made.tensorflow(made.venv(tmp_path / "env"), "2.21.0", None)
    snapshot = scanned(machine, tmp_path / "env")
    assert facts(snapshot).frameworks[0].needs == ()
    assert codes(snapshot) == ["cpu-only-build"]
    [fix] = diagnose(snapshot).findings[0].fixes
    assert fix.commands[0] == f"{tmp_path}/env/bin/python -m pip uninstall -y tensorflow-cpu"


def test_without_the_extra_the_libraries_are_missing(machine: Machine, tmp_path: Path) -> None:
    made.tensorflow(made.venv(tmp_path / "env"), "2.20.0", made.RUNPATH_2_20)
    snapshot = scanned(machine, tmp_path / "env")
    assert codes(snapshot) == ["cuda-missing"]
    assert {each.removeprefix("not found: ") for each in diagnose(snapshot).findings[0].evidence} == set(
        CUDA_12
    )


def test_a_folder_that_the_runpath_does_not_name_is_out_of_reach(machine: Machine, tmp_path: Path) -> None:
    site = made.venv(tmp_path / "env")
    made.tensorflow(site, "2.21.0", made.RUNPATH_2_21)
    made.cuda_wheels(site)
    solver = {each.file: each.reachable for each in facts(scanned(machine, tmp_path / "env")).libraries}
    assert solver["libcusolver.so.11"] is False and solver["libcublas.so.12"] is True


def test_the_library_path_reaches_it_and_comes_first(machine: Machine, tmp_path: Path) -> None:
    site = made.venv(tmp_path / "env")
    made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    made.cuda_wheels(site)
    own = machine.path("/opt/modules/cuda-12.3/lib64")
    own.mkdir(parents=True)
    (own / "libcudart.so.12").write_bytes(EMPTY_LIBRARY)
    snapshot = scanned(
        machine, tmp_path / "env", variables={"LD_LIBRARY_PATH": "/opt/modules/cuda-12.3/lib64"}
    )
    copies = [each for each in facts(snapshot).libraries if each.file == "libcudart.so.12"]
    assert [(each.origin, each.version) for each in copies] == [
        ("ld-library-path", "12.3"),
        ("wheel", "12.5"),
    ]
    assert snapshot.variables == {"LD_LIBRARY_PATH": "/opt/modules/cuda-12.3/lib64"}


def test_a_toolkit_on_disk_is_listed_once_and_out_of_reach(machine: Machine, tmp_path: Path) -> None:
    made.tensorflow(made.venv(tmp_path / "env"), "2.20.0", made.RUNPATH_2_20)
    toolkit = machine.path("/usr/local/cuda-13.0/lib64")
    toolkit.mkdir(parents=True)
    (toolkit / "libcudart.so.13.0.48").write_bytes(EMPTY_LIBRARY)
    (toolkit / "libcudart.so.13").symlink_to("libcudart.so.13.0.48")
    machine.path("/usr/local/cuda").symlink_to("cuda-13.0")
    [runtime] = [
        each for each in facts(scanned(machine, tmp_path / "env")).libraries if "cudart" in each.file
    ]
    assert (runtime.file, runtime.version, runtime.reachable) == ("libcudart.so.13", "13.0", False)


def test_the_list_is_complete_only_where_the_kernels_variables_are_known(
    machine: Machine, tmp_path: Path
) -> None:
    made.tensorflow(made.venv(tmp_path / "env"), "2.20.0", made.RUNPATH_2_20)
    snapshot = scan(machine, tmp_path / "env", reading=READING, variables=None)
    assert facts(snapshot).libraries_complete is None and snapshot.variables is None
    assert codes(snapshot) == []


def test_distributions_come_in_path_order_with_what_matters_of_them(machine: Machine, tmp_path: Path) -> None:
    site = made.venv(tmp_path / "env")
    made.tensorflow(site, "2.21.0", None)
    made.distribution(tmp_path / "extra", "numpy", "2.3.4")
    made.distribution(site, "numpy", "1.26.4")
    snapshot = scanned(machine, tmp_path / "env", variables={"PYTHONPATH": str(tmp_path / "extra")})
    numpy = [(each.version, each.location) for each in facts(snapshot).distributions if each.name == "numpy"]
    assert numpy == [("2.3.4", "pythonpath"), ("1.26.4", "site")]
    [package] = [each for each in facts(snapshot).distributions if each.name == "tensorflow-cpu"]
    assert package.installer == "pip" and package.wheel_tag == "cp311-cp311-manylinux_2_17_x86_64"
    assert package.requires == ("numpy>=1.26.0", "protobuf>=5.28.0")


def test_a_conda_environment_says_builds_channels_and_packages_that_are_no_python(
    machine: Machine, tmp_path: Path
) -> None:
    prefix = tmp_path / "conda"
    site = prefix / "lib/python3.11/site-packages"
    site.mkdir(parents=True)
    made.tensorflow(site, "2.7.0", None)
    records = {
        "tensorflow-cpu-2.7.0-cpu_py39h4655687_0": "https://conda.anaconda.org/conda-forge/linux-64",
        "cudatoolkit-11.3.1-h2bc3f7f_2": "https://repo.anaconda.com/pkgs/main/linux-64",
        "python-3.11.7-h955ad1f_0": "pkgs/main",
    }
    (prefix / "conda-meta").mkdir()
    for name, channel in records.items():
        text = f'{{\n  "build": "x",\n  "channel": "{channel}",\n  "files": []\n}}'
        (prefix / "conda-meta" / f"{name}.json").write_text(text)
    made.distribution(site, "keras", "3.0.0")
    found = {each.name: each for each in facts(scanned(machine, prefix)).distributions}
    assert (found["tensorflow-cpu"].installer, found["tensorflow-cpu"].channel) == ("conda", "conda-forge")
    assert (found["cudatoolkit"].version, found["cudatoolkit"].channel) == ("11.3.1", "defaults")
    assert found["python"].channel == "defaults" and found["keras"].installer == "pip"


def test_nothing_of_the_environment_is_imported_or_run(machine: Machine, tmp_path: Path) -> None:
    site = made.venv(tmp_path / "env")
    made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    (site / "sitecustomize.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    scanned(machine, tmp_path / "env")
    assert "tensorflow" not in sys.modules and not (tmp_path / "ran").exists()


def test_broken_files_are_not_known_and_never_an_error(machine: Machine, tmp_path: Path) -> None:
    site = made.venv(tmp_path / "env")
    folder = made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    (folder / "python/platform/build_info.py").write_text("this is not (Python")
    (folder / "include/third_party/gpus/cuda/cuda_config.h").unlink()
    shared = folder / "libtensorflow_framework.so.2"
    shared.write_bytes(shared.read_bytes()[:100])
    (site / "numpy-1.26.4.dist-info").mkdir()
    (site / "keras-3.0.0.dist-info").write_text("a file where a folder should be")
    (site / "nvidia").write_text("likewise")
    snapshot = scanned(machine, tmp_path / "env", variables={"LD_LIBRARY_PATH": ":/no/such:relative"})
    [build] = facts(snapshot).frameworks
    assert build.cuda_build is None and build.needs is None and build.search_path is None
    # What was given as numpy is no whole installation, which is all that can be said.
    assert codes(snapshot) == ["corrupt-install"]


def test_a_folder_that_is_no_environment_is_only_named(machine: Machine, tmp_path: Path) -> None:
    snapshot = scanned(machine, tmp_path / "nothing", NONE)
    assert facts(snapshot).prefix == str(tmp_path / "nothing") and facts(snapshot).distributions is None
    assert diagnose(snapshot).framework is None


def test_a_simulated_machine_is_judged_as_one_with_its_devices(tmp_path: Path) -> None:
    bare = Machine(
        root=write_machine_tree(tmp_path / "m", pci_devices=0, driver=None), environ={}, platform="linux"
    )
    made.tensorflow(made.venv(tmp_path / "env"), "2.21.0", None)
    assert codes(scanned(bare, tmp_path / "env", NONE)) == ["no-gpu"]
    report = diagnose(scanned(bare, tmp_path / "env", SimulatedSource("default").read()))
    assert report.simulated and [each.code for each in report.findings] == ["cpu-only-build"]
    assert "A100" in report.findings[0].detail
    assert diagnose(scanned(bare, tmp_path / "env", SimulatedSource("none").read())).verdict == "cpu"


@pytest.mark.parametrize(
    ("status", "module", "code"),
    [("not-loaded", None, "driver-not-loaded"), ("library-mismatch", "535.86.05", "driver-library-mismatch")],
)
def test_a_driver_that_does_not_answer_is_named(
    tmp_path: Path, status: Any, module: str | None, code: str
) -> None:
    tree = write_machine_tree(tmp_path / "m", pci_devices=1, kernel_module=module)
    site = made.venv(tmp_path / "env")
    made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    reading = Reading(taken_at=0, driver=DriverState(status=status, version="550.54.14"))
    assert codes(scanned(Machine(root=tree, environ={}, platform="linux"), tmp_path / "env", reading)) == [
        code
    ]


def test_a_missing_driver_is_named(tmp_path: Path) -> None:
    tree = write_machine_tree(tmp_path / "m", pci_devices=1, driver=None)
    made.tensorflow(made.venv(tmp_path / "env"), "2.20.0", made.RUNPATH_2_20)
    machine = Machine(root=tree, environ={}, platform="linux")
    assert codes(scanned(machine, tmp_path / "env", NONE)) == ["driver-missing"]


def test_a_snapshot_of_a_big_environment_is_small(machine: Machine, tmp_path: Path) -> None:
    site = made.venv(tmp_path / "env")
    made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    made.cuda_wheels(site)
    for number in range(700):
        made.distribution(site, f"a-package-with-a-name-{number}", "2026.11.21")
    snapshot = scanned(machine, tmp_path / "env")
    assert len(msgspec.json.encode(redact(snapshot))) < 100_000


@pytest.mark.parametrize("without", [(), ("cudnn",), tuple(made.WHEELS)])
def test_a_snapshot_is_judged_elsewhere_as_it_was_here(
    machine: Machine, tmp_path: Path, without: tuple[str, ...]
) -> None:
    prefix = tmp_path / "home/ada/envs/tf"
    site = made.venv(prefix)
    made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    made.cuda_wheels(site, without)
    variables = {"CUDA_VISIBLE_DEVICES": "GPU-1", "PATH": f"{prefix}/bin:/usr/bin"}
    snapshot = scanned(machine, prefix, variables=variables)
    here = diagnose(snapshot)
    sent = decode_snapshot(msgspec.json.encode(redact(snapshot)))
    text = msgspec.json.encode(here).decode().replace("/home/ada/", "/home/user/")
    assert msgspec.json.encode(diagnose(sent)).decode() == text
    assert "/ada" not in msgspec.json.encode(sent).decode()


def test_a_real_tensorflow_is_read_without_importing_it(tensorflow_environment: Path) -> None:
    snapshot = scan(Machine(), tensorflow_environment, reading=READING, variables={})
    [build] = [each for each in facts(snapshot).frameworks if each.name == "tensorflow"]
    program = "import tensorflow as tf; print(tf.__version__, tf.test.is_built_with_cuda())"
    python = tensorflow_environment / "bin/python"
    said = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert [build.version, str(build.cuda_build)] == said
    assert re.fullmatch(r"\d+\.\d+\.\d+", facts(snapshot).python)


def test_an_mxnet_of_ones_own_is_known_by_what_it_is_linked_against(machine: Machine, tmp_path: Path) -> None:
    site = made.venv(tmp_path / "env")
    made.distribution(site, "mxnet", "1.9.1")
    (site / "mxnet").mkdir()
    (site / "mxnet/__init__.py").touch()
    lib = machine.path("/usr/local/cuda-11.2/lib64")
    lib.mkdir(parents=True)
    needs = [made.shared_object(lib / name) for name in ("libcudart.so.11.0", "libcublas.so.11")]
    made.shared_object(site / "mxnet/libmxnet.so", needs=needs)
    inside = facts(
        scanned(machine, tmp_path / "env", variables={"LD_LIBRARY_PATH": "/usr/local/cuda-11.2/lib64"})
    )
    outside = facts(scanned(machine, tmp_path / "env"))
    for found, reachable in ((inside, True), (outside, False)):
        [build] = found.frameworks
        assert build.needs == ("libcuda.so.1", "libcudart.so.11.0", "libcublas.so.11")
        reached = {each.file: each.reachable for each in found.libraries}
        assert [reached[name] for name in build.needs[1:]] == [reachable] * 2
