"""Which variables activating an environment sets, so that a kernel has them as a terminal has.

Sources, in conda's order: ``etc/conda/env_vars.d/*.json``, ``conda-meta/state``, then the scripts in
``etc/conda/activate.d``; behind them, of pixi's environments, ``[activation]`` of the manifest. Scripts are
run by :meth:`Activations.run` alone, when a kernel of the environment is added, repaired or started; its
results are kept on disk. Listing and judging use :meth:`Activations.known`, which runs nothing.

- ``Activations(machine, folder)``: ``.run(prefix, base)`` and ``.known(prefix, base) -> Activation``;
- ``SCRIPTS_LIMIT``: seconds that one ``run`` may take;
- ``activated(activation, base) -> dict``: the variables of a kernel that is started so;
- ``deactivated(machine, base) -> dict``: without the environments that are active in them. For what is to
  hold wherever a kernel is started from (a kernelspec): ``run(prefix, deactivated(machine, base))``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...machine import Machine
from .activation import Activation, activated
from .activations import Activations
from .capture import LIMIT as SCRIPTS_LIMIT


def deactivated(machine: Machine, base: Mapping[str, str]) -> dict[str, str]:
    """``base`` as in a shell in which no environment was ever activated, as far as files tell: see
    :func:`.active.deactivated`."""
    from .active import deactivated as without  # a Jupyter server starts without it

    return without(machine, base)


__all__ = ["SCRIPTS_LIMIT", "Activation", "Activations", "activated", "deactivated"]
