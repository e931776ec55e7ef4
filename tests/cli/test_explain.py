"""``explain`` as a person and as a script meets it: the real program, over the stand-in driver."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec

from jupyter_tfgpu.doctor import Explanation
from tests.cli.conftest import Program
from tests.standin import driver

HARMLESS = "TF-TRT Warning: Could not find TensorRT\n"
MISSING = "ModuleNotFoundError: No module named 'tensorflow'\n"


def test_a_log_from_standard_input_for_a_script(program: Program, prefix: Path) -> None:
    done = program("explain", "--env", str(prefix), "--json", stdin=HARMLESS)
    answer = msgspec.json.decode(done.stdout, type=Explanation)
    assert done.returncode == 0
    assert [each.kind for each in answer.lines] == ["harmless"]
    assert answer.summary.startswith("Nothing is wrong")


def test_a_logs_file_for_a_person(program: Program, prefix: Path, tmp_path: Path) -> None:
    (tmp_path / "run.log").write_text(HARMLESS + MISSING + "ValueError: something else\n", "utf-8")
    done = program("explain", "run.log", "--env", str(prefix))
    assert done.returncode == 1
    for words in ("framework-missing", "harmless line 1", "Not known here", "ValueError: something else"):
        assert words in done.stdout


def test_an_error_finding_is_exit_code_1(program: Program, prefix: Path) -> None:
    done = program("explain", "-", "--env", str(prefix), "--json", stdin=MISSING)
    assert done.returncode == 1
    assert [each["code"] for each in json.loads(done.stdout)["findings"]] == ["framework-missing"]


def test_what_powershell_redirects_is_read(program: Program, prefix: Path, tmp_path: Path) -> None:
    """Windows PowerShell writes UTF-16 with a mark, and line ends of its own."""
    (tmp_path / "run.log").write_text(HARMLESS.replace("\n", "\r\n"), "utf-16", newline="")
    done = program("explain", "run.log", "--env", str(prefix), "--json")
    assert [each["kind"] for each in json.loads(done.stdout)["lines"]] == ["harmless"]


def test_colours_of_a_terminal_are_not_shown_again(program: Program, prefix: Path) -> None:
    done = program(
        "explain", "--env", str(prefix), stdin=f"\x1b[31mImportError\x1b[0m: \x1b]0;x\x07{MISSING}"
    )
    assert "\x1b" not in done.stdout and "framework-missing" in done.stdout


def test_bytes_that_are_no_utf8_are_still_read(program: Program, prefix: Path, tmp_path: Path) -> None:
    (tmp_path / "run.log").write_bytes(b"caf\xe9\n" + MISSING.encode())
    done = program("explain", "run.log", "--env", str(prefix), "--json")
    assert [each["code"] for each in json.loads(done.stdout)["findings"]] == ["framework-missing"]


def test_what_cannot_be_read_is_one_line_and_exit_code_2(program: Program, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\x89PNG\x00\x00")
    (tmp_path / "folder").mkdir()
    for name in ("nowhere.log", "picture", "folder"):
        done = program("explain", name)
        assert (done.returncode, done.stdout) == (2, "")
        assert len(done.stderr.splitlines()) == 1
    done = program("explain", stdin=" \n")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no text" in done.stderr


def test_an_environment_that_is_not_there_is_exit_code_1(program: Program) -> None:
    done = program("explain", "--env", "nowhere", stdin=HARMLESS)
    assert (done.returncode, done.stdout) == (1, "")


def test_who_holds_the_memory_is_shown(program: Program) -> None:
    done = program("explain", stdin="torch.OutOfMemoryError: CUDA out of memory.")
    assert "Who holds the GPUs' memory" in done.stdout
    assert "GPU 0 NVIDIA A100-SXM4-40GB" in done.stdout


def test_a_running_process_holds_its_own_memory(program: Program, prefix: Path) -> None:
    """As a kernel asks: what it holds itself is not taken by another."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        own = driver.Process(process.pid, 30 * driver.GIB)
        device = driver.device(0, processes=[own], memory_used=31 * driver.GIB)
        driver.write_scenario(Path(program.environ["TFGPU_STANDIN_SCENARIO"]), devices=[device])
        said = "torch.OutOfMemoryError: CUDA out of memory."
        asked = ("explain", "--env", str(prefix), "--json")
        for more, this in (((), False), (("--process", str(process.pid)), True)):
            [memory] = json.loads(program(*asked, *more, stdin=said).stdout)["memory"]
            assert [each["this_kernel"] for each in memory["holders"]] == [this]
        process.communicate(b"\n")


def test_a_process_is_of_an_environment_not_of_a_kernelspec(program: Program) -> None:
    done = program("explain", "--kernel", "k", "--process", "1", stdin=HARMLESS)
    assert (done.returncode, done.stdout) == (2, "")
