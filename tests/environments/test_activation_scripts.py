"""Activation scripts run in real shells: bash, and the sh of systems without it (dash)."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from jupyter_tfgpu.environments.activation import Activation, Activations, activated
from jupyter_tfgpu.machine import Machine
from tests.environments.activating import activations, base_with, prefix_with
from tests.environments.trees import venv

SHELLS = ["bash", "dash"]
OF_CONDA = ("CONDA_DEFAULT_ENV", "CONDA_PREFIX", "CONDA_PROMPT_MODIFIER", "CONDA_SHLVL")


def run(folder: Path, shell: str, scripts: dict[str, str], **variables: str) -> Activation:
    """The activation of a prefix with these scripts, conda's own variables left out."""
    prefix = prefix_with(folder / "env", scripts)
    found = activations(folder).run(prefix, base_with(folder, shell, **variables))
    for name in OF_CONDA:
        assert found.variables.pop(name)
    return found


def ends(pid: int) -> bool:
    """Whether this process is gone, or goes."""
    try:
        psutil.Process(pid).wait(timeout=30)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


@pytest.fixture
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a test with a script that hangs does not take its 5 s."""
    monkeypatch.setattr("jupyter_tfgpu.environments.activation.activations.LIMIT", 1.0)


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts_run_in_order_and_see_what_was_set_before(tmp_path: Path, shell: str) -> None:
    scripts = {
        "b.sh": 'export SEEN="$CONDA_PREFIX|$FROM_A|$OUTSIDE"\nexport LIBRARIES="$CONDA_PREFIX/lib:/x"\n',
        "a.sh": "export FROM_A=$CONDA_SHLVL\n",
        "c.txt": "export NOT_A_SCRIPT=1\n",
    }
    found = run(tmp_path, shell, scripts, OUTSIDE="o")
    assert found.variables == {
        "FROM_A": "1",
        "LIBRARIES": f"{tmp_path}/env/lib:/x",
        "SEEN": f"{tmp_path}/env|1|o",
    }
    assert found.problem is None


def test_bash_is_taken_where_it_is_there(tmp_path: Path) -> None:
    scripts = {"a.sh": 'a=(one two)\nexport SECOND="${a[1]}"\n[[ -t 0 || $- == *i* ]] || export PLAIN=1\n'}
    assert run(tmp_path, "bash", scripts).variables == {"SECOND": "two", "PLAIN": "1"}


@pytest.mark.parametrize("shell", SHELLS)
def test_no_file_of_the_user_s_is_read(tmp_path: Path, shell: str) -> None:
    profile = tmp_path / "profile"
    profile.write_text("export FROM_PROFILE=1\n")
    for name in (".bashrc", ".profile", ".bash_profile"):
        (tmp_path / name).write_text("export FROM_PROFILE=1\n")
    variables = {"BASH_ENV": str(profile), "ENV": str(profile), "SHELLOPTS": "noexec"}
    found = run(tmp_path, shell, {"a.sh": "export X=1\n"}, **variables)
    assert (found.variables, found.unset) == ({"X": "1"}, ())


@pytest.mark.parametrize("shell", SHELLS)
def test_values_of_any_text(tmp_path: Path, shell: str) -> None:
    script = (
        "export LINES_OF=\"$(printf 'one\\nFAKE=two\\n\\nfour')\"\n"
        "export EMPTY=\n"
        "export BYTES=\"$(printf 'a\\377b')\"\n"
        'export KOREAN="값 ; && | \\\\ * \'"\n'
    )
    assert run(tmp_path, shell, {"a.sh": script}).variables == {
        "LINES_OF": "one\nFAKE=two\n\nfour",
        "EMPTY": "",
        "BYTES": "a\udcffb",
        "KOREAN": "값 ; && | \\ * '",
    }


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", ["with space", "q'uo\"te", "$HOME `id`", "한글", "new\nline", "-n", "a;b&c"])
def test_prefixes_of_any_name(tmp_path: Path, shell: str, name: str) -> None:
    prefix = prefix_with(tmp_path / name, {"a b'.sh": 'export X="$CONDA_PREFIX"\n'})
    base = base_with(tmp_path, shell)
    found = activations(tmp_path).run(prefix, base)
    assert found.problem is None
    assert found.variables["X"] == str(prefix)
    assert activated(found, base)["PATH"] == f"{prefix}/bin:{base['PATH']}"


@pytest.mark.parametrize("shell", SHELLS)
def test_what_a_script_removes(tmp_path: Path, shell: str) -> None:
    found = run(tmp_path, shell, {"a.sh": "unset GONE\nexport T=1\nunset T\n"}, GONE="1", STAYS="1")
    assert (found.variables, found.unset) == ({}, ("GONE",))


@pytest.mark.parametrize("shell", SHELLS)
def test_path_is_told_by_its_folders(tmp_path: Path, shell: str) -> None:
    script = 'export PATH="$CONDA_PREFIX/libexec:$PATH:/behind"\n'
    found = run(tmp_path, shell, {"a.sh": script})
    assert (found.path, found.appended) == ((f"{tmp_path}/env/libexec", f"{tmp_path}/env/bin"), ("/behind",))
    assert (found.variables, found.removed) == ({}, ())


def test_a_path_that_is_wholly_another(tmp_path: Path) -> None:
    base = base_with(tmp_path, "bash")
    prefix = prefix_with(tmp_path / "env", {"a.sh": "export PATH=/only\n"})
    found = activations(tmp_path).run(prefix, base)
    assert activated(found, base)["PATH"] == "/only"


HARMLESS = {
    "functions": "f() { export X=1; }\nf\n",
    "its arguments": "export X=$((1 + $#))\nset -- a b; shift; X=1\n",
    "another folder": "cd /\nexport X=1\n",
    "options": "set -euCf\nexport X=1\nfalse || true\n",
    "a false end": "export X=1\nfalse\n",
    "a return": "export X=1\nreturn 3\nexport Y=1\n",
    "no standard output": "exec >&- 2>&-\nexport X=1\n",
    "output elsewhere": "exec >/dev/null 2>&1\necho nothing\nexport X=1\n",
    "a trap": "trap 'echo trapped' EXIT\nexport X=1\n",
    "everything exported": "set -a\nX=1\n",
    "other commands": "shopt -s expand_aliases 2>/dev/null\nalias exec='echo no'\nenv() { :; }\nexport X=1\n",
    "another separator": "IFS=/\nexport X=1\n",
    "standard input": "read -r line\nexport X=${line:-1}\n",
    "a child that stays": "/bin/sleep 600 &\nexport X=1\n",
    "a terminal asked": "if [ -c /dev/tty ] && (: </dev/tty) 2>/dev/null; then export T=1; fi\nexport X=1\n",
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("what", HARMLESS)
def test_what_scripts_do_to_their_shell_does_no_harm(tmp_path: Path, shell: str, what: str) -> None:
    found = run(tmp_path, shell, {"a.sh": HARMLESS[what], "b.sh": "export LATER=1\n"})
    assert found.problem is None
    variables = {name: value for name, value in found.variables.items() if name != "line"}
    assert variables == {"X": "1", "LATER": "1"}
    assert found.unset == ()


def test_what_a_script_leaves_running_is_ended(tmp_path: Path) -> None:
    run(tmp_path, "bash", {"a.sh": f"/bin/sleep 600 &\necho $! > {tmp_path}/pid\n"})
    child = int((tmp_path / "pid").read_text())
    assert ends(child)


@pytest.mark.parametrize("shell", SHELLS)
def test_text_that_a_script_prints_is_no_variable_and_is_reported(tmp_path: Path, shell: str) -> None:
    script = "echo FAKE=1\nprintf 'bell \\007 and \\000 zero\\n' >&2\nexport X=1\n"
    found = run(tmp_path, shell, {"a.sh": "export W=1\n", "b.sh": script})
    assert found.variables == {"W": "1", "X": "1"}
    assert found.problem == (
        f"The activation script {tmp_path}/env/etc/conda/activate.d/b.sh printed text: "
        '"FAKE=1 bell and zero". What it set is in place.'
    )


def test_much_text_does_no_harm(tmp_path: Path) -> None:
    script = (
        "i=0\nwhile [ $i -lt 20000 ]; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; i=$((i+1)); done\nexport X=1\n"
    )
    found = run(tmp_path, "bash", {"a.sh": script, "b.sh": "export Y=1\n"})
    assert found.variables["X"] == found.variables["Y"] == "1"
    assert found.problem is not None
    assert "a.sh printed text" in found.problem
    assert len(found.problem) < 500


@pytest.mark.parametrize("shell", SHELLS)
def test_a_command_that_is_missing_is_reported(tmp_path: Path, shell: str) -> None:
    found = run(tmp_path, shell, {"a.sh": "no-such-program\nexport X=1\n"})
    assert found.variables == {"X": "1"}
    assert found.problem is not None
    assert "not found" in found.problem


ENDING = {
    "exit": "export BEFORE=$CONDA_PREFIX\nexit 0\n",
    "an error under set -e": "set -e\nfalse\n",
    "exec": "exec /bin/true\n",
    "a signal": "kill -9 $$\n",
    "rubbish in place of the variables": "command() { echo X=1; }\n",
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("what", ENDING)
def test_a_script_that_ends_its_shell_leaves_what_files_tell(tmp_path: Path, shell: str, what: str) -> None:
    scripts = {"a.sh": "export A=1\n", "b.sh": ENDING[what], "c.sh": "export C=$A\nexport D=4\n"}
    found = run(tmp_path, shell, scripts)
    assert found.variables == {"A": "1", "D": "4"}
    assert found.problem is not None
    assert found.problem.startswith(
        f"The activation script {tmp_path}/env/etc/conda/activate.d/b.sh ended the shell that it was run in."
    )
    assert found.path == (f"{tmp_path}/env/bin",)


def test_a_script_with_a_mistake_is_told_with_what_the_shell_says(tmp_path: Path) -> None:
    for shell in SHELLS:
        found = run(tmp_path, shell, {"a.sh": "if true; then\n"})
        assert found.problem is not None
        assert "a.sh" in found.problem
        assert "yntax error" in found.problem or "end of file" in found.problem


def test_a_script_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "env", {"b.sh": "export X=1\n"})
    (prefix / "etc" / "conda" / "activate.d" / "a.sh").symlink_to(tmp_path / "nowhere")
    found = activations(tmp_path).run(prefix, base_with(tmp_path, "dash"))
    assert found.problem is not None
    assert "a.sh" in found.problem


@pytest.mark.usefixtures("short_limit")
@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_that_hangs_is_stopped_with_all_it_started(tmp_path: Path, shell: str) -> None:
    script = f"export FIRST=1\n/bin/sleep 600 &\necho $! > {tmp_path}/pid\ntrap '' TERM\n/bin/sleep 600\n"
    found = run(tmp_path, shell, {"a.sh": "export A=1\n", "b.sh": script, "c.sh": "export C=3\n"})
    assert found.variables == {"A": "1", "FIRST": "1", "C": "3"}
    assert found.problem == (
        f"The activation script {tmp_path}/env/etc/conda/activate.d/b.sh did not end within 5 s and was "
        "stopped. Kernels start with what the environment's state files and plain lines of its scripts set, "
        "without the rest."
    )
    child = int((tmp_path / "pid").read_text())
    assert ends(child)


@pytest.mark.usefixtures("short_limit")
@pytest.mark.parametrize(
    "script", ["while :; do echo rubbish; done\n", "exec 9>&- >&-\nwhile :; do :; done\n"]
)
def test_a_script_that_prints_for_ever_or_closes_everything_is_stopped(tmp_path: Path, script: str) -> None:
    found = run(tmp_path, "bash", {"a.sh": script})
    assert found.problem is not None
    assert "a.sh did not end" in found.problem


def test_the_environment_that_is_active_leaves_in_the_same_shell(tmp_path: Path) -> None:
    old = prefix_with(
        tmp_path / "old",
        deactivate={
            "a.sh": "unset OLD_LIB\n",
            "b.sh": 'export ORDER="${ORDER}b$CONDA_SHLVL"\n_not_exported=kept\n',
            "c.sh": "export ORDER=c\n",
        },
        state={"OLD_STATE": "1"},
    )
    new = prefix_with(
        tmp_path / "new", {"a.sh": 'export SEEN="$ORDER|$_not_exported|$OLD_STATE|$CONDA_SHLVL"\n'}
    )
    base = base_with(tmp_path, "bash", CONDA_PREFIX=str(old), CONDA_SHLVL="1", OLD_LIB="/l", OLD_STATE="1")
    base["PATH"] = f"{old}/bin:{base['PATH']}"
    after = activated(activations(tmp_path).run(new, base), base)
    assert after["SEEN"] == "cb1|kept||2"
    assert not {"OLD_LIB", "OLD_STATE"} & after.keys()
    assert after["PATH"] == f"{new}/bin:{tmp_path}/bash-alone"
    assert after["CONDA_PREFIX_1"] == str(old)


def test_where_there_is_no_shell_files_still_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "defpath", str(tmp_path))
    prefix = prefix_with(tmp_path / "env", {"a.sh": "export X=1\nexport Y=$X\n"})
    found = activations(tmp_path).run(prefix, {"PATH": str(tmp_path)})
    assert found.variables["X"] == "1"
    assert found.problem is not None
    assert "neither bash nor sh" in found.problem


def test_variables_too_large_for_a_command_are_reported(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "env", {"a.sh": "export X=1\n"}, state={"BIG": "x" * 200_000})
    found = activations(tmp_path).run(prefix, base_with(tmp_path, "bash"))
    assert found.variables["X"] == "1"
    assert found.problem is not None
    assert found.problem.startswith("The activation scripts could not be run: ")


def test_python_writes_the_variables_on_macos(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "env", {"a.sh": "export X='one\ntwo'\nexport DYLD_LIBRARY_PATH=/l\n"})
    base = base_with(tmp_path, "dash")
    machine = Machine(home=tmp_path, platform="darwin")
    found = Activations(machine, tmp_path / "kept").run(prefix, base).variables
    assert {name: found[name] for name in found if name not in OF_CONDA} == {
        "X": "one\ntwo",
        "DYLD_LIBRARY_PATH": "/l",
    }


@pytest.mark.parametrize("line", ["", "\n# a comment\nexport LD_LIBRARY_PATH=/opt/cuda\n"])
def test_a_venv_s_own_script_is_not_run_where_its_effect_is_plain(tmp_path: Path, line: str) -> None:
    venv(tmp_path / "env")
    script = tmp_path / "env" / "bin" / "activate"
    script.write_text(f"touch {tmp_path}/was-run\n{script.read_text()}{line}")
    found = activations(tmp_path).run(tmp_path / "env", base_with(tmp_path, "bash"))
    assert found.variables["VIRTUAL_ENV"] == str(tmp_path / "env")
    assert found.variables.get("LD_LIBRARY_PATH") == ("/opt/cuda" if line else None)
    assert not (tmp_path / "was-run").exists()
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_lines_that_a_venv_s_user_has_put_into_its_script_are_run(tmp_path: Path, shell: str) -> None:
    prefix = tmp_path / "env"
    venv(prefix)
    script = prefix / "bin" / "activate"
    script.write_text(f'{script.read_text()}\nexport LD_LIBRARY_PATH="$VIRTUAL_ENV/lib:$LD_LIBRARY_PATH"\n')
    base = base_with(tmp_path, shell, LD_LIBRARY_PATH="/before", PYTHONHOME="/usr", VIRTUAL_ENV="/other")
    tools = base["PATH"]
    base["PATH"] = f"/other/bin:{tools}"
    here = activations(tmp_path)
    before = here.known(prefix, base)
    assert before.unknown == ("LD_LIBRARY_PATH",)
    plain = venv_variables(tmp_path / "plain", tools)
    after = activated(here.run(prefix, base), base)
    expected = {name: value.replace(str(tmp_path / "plain"), str(prefix)) for name, value in plain.items()}
    assert after == {
        **expected,
        "HOME": str(tmp_path),
        "VIRTUAL_ENV_PROMPT": plain["VIRTUAL_ENV_PROMPT"].replace("plain", "env"),
        "LD_LIBRARY_PATH": f"{prefix}/lib:/before",
    }
    assert activated(here.known(prefix, base), base) == after


def venv_variables(prefix: Path, path: str) -> dict[str, str]:
    """What a venv whose script nobody has changed sets."""
    venv(prefix)
    base = {"PATH": path}
    return activated(activations(prefix.parent).run(prefix, base), base)


def test_the_script_of_a_venv_that_was_moved_leads_nowhere_and_is_not_run(tmp_path: Path) -> None:
    venv(tmp_path / "old")
    script = tmp_path / "old" / "bin" / "activate"
    script.write_text(script.read_text() + '\nexport X="$VIRTUAL_ENV"\nexport Y=1\n')
    (tmp_path / "old").rename(tmp_path / "new")
    found = activations(tmp_path).run(tmp_path / "new", base_with(tmp_path, "bash"))
    assert found.variables["VIRTUAL_ENV"] == str(tmp_path / "new")
    assert (found.variables["Y"], found.unknown) == ("1", ("X",))
