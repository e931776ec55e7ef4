"""The activation that is written into kernelspecs."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from ...environments import Environment
from ...environments.activation import Activation, Activations, deactivated
from ...machine import Machine
from .installed import InstalledSpec

Activated = tuple[Activation | None, str | None]
"""What activating sets, and the state of the files that it comes from; None: as it was written before."""


class SpecActivations:
    """What activating environments sets, for kernels that are started from anywhere."""

    def __init__(self, machine: Machine, activations: Activations) -> None:
        self._machine = machine
        self._activations = activations

    @cached_property
    def _base(self) -> dict[str, str]:
        """The variables before: those of a shell in which no environment is active."""
        return deactivated(self._machine, self._machine.environ)

    def run(self, environment: Environment, again: bool = False) -> Activated:
        """Found by running its scripts, for some seconds at most. ``again``: those that failed too."""
        if not environment.answers:
            return None, None
        prefix = Path(environment.prefix)
        state = self._activations.state(prefix)  # before the scripts: a change meanwhile shows the next time
        return self._activations.run(prefix, self._base, again=again), state

    def changed(self, spec: InstalledSpec, environment: Environment) -> Activated:
        """What is known without running anything, where it is another than when the kernelspec was written.

        The files decide on that, not the variables of this program: of two servers with different ones
        neither shall write over and over what the other has written.
        """
        prefix = Path(environment.prefix)
        state = self._activations.state(prefix)
        if environment.id == spec.environment and state == (spec.mark or {}).get("activation_state"):
            return None, None
        activation = self._activations.known(prefix, self._base)
        return (None, None) if activation.unknown else (activation, state)

    def problem(self, environment: Environment) -> str | None:
        """What was wrong with its scripts when they were last run."""
        if not environment.answers:
            return None
        return self._activations.known(Path(environment.prefix), self._base).problem
