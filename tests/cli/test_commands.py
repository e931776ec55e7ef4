"""The command line as a person and as a script meets it: the real program, over the stand-in driver."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu import __version__
from jupyter_tfgpu.api.wire import EnvironmentsAnswer, PinsAnswer, ReadingAnswer
from jupyter_tfgpu.doctor import Report
from tests.made import venv_with_ipykernel
from tests.standin import driver


class Program:
    """Runs ``jupyter tfgpu`` on a made machine, with a home and data folder of its own."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = environ

    def __call__(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jupyter_tfgpu", *arguments],
            env=self.environ,
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def answer(self, *arguments: str) -> Any:
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return venv_with_ipykernel(tmp_path_factory.mktemp("envs") / "with space")


@pytest.fixture
def program(tmp_path: Path, prefix: Path) -> Program:
    scenario = driver.write_scenario(tmp_path / "scenario")
    variables = driver.environment(scenario)
    for name in ("CUDA_VISIBLE_DEVICES", "VIRTUAL_ENV", "CONDA_PREFIX"):
        variables.pop(name, None)
    project = str(Path(__file__).parents[2])
    variables |= {
        "HOME": str(tmp_path),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_TFGPU_ENVIRONMENTS": str(prefix),
        "JUPYTER_TFGPU_MACHINE_ROOT": str(driver.write_machine_tree(tmp_path / "machine")),
        "PYTHONPATH": os.pathsep.join(p for p in (project, variables.get("PYTHONPATH", "")) if p),
        "COLUMNS": "200",
    }
    return Program(tmp_path, variables)


def test_version_is_the_packages(program: Program) -> None:
    done = program("--version")
    assert (done.returncode, done.stdout.strip()) == (0, __version__)


def test_devices_for_a_script_and_for_a_person(program: Program) -> None:
    answer = program.answer("devices")
    msgspec.convert(answer, ReadingAnswer)
    assert [device["uuid"] for device in answer["devices"]] == [driver.device_uuid(0), driver.device_uuid(1)]
    text = program("devices").stdout
    assert "NVIDIA A100-SXM4-40GB" in text and "4.0 GiB / 40.0 GiB" in text


def test_devices_without_a_driver_say_why_and_what_to_do(program: Program, tmp_path: Path) -> None:
    program.environ = driver.environment_without_driver(tmp_path / "nothing", base=program.environ)
    program.environ["JUPYTER_TFGPU_MACHINE_ROOT"] = str(
        driver.write_machine_tree(tmp_path / "bare", driver=None, pci_devices=0)
    )
    answer = program.answer("devices")
    assert answer["driver"]["status"] == "absent"
    assert answer["devices"] == []
    text = program("devices").stdout
    assert answer["driver"]["message"].split()[0] in text


def test_simulated_devices_are_marked(program: Program) -> None:
    program.environ["JUPYTER_TFGPU_SIMULATE"] = "default"
    assert program.answer("devices")["simulated"] is True
    assert "SIMULATED" in program("devices").stdout


def test_envs_list_what_is_there(program: Program, prefix: Path) -> None:
    answer = program.answer("envs")
    msgspec.convert(answer, EnvironmentsAnswer)
    assert str(prefix) in [environment["prefix"] for environment in answer["environments"]]
    assert "with space" in program("envs").stdout


def test_doctor_on_an_environment_without_a_framework_names_that(program: Program, prefix: Path) -> None:
    done = program("doctor", "--env", str(prefix), "--framework", "tensorflow", "--json")
    report = msgspec.json.decode(done.stdout, type=Report)
    assert (done.returncode, report.verdict) == (1, "broken")
    assert report.findings[0].code == "framework-missing"
    text = program("doctor", "--env", "with space", "--framework", "tensorflow").stdout
    assert "framework-missing" in text


def test_without_a_framework_asked_for_or_there_nothing_is_wrong(program: Program, prefix: Path) -> None:
    done = program("doctor", "--env", str(prefix), "--json")
    assert (done.returncode, json.loads(done.stdout)["framework"]) == (0, None)


def test_a_snapshot_taken_here_is_judged_alike_elsewhere(
    program: Program, prefix: Path, tmp_path: Path
) -> None:
    here = json.loads(program("doctor", "--env", str(prefix), "--json").stdout)
    assert program("snapshot", "--env", str(prefix), "-o", "facts.json").returncode == 0
    there = json.loads(program("doctor", "--snapshot", "facts.json", "--json").stdout)
    assert [f["code"] for f in there["findings"]] == [f["code"] for f in here["findings"]]
    assert tmp_path.name not in (tmp_path / "facts.json").read_text()  # the home folder here


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no json", "JSON"),
        ("[]", "object"),
        ('{"schema": "tfgpu.snapshot/1", "host": {"os": "beos"}}', "host.os"),
        ('{"schema": "tfgpu.snapshot/9"}', "schema"),
    ],
)
def test_a_snapshot_that_is_none_is_refused_in_one_line(program: Program, text: str, says: str) -> None:
    done = program("doctor", "--snapshot", "-", "--json", stdin=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("doctor", "--env", "nothing-of-this-name"), 1),
        (("doctor", "--env", "/no/such/folder"), 2),
        (("doctor", "--kernel", "nothing"), 1),
        (("doctor", "--snapshot", "no-such-file.json"), 2),
        (("doctor", "--framework", "fortran"), 2),
        (("specs", "add", "nothing-of-this-name"), 1),
        (("specs", "remove", "nothing"), 1),
        (("pin", "set", "--notebook", "n.ipynb", "99"), 2),
        (("pin", "set", "--notebook", "n.ipynb", "x" * 10_000), 2),
        (("pin", "set", "--kernel", "nothing", "0"), 1),
        (("nonsense",), 2),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_code(
    program: Program, arguments: tuple[str, ...], code: int
) -> None:
    done = program(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_kernelspec_comes_and_goes(program: Program, prefix: Path, tmp_path: Path) -> None:
    added = program.answer("specs", "add", str(prefix))
    file = tmp_path / "data" / "kernels" / added["name"] / "kernel.json"
    assert json.loads(file.read_text())["argv"][0] == str(prefix / "bin" / "python")
    assert added["name"] in program("specs", "list").stdout
    report = json.loads(program("doctor", "--kernel", added["name"], "--json").stdout)
    assert report["environment"]["prefix"] == str(prefix)
    program.answer("specs", "remove", added["name"])
    assert not file.exists()


def test_a_pin_is_stored_by_uuid_and_shown(program: Program, tmp_path: Path) -> None:
    program.answer("pin", "set", "--notebook", "n.ipynb", "1")
    [pin] = msgspec.convert(program.answer("pin", "show"), PinsAnswer).pins
    assert (pin.notebook, pin.pin) == (str(tmp_path / "n.ipynb"), driver.device_uuid(1))
    program.answer("pin", "clear", "--notebook", "n.ipynb")
    assert program.answer("pin", "show")["pins"] == []
