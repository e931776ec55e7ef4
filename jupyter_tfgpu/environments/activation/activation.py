"""What activating an environment changes, as data."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

PATH = "PATH"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_THE_SHELL_S = frozenset({"_", "SHLVL", "PWD", "OLDPWD", "PS1", "PS2", "PS4", "IFS", "OPTIND"})
"""What a shell sets for itself, or for its prompt."""


class Activation(msgspec.Struct, frozen=True, kw_only=True):
    """What activating an environment changes in the variables that a kernel is started with.

    ``variables``: what it sets, whole values, PATH left out; ``unset``: what it removes. ``path``: folders
    put before PATH, in order; ``removed``: folders of the environment active before, which leave PATH;
    ``appended``: folders that a script put behind it. ``unknown``: names that only a script that was not run
    could tell. ``problem``: a sentence: which script hung, failed or printed text, and what follows.
    """

    variables: dict[str, str] = {}
    path: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    problem: str | None = None
    removed: tuple[str, ...] = ()
    appended: tuple[str, ...] = ()


NOTHING = Activation()
"""Of what is no environment, or is active already."""


def activated(activation: Activation, base: Mapping[str, str], separator: str = os.pathsep) -> dict[str, str]:
    """The variables ``base`` with the activation applied."""
    variables = {name: value for name, value in base.items() if name not in activation.unset}
    variables.update(activation.variables)
    if activation.path or activation.removed or activation.appended:
        kept = [folder for folder in _folders(base, separator) if folder not in activation.removed]
        variables[PATH] = separator.join((*activation.path, *kept, *activation.appended))
    return variables


def changes(
    before: Mapping[str, str],
    after: Mapping[str, str],
    always: Iterable[str] = (),
    separator: str = os.pathsep,
) -> Activation:
    """The activation that makes ``after`` of ``before``.

    ``always``: names that activating sets even where they had that value before.
    """
    stated = frozenset(always)
    path = _path_changes(_folders(before, separator), _folders(after, separator))
    return Activation(
        variables={
            name: value
            for name, value in sorted(after.items())
            if is_own_name(name) and (name in stated or before.get(name) != value)
        },
        unset=tuple(sorted(name for name in before if is_own_name(name) and name not in after)),
        path=path[0],
        removed=path[1],
        appended=path[2],
    )


def is_name(name: str) -> bool:
    """Whether a shell can have a variable of this name."""
    return _NAME.fullmatch(name) is not None


def is_own_name(name: str) -> bool:
    """Whether a change of this variable is an environment's doing: not PATH, which is looked at by its
    folders, nor what every shell sets for itself."""
    return name != PATH and name not in _THE_SHELL_S and is_name(name)


def _folders(variables: Mapping[str, str], separator: str) -> list[str]:
    path = variables.get(PATH)
    # Without PATH programs are looked for in the system's default folders; with one they no longer are.
    return (os.defpath if path is None else path).split(separator)


def _path_changes(
    before: Sequence[str], after: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The folders put before PATH, those that left it, those put behind it.

    Where the folders that stayed are no longer next to each other, PATH is taken as wholly replaced.
    """
    if list(before) == list(after):
        return (), (), ()
    present = set(after)
    removed = tuple(dict.fromkeys(folder for folder in before if folder not in present))
    kept = [folder for folder in before if folder in present]
    # From behind: a folder that is put before PATH may stand in it already.
    for start in range(len(after) - len(kept), -1, -1):
        if kept and list(after[start : start + len(kept)]) == kept:
            return tuple(after[:start]), removed, tuple(after[start + len(kept) :])
    return tuple(after), tuple(dict.fromkeys(before)), ()
