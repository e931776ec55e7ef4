"""The command line as a person and as a script meets it: the real program, over the stand-in driver."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from jupyter_tfgpu import __version__
from jupyter_tfgpu.api.wire import EnvironmentsAnswer, PinsAnswer, ReadingAnswer
from jupyter_tfgpu.doctor import Report
from tests.cli.conftest import Program
from tests.standin import driver


def test_version_is_the_packages(program: Program) -> None:
    done = program("--version")
    assert (done.returncode, done.stdout.strip()) == (0, __version__)


def test_devices_for_a_script_and_for_a_person(program: Program) -> None:
    answer = program.answer("devices")
    msgspec.convert(answer, ReadingAnswer)
    assert [device["uuid"] for device in answer["devices"]] == [driver.device_uuid(0), driver.device_uuid(1)]
    text = program("devices").stdout
    assert "NVIDIA A100-SXM4-40GB" in text and "4.0/40.0 GiB" in text


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
        (("pin", "set", "--notebook", "n.ipynb", "99"), 1),
        (("pin", "set", "--spec", "nothing", "0"), 1),
        (("pin", "set", "--notebook", "n.ipynb", "x" * 10_000), 2),
        (("pin", "set", "--kernel", "nothing", "0"), 1),
        (("pin", "set", "--notebook", "n.ipynb", "--now", "0"), 2),
        (("pin", "resolve", "99"), 1),
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


def test_names_with_brackets_are_shown_as_they_are(program: Program, tmp_path: Path) -> None:
    spec = tmp_path / "data" / "kernels" / "odd"
    spec.mkdir(parents=True)
    document = {"argv": ["/no/such/[bold]R"], "display_name": "R [/x] [bold]", "language": "R"}
    (spec / "kernel.json").write_text(json.dumps(document))
    done = program("specs", "list")
    assert done.returncode == 0, done.stderr
    assert "R [/x] [bold]" in done.stdout
    assert "/no/such/[bold]R no longer exists" in done.stdout


def test_a_kernelspec_whose_interpreter_is_gone_says_so(program: Program, tmp_path: Path) -> None:
    spec = tmp_path / "data" / "kernels" / "gone"
    spec.mkdir(parents=True)
    document = {"argv": ["/no/such/bin/python", "-m", "ipykernel_launcher"], "display_name": "Gone"}
    (spec / "kernel.json").write_text(json.dumps(document))
    done = program("doctor", "--kernel", "gone", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["verdict"]) == (1, "broken")
    [found] = [each for each in report["findings"] if each["code"] == "stale-kernelspec"]
    assert "/no/such/bin/python" in found["detail"]
    assert not any(fix["automatic"] for fix in found["fixes"])  # it is not ours


def test_an_environment_without_an_interpreter_is_not_called_sound(program: Program, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "pyvenv.cfg").write_text("home = /no/such/bin\nversion = 3.11.2\n")
    done = program("doctor", "--env", str(broken))
    assert (done.returncode, done.stdout) == (2, "")
    assert "interpreter" in done.stderr


def test_a_terminal_that_knows_only_ascii_gets_its_answer(program: Program) -> None:
    program.environ["PYTHONIOENCODING"] = "ascii"
    done = program("devices")
    assert done.returncode == 0, done.stderr
    assert "A100" in done.stdout


def test_a_reader_that_goes_away_is_no_error(program: Program) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "jupyter_tfgpu", "devices", "--watch", "--json"],
        env=program.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        msgspec.json.decode(running.stdout.readline(), type=ReadingAnswer)
        running.stdout.close()
        assert running.wait(timeout=30) == 0
        assert running.stderr.read() == ""


def test_watching_ends_with_ctrl_c(program: Program) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "jupyter_tfgpu", "devices", "--watch", "--json"],
        env=program.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 130
        assert running.stderr.read() == ""


def test_a_disk_that_is_full_is_one_line(program: Program) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "jupyter_tfgpu", "devices", "--json"],
            env=program.environ,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_a_scenario_that_is_none_is_refused(program: Program) -> None:
    program.environ["JUPYTER_TFGPU_SIMULATE"] = "nonsense"
    done = program("devices", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nonsense" in done.stderr


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


def test_what_a_pin_comes_to_can_be_used_in_a_shell(program: Program) -> None:
    said = program("pin", "resolve", "1").stdout.splitlines()
    assert said == ["CUDA_VISIBLE_DEVICES=1", "CUDA_DEVICE_ORDER=PCI_BUS_ID"]
    assert program("pin", "resolve", "all").stdout == ""
    assert program.answer("pin", "resolve", "1")["given"] == [driver.device_uuid(1)]
