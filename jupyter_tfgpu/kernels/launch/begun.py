"""How a kernel's start is begun: its pin, its devices, its variables, and what is written down of it."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from ...devices.reading import Reading
from ..command import interpreter_of, prefix_of, with_our_part
from ..pins.pin import Pin
from ..pins.precedence import PinFrom, choose_pin
from ..pins.resolve import Allocation, resolve
from ..pins.targets import notebook_target
from ..running import launchfile
from ..running.processes import began, born
from ..running.started import StartedKernel
from .claims import as_if_ended, pending, running_claims
from .polite import polite_variables
from .services import LaunchServices

VISIBLE = "CUDA_VISIBLE_DEVICES"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A start before its devices are chosen. ``command``, ``variables``: as it would be without us."""

    kernel_id: str
    command: tuple[str, ...]
    variables: Mapping[str, str]
    pin: Pin
    pin_from: PinFrom
    notebook: str | None = None
    kernelspec: str | None = None


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A start to be made so. ``kernel``: as it is recorded. ``written``: its launch file, None where it could
    not be written. ``problem``: why, or why our part is left out."""

    command: tuple[str, ...]
    variables: dict[str, str]
    kernel: StartedKernel
    written: launchfile.LaunchFile | None
    problem: Exception | None = None


def plan_start(
    served: LaunchServices,
    *,
    kernel_id: str,
    command: Sequence[str],
    variables: Mapping[str, str],
    cwd: object,
    kernelspec: str | None,
) -> Plan:
    """The start with the pin that counts for it. ``cwd``: the kernel's working folder, if there is one."""
    kept = {name: value for name, value in variables.items() if name != launchfile.VARIABLE}
    notebook = _notebook(variables, cwd)
    pin, pin_from = choose_pin(
        served.pins, served.default_pin, kernel_id=kernel_id, notebook=notebook, kernelspec=kernelspec
    )
    return Plan(
        kernel_id=kernel_id,
        command=tuple(command),
        variables=kept,  # the variable is there where this program itself runs in a kernel of ours
        pin=pin,
        pin_from=pin_from,
        notebook=notebook,
        kernelspec=kernelspec,
    )


def begin(served: LaunchServices, plan: Plan, reading: Reading | None, *, others: bool = True) -> Begun:
    """Chooses the devices, and writes down that the kernel has them, before its process runs.

    For ``auto``, in a turn (:mod:`.turns`), so that who chooses next counts it. Devices that are named
    depend on no other start, and the record is one file put in place as a whole: no turn is needed.
    ``others``: what other programs started counts, which means reading files.
    """
    allocation = allocate(served, plan, reading, others)
    variables = {**plan.variables, **allocation.variables}
    if allocation.uuids != () and _polite(served):
        variables.update(polite_variables(variables))
    interpreter = interpreter_of(plan.command, variables)
    kernel = StartedKernel(
        kernel_id=plan.kernel_id,
        pin=plan.pin,
        pin_from=plan.pin_from,
        allocation=allocation,
        notebook=plan.notebook,
        kernelspec=plan.kernelspec,
        interpreter=str(interpreter) if interpreter else None,
        prefix=prefix_of(interpreter) if interpreter else None,
        variables=variables,
    )
    # From here on a failure costs only the in-kernel part, or that others know: the pin stays applied.
    try:
        return _written(served, plan, kernel)
    except Exception as error:
        return Begun(
            command=plan.command,
            variables=variables,
            kernel=served.started.put(kernel),
            written=None,
            problem=error,
        )


def allocate(served: LaunchServices, plan: Plan, reading: Reading | None, others: bool) -> Allocation:
    """What the plan's pin gets now. ``others``: as for :func:`begin`."""
    by_uuid = served.names_by_uuid
    if plan.pin.kind != "auto" or reading is None:
        return resolve(plan.pin, reading, served.given, by_uuid=by_uuid)
    own = served.started.all()
    before = served.started.get(plan.kernel_id)
    reading = as_if_ended(reading, before.pid if before else None)
    folder = served.runtime_dir if others else None
    claims = running_claims(own, folder, served.pins.machine, but=plan.kernel_id)
    stated = plan.variables.get(VISIBLE)
    return resolve(
        plan.pin,
        reading,
        served.given,
        stated=None if stated == served.given else stated,
        pending=pending(claims, reading),
        by_uuid=by_uuid,
    )


def _polite(served: LaunchServices) -> bool:
    try:
        return served.polite()
    except Exception:
        return False  # a setting that cannot be read says nothing


def _written(served: LaunchServices, plan: Plan, kernel: StartedKernel) -> Begun:
    """With the launch file in its place, and our part in the command where it is an ipykernel's."""
    command = with_our_part(plan.command)
    report = launchfile.report_path(served.runtime_dir, kernel.kernel_id)
    if command is not None and served.on_started is not None:
        kernel = dataclasses.replace(kernel, report=report)
    content = _launch_file(served, command.module if command else None, kernel, plan.variables)
    launchfile.remove(report)  # the last start's: the pin may have changed since
    path = launchfile.write_launch_file(served.runtime_dir, content)
    return Begun(
        command=command.argv if command else plan.command,
        variables={**kernel.variables, **({launchfile.VARIABLE: str(path)} if command else {})},
        kernel=served.started.put(kernel),
        written=content,
    )


def _launch_file(
    served: LaunchServices, module: str | None, kernel: StartedKernel, unpinned: Mapping[str, str]
) -> launchfile.LaunchFile:
    from ...doctor.messages.starts import start_patterns  # with the first kernel, not with the server

    starter = os.getpid()
    starter_began, starter_born = _beginning(starter)
    return launchfile.LaunchFile(
        kernel_id=kernel.kernel_id,
        module=module,
        report=str(kernel.report) if kernel.report else None,
        state=str(served.state_file) if served.state_file else None,
        interpreter=served.interpreter,
        program=served.program,
        pin=str(kernel.pin),
        pin_from=kernel.pin_from,
        given=kernel.allocation.uuids,
        note=kernel.allocation.note,
        notebook=kernel.notebook,
        kernelspec=kernel.kernelspec,
        prefix=str(kernel.prefix) if kernel.prefix else None,
        machine=served.pins.machine,
        starter=starter,
        starter_began=starter_began,
        starter_born=starter_born,
        chosen_at=kernel.started_at,
        patterns=start_patterns() if module else (),
        unpinned={name: unpinned.get(name) for name in launchfile.PINNED},
    )


@functools.lru_cache(1)
def _beginning(pid: int) -> tuple[float | None, float | None]:
    """When this program began, in both ways; by its pid, as that of a child made by fork is another."""
    return began(pid), born(pid)


def _notebook(env: Mapping[str, str], cwd: object) -> str | None:
    """The notebook's absolute path from JPY_SESSION_NAME.

    jupyter_server gives the absolute path where the session has a name, else the path within its
    contents; then the kernel's working folder is the notebook's.
    """
    name = env.get("JPY_SESSION_NAME")
    if not name:
        return None
    if Path(name).is_absolute():
        return notebook_target(name).notebook
    if isinstance(cwd, (str, os.PathLike)) and name.endswith(".ipynb"):
        return notebook_target(Path(cwd) / Path(name).name).notebook
    return None
