"""The ``env`` of a kernel.json of ours: what activating the environment sets, and what its kernel sets.

jupyter_client puts each value through ``string.Template.safe_substitute`` with the variables of the program
that starts the kernel (provisioner_base.py): ``${NAME}`` and ``$NAME`` become that variable where it is set
and stay as they are where it is not, ``$$`` becomes ``$``. So every ``$`` of a value is doubled, and the one
reference is to PATH, which every program has. A variable that activating removes cannot stand in a
kernel.json: our provisioner removes it.

An environment's own kernel may refer to what activating sets (``${CONDA_PREFIX}/lib/R``), or put a folder
before PATH. The program that starts it has neither activated, so what activating sets is put into the value.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from string import Template
from typing import Any

import msgspec

from ...environments.activation import Activation
from .document import mapping, text

PATH = "PATH"


def activation_entries(activation: Activation) -> dict[str, str]:
    """The entries that make a kernel start as in the activated environment, by name."""
    entries = {name: escaped(value) for name, value in sorted(activation.variables.items())}
    if activation.path or activation.appended:
        before = [escaped(folder) for folder in activation.path]
        after = [escaped(folder) for folder in activation.appended]
        entries[PATH] = os.pathsep.join([*before, f"${{{PATH}}}", *after])
    return entries


class SpecEnv(msgspec.Struct, frozen=True, kw_only=True):
    """The ``env``, and what our mark says of it, by which it is made again.

    ``all``: the entries; ``ours``: those of them that we made. ``activation``: the names of those that come
    from activating. ``covered``: what activating sets where another entry stands in its place. ``stated``:
    an own kernel's entries as it states them, where ours says something else.
    """

    all: dict[str, Any]
    ours: dict[str, str]
    activation: tuple[str, ...]
    covered: dict[str, str]
    stated: dict[str, str]


def spec_env(
    kernels: Mapping[str, str], activation: Activation | None, before: Any, mark: Mapping[str, Any]
) -> SpecEnv:
    """The ``env`` in place of the one ``before``, which ``mark`` is about.

    ``kernels``: what the kernel sets by itself. ``activation`` None: as it was before. The user's own win
    over the kernel's, and those over the activation's.
    """
    users = users_entries(before, mapping(mark.get("written")).get("env"))
    if activation is None:
        activated = _activated_before(mapping(before), mark, users)
    else:
        activated = activation_entries(activation)
    resolved = {name: _resolved(value, activated) for name, value in kernels.items()}
    ours = {**activated, **resolved}
    every = {**ours, **users}
    covered = {name: value for name, value in activated.items() if name in {*users, *kernels}}
    return SpecEnv(
        all=every,
        ours=ours,
        activation=tuple(sorted(name for name in activated if name not in covered)),
        covered=covered,
        stated={name: value for name, value in kernels.items() if resolved[name] != value},
    )


def own_entries(env: Mapping[str, str], mark: Mapping[str, Any] | None) -> dict[str, str]:
    """What a kernelspec sets besides the activation that we wrote into it: its user's entries, and those of
    an own kernel as that states them. ``mark``: ours; None: not ours.

    An entry of ours that somebody has changed is theirs.
    """
    ours = (mark or {}).get("activation")
    if mark is None or not isinstance(ours, list):
        return dict(env)
    written = mapping(mark.get("written")).get("env")
    changed = users_entries(dict(env), written) if written else {}
    stated = _texts(mark.get("stated"))
    return {
        name: value if name in changed else stated.get(name, value)
        for name, value in env.items()
        if name not in ours or name in changed
    }


def substituted(entries: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """The entries with their references resolved as jupyter_client does; but in a list of folders, one that
    is but a reference to a variable that is not set is left out, not left there as text."""
    return {name: _substituted(value, variables) for name, value in entries.items()}


def _substituted(value: str, variables: Mapping[str, str]) -> str:
    folders = value.split(os.pathsep)
    if len(folders) > 1:
        value = os.pathsep.join(folder for folder in folders if not _is_unset(folder, variables))
    return Template(value).safe_substitute(variables)


def _is_unset(folder: str, variables: Mapping[str, str]) -> bool:
    found = Template.pattern.fullmatch(folder)
    return found is not None and bool(found["braced"]) and found["braced"] not in variables


def _activated_before(
    before: Mapping[str, Any], mark: Mapping[str, Any], users: Mapping[str, Any]
) -> dict[str, str]:
    """The activation's entries as they were written; what the user took out stays out."""
    names = mark.get("activation")
    listed = map(text, names if isinstance(names, list) else ())
    kept = {name: before[name] for name in listed if name in before and name not in users}
    return {**kept, **_texts(mark.get("covered"))}


def _resolved(value: str, activated: Mapping[str, str]) -> str:
    """An own kernel's value, with the activation's entries in place of the references to them."""

    def put(found: re.Match[str]) -> str:
        name = _referred(found)
        if name in activated:
            return activated[name]
        if found["invalid"] is not None:  # a "$" of no reference: what follows must not make one of it
            return escaped(found[0])
        after = Template.pattern.match(value, found.end())
        grows = found["named"] and after is not None and _referred(after) in activated
        return f"${{{name}}}" if grows else found[0]

    return Template.pattern.sub(put, value)


def _referred(found: re.Match[str]) -> str:
    """The name that is referred to; "" for none."""
    return found["named"] or found["braced"] or ""


def _texts(values: object) -> dict[str, str]:
    return {name: value for name, value in mapping(values).items() if isinstance(value, str)}


def escaped(value: str) -> str:
    """A value that jupyter_client hands on as it is."""
    return value.replace("$", "$$")


def digest(value: object) -> str:
    """Eight hex digits by which a value that we wrote is known again."""
    written = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def users_entries(env: object, written: object) -> dict[str, Any]:
    """The entries that are the user's: those we did not write, and those changed since (``written``: the
    :func:`digest` of each that we wrote, by name)."""
    known: Mapping[Any, Any] = written if isinstance(written, dict) else {}
    entries = env if isinstance(env, dict) else {}
    return {name: value for name, value in entries.items() if known.get(name) != digest(value)}
