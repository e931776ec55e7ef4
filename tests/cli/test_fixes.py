"""``doctor --fix`` and ``--undo``: a kernelspec that hides the GPU, as a person and a script mend it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Program
from tests.cli.terminal import Terminal
from tests.environments.trees import distribution, tensorflow
from tests.index import pip_on, write_index
from tests.made import venv_with_ipykernel

HIDDEN = "CUDA_VISIBLE_DEVICES"


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real environment with the files of TensorFlow's GPU build."""
    made = venv_with_ipykernel(tmp_path_factory.mktemp("envs") / "train 훈련")
    [site] = made.glob("lib/python3.*/site-packages")
    tensorflow(site, "2.20.0")
    distribution(site, "tensorflow", "2.20.0")
    return made


@pytest.fixture
def spec(program: Program, prefix: Path) -> Path:
    """The kernel.json of ours for it, into which somebody has put a variable that hides every GPU."""
    added = program.answer("specs", "add", str(prefix))
    file = program.folder / "data" / "kernels" / str(added["name"]) / "kernel.json"
    document = json.loads(file.read_text("utf-8"))
    document["env"][HIDDEN] = "-1"
    file.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    file.chmod(0o644)
    return file


def env(file: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(file.read_text("utf-8"))["env"]
    return found


def findings(program: Program, *choice: str) -> dict[str, Any]:
    report = json.loads(program("doctor", *choice, "--json").stdout)
    return {each["code"]: each for each in report["findings"]}


@pytest.mark.parametrize("by", ["kernel", "env"])
def test_what_hides_the_gpu_goes_and_comes_back_byte_for_byte(
    program: Program, spec: Path, prefix: Path, by: str
) -> None:
    choice = ("--kernel", spec.parent.name) if by == "kernel" else ("--env", str(prefix))
    before, mode = spec.read_bytes(), spec.stat().st_mode
    assert findings(program, *choice)["gpu-hidden"]["fixes"][0]["automatic"]

    done = program.answer("doctor", *choice, "--fix", "gpu-hidden", "--yes")
    assert done["changes"] == [
        {
            "what": "variable",
            "target": spec.parent.name,
            "name": HIDDEN,
            "before": "-1",
            "after": None,
            "why": None,
        }
    ]
    assert HIDDEN not in env(spec)
    assert "gpu-hidden" not in findings(program, *choice)

    undone = program.answer("doctor", "--undo")
    assert (undone["undone"], undone["id"]) == (True, done["id"])
    assert spec.read_bytes() == before and spec.stat().st_mode == mode
    assert "gpu-hidden" in findings(program, *choice)


def test_a_pin_of_the_kernelspec_that_hides_the_gpu_is_cleared_and_comes_back(
    program: Program, prefix: Path
) -> None:
    added = str(program.answer("specs", "add", str(prefix))["name"])
    choice = ("--kernel", added)
    assert "gpu-hidden" not in findings(program, *choice)
    program.answer("pin", "set", "--spec", added, "none")
    assert findings(program, *choice)["gpu-hidden"]["fixes"][0]["automatic"]
    done = program.answer("doctor", *choice, "--fix", "gpu-hidden", "--yes")
    assert [(each["what"], each["before"], each["after"]) for each in done["changes"]] == [
        ("pin", "none", None)
    ]
    assert "gpu-hidden" not in findings(program, *choice)
    program.answer("doctor", "--undo")
    assert "gpu-hidden" in findings(program, *choice)


def test_a_person_sees_what_changes_and_is_asked(program: Program, spec: Path) -> None:
    before = spec.read_bytes()
    arguments = ("doctor", "--kernel", spec.parent.name, "--fix", "gpu-hidden")
    terminal = Terminal(program.environ, program.folder, *arguments, columns=120)
    terminal.shows("Change that? [y/N]")
    for line in (f"{HIDDEN} in the kernelspec {spec.parent.name}", "before: -1", "after:  not set"):
        assert line in terminal.text
    terminal.type("n\n")
    assert terminal.ended() == 1
    assert "Nothing was changed" in terminal.text
    assert spec.read_bytes() == before

    terminal = Terminal(program.environ, program.folder, *arguments, columns=120)
    terminal.shows("Change that? [y/N]")
    terminal.type("y\n")
    assert terminal.ended() == 0
    assert "To take it back: jupyter tfgpu doctor --undo" in terminal.text
    assert HIDDEN not in env(spec)


def test_where_nobody_can_be_asked_nothing_is_changed(program: Program, spec: Path) -> None:
    before = spec.read_bytes()
    done = program("doctor", "--kernel", spec.parent.name, "--fix", "gpu-hidden", stdin="y\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert "before: -1" in done.stderr and "say --yes" in done.stderr
    assert spec.read_bytes() == before


def test_a_report_says_how_it_can_be_fixed(program: Program, spec: Path) -> None:
    text = program("doctor", "--kernel", spec.parent.name).stdout
    assert "--fix gpu-hidden" in text


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--fix", "no-such-code", "--yes"), 1, "no finding no-such-code"),
        (("--undo",), 1, "no fix to take back"),
        (("--undo", "0123456789ab"), 1, "no fix 0123456789ab"),
        (("--fix", "gpu-hidden", "--kernel", "none", "--yes"), 1, "no kernelspec called 'none'"),
        (("--fix", "gpu-hidden", "--snapshot", "x.json"), 2, "cannot be fixed"),
        (("--undo", "--env", "x"), 2, "--undo takes no --env"),
        (("--yes",), 2, "--yes goes with --fix"),
        (("--fix", "gpu-hidden", "--undo"), 2, "not allowed with"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    program: Program, arguments: tuple[str, ...], code: int, says: str
) -> None:
    done = program("doctor", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_snapshot_from_elsewhere_is_not_fixed_from_here(program: Program, spec: Path) -> None:
    snapshot = program("snapshot", "--kernel", spec.parent.name).stdout
    report = json.loads(program("doctor", "--snapshot", "-", "--json", stdin=snapshot).stdout)
    fixes = [fix for finding in report["findings"] for fix in finding["fixes"]]
    assert fixes and not any(fix["automatic"] for fix in fixes)


class TestRepairs:
    """A kernelspec of ours whose environment has lost its ipykernel, or its place."""

    @pytest.fixture
    def bare(self, program: Program) -> Path:
        prefix = program.folder / "bare 환경"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
        program.environ["JUPYTER_TFGPU_ENVIRONMENTS"] = str(prefix)
        return prefix

    @pytest.fixture
    def kernel_json(self, program: Program, bare: Path) -> Path:
        [site] = bare.glob("lib/python3.*/site-packages")
        info = distribution(site, "ipykernel", "7.0")
        name = str(program.answer("specs", "add", str(bare))["name"])
        shutil.rmtree(info)
        program.environ |= pip_on(write_index(program.folder / "index"))
        return program.folder / "data" / "kernels" / name / "kernel.json"

    def test_ipykernel_is_installed_and_what_stays_of_it_is_said(
        self, program: Program, bare: Path, kernel_json: Path
    ) -> None:
        before = kernel_json.read_bytes()
        arguments = ("doctor", "--kernel", kernel_json.parent.name, "--fix", "ipykernel-missing", "--yes")
        done = program(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert (answer["task"]["state"], answer["changes"][0]["what"]) == ("done", "kernelspec")
        assert "Undo leaves ipykernel" in answer["message"]
        assert any(bare.glob("lib/python3.*/site-packages/ipykernel-*.dist-info"))
        assert "ipykernel-missing" not in findings(program, "--kernel", kernel_json.parent.name)
        undone = program("doctor", "--undo", answer["id"])
        assert undone.returncode == 0 and "Undo leaves ipykernel" in undone.stdout
        assert kernel_json.read_bytes() == before

    def test_an_installation_that_fails_changes_nothing(
        self, program: Program, bare: Path, kernel_json: Path
    ) -> None:
        before = kernel_json.read_bytes()
        shutil.rmtree(program.folder / "index")
        arguments = ("doctor", "--kernel", kernel_json.parent.name, "--fix", "ipykernel-missing", "--yes")
        done = program(*arguments)
        assert (done.returncode, done.stdout) == (1, "") and "ipykernel" in done.stderr
        assert kernel_json.read_bytes() == before
        assert program("doctor", "--undo").returncode == 1

    def test_a_kernelspec_whose_environment_was_moved_starts_it_again(self, program: Program) -> None:
        first = venv_with_ipykernel(program.folder / "one" / "moved")
        program.environ["JUPYTER_TFGPU_ENVIRONMENTS"] = str(first)
        name = str(program.answer("specs", "add", str(first))["name"])
        file = program.folder / "data" / "kernels" / name / "kernel.json"
        before = file.read_bytes()
        second = program.folder / "two" / "moved"
        second.parent.mkdir()
        first.rename(second)
        program.environ["JUPYTER_TFGPU_ENVIRONMENTS"] = str(second)
        assert findings(program, "--kernel", name)["stale-kernelspec"]["fixes"][0]["automatic"]
        answer = program.answer("doctor", "--kernel", name, "--fix", "stale-kernelspec", "--yes")
        assert answer["task"]["state"] == "done"
        assert json.loads(file.read_bytes())["argv"][0] == str(second / "bin" / "python")
        program.answer("doctor", "--undo")
        assert file.read_bytes() == before
