"""Lines whose effect is told without running them, held against what a real shell makes of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_tfgpu.environments.activation.capture import environment_of
from jupyter_tfgpu.environments.activation.plain import Plain, read_plain
from tests.tools import require

PLAIN = [
    "export A=1",
    "  export A=1  # the first",
    "export A='it is; so'",
    'export A="two words" B=x',
    'export A="a \\"b\\" c"',
    "export A=a\\ b",
    "export A=a#b",
    "export A=",
    "export A=''",
    "export A=한글:/opt/x-y_z.1/lib",
    "export A=-f=x,y=z",
    "export A='it'\"'\"'s'",
    "export A=1\nexport A=2",
    "export A=1 \\\n  B=2",
    "unset A\nexport A=2",
    "export A=1\nunset A",
    "cat <<END\nexport A=1\nEND\nexport B=2",
    "# export A=1\nexport B=2",
]
"""Scripts of which everything is plain."""

NOT_PLAIN = {
    "export A=$HOME/lib": {"A"},
    "export A=~/lib": {"A"},
    "export A=`pwd`": {"A"},
    'export A="$(pwd)"': {"A"},
    "export A=1; export B=2": {"A", "B"},
    "export A=1 && true": {"A"},
    "if true; then\n  export A=1\nfi": {"A"},
    "if true; then export A=1; fi": {"A"},
    "[ -n x ] && export A=1": {"A"},
    "for x in 1 2; do\nexport A=$x\ndone": {"A"},
    "set_it() {\n  export A=1\n}\nset_it": {"A"},
    "export A='two\nlines'": {"A"},
    "A=1\nexport A": {"A"},
    "export A=1 |\nexport A=2": {"A"},
    "true &&  # so\nexport A=2": {"A"},
    "f()\nexport A=2": {"A"},
    "echo 'one\nexport A=2\n'": {"A"},
    "declare -x A=1": {"A"},
    "export A=1\nexport A=$A:2": {"A"},
    "export A=1\nif true; then unset A; fi": {"A"},
    "case x in\n x) export A=1 ;;\nesac": {"A"},
}
"""Scripts that have to be run, and the names that they are about."""


def variables_after(script: str, folder: Path, shell: str = "sh") -> dict[str, str]:
    """What a real shell exports after this script."""
    file = folder / "script.sh"
    file.write_text(script, "utf-8")
    (folder / "here").mkdir(exist_ok=True)
    done = subprocess.run(
        [require(shell), "-c", '. "$1" >/dev/null; exec "$2" -0', shell, str(file), require("env")],
        # What a line of any text starts or writes to: no program, and no file but in that folder.
        cwd=folder / "here",
        env={"PATH": str(folder / "none")},
        capture_output=True,
        check=True,
    )
    own = {"PATH", "PWD", "OLDPWD", "_", "SHLVL"}
    return {name: value for name, value in environment_of(done.stdout).items() if name not in own}


@pytest.mark.parametrize("shell", ["bash", "dash"])
@pytest.mark.parametrize("script", PLAIN)
def test_plain_lines_mean_what_they_mean_to_a_shell(tmp_path: Path, script: str, shell: str) -> None:
    found = read_plain(script)
    assert found.variables == variables_after(script, tmp_path, shell)
    assert not found.unknown


@pytest.mark.parametrize("script", NOT_PLAIN)
def test_what_only_running_tells_is_said_to_be_unknown(script: str) -> None:
    found = read_plain(script)
    assert (found.variables, found.unknown) == ({}, NOT_PLAIN[script])


def test_an_assignment_alone_counts_where_the_variable_is_there() -> None:
    assert read_plain("A=$B/lib") == Plain(assigned=frozenset({"A"}))
    assert read_plain("local_name=$(pwd)\nexport A=1") == Plain(
        {"A": "1"}, assigned=frozenset({"local_name"})
    )


def test_plain_lines_after_a_block_are_plain() -> None:
    script = "if [ -d /x ]; then\n  export A=1\nfi\nexport B=2\nf() {\n  export C=3\n}\nexport D=4\n"
    assert read_plain(script) == Plain({"B": "2", "D": "4"}, unknown=frozenset({"A", "C"}))


def test_a_plain_removal_is_told() -> None:
    assert read_plain("unset A B") == Plain(unset=frozenset({"A", "B"}))


_lines = st.lists(
    st.text(st.sampled_from(list("AB=exporunset'\"\\#;&|<> \t\n(){}!*한")), max_size=20).map(
        lambda text: f"export A={text}"
    ),
    max_size=3,
).map("\n".join)


@given(_lines)
@settings(
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
def test_a_line_taken_for_plain_is_so_to_the_shell(tmp_path: Path, script: str) -> None:
    """Whatever stands in the line: either it is not taken for plain, or the shell agrees."""
    found = read_plain(script)
    if found.unknown or found.assigned:
        return
    try:
        told = variables_after(script, tmp_path)
    except subprocess.CalledProcessError:
        return  # no valid script; it fails when it is run, which is reported
    assert found.variables.get("A") == told.get("A")
