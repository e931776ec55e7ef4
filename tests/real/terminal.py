"""What a terminal has after activating an environment: bash, asked, without the user's profile files."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rattler.shell import ActivationVariables, PathModificationBehavior, Shell, activate

from tests.tools import require

PROBE = """\
import json, os, sys
print(json.dumps({"variables": dict(os.environ), "prefix": sys.prefix, "pid": os.getpid(),
    "executable": sys.executable, "program": os.readlink("/proc/self/exe")}))
"""
"""Run by a Python in a terminal and by a kernel; runs on Python 3.6."""

_OF_THE_SHELL = {
    "_": "bash: the last command",
    "SHLVL": "bash: how deep its shells are nested",
    "PWD": "bash: where it is; a kernel is where its notebook is",
    "OLDPWD": "bash: where it was",
    "PS1": "the prompt, which a kernel has none of",
    "_OLD_VIRTUAL_PS1": "venv's: the prompt before",
    "PYTEST_CURRENT_TEST": "pytest: which part of a test runs",
}
_OF_THE_KERNEL = {
    "JPY_PARENT_PID": "jupyter_client: who started the kernel",
    "JPY_SESSION_NAME": "jupyter_server: the notebook",
    "JUPYTER_TFGPU_LAUNCH": "our provisioner: where the launch file is",
    "MPLBACKEND": "ipykernel: figures in the notebook",
    "PYDEVD_USE_FRAME_EVAL": "ipykernel: for its debugger",
    "TERM": "ipykernel: colours in what programs print",
    "CLICOLOR": "ipykernel: the same",
    "CLICOLOR_FORCE": "ipykernel: the same",
    "FORCE_COLOR": "ipykernel: the same",
    "PAGER": "ipykernel: no pager",
    "GIT_PAGER": "ipykernel: no pager",
}
_OF_CONDA = {
    "CONDA_DEFAULT_ENV": "conda's own activation sets the environment's name; py-rattler's script does not",
    "CONDA_PROMPT_MODIFIER": "the same, for the prompt",
}
DIFFER_BY_NATURE = {**_OF_THE_SHELL, **_OF_THE_KERNEL, **_OF_CONDA}
"""Variables that are not compared, each with who sets it and why it cannot be the same."""


_OF_AN_ENVIRONMENT = (
    *("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PKG_CONFIG_PATH"),
    *("CONDA_PREFIX", "CONDA_SHLVL", "LD_LIBRARY_PATH"),
    *("PYTHONPATH", "PYTHONHOME"),
)


def a_terminal(**more: str) -> dict[str, str]:
    """The variables of this process, without those of an environment that may be active, and ``more``."""
    left_out = {*_OF_AN_ENVIRONMENT, *DIFFER_BY_NATURE}
    return {name: value for name, value in os.environ.items() if name not in left_out} | more


@dataclass(frozen=True)
class Seen:
    """What a Python saw of itself."""

    variables: dict[str, str]
    prefix: str
    executable: str
    program: str
    pid: int

    @classmethod
    def of(cls, text: str) -> Seen:
        answer: dict[str, Any] = json.loads(text)
        return cls(**answer)

    @property
    def compared(self) -> dict[str, str]:
        """The variables without those that differ by nature."""
        return self.variables_compared(self.variables)

    @staticmethod
    def variables_compared(variables: Mapping[str, str]) -> dict[str, str]:
        """These variables without those that differ by nature."""
        return {name: value for name, value in variables.items() if name not in DIFFER_BY_NATURE}


def after_conda_activation(prefix: Path, base: Mapping[str, str], active: Path | None = None) -> Seen:
    """After the script that py-rattler writes for this prefix, in a terminal with these variables.

    ``active``: the prefix that is active in them, which is left first.
    """
    return Seen.of(_bash(_conda_script(prefix, base, active), "python", base))


def conda_variables(prefix: Path, base: Mapping[str, str]) -> dict[str, str]:
    """The variables after the same, of a prefix in which there may be no Python."""
    return Seen.of(_bash(_conda_script(prefix, base, None), shlex.quote(sys.executable), base)).compared


def after_venv_activation(prefix: Path, base: Mapping[str, str], active: Path | None = None) -> Seen:
    """After ``source bin/activate`` in a terminal with these variables, after ``active``'s was sourced."""
    return Seen.of(_bash(_venv_script(*([active] if active else []), prefix), "python", base))


def _venv_script(*prefixes: Path) -> str:
    return "\n".join(f". {shlex.quote(str(prefix / 'bin' / 'activate'))}" for prefix in prefixes)


def _conda_script(prefix: Path, base: Mapping[str, str], active: Path | None) -> str:
    before = base["PATH"].split(os.pathsep)
    variables = ActivationVariables(active, before, PathModificationBehavior.Replace)
    script = activate(prefix, variables, Shell.bash).script
    if '"' not in str(prefix):
        return script
    # The one line that py-rattler 0.28 writes wrongly for such a name: the text ends at the quote.
    path = f"{prefix}/bin:{base['PATH']}"
    assert f'export PATH="{path}"' in script, script
    return script.replace(f'export PATH="{path}"', f"export PATH={shlex.quote(path)}")


def _bash(script: str, python: str, base: Mapping[str, str]) -> str:
    """What the probe prints, run by this Python in bash after this script."""
    # What scripts print is for the terminal; the probe's line alone is read here.
    lines = f"exec 3>&1 1>&2\n{script}\nexec {python} -c {shlex.quote(PROBE)} 1>&3 3>&-\n"
    done = subprocess.run(
        [require("bash"), "--noprofile", "--norc", "-c", lines],
        env=dict(base),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
