"""Which commands our part is put into."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tfgpu.kernels.command import START, interpreter_of, prefix_of, with_our_part


@pytest.mark.parametrize(
    ("before", "after", "module"),
    [
        (
            ["/envs/tf/bin/python", "-m", "ipykernel_launcher", "-f", "c.json"],
            ["/envs/tf/bin/python", "START", "-f", "c.json"],
            "ipykernel_launcher",
        ),
        (["python3.9", "-m", "ipykernel", "-f", "c"], ["python3.9", "START", "-f", "c"], "ipykernel"),
        (
            ["/p/python", "-X", "frozen_modules=off", "-I", "-W", "ignore", "-m", "ipykernel_launcher"],
            ["/p/python", "-X", "frozen_modules=off", "-I", "-W", "ignore", "START"],
            "ipykernel_launcher",
        ),
        (
            ["C:/tf/pythonw.exe", "-m", "ipykernel_launcher"],
            ["C:/tf/pythonw.exe", "START"],
            "ipykernel_launcher",
        ),
    ],
)
def test_our_part_takes_the_place_of_the_launcher(before: list[str], after: list[str], module: str) -> None:
    command = with_our_part(before, Path("START"))
    assert command is not None
    assert list(command.argv) == after
    assert command.module == module


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["/usr/bin/R", "--slave", "-e", "IRkernel::main()"],
        ["docker", "run", "image", "python", "-m", "ipykernel_launcher"],
        ["srun", "python", "-m", "ipykernel_launcher"],
        ["/p/python", "-m", "xeus_python_launcher"],
        ["/p/python", "-m", "debugpy", "-m", "ipykernel_launcher"],
        ["/p/python", "run.py", "-m", "ipykernel_launcher"],
        ["/p/python", "-c", "x", "-m", "ipykernel_launcher"],
        ["/p/python", "-m"],
        ["/p/python"],
        ["/p/python-wrapper", "-m", "ipykernel_launcher"],
    ],
)
def test_other_commands_are_left_as_they_are(argv: list[str]) -> None:
    assert with_our_part(argv) is None


def test_the_part_is_there() -> None:
    assert START.is_file()


def test_the_prefix_is_that_of_the_link_not_of_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "env" / "bin").mkdir(parents=True)
    link = tmp_path / "env" / "bin" / "python"
    link.symlink_to("/usr/bin/env")
    assert interpreter_of([str(link), "-m", "ipykernel"], {}) == link
    assert prefix_of(link) == tmp_path / "env"
    assert interpreter_of(["python", "-m", "ipykernel"], {"PATH": str(link.parent)}) == link
    assert interpreter_of(["python", "-m", "ipykernel"], {"PATH": str(tmp_path)}) is None
    assert interpreter_of(["/usr/bin/R"], {}) is None
    assert prefix_of(Path("C:/conda/envs/tf/python.exe")) == Path("C:/conda/envs/tf")
