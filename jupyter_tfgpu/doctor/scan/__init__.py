"""From a prefix to a :class:`Snapshot`: the facts, and no judgement. One module a kind of fact.

Everything is read as data: nothing of an environment is imported or run, and no program is started.
What cannot be read becomes None, "not known".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import cast

from ...devices.reading import Reading
from ...environments import FrameworkName
from ...machine import Machine
from ..snapshot import KernelspecFacts, OtherEnvironment, Snapshot
from .variables import that_matter


def scan(
    machine: Machine,
    prefix: Path,
    *,
    reading: Reading | None,
    variables: Mapping[str, str] | None = None,
    kernelspec: KernelspecFacts | None = None,
    other_environments: Sequence[OtherEnvironment] = (),
    framework: str | None = None,
) -> Snapshot:
    """The facts about a kernel of the environment at ``prefix`` on this machine.

    ``reading``: what the driver says; None: nobody asked it. With a simulated reading the simulated
    machine is described: its devices and driver, not this machine's. ``variables``: the environment
    that the kernel process has or will have; None: not known. ``other_environments``: those looked
    through besides, empty for none. Never raises for what it finds on disk.
    """
    # With the first scan, not with the import: a Jupyter server starts without these.
    from .driver import driver_facts, gpu_facts
    from .environment import environment_facts
    from .host import host_facts, simulated_host
    from .shell import shell_variables

    simulated = reading is not None and reading.simulated
    host = host_facts(machine, variables)
    return Snapshot(
        schema="tfgpu.snapshot/1",
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        framework=cast("FrameworkName | None", framework),
        host=simulated_host(host, reading) if simulated and reading is not None else host,
        driver=driver_facts(machine, reading, host),
        gpus=gpu_facts(machine, reading, host),
        environment=environment_facts(machine, prefix, variables, framework, host),
        variables=None if variables is None else that_matter(variables),
        shell_variables=shell_variables(machine),
        kernelspec=kernelspec,
        other_environments=tuple(other_environments),
        simulated=True if simulated else None,
    )


__all__ = ["scan"]
