"""Runs activation scripts on Windows, in cmd, and takes the variables they leave.

The batch file that calls them is the same for every environment: the paths come to it as variables.
``cmd /u`` writes what ``set`` prints as UTF-16.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from .capture import LIMIT, Captured, Output, ended, hung, not_run, printed
from .plan import Plan, Run, Set, Step, Unset

if TYPE_CHECKING:
    import psutil

_OWN = "JUPYTER_TFGPU_ACTIVATION_"
_MARK = "jupyter-tfgpu-script"
_MOST = 100
"""Scripts of one activation at most; the batch file has a line for each."""


def batch() -> str:
    """The batch file: calls the scripts that the variables name, then writes all variables."""
    lines = ["@echo off"]
    for number in range(1, _MOST + 1):
        name = f"{_OWN}{number}"
        lines.append(f'if defined {name} echo {_MARK}& call "%{name}%"')
    lines.append(f'set > "%{_OWN}TO%"')
    return "\r\n".join(lines) + "\r\n"


def command_line(interpreter: str, file: Path) -> str:
    """The command. ``/s`` with quotes around the whole is the one way of quoting that cmd always takes."""
    return f'"{interpreter}" /d /u /s /c ""{file}""'


def variables_for(base: Mapping[str, str], scripts: Sequence[Path], to: Path) -> dict[str, str]:
    """What the batch file is started with."""
    numbered = {f"{_OWN}{number}": str(script) for number, script in enumerate(scripts[:_MOST], 1)}
    return {**base, **numbered, f"{_OWN}TO": str(to)}


def parse(data: bytes) -> dict[str, str]:
    """The variables from what ``set`` printed. Names are in upper case, as Python has them on Windows; a line
    without ``=`` goes on with the value before."""
    found: dict[str, str] = {}
    name = ""
    for line in data.decode("utf-16-le", "replace").lstrip("\ufeff").split("\r\n"):
        at = line.find("=", 1)
        if at > 0:
            name = line[:at].upper()
            found[name] = line[at + 1 :]
        elif line and name:
            found[name] += f"\n{line}"
    return {name: value for name, value in found.items() if not name.startswith((_OWN, "="))}


def capture(plan: Plan, base: Mapping[str, str], limit: float = LIMIT) -> Captured:
    """As :func:`.shell.capture`; scripts with settings between them run in one cmd after the other."""
    deadline = time.monotonic() + limit
    variables, problem = dict(base), None
    for scripts, steps in _groups(plan.steps):
        if not scripts:
            for step in steps:
                if isinstance(step, Set):
                    variables[step.name] = step.value
                elif isinstance(step, Unset):
                    variables.pop(step.name, None)
            continue
        done = _run(scripts, variables, deadline, plan.folder)
        if done.variables is None:
            return done
        variables, problem = done.variables, problem or done.problem
    return Captured(variables, problem)


def _groups(steps: Sequence[Step]) -> Iterator[tuple[list[Path], list[Step]]]:
    for _, group in groupby(steps, key=lambda step: isinstance(step, Run)):
        found = list(group)
        yield [step.script for step in found if isinstance(step, Run)], found


def _run(
    scripts: Sequence[Path], variables: Mapping[str, str], deadline: float, folder: Path | None
) -> Captured:
    output = Output(f"{_MARK}\r\n".encode("utf-16-le"))
    try:
        with tempfile.TemporaryDirectory(prefix="tfgpu-", ignore_cleanup_errors=True) as work:
            file, to, out = (Path(work) / name for name in ("run.bat", "variables", "output"))
            file.write_text(batch(), "ascii", newline="")
            with out.open("wb") as printed_to:
                process = subprocess.Popen(
                    command_line(variables.get("COMSPEC", "cmd.exe"), file),
                    env=variables_for(variables, scripts, to),
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=printed_to,
                    stderr=subprocess.STDOUT,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
                in_time = _waited(process, deadline)
            with out.open("rb") as text:
                output.feed(text.read(1 << 16))
            output.close()
            data = to.read_bytes() if to.exists() else b""
    except (OSError, ValueError) as error:
        return Captured(None, not_run(error))
    if not in_time:
        return Captured(None, hung(output.running(scripts)))
    if not data:
        last = output.running(scripts)
        return Captured(None, ended(last, output.said(scripts.index(last), last)))
    return Captured(parse(data), printed(scripts, output))


def _waited(process: subprocess.Popen[bytes], deadline: float) -> bool:
    try:
        process.wait(timeout=max(0.0, deadline - time.monotonic()))
        return True
    except subprocess.TimeoutExpired:
        import psutil

        for child in _tree(process.pid):
            try:
                child.kill()
            except psutil.Error:
                pass  # ended by itself
        return False


def _tree(pid: int) -> list[psutil.Process]:
    import psutil  # here, for it takes long to load, and every server loads this module

    try:
        process = psutil.Process(pid)
        return [*process.children(recursive=True), process]
    except psutil.Error:
        return []
