"""The kernelspecs that we own: real ``kernel.json`` files in the user's Jupyter data folder.

Every other Jupyter program sees them too, so they stand alone: an absolute interpreter, the variables of the
activated environment, and no provisioner of ours, for a kernelspec that names an absent provisioner is hidden
from other Jupyters. ``metadata.tfgpu.owned`` marks them; what has no such mark is never changed (but by
:meth:`SpecStore.replace`, for who has named it), nor what a link in their place leads to.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir

from ...environments import Environment
from ...environments.activation import Activation
from ...machine import Machine
from ..disk import drafts, locked, private_mode, replace_file
from .content import renamed, spec_document
from .document import KERNEL_JSON, owner_mark, read_bytes, read_document, text
from .errors import NameTaken, NotOwned, SpecChanged, SpecError, SpecNotFound, SpecNotWritten
from .folders import elsewhere, holds_something, is_spec, names
from .name import NAME_PREFIX, candidates, checked_name
from .owned import OwnedSpec, is_linked, owned_spec
from .removed import Files, kept_files, put_back
from .start import Start, resources, startable

_LOCK_SECONDS = 10


class SpecStore:
    """Writes, lists and removes our kernelspecs below ``<data_dir>/kernels``.

    ``data_dir`` None: the user's Jupyter data folder. Several programs may do so at once. What raises
    :class:`SpecError` has changed nothing.
    """

    def __init__(self, data_dir: Path | None = None, machine: Machine | None = None) -> None:
        self._data = Path(jupyter_data_dir()) if data_dir is None else data_dir
        self._kernels = self._data / "kernels"
        self._machine = machine or Machine()

    def list(self) -> tuple[OwnedSpec, ...]:
        """Our kernelspecs, by name."""
        found = (owned_spec(self._kernels / name) for name in sorted(names(self._kernels)))
        return tuple(spec for spec in found if spec is not None)

    def add(
        self,
        environment: Environment,
        *,
        label: str,
        activation: Activation | None = None,
        activation_state: str | None = None,
        name: str | None = None,
        display_name: str | None = None,
        kernel: str | None = None,
        removed: Files | None = None,
    ) -> OwnedSpec:
        """Writes the environment's kernelspec; where it has one already, brings that up to date.

        ``label``: the text in the kernel picker. ``display_name``: that text instead, which is kept at later
        calls. ``name``: the kernel's name with or without ``tfgpu-``, instead of the environment's.
        ``kernel``: one of the environment's own instead of its Python. ``activation``: what activating it
        sets; None leaves what an earlier one set. ``removed``: what :meth:`remove` gave, to go on from where
        there is none of the name. Raises :class:`SpecError`: IpykernelMissing, InterpreterGone,
        NoSuchOwnKernel, BadName, NameTaken, NotOwned (a link), SpecNotWritten.
        """
        start = startable(environment, kernel)
        with self._writing():
            folder = self._kernels / self._name_for(start, name)
            if removed is not None and not os.path.lexists(folder / KERNEL_JSON):
                put_back(folder, removed)
            before = read_document(folder)
            document = spec_document(
                start,
                label,
                before,
                display_name=None if display_name is None else display_name.strip(),
                activation=activation,
                activation_state=activation_state,
            )
            self._write(folder, before, document, start)
        return self._now(folder)

    def refresh(
        self,
        name: str,
        environment: Environment,
        *,
        label: str,
        activation: Activation | None = None,
        activation_state: str | None = None,
        dry_run: bool = False,
    ) -> bool:
        """Brings a kernelspec of ours up to date with its environment; says whether anything in it changed.

        ``environment`` may be another one than it had. ``dry_run``: only says so. Raises as :meth:`add` does,
        SpecNotFound and NotOwned.
        """
        with contextlib.nullcontext() if dry_run else self._writing():
            folder, before = self._ours(name)
            _check_no_link(folder)
            mark = owner_mark(before) or {}
            start = startable(environment, text(mark.get("kernel")) or None)
            document = spec_document(
                start, label, before, activation=activation, activation_state=activation_state
            )
            if dry_run:
                return document != before
            return self._write(folder, before, document, start)

    def change(
        self, name: str, *, new_name: str | None = None, display_name: str | None = None, label: str = ""
    ) -> OwnedSpec:
        """Gives a kernelspec of ours another name, with or without ``tfgpu-``, or another text in the kernel
        picker ("": the ``label`` again), or both at once.

        Raises SpecNotFound, NotOwned, BadName, NameTaken, SpecNotWritten.
        """
        wanted = None if new_name is None else checked_name(new_name)
        with self._writing():
            folder, before = self._ours(name)
            if display_name is not None:
                _check_no_link(folder)
            target = folder if wanted is None else self._kernels / wanted
            if folder.name.lower() != target.name and (self._taken(target.name) or holds_something(target)):
                raise self._taken_error(target.name)
            if target != folder:
                folder.rename(target)
            if display_name is not None:
                try:
                    self._write(target, before, renamed(before, label, display_name.strip()))
                except BaseException:
                    if target != folder:
                        target.rename(folder)
                    raise
        return self._now(target)

    def remove(self, name: str) -> Files:
        """Removes a kernelspec of ours (``tfgpu-NAME`` where none is called NAME); what its folder held, for
        :meth:`add`.

        Raises SpecNotFound, NotOwned, SpecNotWritten.
        """
        with self._writing():
            folder, _ = self._ours(name)
            if folder.is_symlink():
                folder.unlink()
                return {}
            files = kept_files(folder)
            # First the file that makes it a kernelspec: a removal that is cut short leaves none behind.
            (folder / KERNEL_JSON).unlink()
            shutil.rmtree(folder)
            return files

    def replace(self, folder: Path, before: bytes, after: bytes) -> None:
        """Puts a kernel.json in place of the one that was read, in whoever's kernelspec.

        Raises SpecNotFound, SpecChanged (it is another one by now), NotOwned (a link), SpecNotWritten.
        """
        file = folder / KERNEL_JSON
        with self._writing():
            _check_no_link(folder)
            if not file.is_file():
                raise SpecNotFound(f"The kernelspec in {folder} is gone.", {"folder": str(folder)})
            if read_bytes(file) != before:
                raise SpecChanged(f"{file} has been changed since.", {"file": str(file)})
            replace_file(file, after, private_mode(file))

    def _now(self, folder: Path) -> OwnedSpec:
        spec = owned_spec(folder)
        if spec is None:
            raise SpecNotWritten(f"The kernelspec in {folder} was changed by another program meanwhile.")
        return spec

    def _ours(self, name: str) -> tuple[Path, dict[str, Any]]:
        """The folder and kernel.json of a kernelspec of ours."""
        folder = self._folder_named(name)
        document = read_document(folder)
        if owner_mark(document) is None:
            raise NotOwned.of(name, str(folder))
        return folder, document

    def _folder_named(self, name: str) -> Path:
        here = self._folder_here(name)
        if here is not None:
            return here
        others = elsewhere(name, self._kernels)
        if others is not None:
            raise NotOwned.of(name, str(others))
        here = self._folder_here(NAME_PREFIX + name)
        if here is not None:
            return here
        raise SpecNotFound(f"There is no kernelspec called {name!r}.", {"name": name})

    def _folder_here(self, name: str) -> Path | None:
        lowered = name.lower()
        there = names(self._kernels)
        # Nearly always it is in lower case, as we write it.
        for each in [lowered] if lowered in there else [each for each in there if each.lower() == lowered]:
            if is_spec(self._kernels / each):
                return self._kernels / each
        return None

    def _name_for(self, start: Start, name: str | None) -> str:
        owned = self.list()
        same = [s.name for s in owned if (s.environment, s.kernel) == (start.environment.id, start.kernel)]
        names = candidates(start.environment, start.kernel) if name is None else [checked_name(name)]
        if name is None and same:  # its plain one before one of a chosen name
            return next((each for each in names if each in same), same[0])
        for candidate in names:
            if candidate in same or not self._taken(candidate):
                return candidate
        raise self._taken_error(names[-1])

    def _taken(self, name: str) -> bool:
        # Whatever is called kernel.json there, a FIFO for one, is somebody's.
        here = self._folder_here(name) is not None or os.path.lexists(self._kernels / name / KERNEL_JSON)
        return here or elsewhere(name, self._kernels) is not None

    def _taken_error(self, name: str) -> SpecError:
        file = self._kernels / name / KERNEL_JSON
        if os.path.lexists(file) and not is_spec(file.parent):
            message = f"{file} is no file that could be read. Remove it, or choose another name."
        else:
            message = f"Another kernelspec is called {name!r} already. Choose another name."
        return NameTaken(message, {"field": "name", "name": name})

    def _write(
        self, folder: Path, before: dict[str, Any], document: dict[str, Any], start: Start | None = None
    ) -> bool:
        """Puts the kernel.json in place where it says something else, its logos before it."""
        _check_no_link(folder)
        if document == before:
            return False
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / KERNEL_JSON
        for draft in drafts(file):
            draft.unlink(missing_ok=True)
        for resource in () if start is None else resources(self._machine, start):
            if not os.path.lexists(folder / resource.name):
                replace_file(folder / resource.name, resource.read_bytes())
        data = (json.dumps(document, indent=1) + "\n").encode()
        replace_file(file, data, private_mode(file))  # activation scripts may set passwords
        return True

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time; what the disk refuses becomes a :class:`SpecNotWritten`."""
        detail = {"folder": str(self._kernels)}
        try:
            with locked(self._data / "tfgpu" / "specs.lock", _LOCK_SECONDS):
                yield
        except TimeoutError as error:
            raise SpecNotWritten(
                f"The kernelspecs in {self._kernels} could not be changed. {error}", detail
            ) from None
        except OSError as error:
            raise SpecNotWritten(
                f"The kernelspecs in {self._kernels} could not be changed: {error}.", detail
            ) from error


def _check_no_link(folder: Path) -> None:
    if is_linked(folder):
        raise NotOwned(
            f"{folder} is a link, so what it leads to is left as it is. Remove the link first.",
            {"folder": str(folder)},
        )


__all__ = ["OwnedSpec", "SpecError", "SpecStore"]
