"""Broken environments are listed with a sentence or left out; the rest is listed as ever."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import NotAnEnvironment, Registry, describe, installed
from jupyter_tfgpu.environments.disk import Disk
from jupyter_tfgpu.environments.locators import environments_txt
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import a_machine, conda, distribution, laid_out, listed, tensorflow, venv


def problem(machine: Machine, prefix: Path) -> str:
    """What is said of an environment that has one."""
    found = describe(machine, prefix)
    assert found.problem is not None
    return found.problem


def test_a_venv_whose_interpreter_was_uninstalled(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    venv(machine.home / "envs" / "sound")
    venv(machine.home / "envs" / "gone")
    shutil.rmtree(machine.home / "envs" / "gone" / "bin")
    (machine.home / "envs" / "gone" / "bin").mkdir()
    python = machine.home / "envs" / "gone" / "bin" / "python"
    python.symlink_to("/opt/python-3.9/bin/python3")
    found = listed(machine, tmp_path)
    assert found["sound"].problem is None
    said = (
        f"The interpreter {python} is a link to /opt/python-3.9/bin/python3, which does not exist any more."
    )
    assert (found["gone"].problem, found["gone"].interpreter) == (said, None)


def test_an_interpreter_that_is_a_symlink_loop(tmp_path: Path) -> None:
    venv(tmp_path / "env")
    for name, to in (("python", "python3"), ("python3", "python")):
        (tmp_path / "env" / "bin" / name).unlink()
        (tmp_path / "env" / "bin" / name).symlink_to(to)
    said = problem(a_machine(tmp_path), tmp_path / "env")
    assert said.endswith("bin/python is a link to python3, which leads back to itself.")


def test_no_interpreter_at_all(tmp_path: Path) -> None:
    (tmp_path / "env" / "conda-meta").mkdir(parents=True)
    assert "There is no interpreter at" in problem(a_machine(tmp_path), tmp_path / "env")


def test_no_site_packages(tmp_path: Path) -> None:
    venv(tmp_path / "env")
    shutil.rmtree(tmp_path / "env" / "lib")
    assert "has no site-packages folder" in problem(a_machine(tmp_path), tmp_path / "env")


def test_an_interpreter_that_may_not_be_run(tmp_path: Path) -> None:
    venv(tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    python.unlink()
    python.touch(mode=0o644)
    assert "may not be run by this user" in problem(a_machine(tmp_path), tmp_path / "env")


@pytest.mark.parametrize("text", ["", "home", "home = ", "\x00\xff", "= =\n[section]\n", "version = soon\n"])
def test_a_truncated_pyvenv_cfg_hides_no_environment(tmp_path: Path, text: str) -> None:
    machine = a_machine(tmp_path)
    site = venv(machine.home / "envs" / "cut")
    distribution(site, "ipykernel", "7.4.0")
    (machine.home / "envs" / "cut" / "pyvenv.cfg").write_text(text, "utf-8", "replace")
    found = listed(machine, tmp_path)["cut"]
    assert (found.kind, found.ipykernel) == ("venv", "7.4.0")
    assert found.python is not None and found.python.startswith("3.")


def test_a_truncated_record_and_rubbish_in_conda_meta(tmp_path: Path) -> None:
    site = conda(tmp_path / "env", ["numpy-1.26.4-py311h64a7726_0"])
    meta = tmp_path / "env" / "conda-meta"
    (meta / "numpy-1.26.4-py311h64a7726_0.json").write_text('{"name": "num', "utf-8")
    (meta / "half.json").write_bytes(b"\xff\xfe")
    (meta / "loop").symlink_to("loop")
    (meta / "history").unlink()
    distribution(site, "numpy", "1.26.4")
    found = describe(a_machine(tmp_path), tmp_path / "env")
    assert (found.python, found.problem) == ("3.11.7", None)
    [numpy] = installed(a_machine(tmp_path), tmp_path / "env")
    assert numpy.build == "py311h64a7726_0"


NAMES = [
    "with space",
    "한글 환경",
    "it's",
    'a "quoted" one',
    "$(touch x)",
    "new\nline",
    "-rf",
    "ü" * 60,
    "a;b&c",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_with_anything_in_them(tmp_path: Path, name: str) -> None:
    machine = a_machine(tmp_path)
    distribution(conda(machine.home / "miniconda3" / "envs" / name), "ipykernel", "7.4.0")
    venv(machine.home / ".virtualenvs" / name)
    found = [each for each in Registry(machine).environments() if each.name == name]
    assert sorted(each.kind for each in found) == ["conda", "venv"]
    assert [each.problem for each in found] == [None, None]


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    prefix = machine.home / "envs" / os.fsdecode(b"caf\xe9")
    conda(prefix)
    [found] = [each for each in Registry(machine).environments() if "caf" in each.name]
    assert found.problem is None


def test_loops_of_links_and_files_where_folders_belong(tmp_path: Path) -> None:
    machine = a_machine(tmp_path, JUPYTER_TFGPU_ENVIRONMENTS=f"{tmp_path}/home/a_file:{tmp_path}/home/loop")
    venv(machine.home / "envs" / "kept")
    (machine.home / "loop").symlink_to("loop")
    (machine.home / "envs" / "up").symlink_to(machine.home / "envs")
    (machine.home / "a_file").write_text("no folder", "utf-8")
    (machine.home / ".virtualenvs").write_text("no folder", "utf-8")
    (machine.home / "miniconda3").symlink_to("miniconda3")
    (machine.home / ".conda").mkdir()
    (machine.home / ".conda" / "environments.txt").mkdir()
    (machine.home / "fake" / "conda-meta").mkdir(parents=True)
    (machine.home / "fake" / "conda-meta").rmdir()
    (machine.home / "fake" / "conda-meta").write_text("no folder", "utf-8")
    assert set(listed(machine, tmp_path)) == {"kept"}


def test_a_pipe_where_a_file_belongs_does_not_block(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    venv(machine.home / "envs" / "kept")
    (machine.home / "envs" / "trap").mkdir()
    os.mkfifo(machine.home / "envs" / "trap" / "pyvenv.cfg")
    os.mkfifo(machine.home / ".condarc")
    (machine.home / ".conda").mkdir()
    os.mkfifo(machine.home / ".conda" / "environments.txt")
    conda(machine.home / "envs" / "piped")
    (machine.home / "envs" / "piped" / "conda-meta" / "history").unlink()
    os.mkfifo(machine.home / "envs" / "piped" / "conda-meta" / "history")
    for folder in (".config/pypoetry", ".config/hatch", ".pixi"):
        (machine.home / folder).mkdir(parents=True)
        os.mkfifo(machine.home / folder / "config.toml")
    pipenv = machine.home / ".local/share/virtualenvs/cats-aB3_-x9Z"
    laid_out(pipenv)
    os.mkfifo(pipenv / ".project")
    registry = Registry(machine, limit=2.0)
    assert {each.name for each in registry.environments()} >= {"kept", "piped", "cats-aB3_-x9Z"}
    assert registry.problems == ()


def test_an_environments_txt_of_a_million_lines(tmp_path: Path) -> None:
    """What is looked at is bounded, whatever its length: its beginning and its end."""
    machine = a_machine(tmp_path)
    for name in ("first", "middle", "last"):
        conda(tmp_path / name)
    gone = "".join(f"/gone/environment-{number}\n" for number in range(500_000))
    (machine.home / ".conda").mkdir()
    notes = machine.home / ".conda" / "environments.txt"
    text = f"{tmp_path}/first\n{gone}{tmp_path}/middle\n{gone}{tmp_path}/last\n"
    notes.write_text(text, "utf-8")
    registry = Registry(machine)
    found = {each.name for each in registry.environments()}
    assert found >= {"first", "last"} and "middle" not in found
    assert registry.problems == (
        f"{notes} is very long ({len(text):,} bytes): only its first and last 1,000 lines are looked at.",
    )
    assert len(environments_txt.prefixes(Disk(), notes)) <= 2 * environments_txt.LINES + 1


def test_an_environments_txt_that_is_long_but_not_very(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    conda(tmp_path / "kept")
    (machine.home / ".conda").mkdir()
    notes = machine.home / ".conda" / "environments.txt"
    notes.write_text("/gone\n" * 900 + f"{tmp_path}/kept\n" + "/gone\n" * 900, "utf-8")
    registry = Registry(machine)
    assert "kept" in {each.name for each in registry.environments()}
    assert registry.problems == ()


@pytest.mark.parametrize("what", ["", "a_file", "empty", "missing"])
def test_folders_that_are_no_environment_are_refused_with_a_sentence(tmp_path: Path, what: str) -> None:
    (tmp_path / "a_file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotAnEnvironment) as error:
        describe(a_machine(tmp_path), tmp_path / what)
    assert str(tmp_path / what) in str(error.value)


def test_a_null_byte_in_a_path(tmp_path: Path) -> None:
    with pytest.raises(NotAnEnvironment):
        describe(a_machine(tmp_path), Path("/nowhere/\0"))


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that everybody may read; afterwards this process is who it was."""
    if not hasattr(os, "setresuid"):
        pytest.skip("no users to change to")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    before = os.getresuid()
    try:
        yield folder
    finally:
        os.setresuid(*before)
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)


