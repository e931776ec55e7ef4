"""Reports judge an environment with the variables that a kernel in it would have."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.api import reports as reports_module
from jupyter_tfgpu.api.report_facts import NOBODY, Whom, other_environments, running_with, started_with
from jupyter_tfgpu.api.reports import Reports
from jupyter_tfgpu.devices.reading import Device, DriverState, Memory, Process, Reading
from jupyter_tfgpu.doctor import Snapshot, scan
from jupyter_tfgpu.environments import Environment, Framework, Registry, describe
from jupyter_tfgpu.environments import disk as disk_module
from jupyter_tfgpu.environments.activation import Activations
from jupyter_tfgpu.kernels import DeviceHolders, InstalledSpec, StartedKernel, born, parse_pin
from jupyter_tfgpu.kernels.holders.holders import Holder
from jupyter_tfgpu.kernels.pins.resolve import Allocation
from jupyter_tfgpu.machine import Machine
from tests.environments.activating import prefix_with
from tests.environments.trees import conda, tensorflow

SCRIPT = 'export LD_LIBRARY_PATH="$CONDA_PREFIX/lib"\nexport TF_SET=1\nexport SECRET_KEY=abc\n'


class Setting:
    """An environment with TensorFlow and something to activate, and the reports on this machine."""

    def __init__(self, folder: Path, script: str) -> None:
        self.prefix = folder / "env"
        tensorflow(conda(self.prefix, ["tensorflow-2.10.1-h1_0"]), "2.10.1")
        prefix_with(self.prefix, {"a.sh": script}, state={"XLA_FLAGS": "--of-the-state"})
        for name in ("root", "home"):
            (folder / name).mkdir()
        self.machine = Machine(
            root=folder / "root",
            home=folder / "home",
            environ={"PATH": os.environ["PATH"], "CUDA_VISIBLE_DEVICES": "1"},
        )
        self.activations = Activations(self.machine, folder / "kept")
        self.reports = Reports(self.machine, Registry(self.machine), self.activations)

    @property
    def environment(self) -> Environment:
        return describe(self.machine, self.prefix)

    def snapshot(self) -> Snapshot:
        return self.reports.snapshot(self.environment, None)

    def start_a_kernel(self) -> None:
        """What a start does: it has the scripts run."""
        self.activations.run(self.prefix, self.machine.environ)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path, SCRIPT)


@pytest.fixture
def made_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are as old as the test count as old."""
    monkeypatch.setattr(disk_module, "RECENT", -(10**18))


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch, made_long_ago: None) -> list[Path]:
    """The prefixes scanned so far."""
    seen: list[Path] = []

    def counted(machine: Machine, prefix: Path, **facts: Any) -> Snapshot:
        seen.append(prefix)
        return scan(machine, prefix, **facts)

    monkeypatch.setattr(reports_module, "scan", counted)
    return seen


def reading(free: int = 8, status: Any = "ok", name: str = "A100") -> Reading:
    device = Device(
        uuid="GPU-1",
        index=0,
        name=name,
        memory=Memory(total=10, free=free),
        processes=(Process(pid=7, memory=1),),
    )
    driver = DriverState(status=status, version="550.54.14")
    return Reading(taken_at=time.time(), driver=driver, devices=(device,) if status == "ok" else ())


def test_after_a_start_the_activation_s_variables_are_those_judged(setting: Setting) -> None:
    setting.start_a_kernel()
    snapshot = setting.snapshot()
    assert snapshot.variables is not None
    assert snapshot.variables["LD_LIBRARY_PATH"] == f"{setting.prefix}/lib"
    assert snapshot.variables["XLA_FLAGS"] == "--of-the-state"
    assert snapshot.variables["CUDA_VISIBLE_DEVICES"] == "1"
    assert snapshot.variables["PATH"].startswith(f"{setting.prefix}/bin{os.pathsep}")
    assert snapshot.environment is not None
    assert snapshot.environment.libraries_complete is True


def test_a_snapshot_holds_what_activating_sets_of_what_matters(setting: Setting) -> None:
    setting.start_a_kernel()
    environment = setting.snapshot().environment
    assert environment is not None
    assert environment.activation is not None
    assert environment.activation.scripts == ("a.sh",)
    assert environment.activation.variables == {
        "CONDA_PREFIX": str(setting.prefix),
        "LD_LIBRARY_PATH": f"{setting.prefix}/lib",
        "PATH": f"{setting.prefix}/bin{os.pathsep}{os.environ['PATH']}",
        "TF_SET": "1",
        "XLA_FLAGS": "--of-the-state",
    }
    assert environment.activation.applied is True


