"""``envs`` and ``specs`` as a person in a terminal, a script and a pipe meet them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len

from jupyter_tfgpu.api.wire import EnvironmentsAnswer, SyncAnswer, TasksAnswer
from tests.cli.conftest import Program
from tests.cli.terminal import Terminal
from tests.environments.trees import conda, distribution, tensorflow
from tests.index import VERSION, pip_on, silent_index, write_index
from tests.made import venv_with_ipykernel


@pytest.fixture
def bare(program: Program, tmp_path: Path) -> Path:
    """A second environment, without ipykernel."""
    prefix = tmp_path / "bare 환경"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    program.environ["JUPYTER_TFGPU_ENVIRONMENTS"] += os.pathsep + str(prefix)
    return prefix


def site_of(prefix: Path) -> Path:
    [site] = prefix.glob("lib/python3.*/site-packages")
    return site


def kernel_json(folder: Path, name: str) -> dict[str, object]:
    document: dict[str, object] = json.loads((folder / "data/kernels" / name / "kernel.json").read_text())
    return document


class TestEnvs:
    def test_say_what_an_environment_holds(self, program: Program, bare: Path) -> None:
        tensorflow(site_of(bare), "2.20.0")
        distribution(site_of(bare), "tensorflow", "2.20.0")
        text = program("envs").stdout
        at = text.index(str(bare))
        head, rest = text[:at].splitlines()[-1 if not text[:at].endswith("    ") else -2], text[at:]
        assert "bare 환경 · Python 3." in head and "venv" in head
        holds, kernelspecs = rest.splitlines()[1:3]
        assert "Python 3." in holds and "TensorFlow 2.20.0 (GPU build, CUDA 12.5" in holds
        assert "ipykernel" not in holds
        assert kernelspecs.strip() == "kernelspecs: –"

    def test_say_what_is_wrong(self, program: Program, bare: Path) -> None:
        (bare / "bin" / "python").unlink()
        (bare / "bin" / "python").symlink_to("/no/such/python")
        (bare / "bin" / "python3").unlink()
        assert "The interpreter" in program("envs").stdout
        [broken] = [e for e in program.answer("envs")["environments"] if e["prefix"] == str(bare)]
        assert "/no/such/python" in broken["problem"]

    @pytest.mark.parametrize("columns", [80, 200])
    def test_fit_a_terminal(self, program: Program, bare: Path, columns: int) -> None:
        terminal = Terminal(program.environ, program.folder, "envs", columns=columns)
        assert terminal.ended() == 0
        lines = terminal.text.splitlines()
        assert max(cell_len(line.rstrip()) for line in lines) <= columns
        assert any(line.startswith("bare 환경 · Python 3.") for line in lines)

    def test_fold_nothing_in_a_pipe(self, program: Program, bare: Path) -> None:
        program.environ["COLUMNS"] = "40"
        long = bare.with_name("x" * 100)
        bare.rename(long)
        program.environ["JUPYTER_TFGPU_ENVIRONMENTS"] = str(long)
        assert f"    {long}\n" in program("envs").stdout

    def test_a_folder_s_name_cannot_give_orders_to_the_terminal(self, program: Program, bare: Path) -> None:
        strange = bare.with_name("a\x1b[2J\nb")
        bare.rename(strange)
        program.environ["JUPYTER_TFGPU_ENVIRONMENTS"] = str(strange)
        (strange / "bin" / "python3").unlink()
        done = program("envs")
        assert f"    {strange.parent}/a?[2J?b\n" in done.stdout
        added = program("specs", "add", str(strange))
        assert (added.returncode, len(added.stderr.splitlines())) == (1, 1)
        assert "\x1b" not in done.stdout + done.stderr + added.stderr

    def test_answer_a_script_with_one_document(self, program: Program, bare: Path) -> None:
        done = program("envs", "--refresh", "--json")
        msgspec.json.decode(done.stdout, type=EnvironmentsAnswer)
        assert (done.returncode, done.stderr) == (0, "")


class TestSpecs:
    def test_a_list_is_folded_by_no_pipe(self, program: Program, prefix: Path) -> None:
        program.environ["COLUMNS"] = "40"
        added = program.answer("specs", "add", str(prefix), "--display-name", "A long name " * 12)
        [line] = [line for line in program("specs", "list").stdout.splitlines() if added["name"] in line]
        assert "A long name " * 12 in line and str(prefix / "bin" / "python") in line

    def test_a_kernelspec_gets_another_name(self, program: Program, prefix: Path, tmp_path: Path) -> None:
        added = program.answer("specs", "add", str(prefix))
        renamed = program.answer("specs", "rename", added["name"], "tfgpu-mine", "--display-name", "Mine")
        assert (renamed["name"], renamed["display_name"]) == ("tfgpu-mine", "Mine")
        assert kernel_json(tmp_path, "tfgpu-mine")["display_name"] == "Mine"
        assert not (tmp_path / "data/kernels" / added["name"]).exists()

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("rename", "tfgpu-nothing", "other"), 1),
            (("rename", "tfgpu-nothing"), 2),
            (("repair", "tfgpu-nothing"), 1),
            (("add", "with space", "--kernel", "ir"), 1),
        ],
    )
    def test_what_cannot_be_done_is_one_line_and_a_code(
        self, program: Program, arguments: tuple[str, ...], code: int
    ) -> None:
        done = program("specs", *arguments)
        assert (done.returncode, done.stdout) == (code, "")
        assert len(done.stderr.splitlines()) == 1

    def test_sync_says_then_does(self, program: Program, prefix: Path, tmp_path: Path) -> None:
        kernels = tmp_path / "data" / "kernels"
        planned = msgspec.convert(program.answer("specs", "sync", "--dry-run"), SyncAnswer)
        assert planned.dry_run and not kernels.exists()
        done = msgspec.convert(program.answer("specs", "sync"), SyncAnswer)
        assert done.changes == planned.changes
        [mine] = [change for change in done.changes if "with-space" in change.name]
        assert (mine.action, (kernels / mine.name / "kernel.json").is_file()) == ("add", True)
        assert program("specs", "sync").stdout == "All kernelspecs are as they should be.\n"

    def test_sync_reads_well(self, program: Program, prefix: Path) -> None:
        text = program("specs", "sync", "--dry-run").stdout
        assert "Would" in text and "tfgpu-with-space" in text
        assert "Done" in program("specs", "sync").stdout


class TestRepair:
    """A kernelspec of ours whose environment has lost its ipykernel."""

    @pytest.fixture
    def name(self, program: Program, bare: Path, tmp_path: Path) -> str:
        info = distribution(site_of(bare), "ipykernel", "7.0")
        added = str(program.answer("specs", "add", str(bare))["name"])
        shutil.rmtree(info)
        program.environ |= pip_on(write_index(tmp_path / "index"))
        return added

    def test_it_is_installed_where_that_was_said(self, program: Program, name: str, bare: Path) -> None:
        done = program("specs", "repair", name, "--yes", "--json")
        assert done.returncode == 0, done.stderr
        [task] = msgspec.json.decode(done.stdout, type=TasksAnswer).tasks
        assert (task.state, task.kernelspec) == ("done", name)
        assert "Successfully installed" in done.stderr
        assert (site_of(bare) / f"ipykernel-{VERSION}.dist-info").is_dir()
        again = program("specs", "repair")
        assert (again.returncode, again.stdout) == (0, "There is nothing to repair.\n")

    def test_all_are_repaired_where_none_is_named(self, program: Program, name: str, bare: Path) -> None:
        done = program("specs", "repair", "--yes")
        assert done.returncode == 0, done.stderr
        assert "can be started again" in done.stdout
        assert (site_of(bare) / f"ipykernel-{VERSION}.dist-info").is_dir()

    def test_nobody_to_ask_means_no(self, program: Program, name: str, bare: Path) -> None:
        done = program("specs", "repair", name)
        assert (done.returncode, done.stdout) == (1, "")
        assert "--yes" in done.stderr
        assert not any(site_of(bare).glob("ipykernel*"))

    @pytest.mark.parametrize(("key", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
    def test_a_person_is_asked(self, program: Program, name: str, bare: Path, key: str, code: int) -> None:
        terminal = Terminal(program.environ, program.folder, "specs", "repair", name)
        terminal.shows("[y/N]")
        terminal.type(key)
        assert terminal.ended() == code
        assert any(site_of(bare).glob("ipykernel*")) is (code == 0)

    def test_ctrl_c_leaves_nothing_half_made(self, program: Program, name: str, bare: Path) -> None:
        before = sorted(site_of(bare).iterdir())
        with silent_index() as address:
            program.environ |= pip_on(address)
            program.environ.pop("PIP_NO_INDEX")
            terminal = Terminal(program.environ, program.folder, "specs", "repair", name, "--yes")
            terminal.shows("pip")
            terminal.process.send_signal(signal.SIGINT)
            assert terminal.ended() == 130
        assert sorted(site_of(bare).iterdir()) == before

    def test_a_moved_environment_is_found_by_its_name(self, program: Program, tmp_path: Path) -> None:
        first = venv_with_ipykernel(tmp_path / "one" / "moved")
        program.environ["JUPYTER_TFGPU_ENVIRONMENTS"] = str(first)
        name = program.answer("specs", "add", str(first))["name"]
        second = tmp_path / "two" / "moved"
        second.parent.mkdir()
        shutil.rmtree(first)
        venv_with_ipykernel(second)
        program.environ["JUPYTER_TFGPU_ENVIRONMENTS"] = str(second)
        done = program("specs", "repair", name)
        assert done.returncode == 0, done.stderr
        argv = kernel_json(tmp_path, name)["argv"]
        assert isinstance(argv, list) and argv[0] == str(second / "bin" / "python")


class TestAKernelOfAnotherLanguage:
    """A conda prefix with R's kernelspec, and a script that fails when the prefix is activated."""

    @pytest.fixture
    def statistics(self, program: Program, tmp_path: Path) -> Path:
        prefix = tmp_path / "통계"
        conda(prefix)
        own = prefix / "share" / "jupyter" / "kernels" / "ir"
        own.mkdir(parents=True)
        (prefix / "bin" / "R").symlink_to("/bin/true")
        document = {
            "argv": [str(prefix / "bin" / "R"), "{connection_file}"],
            "display_name": "R 4.3",
            "language": "R",
        }
        (own / "kernel.json").write_text(json.dumps(document), "utf-8")
        scripts = prefix / "etc" / "conda" / "activate.d"
        scripts.mkdir(parents=True)
        (scripts / "broken.sh").write_text("export BEFORE=1\nexit 3\n", "utf-8")
        program.environ["JUPYTER_TFGPU_ENVIRONMENTS"] = str(prefix)
        return prefix

    def test_is_listed_added_and_told_of(self, program: Program, statistics: Path, tmp_path: Path) -> None:
        text = program("envs").stdout
        assert "kernels of its own: R 4.3 (ir)" in text
        added = program.answer("specs", "add", "통계", "--kernel", "ir")
        assert kernel_json(tmp_path, added["name"])["language"] == "R"
        [listed] = [e for e in program.answer("envs")["environments"] if e["prefix"] == str(statistics)]
        assert listed["kernelspecs"] == [added["name"]]
        assert "broken.sh" in listed["activation_problem"]
        assert listed["activation_problem"] in program("envs").stdout
