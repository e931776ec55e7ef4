"""Every kernelspec that Jupyter would offer here, whoever wrote it, and whether it can start."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import msgspec
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from ..environments import environment_id
from ..machine import Machine
from .command import is_python, prefix_of
from .spec_document import NotADocument, first_text, load_document, owner_mark, text


class InstalledSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec on Jupyter's data path.

    ``interpreter``: the program that it starts, as an absolute path where that is known.
    ``prefix``, ``environment``: of the Python environment that the program lies in, and its id.
    ``variables``: what the kernelspec sets.
    ``problem``: a sentence on why it cannot start, or None.
    """

    name: str
    display_name: str
    language: str | None
    folder: str
    owned: bool
    interpreter: str | None = None
    interpreter_exists: bool | None = None
    prefix: str | None = None
    environment: str | None = None
    variables: dict[str, str] = {}
    problem: str | None = None


def all_specs(machine: Machine, manager: KernelSpecManager | None = None) -> tuple[InstalledSpec, ...]:
    """The kernelspecs by name. ``manager``: the server's own, which knows its settings."""
    manager = KernelSpecManager() if manager is None else manager
    found = manager.find_kernel_specs()
    return tuple(_read(machine, manager, name, Path(found[name])) for name in sorted(found))


def _read(machine: Machine, manager: KernelSpecManager, name: str, folder: Path) -> InstalledSpec:
    document, problem = _document(manager, name, folder)
    command = first_text(document.get("argv")) or None
    interpreter = _interpreter(machine, command, folder) if command else None
    exists = interpreter is not None and os.path.isfile(interpreter)  # noqa: PTH113 - rubbish is no file
    if problem is None:
        problem = _problem(folder, command, interpreter, exists)
    prefix = _prefix(interpreter) if interpreter else None
    return InstalledSpec(
        name=name,
        display_name=text(document.get("display_name")) or name,
        language=text(document.get("language")) or None,
        folder=str(folder),
        owned=owner_mark(document) is not None,
        interpreter=interpreter or command,
        interpreter_exists=exists if command else None,
        prefix=str(prefix) if prefix else None,
        environment=environment_id(prefix) if prefix else None,
        variables=_variables(document.get("env")),
        problem=problem,
    )


def _variables(env: object) -> dict[str, str]:
    return {k: v for k, v in env.items() if isinstance(v, str)} if isinstance(env, dict) else {}


def _document(manager: KernelSpecManager, name: str, folder: Path) -> tuple[dict[str, Any], str | None]:
    file = folder / "kernel.json"
    try:
        return load_document(folder), None
    except FileNotFoundError:
        return _without_file(manager, name)
    except NotADocument:
        return {}, f"{file} holds no JSON object."
    except (OSError, ValueError, RecursionError) as error:
        return {}, f"{file} cannot be read: {error}."


def _without_file(manager: KernelSpecManager, name: str) -> tuple[dict[str, Any], str | None]:
    """The server's own Python has a kernelspec that stands in no file."""
    try:
        return dict(manager.get_kernel_spec(name).to_dict()), None
    except (NoSuchKernel, OSError, ValueError):
        return {}, f"The kernelspec {name!r} was removed while it was read."


def _interpreter(machine: Machine, command: str, folder: Path) -> str | None:
    """The program as jupyter_client would start it. None: a bare name that is not on the PATH."""
    command = command.replace("{resource_dir}", str(folder)).replace("{prefix}", sys.prefix)
    if os.path.dirname(command):  # noqa: PTH120 - "./run" has one, and Path would drop it
        return command
    if re.fullmatch(r"python(3(\.\d+)?)?", command):
        return sys.executable  # what KernelManager.format_kernel_cmd puts for these names
    return shutil.which(command, path=machine.environ.get("PATH"))


def _prefix(interpreter: str) -> Path | None:
    """The environment that a program lies in: known by its marks, or by the program being a Python."""
    if not Path(interpreter).is_absolute():
        return None
    prefix = prefix_of(Path(interpreter))
    marked = (prefix / "conda-meta").is_dir() or (prefix / "pyvenv.cfg").is_file()
    return prefix if marked or is_python(interpreter) else None


def _problem(folder: Path, command: str | None, interpreter: str | None, exists: bool) -> str | None:
    if command is None:
        return f"{folder / 'kernel.json'} names no command to start."
    if interpreter is None:
        return f"The program {command!r} that it starts is not on the PATH."
    return None if exists else f"The interpreter {interpreter} no longer exists."


__all__ = ["InstalledSpec", "all_specs"]
