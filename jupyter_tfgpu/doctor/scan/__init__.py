"""From a prefix to a :class:`Snapshot`: the facts, and no judgement. One module a kind of fact.

Everything is read as data: nothing of an environment is imported or run, and no program is started.
What cannot be read becomes None, "not known".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import cast

import msgspec

from ...devices.reading import Reading
from ...environments import FrameworkName
from ...machine import Machine
from ..snapshot import Host, KernelspecFacts, OtherEnvironment, Snapshot
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
    from .environment import environment_facts
    from .host import host_facts
    from .shell import shell_variables

    host = host_facts(machine, variables)
    facts = Snapshot(
        schema="tfgpu.snapshot/1",
        framework=cast("FrameworkName | None", framework),
        host=host,
        environment=environment_facts(machine, prefix, variables, framework, host),
        variables=None if variables is None else that_matter(variables),
        shell_variables=shell_variables(machine),
        kernelspec=kernelspec,
        other_environments=tuple(other_environments),
    )
    return _with_reading(machine, facts, reading, host)


def with_reading(machine: Machine, snapshot: Snapshot, reading: Reading | None) -> Snapshot:
    """The snapshot with host, driver and GPUs as they are at another Reading, and the rest as it was."""
    from .host import host_facts

    return _with_reading(machine, snapshot, reading, host_facts(machine, snapshot.variables))


def _with_reading(machine: Machine, snapshot: Snapshot, reading: Reading | None, host: Host) -> Snapshot:
    from .driver import driver_facts, gpu_facts
    from .host import simulated_host

    simulated = reading is not None and reading.simulated
    return msgspec.structs.replace(
        snapshot,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        host=simulated_host(host, reading) if simulated and reading is not None else host,
        driver=driver_facts(machine, reading, host),
        gpus=gpu_facts(machine, reading, host),
        simulated=True if simulated else None,
    )


def sources_of(machine: Machine, snapshot: Snapshot) -> tuple[str, ...]:
    """Paths on this disk that the facts came from: while they are as they were, so are the facts."""
    from .sources import sources

    return sources(machine, snapshot)


__all__ = ["scan", "sources_of", "with_reading"]