def become_nobody() -> None:
    """The superuser may read everything, so the tests give that up for a while."""
    if os.geteuid() == 0:
        os.setresuid(65534, 65534, 0)


def own_interpreter(prefix: Path, *, link_to: Path | None = None) -> Path:
    """Puts a program, or a link, in place of the interpreter: nobody may not reach the tests' own."""
    for name in os.listdir(prefix / "bin"):
        (prefix / "bin" / name).unlink()
    python = prefix / "bin" / "python"
    if link_to is None:
        shutil.copy("/bin/true", python)
    else:
        python.symlink_to(link_to)
    return python


def test_unreadable_folders_are_told_or_left_out(shared_folder: Path) -> None:
    machine = a_machine(shared_folder)
    envs = machine.home / "envs"
    sites = {name: venv(envs / name) for name in ("kept", "packages", "libraries", "whole", "far")}
    conda(envs / "records", ["numpy-1.26.4-py311h64a7726_0"])
    tensorflow(sites["kept"], "2.20.0")
    distribution(sites["kept"], "ipykernel", "7.4.0")
    away = shared_folder / "away"
    away.mkdir()
    shutil.copy("/bin/true", away / "python3")
    for prefix in envs.iterdir():
        own_interpreter(prefix, link_to=away / "python3" if prefix.name == "far" else None)
    unreadable = (
        sites["packages"],
        envs / "libraries" / "lib",
        envs / "whole",
        envs / "records/conda-meta",
        away,
    )
    for folder in (*unreadable, sites["kept"] / "tensorflow" / "python"):
        folder.chmod(0)
    become_nobody()
    found = listed(machine, shared_folder)
    assert {name: each.problem for name, each in found.items()} == {
        "kept": None,
        "packages": f"{sites['packages']} may not be read by this user, so what is installed is not known.",
        "libraries": f"The libraries of {envs}/libraries may not be read by this user, "
        "so what is installed is not known.",
        "records": None,
        "far": f"The interpreter {envs}/far/bin/python is a link to {away}/python3, "
        "which this user may not reach.",
    }
    assert found["kept"].frameworks[0].cuda == "12.5.1", "the header says it where build_info is closed"
    assert (found["records"].python, found["kept"].ipykernel) == ("3.11", "7.4.0")


def test_lists_and_settings_that_may_not_be_read_are_told(shared_folder: Path) -> None:
    machine = a_machine(shared_folder)
    conda(machine.home / "miniforge3" / "envs" / "kept")
    files = {
        machine.home / ".condarc": "so the environments' folders that it names are left out.",
        machine.home / ".conda" / "environments.txt": "so conda's list of environments is missing.",
        machine.home
        / ".config/pypoetry/config.toml": "so the environments' folders that it names are left out.",
    }
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0)
    become_nobody()
    registry = Registry(machine)
    assert "kept" in {each.name for each in registry.environments()}
    assert set(registry.problems) == {
        f"{file} may not be read by this user, {effect}" for file, effect in files.items()
    }
