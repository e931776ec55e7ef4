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

from ...environments import environment_id
from ...machine import Machine
from ..command import is_python, prefix_of, with_our_part
from .document import NotADocument, first_text, load_document, mapping, owner_mark, text


class InstalledSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec on Jupyter's data path.

    ``interpreter``: the program that it starts, as an absolute path where that is known.
    ``prefix``, ``environment``: of the environment that it belongs to, and its id; ``prefix_gone``: that
    folder is not there, ``disk_gone``: nor is the one above it.
    ``variables``: what the kernelspec sets. ``mark``: ours, where we wrote it (``owned``).
    ``needs_ipykernel``: it starts a Python's ipykernel. ``problem``: a sentence on why it cannot start and
    what to do, or None.
    """

    name: str
    display_name: str
    language: str | None
    folder: str
    owned: bool
    mark: dict[str, Any] | None = None
    interpreter: str | None = None
    interpreter_exists: bool | None = None
    prefix: str | None = None
    environment: str | None = None
    prefix_gone: bool = False
    disk_gone: bool = False
    variables: dict[str, str] = {}
    needs_ipykernel: bool = False
    problem: str | None = None


class _Known(msgspec.Struct, frozen=True):
    """A kernelspec, and what it was told from: the state of its kernel.json, whether its interpreter is
    there, and where its prefix really lies."""

    file: tuple[int, int, int]
    there: bool
    real: str | None
    spec: InstalledSpec


class InstalledSpecs:
    """Reads the kernelspecs; a kernel.json is read again only where it has changed. One caller at a time."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._known: dict[str, _Known] = {}
        self._answer: tuple[InstalledSpec, ...] = ()

    def all(self, manager: KernelSpecManager | None = None) -> tuple[InstalledSpec, ...]:
        """The kernelspecs by name, the same tuple as the last time where nothing has changed.

        ``manager``: the server's own, which knows its settings.
        """
        manager = KernelSpecManager() if manager is None else manager
        found = sorted(manager.find_kernel_specs().items())
        links = _Links()
        self._known = {folder: self._look(manager, name, folder, links) for name, folder in found}
        answer = tuple(self._known[folder].spec for _, folder in found)
        if answer != self._answer:
            self._answer = answer
        return self._answer

    def _look(self, manager: KernelSpecManager, name: str, folder: str, links: _Links) -> _Known:
        file = _file_state(f"{folder}/kernel.json")
        known = self._known.get(folder)
        if known is not None and known.file == file and known.spec.name == name and any(file):
            # Without a prefix (a program on the PATH), and where that is gone, all is looked at anew.
            spec, real = known.spec, links.followed(known.spec.prefix)
            same = real is not None and real == known.real and not spec.prefix_gone
            if same and os.path.lexists(real or "") and _is_file(spec.interpreter) == known.there:
                return known
        # Our mark in a folder of somebody else's data is a copy, which we do not change.
        ours = os.path.dirname(folder) == manager.user_kernel_dir  # noqa: PTH120
        document, problem = _document(manager, name, Path(folder))
        spec = _installed(self._machine, name, Path(folder), document, problem, ours=ours)
        return _Known(file, _is_file(spec.interpreter), links.followed(spec.prefix), spec)


class _Links:
    """``os.path.realpath``, with each folder above looked at once."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def followed(self, path: str | None) -> str | None:
        if path is None:
            return None
        above, name = os.path.split(path)
        if not name or os.path.islink(path):  # noqa: PTH114
            return os.path.realpath(path)
        if above not in self._above:
            self._above[above] = os.path.realpath(above)
        return os.path.join(self._above[above], name)  # noqa: PTH118


def _file_state(path: str) -> tuple[int, int, int]:
    try:
        status = os.stat(path)  # noqa: PTH116 - a hundred of them every few seconds
    except (OSError, ValueError):
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def _is_file(path: str | None) -> bool:
    return path is not None and os.path.isfile(path)  # noqa: PTH113 - rubbish is no file


def all_specs(machine: Machine, manager: KernelSpecManager | None = None) -> tuple[InstalledSpec, ...]:
    """The kernelspecs by name, for who asks once."""
    return InstalledSpecs(machine).all(manager)


def _installed(
    machine: Machine, name: str, folder: Path, document: dict[str, Any], problem: str | None, ours: bool
) -> InstalledSpec:
    mark = owner_mark(document) if ours else None
    command = first_text(document.get("argv")) or None
    interpreter = _interpreter(machine, command, folder) if command else None
    exists = _is_file(interpreter)
    if problem is None:
        problem = _problem(name, folder, mark is not None, command, interpreter, exists)
    named = text((mark or {}).get("prefix"))
    if Path(named).is_absolute() and "\0" not in named:
        prefix: Path | None = Path(named)
    else:
        prefix = _prefix(interpreter) if interpreter else None
    argv = [text(word) for word in document["argv"]] if command else []
    return InstalledSpec(
        name=name,
        display_name=text(document.get("display_name")) or name,
        language=text(document.get("language")) or None,
        folder=str(folder),
        owned=mark is not None,
        mark=mark,
        interpreter=interpreter or command,
        interpreter_exists=exists if command else None,
        prefix=str(prefix) if prefix else None,
        environment=environment_id(prefix) if prefix else None,
        prefix_gone=prefix is not None and not os.path.lexists(prefix),
        disk_gone=prefix is not None and not prefix.parent.is_dir(),
        variables={k: v for k, v in mapping(document.get("env")).items() if isinstance(v, str)},
        needs_ipykernel=with_our_part(argv) is not None,
        problem=problem,
    )


def _document(manager: KernelSpecManager, name: str, folder: Path) -> tuple[dict[str, Any], str | None]:
    file = folder / "kernel.json"
    try:
        return load_document(folder), None
    except FileNotFoundError:
        return _without_file(manager, name)
    except NotADocument:
        return {}, f"{file} holds no JSON object. Correct or remove it."
    except (OSError, ValueError, RecursionError) as error:
        return {}, f"{file} cannot be read: {error}. Correct or remove it."


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
    program = Path(interpreter)
    if not program.is_absolute() or "\0" in interpreter:
        return None
    prefix = prefix_of(program)
    marked = (prefix / "conda-meta").is_dir() or (prefix / "pyvenv.cfg").is_file()
    return prefix if marked or is_python(interpreter) else None


def _problem(
    name: str, folder: Path, owned: bool, command: str | None, interpreter: str | None, exists: bool
) -> str | None:
    if command is None:
        return f"{folder / 'kernel.json'} names no command to start. Correct or remove it."
    if interpreter is None:
        return f"The program {command!r} that it starts is not on the PATH of this program."
    if exists:
        return None
    if owned:
        return f"The interpreter {interpreter} no longer exists. Repair this kernelspec, or remove it."
    return (
        f"The interpreter {interpreter} no longer exists. Install its kernelspec again from where it is now, "
        f"or remove it: jupyter kernelspec remove {name}"
    )


__all__ = ["InstalledSpec", "InstalledSpecs", "all_specs"]