@pytest.mark.parametrize(
    ("changes", "applied"),
    [
        ({}, True),
        ({"LD_LIBRARY_PATH": "/before:{prefix}/lib:/after", "PATH": "{prefix}/bin"}, True),
        ({"LD_LIBRARY_PATH": "/before"}, False),
        ({"LD_LIBRARY_PATH": None}, False),
        ({"PATH": "/usr/bin"}, False),
        ({"XLA_FLAGS": "--another"}, False),
    ],
)
def test_a_running_kernel_s_own_variables_say_whether_it_was_activated(
    setting: Setting, changes: dict[str, str | None], applied: bool
) -> None:
    setting.start_a_kernel()
    has = dict(setting.reports.variables(setting.prefix) or {})
    for name, value in changes.items():
        has.pop(name)
        if value is not None:
            has[name] = value.format(prefix=setting.prefix)
    snapshot = setting.reports.snapshot(setting.environment, None, variables=has)
    assert snapshot.variables is not None
    assert snapshot.variables.get("LD_LIBRARY_PATH") == has.get("LD_LIBRARY_PATH")
    assert snapshot.environment is not None and snapshot.environment.activation is not None
    assert snapshot.environment.activation.applied is applied


def test_before_the_first_start_what_a_script_decides_on_is_not_known(setting: Setting) -> None:
    snapshot = setting.snapshot()
    assert snapshot.variables is None
    assert snapshot.environment is not None
    assert snapshot.environment.libraries_complete is None
    assert snapshot.environment.activation is not None
    assert snapshot.environment.activation.applied is None
    assert snapshot.environment.activation.variables == {
        "CONDA_PREFIX": str(setting.prefix),
        "PATH": f"{setting.prefix}/bin{os.pathsep}{os.environ['PATH']}",
        "TF_SET": "1",
        "XLA_FLAGS": "--of-the-state",
    }
    assert not (setting.prefix.parent / "kept").exists()


@pytest.mark.parametrize(
    "script",
    [
        "export LD_LIBRARY_PATH=/plain\n",
        'export OTHER="$CONDA_PREFIX"\n',
        'export PATH="$CONDA_PREFIX/x:$PATH"\n',
    ],
)
def test_plain_lines_and_names_that_do_not_matter_keep_nothing_unknown(tmp_path: Path, script: str) -> None:
    setting = Setting(tmp_path, script)
    snapshot = setting.snapshot()
    assert snapshot.variables is not None
    assert snapshot.variables.get("LD_LIBRARY_PATH") == ("/plain" if "plain" in script else None)


def test_a_kernelspec_s_own_variables_count_last_and_see_the_activation(setting: Setting) -> None:
    own = {"LD_LIBRARY_PATH": "/mine", "PATH": "/mine/bin:${PATH}"}
    found = setting.reports.variables(setting.prefix, own)
    assert found is not None
    assert found["LD_LIBRARY_PATH"] == "/mine"
    assert found["PATH"].startswith(f"/mine/bin:{setting.prefix}/bin:")


@pytest.mark.usefixtures("made_long_ago")
def test_a_report_is_made_anew_when_the_activation_changes(setting: Setting) -> None:
    environment = setting.environment
    first = setting.reports.of_environment(environment, None)
    assert setting.reports.of_environment(environment, None) is first
    setting.start_a_kernel()
    second = setting.reports.of_environment(environment, None)
    assert second is not first
    assert setting.reports.of_environment(environment, None) is second
    state = setting.prefix / "conda-meta" / "state"
    state.write_text('{"env_vars": {"XLA_FLAGS": "--another"}}')
    third = setting.reports.of_environment(environment, None)
    assert third is not second


def test_what_nothing_changed_of_is_not_scanned_again(setting: Setting, scans: list[Path]) -> None:
    environment = setting.environment
    first = setting.reports.of_environment(environment, reading())
    assert setting.reports.of_environment(environment, reading()) is first
    assert len(scans) == 1


def test_another_reading_is_judged_without_another_scan(setting: Setting, scans: list[Path]) -> None:
    environment = setting.environment
    first = setting.reports.of_environment(environment, reading())
    lost = setting.reports.of_environment(environment, reading(status="library-mismatch"))
    assert [each.code for each in lost.findings][:1] == ["driver-library-mismatch"]
    assert setting.reports.of_environment(environment, reading(free=1)) is not first
    assert setting.reports.of_environment(environment, reading()) == first
    assert len(scans) == 1


def change_build_info(setting: Setting) -> None:
    [path] = setting.prefix.glob("lib/python*/site-packages/tensorflow/python/platform/build_info.py")
    path.write_text("build_info = {'is_cuda_build': False}")


def install_something(setting: Setting) -> None:
    [site] = setting.prefix.glob("lib/python*/site-packages")
    (site / "numpy-2.0.0.dist-info").mkdir()


def run_ldconfig(setting: Setting) -> None:
    setting.machine.path("/etc").mkdir()
    setting.machine.path("/etc/ld.so.cache").touch()


def install_a_toolkit(setting: Setting) -> None:
    setting.machine.path("/usr/local/cuda-12.4/lib64").mkdir(parents=True)


def fill_the_library_path(setting: Setting) -> None:
    (setting.prefix / "lib/libcudart.so.11.0").touch()


def write_a_shell_file(setting: Setting) -> None:
    (setting.machine.home / ".bashrc").write_text("export CUDA_HOME=/usr/local/cuda\n")


