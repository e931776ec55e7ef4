"""What is to be done to activate an environment: steps, and the files that they come from."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|([A-Za-z_]\w*))")


class Set(msgspec.Struct, frozen=True):
    """Sets a variable."""

    name: str
    value: str


class Unset(msgspec.Struct, frozen=True):
    """Removes a variable; it may not be there."""

    name: str


class Run(msgspec.Struct, frozen=True):
    """Runs a script in the shell."""

    script: Path


class Expand(msgspec.Struct, frozen=True):
    """Sets a variable to a text in which ``$NAME`` and ``${NAME}`` stand for what the variables are then.
    Comes behind the scripts."""

    name: str
    value: str

    @property
    def references(self) -> frozenset[str]:
        """The names in it."""
        return frozenset(braced or plain for braced, plain in _REFERENCE.findall(self.value))

    def with_variables(self, variables: Mapping[str, str]) -> str:
        """The text with their values; what is not set is empty, as in a shell."""
        return _REFERENCE.sub(lambda name: variables.get(name[1] or name[2], ""), self.value)


Step = Set | Unset | Run | Expand


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The steps in order, and the folders that are put before PATH and that leave it.

    ``sources``: the files and folders whose modification times stand for the whole. ``problem``: a sentence
    on a file that could not be read as it should. ``told``: the plan as files tell it, where a script that
    does it all itself has to be run; ``unknown``: names that this script alone knows more of.
    ``folder``: where the scripts are run; None: anywhere.
    """

    steps: tuple[Step, ...] = ()
    path: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    sources: tuple[Path, ...] = ()
    problem: str | None = None
    told: Plan | None = None
    unknown: frozenset[str] = frozenset()
    folder: Path | None = None

    def __add__(self, after: Plan) -> Plan:
        """This plan, then the other."""
        return Plan(
            steps=self.steps + after.steps,
            path=after.path + self.path,
            removed=self.removed + after.removed,
            sources=self.sources + after.sources,
            problem=self.problem or after.problem,
            told=after.told,
            unknown=self.unknown | after.unknown,
            folder=self.folder or after.folder,
        )

    @property
    def scripts(self) -> tuple[Path, ...]:
        """The scripts that it runs, in order."""
        return tuple(step.script for step in self.steps if isinstance(step, Run))


def same_folder(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Whether two paths lead to one folder; one that is not there is only itself."""
    return os.path.realpath(one) == os.path.realpath(other)
