"""The kernelspecs that we own: real ``kernel.json`` files in the user's Jupyter data folder.

Every other Jupyter program sees them too, so they stand alone: an absolute interpreter, and no
provisioner of ours, for a kernelspec that names an absent provisioner is hidden from other Jupyters.
``metadata.tfgpu.owned`` marks them; what has no such mark is never changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock
from jupyter_core.paths import jupyter_data_dir, jupyter_path

from ..environments import Environment
from .spec_document import first_text, install_command, owner_mark, read_document, spec_document, text
from .spec_errors import (
    BadName,
    InterpreterGone,
    IpykernelMissing,
    NameTaken,
    NotOwned,
    SpecError,
    SpecNotFound,
    SpecNotWritten,
)

NAME_PREFIX = "tfgpu-"
_KERNEL_NAME = re.compile(r"[a-z0-9._-]+")  # jupyter_client's rule for names, in lower case
_SLUG_LENGTH = 40
_LOCK_SECONDS = 10


class OwnedSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec of ours. ``environment``: the id of its environment. ``problem``: why it cannot start."""

    name: str
    display_name: str
    interpreter: str
    environment: str
    prefix: str
    folder: str
    problem: str | None = None


class SpecStore:
    """Writes, lists and removes our kernelspecs below ``<data_dir>/kernels``.

    ``data_dir`` None: the user's Jupyter data folder. Several programs may do so at once.
    """

    def __init__(self, data_dir: Path | None = None) -> None:
        self._data = Path(jupyter_data_dir()) if data_dir is None else data_dir
        self._kernels = self._data / "kernels"

    def list(self) -> tuple[OwnedSpec, ...]:
        """Our kernelspecs, by name."""
        found = (self._owned(folder) for folder in self._folders())
        return tuple(spec for spec in found if spec is not None)

    def add(
        self,
        environment: Environment,
        *,
        label: str,
        name: str | None = None,
        display_name: str | None = None,
    ) -> OwnedSpec:
        """Writes the environment's kernelspec; where it has one already, brings that up to date.

        ``label``: the text in the kernel picker. ``display_name``: that text instead, which is kept at later
        calls. ``name``: the kernel's name with or without ``tfgpu-``, instead of the environment's.
        Raises :class:`SpecError`: IpykernelMissing, InterpreterGone, BadName, NameTaken, SpecNotWritten.
        """
        interpreter = _startable(environment)
        with self._writing():
            kernel_name = self._name_for(environment, name)
            folder = self._kernels / kernel_name
            _write(
                folder, spec_document(environment, interpreter, label, display_name, read_document(folder))
            )
        spec = self._owned(folder)
        if spec is None:
            raise SpecNotWritten(f"The kernelspec in {folder} was changed by another program meanwhile.")
        return spec

    def remove(self, name: str) -> None:
        """Removes a kernelspec of ours; ``tfgpu-NAME`` where none is called NAME.

        Raises SpecNotFound, NotOwned, SpecNotWritten.
        """
        with self._writing():
            folder = self._folder_named(name)
            if owner_mark(read_document(folder)) is None:
                raise NotOwned(
                    f"The kernelspec {name!r} was not written by this program, so it is left as it is.",
                    {"name": name, "folder": str(folder)},
                )
            if folder.is_symlink():
                folder.unlink()
                return
            # First the file that makes it a kernelspec: a removal that is cut short leaves none behind.
            (folder / "kernel.json").unlink()
            shutil.rmtree(folder)

    def _folders(self) -> Iterator[Path]:
        try:
            names = sorted(os.listdir(self._kernels))
        except OSError:
            return
        yield from (self._kernels / name for name in names)

    def _owned(self, folder: Path) -> OwnedSpec | None:
        document = read_document(folder)
        mark = owner_mark(document)
        if mark is None:
            return None
        interpreter = first_text(document.get("argv"))
        gone = not os.path.isfile(interpreter)  # noqa: PTH113 - a path that is rubbish is no file, no error
        return OwnedSpec(
            name=folder.name.lower(),
            display_name=text(document.get("display_name")) or folder.name,
            interpreter=interpreter,
            environment=text(mark.get("environment")),
            prefix=text(mark.get("prefix")),
            folder=str(folder),
            problem=f"The interpreter {interpreter} no longer exists." if gone else None,
        )

    def _folder_named(self, name: str) -> Path:
        here = self._folder_here(name)
        if here is not None:
            return here
        elsewhere = _elsewhere(name, self._kernels)
        if elsewhere is None:
            here = self._folder_here(NAME_PREFIX + name)
            if here is not None:
                return here
        if elsewhere is not None:
            raise NotOwned(
                f"The kernelspec {name!r} in {elsewhere} was not written by this program, "
                "so it is left as it is.",
                {"name": name, "folder": str(elsewhere)},
            )
        raise SpecNotFound(f"There is no kernelspec called {name!r}.", {"name": name})

    def _folder_here(self, name: str) -> Path | None:
        for folder in self._folders():
            if folder.name.lower() == name.lower() and (folder / "kernel.json").is_file():
                return folder
        return None

    def _name_for(self, environment: Environment, name: str | None) -> str:
        own = {spec.name: spec for spec in self.list()}
        if name is None:
            plain = NAME_PREFIX + slug(environment.name)
            candidates = [plain, f"{plain}-{environment.id[:6]}"]
            ours = [spec.name for spec in own.values() if spec.environment == environment.id]
            if ours:  # its plain one before one of a chosen name
                return next((name for name in candidates if name in ours), ours[0])
        else:
            candidates = [_asked_for(name)]
        for candidate in candidates:
            holder = own.get(candidate)
            if holder is not None and holder.environment == environment.id:
                return candidate
            if holder is None and not self._taken(candidate):
                return candidate
        raise NameTaken(
            f"Another kernelspec is called {candidates[-1]!r} already. Choose another name.",
            {"name": candidates[-1]},
        )

    def _taken(self, name: str) -> bool:
        return self._folder_here(name) is not None or _elsewhere(name, self._kernels) is not None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time; what the disk refuses becomes a :class:`SpecNotWritten`."""
        try:
            own = self._data / "tfgpu"
            own.mkdir(parents=True, exist_ok=True)
            with FileLock(own / "specs.lock", timeout=_LOCK_SECONDS):
                yield
        except OSError as error:
            raise SpecNotWritten(
                f"The kernelspecs in {self._kernels} could not be changed: {error}.",
                {"folder": str(self._kernels)},
            ) from error


def slug(name: str) -> str:
    """An environment's name as part of a kernel's: lower case, letters, digits, ``.``, ``_`` and ``-``.

    The same on every machine. A name of which nothing is left (한글) becomes ``env-`` and a hash of it.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"[^a-z0-9._]+", "-", plain)[:_SLUG_LENGTH].strip("-._")
    return text or "env-" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _startable(environment: Environment) -> str:
    """The interpreter that a kernel of this environment would run on, looked at now."""
    detail = {"environment": environment.name, "prefix": environment.prefix}
    interpreter = environment.interpreter
    if interpreter is None or not Path(interpreter).is_file():
        why = environment.problem or f"The interpreter {interpreter} no longer exists."
        raise InterpreterGone(f"No kernel can start in {environment.name!r}. {why}", detail)
    if environment.ipykernel is None:
        command = install_command(environment)
        raise IpykernelMissing(
            f"ipykernel is not installed in {environment.name!r}, so no kernel can start there. "
            f"Install it with: {command}",
            {**detail, "command": command},
        )
    return interpreter


def _write(folder: Path, document: dict[str, Any]) -> None:
    """Puts the kernel.json in place at once: whoever lists kernels sees the old one or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".kernel-{secrets.token_hex(4)}.json"
    text = json.dumps(document, indent=1, ensure_ascii=True) + "\n"
    try:
        with draft.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / "kernel.json")
    finally:
        draft.unlink(missing_ok=True)


def _asked_for(name: str) -> str:
    lowered = name.lower()
    if not _KERNEL_NAME.fullmatch(lowered) or lowered.strip("._-") == "":
        raise BadName(
            f"{name!r} cannot be a kernel's name: letters a-z, digits, '.', '_' and '-' are allowed.",
            {"name": name},
        )
    return lowered if lowered.startswith(NAME_PREFIX) else NAME_PREFIX + lowered


def _elsewhere(name: str, kernels: Path) -> Path | None:
    """Where on Jupyter's data path beside our folder a kernelspec of this name is."""
    for place in jupyter_path("kernels"):
        folder = Path(place) / name
        if Path(place) != kernels and (folder / "kernel.json").is_file():
            return folder
    return None


__all__ = ["OwnedSpec", "SpecError", "SpecStore", "install_command", "read_document", "slug"]
