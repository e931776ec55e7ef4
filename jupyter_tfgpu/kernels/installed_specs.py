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
from .command import is_python, prefix_of, with_our_part
from .spec_document import NotADocument, first_text, load_document, mapping, owner_mark, text


class InstalledSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec on Jupyter's data path.

    ``interpreter``: the program that it starts, as an absolute path where that is known.
    ``prefix``, ``environment``: of the environment that it belongs to, and its id.
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
    variables: dict[str, str] = {}
    needs_ipykernel: bool = False
    problem: str | None = None


class _File(msgspec.Struct, frozen=True):
    """A kernel.json as it was at these times."""

    state: tuple[int, int, int]
    document: dict[str, Any]
    problem: str | None


class InstalledSpecs:
    """Reads the kernelspecs; a kernel.json is read again only where it has changed. One caller at a time."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._files: dict[Path, _File] = {}

    def all(self, manager: KernelSpecManager | None = None) -> tuple[InstalledSpec, ...]:
        """The kernelspecs by name. ``manager``: the server's own, which knows its settings."""
        manager = KernelSpecManager() if manager is None else manager
        found = {name: Path(folder) for name, folder in sorted(manager.find_kernel_specs().items())}
        files = {folder: self._file(manager, name, folder) for name, folder in found.items()}
        self._files = files
        return tuple(
            _installed(
                self._machine,
                name,
                folder,
                files[folder].document,
                files[folder].problem,
                # Our mark in a folder of somebody else's data is a copy, which we do not change.
                ours=folder.parent == Path(manager.user_kernel_dir),
            )
            for name, folder in found.items()
        )

    def _file(self, manager: KernelSpecManager, name: str, folder: Path) -> _File:
        try:
            status = (folder / "kernel.json").stat()
        except OSError:
            return _File((0, 0, 0), *_without_file(manager, name))
        state = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self._files.get(folder)
        if known is not None and known.state == state:
            return known
        return _File(state, *_document(manager, name, folder))


def all_specs(machine: Machine, manager: KernelSpecManager | None = None) -> tuple[InstalledSpec, ...]:
    """The kernelspecs by name, for who asks once."""
    return InstalledSpecs(machine).all(manager)


def _installed(
    machine: Machine, name: str, folder: Path, document: dict[str, Any], problem: str | None, ours: bool
) -> InstalledSpec:
    mark = owner_mark(document) if ours else None
    command = first_text(document.get("argv")) or None
    interpreter = _interpreter(machine, command, folder) if command else None
    exists = interpreter is not None and os.path.isfile(interpreter)  # noqa: PTH113 - rubbish is no file
    if problem is None:
        problem = _problem(name, folder, mark is not None, command, interpreter, exists)
    named = text((mark or {}).get("prefix"))
    prefix = Path(named) if named else _prefix(interpreter) if interpreter else None
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
    if not program.is_absolute():
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
