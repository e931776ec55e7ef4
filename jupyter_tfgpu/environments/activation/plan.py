"""What is to be done to activate an environment: steps, and the files that they come from."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


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


Step = Set | Unset | Run


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The steps in order, and the folders that are put before PATH and that leave it.

    ``sources``: the files and folders whose modification times stand for the whole. ``problem``: a sentence
    on a file that could not be read as it should. ``told``: the plan as files tell it, where a script that
    does it all itself has to be run; ``unknown``: names that this script alone knows more of.
    """

    steps: tuple[Step, ...] = ()
    path: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    sources: tuple[Path, ...] = ()
    problem: str | None = None
    told: Plan | None = None
    unknown: frozenset[str] = frozenset()

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
        )

    @property
    def scripts(self) -> tuple[Path, ...]:
        """The scripts that it runs, in order."""
        return tuple(step.script for step in self.steps if isinstance(step, Run))


def same_folder(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Whether two paths lead to one folder; one that is not there is only itself."""
    return os.path.realpath(one) == os.path.realpath(other)
