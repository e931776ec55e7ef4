"""Reports judge an environment with the variables that a kernel in it would have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_tfgpu.api.reports import Reports
from jupyter_tfgpu.doctor import Snapshot
from jupyter_tfgpu.environments import Environment, Registry, describe
from jupyter_tfgpu.environments.activation import Activations
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
        "TF_SET": "1",
        "XLA_FLAGS": "--of-the-state",
    }
    assert environment.activation.applied is True


def test_before_the_first_start_what_a_script_decides_on_is_not_known(setting: Setting) -> None:
    snapshot = setting.snapshot()
    assert snapshot.variables is None
    assert snapshot.environment is not None
    assert snapshot.environment.libraries_complete is None
    assert snapshot.environment.activation is not None
    assert snapshot.environment.activation.applied is None
    assert snapshot.environment.activation.variables == {
        "CONDA_PREFIX": str(setting.prefix),
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