@pytest.mark.parametrize(
    "change",
    [
        change_build_info,
        install_something,
        run_ldconfig,
        install_a_toolkit,
        fill_the_library_path,
        write_a_shell_file,
    ],
)
def test_a_change_of_what_was_read_is_scanned_again(
    setting: Setting, scans: list[Path], change: Callable[[Setting], None]
) -> None:
    setting.start_a_kernel()
    environment = setting.environment
    setting.reports.of_environment(environment, None)
    setting.reports.of_environment(environment, None)
    assert len(scans) == 1
    change(setting)
    setting.reports.of_environment(environment, None)
    assert len(scans) == 2


def test_what_changed_a_moment_ago_may_change_again_unseen(
    setting: Setting, scans: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_module, "RECENT", 3600 * 10**9)
    environment = setting.environment
    first = setting.reports.of_environment(environment, None)
    assert setting.reports.of_environment(environment, None) == first
    assert len(scans) == 2


def test_other_environments_come_with_their_kernelspecs_and_builds() -> None:
    def environment(id: str, *builds: Any) -> Environment:
        frameworks = tuple(Framework(name="tensorflow", version="2.10.0", build=build) for build in builds)
        return Environment(id=id, name=id, kind="venv", prefix=f"/{id}", frameworks=frameworks)

    def spec(environment: str, exists: bool) -> InstalledSpec:
        return InstalledSpec(
            name=environment,
            display_name="",
            language="python",
            folder="",
            owned=False,
            environment=environment,
            interpreter_exists=exists,
        )

    found = other_environments(
        [
            environment("here", "gpu"),
            environment("bare"),
            environment("gpu", "cpu", "gpu"),
            environment("cpu", "cpu"),
            environment("unknown", "cpu", "unknown"),
        ],
        [spec("gpu", True), spec("cpu", False)],
        "here",
    )
    assert [(each.name, each.gpu_build, each.has_kernelspec) for each in found] == [
        ("gpu", True, True),
        ("cpu", False, False),
        ("unknown", None, False),
    ]


@pytest.mark.parametrize(
    ("whom", "this"),
    [
        (Whom(kernel_id="k"), True),
        (Whom(pid=7), True),
        (Whom(kernel_id="another", pid=8), False),
        (NOBODY, False),
    ],
)
def test_processes_on_a_gpu_are_named_by_their_notebooks(setting: Setting, whom: Whom, this: bool) -> None:
    holder = Holder(pid=7, memory=1, kernel_id="k", notebook="/n.ipynb")
    held = {"GPU-1": DeviceHolders(holders=(holder,))}
    reports = Reports(setting.machine, Registry(setting.machine), setting.activations, held=lambda _: held)
    snapshot = reports.snapshot(setting.environment, reading(), whom=whom)
    assert snapshot.gpus is not None and snapshot.gpus[0].processes is not None
    [process] = snapshot.gpus[0].processes
    assert (process.pid, process.kernel_id, process.notebook, process.this_kernel) == (
        7,
        "k",
        "/n.ipynb",
        this,
    )


def test_a_running_process_is_judged_by_the_loader_s_path_at_its_start() -> None:
    program = [sys.executable, "-c", "input()"]
    with subprocess.Popen(program, env={"LD_LIBRARY_PATH": "/first"}, stdin=subprocess.PIPE) as process:
        now = {"LD_LIBRARY_PATH": "/set/in/a/cell", "CUDA_VISIBLE_DEVICES": "-1"}
        assert running_with(process.pid, now) == {**now, "LD_LIBRARY_PATH": "/first"}
        process.communicate(b"\n")
    with subprocess.Popen(program, env={}, stdin=subprocess.PIPE) as process:
        assert running_with(process.pid, now) == {"CUDA_VISIBLE_DEVICES": "-1"}
        process.communicate(b"\n")
    assert running_with(process.pid, now) == now


def a_start(**facts: Any) -> StartedKernel:
    return StartedKernel(
        kernel_id="k", pin=parse_pin("all"), pin_from="default", allocation=Allocation(), **facts
    )


def test_a_running_kernel_of_another_program_is_asked_of_the_system() -> None:
    program = [sys.executable, "-c", "input()"]
    with subprocess.Popen(program, env={"CUDA_VISIBLE_DEVICES": "3"}, stdin=subprocess.PIPE) as process:
        found = None
        for _ in range(1000):  # between fork and exec it still has the variables of this one
            found = started_with(a_start(pid=process.pid, born=born(process.pid)))
            if found is not None and "CUDA_VISIBLE_DEVICES" in found:
                break
            time.sleep(0.01)
        assert found is not None and found["CUDA_VISIBLE_DEVICES"] == "3"
        assert started_with(a_start(pid=process.pid, born=-1.0)) is None
        assert started_with(a_start(pid=process.pid, born=-1.0, variables={"A": "1"})) == {"A": "1"}
        process.communicate(b"\n")
    assert started_with(a_start(pid=process.pid, born=1.0)) is None
    assert started_with(a_start()) is None
