"""The variables of a kernelspec, one of ours or another, changed because somebody asked for it.

jupyter_client puts each value through ``string.Template`` (:mod:`.env`), so a ``$`` is doubled. The one
reference that is meant is that of a list of folders to what it would be otherwise: ``${PATH}`` in PATH.
"""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from .document import KERNEL_JSON, decoded, mapping, owner_mark, read_bytes
from .env import escaped, users_entries
from .errors import NotOwned, SpecNotFound
from .owned import is_linked

EMPTY_IS_UNSET = ("LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONPATH", "XLA_FLAGS")
"""Variables that say nothing when they are empty: ld.so(8), "Environment variables" in Python's manual, and
flags of which there is none. An empty CUDA_VISIBLE_DEVICES names no device."""


class SpecFile(msgspec.Struct, frozen=True, kw_only=True):
    """A kernel.json as it was read: ``document`` is what ``data`` says."""

    name: str
    folder: str
    data: bytes
    document: dict[str, Any]


def read_spec(name: str, folder: str) -> SpecFile:
    """The kernel.json of a kernelspec. Raises SpecNotFound (none that can be read), NotOwned (a link)."""
    if is_linked(Path(folder)):
        raise NotOwned(f"{folder} is a link, so what it leads to is left as it is.", {"folder": folder})
    try:
        data = read_bytes(Path(folder) / KERNEL_JSON)
        return SpecFile(name=name, folder=folder, data=data, document=decoded(data))
    except (OSError, ValueError, RecursionError) as error:
        raise SpecNotFound(f"The kernelspec {name!r} cannot be read: {error}.", {"name": name}) from None


def changed_entries(
    file: SpecFile, sets: Mapping[str, str], unsets: Iterable[str], otherwise: Container[str]
) -> dict[str, tuple[str | None, str | None]]:
    """The entries of its ``env`` that are to change so that a kernel has the variables ``sets`` and not those
    of ``unsets``, as far as that is up to the kernelspec.

    ``otherwise``: what a kernel has without its user's entries, from the program that starts it and by
    activating the environment. That comes back by itself; only an empty entry can stand in its place.
    """
    env = mapping(file.document.get("env"))
    mark = owner_mark(file.document) or {}
    users = users_entries(env, mapping(mark.get("written")).get("env"))
    wanted: dict[str, str | None] = {
        name: _entry(name, value, _text(env.get(name)), name in otherwise) for name, value in sets.items()
    }
    for name in unsets:
        if name in otherwise and name in EMPTY_IS_UNSET:
            wanted[name] = ""
        elif name in users:
            wanted[name] = None
    before = {name: _text(env.get(name)) for name in wanted}
    return {name: (before[name], after) for name, after in wanted.items() if before[name] != after}


def with_entries(document: Mapping[str, Any], entries: Mapping[str, str | None]) -> bytes:
    """The kernel.json with these entries in its ``env``; None: without.

    In one of ours, what comes from activating the environment and is replaced is noted as covered, and
    counts as the activation's again when it comes back.
    """
    mark = owner_mark(dict(document))
    env = dict(mapping(document.get("env")))
    if mark is not None:
        mark = _with_covered(mark, env, entries)
        document = {**document, "metadata": {**mapping(document.get("metadata")), "tfgpu": mark}}
    env.update({name: value for name, value in entries.items() if value is not None})
    env = {name: value for name, value in env.items() if entries.get(name, "") is not None}
    made = {**document, "env": env}
    if not env:
        del made["env"]
    return (json.dumps(made, indent=1) + "\n").encode()


def _entry(name: str, value: str, before: str | None, otherwise: bool) -> str:
    """The entry that makes a kernel have ``value``, in which ``${NAME}`` is what it would have otherwise."""
    reference = f"${{{name}}}"
    if reference not in value:
        return escaped(value)
    folders: list[str] = []
    for folder in value.split(os.pathsep):
        if folder != reference:
            folders.append(escaped(folder))
        elif before is not None:
            folders.extend(before.split(os.pathsep))
        elif otherwise:
            folders.append(reference)
    return os.pathsep.join(dict.fromkeys(folders))


def _with_covered(
    mark: Mapping[str, Any], env: Mapping[str, Any], entries: Mapping[str, str | None]
) -> dict[str, Any]:
    listed = mark.get("activation")
    activation = {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
    covered = dict(mapping(mark.get("covered")))
    for name, value in entries.items():
        if name in activation and name in env:
            activation.remove(name)
            covered[name] = env[name]
        elif name in covered and covered[name] == value:
            activation.add(name)
            del covered[name]
    kept = {key: value for key, value in mark.items() if key != "covered"}
    return {**kept, "activation": sorted(activation), **({"covered": covered} if covered else {})}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
