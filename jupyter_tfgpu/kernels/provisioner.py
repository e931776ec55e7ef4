"""Starts kernels as jupyter_client's LocalProvisioner does, in their environment as a terminal activates it,
on the pinned GPU and with our part inside.

Nothing of ours may keep a kernel from starting: a step that fails is logged and left out.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ..environments.activation import SCRIPTS_LIMIT
from . import launchfile
from .activating import taken_apart, with_activation
from .command import interpreter_of, prefix_of, with_our_part
from .pins import Pin
from .precedence import choose_pin
from .processes import began
from .resolve import Allocation, needs_reading, resolve
from .services import LaunchServices, services
from .spec_document import owner_mark
from .started import StartedKernel
from .targets import Target, notebook_target

READING_TIMEOUT = 1.0
"""Seconds that a start waits for the driver; then the pin is applied as stored."""

ACTIVATION_TIMEOUT = SCRIPTS_LIMIT + 2
"""Seconds that a start waits for the activation; scripts are stopped before, so this is for a disk that does
not answer. The kernel then starts with what its kernelspec sets."""


class TfGpuProvisioner(LocalProvisioner):
    """Applies activation and pin at each start and restart and puts the in-kernel part into an ipykernel's
    command."""

    own_span: float | None = None
    """Seconds that our part of the last ``pre_launch`` took; for the benchmark."""

    _starting: StartedKernel | None = None
    _written: launchfile.LaunchFile | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Before each start: variables of the activation and the pin, and our part in the command."""
        before = kwargs.get("env", os.environ)
        launch: dict[str, Any] = await super().pre_launch(**kwargs)
        begun = time.perf_counter()
        self._starting = self._written = None
        launch = dict(launch, env=await self._activated(launch, before))
        plain = dict(launch, env=dict(launch["env"]))
        try:
            launch = await self._with_ours(launch)
        except Exception:
            self.log.exception("GPU pin and in-kernel part left out for kernel %s", self.kernel_id)
            launch = plain
        self.own_span = time.perf_counter() - begun
        return launch

    async def _activated(self, launch: dict[str, Any], before: Mapping[str, str]) -> dict[str, str]:
        """The variables with the activation of the kernel's environment; as they are where that fails."""
        variables: dict[str, str] = launch["env"]
        try:
            activations = services().activations
            if activations is None:
                return variables
            spec = self.kernel_spec
            start = taken_apart(launch["cmd"], variables, before, spec.env, spec.metadata)
            loop = asyncio.get_running_loop()
            found = loop.run_in_executor(None, with_activation, start, activations)
            changed, problem = await asyncio.wait_for(asyncio.shield(found), ACTIVATION_TIMEOUT)
        except Exception:
            self.log.exception("Activation left out of the start of kernel %s", self.kernel_id)
            return variables
        if problem:
            self.log.warning("Kernel %s: %s", self.kernel_id, problem)
        return changed

    async def _with_ours(self, launch: dict[str, Any]) -> dict[str, Any]:
        served = services()
        env: dict[str, str] = launch["env"]
        env.pop(launchfile.VARIABLE, None)  # where this program itself runs in a kernel of ours
        notebook = _notebook(env, launch.get("cwd"))
        kernelspec = getattr(self.parent, "kernel_name", None) or None
        pin, pin_from = choose_pin(
            served.pins,
            served.default_pin,
            kernel_id=self.kernel_id,
            notebook=notebook,
            kernelspec=kernelspec,
        )
        allocation = await self._allocate(served, pin)
        env.update(allocation.variables)
        if allocation.note:
            self.log.warning("Kernel %s: %s", self.kernel_id, allocation.note)
        interpreter = interpreter_of(launch["cmd"], env)
        kernel = StartedKernel(
            kernel_id=self.kernel_id,
            pin=pin,
            pin_from=pin_from,
            allocation=allocation,
            notebook=notebook,
            kernelspec=kernelspec,
            interpreter=str(interpreter) if interpreter else None,
            prefix=prefix_of(interpreter) if interpreter else None,
            variables=env,
        )
        # From here on a failure costs only the in-kernel part: the pin stays applied.
        try:
            put = _put_in(served, launch, kernel)
            if put is not None:
                launch, self._written = put
                report = self._written.report
                kernel = dataclasses.replace(kernel, report=Path(report) if report else None)
        except Exception:
            self.log.exception("In-kernel part left out of the start of kernel %s", self.kernel_id)
            env.pop(launchfile.VARIABLE, None)
        self._starting = kernel
        return launch

    async def _allocate(self, served: LaunchServices, pin: Pin) -> Allocation:
        if not needs_reading(pin):
            return resolve(pin, None, served.given)
        loop = asyncio.get_running_loop()
        # The driver may hang for good: it is not asked on the event loop, nor waited for longer than this.
        asked = loop.run_in_executor(None, served.reading, READING_TIMEOUT)
        try:
            reading = await asyncio.wait_for(asyncio.shield(asked), READING_TIMEOUT + 0.2)
        except Exception as error:
            self.log.warning("No reading of the GPUs for the start of kernel %s: %r", self.kernel_id, error)
            reading = None
        reserved = None
        if reading is not None and pin.kind == "auto":
            reserved = served.started.reserved(reading, but=self.kernel_id)
        return resolve(pin, reading, served.given, reserved)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Starts the process and records what it was started with.

        Raises FileNotFoundError with a sentence for a person where the interpreter is gone, and else what
        the operating system says.
        """
        try:
            info = await super().launch_kernel(cmd, **kwargs)
        except Exception as error:
            self._forget()
            if isinstance(error, FileNotFoundError) and not _is_there(cmd, kwargs.get("env")):
                raise FileNotFoundError(self._gone(cmd[0])) from error
            raise
        try:
            if self._starting is None:
                services().started.remove(self.kernel_id)  # what an earlier start had does not hold any more
            else:
                self._starting = dataclasses.replace(self._starting, pid=self.pid)
                services().started.put(self._starting)
            self._note_process()
        except Exception:
            self.log.exception("Start of kernel %s not recorded", self.kernel_id)
        return info

    def _note_process(self) -> None:
        """Puts the process into the launch file, for programs that look for running kernels."""
        if self._written is None or self.pid is None:
            return
        self._written = msgspec.structs.replace(self._written, pid=self.pid, began=began(self.pid))
        launchfile.write_launch_file(services().runtime_dir, self._written)

    async def post_launch(self, **kwargs: Any) -> None:
        """After each start: tells the server, which then makes the report."""
        await super().post_launch(**kwargs)
        try:
            served = services()
            if self._starting is not None and served.on_started is not None:
                served.on_started(self._starting)
        except Exception:
            self.log.exception("Server not told of the start of kernel %s", self.kernel_id)

    async def cleanup(self, restart: bool = False) -> None:
        """After the process is gone; for good: its files, its record and its own pin go too."""
        await super().cleanup(restart=restart)
        if restart:
            return
        self._forget()
        try:
            services().pins.clear(Target(kernel_id=self.kernel_id))
        except Exception:
            self.log.exception("Pin of kernel %s not removed", self.kernel_id)

    def _forget(self) -> None:
        """Removes the files and the record of a kernel that does not run."""
        try:
            served = services()
            known = served.started.remove(self.kernel_id)
            launchfile.remove(
                launchfile.report_path(served.runtime_dir, self.kernel_id),
                launchfile.launch_path(served.runtime_dir, self.kernel_id),
            )
            if known and served.on_ended is not None:
                served.on_ended(self.kernel_id)
        except Exception:
            self.log.exception("Files of kernel %s not removed", self.kernel_id)

    def _gone(self, program: str) -> str:
        """What to say where the program that the kernelspec starts is not there."""
        name = getattr(self.parent, "kernel_name", None) or "of this kernel"
        if owner_mark({"metadata": self.kernel_spec.metadata}) is not None:
            advice = (
                f"If its environment was moved or made again: jupyter tfgpu specs repair {name}. "
                f"If it is gone for good: jupyter tfgpu specs remove {name}"
            )
        else:
            advice = "Install the environment and its kernelspec again, or choose another kernel."
        return f"The interpreter {program} of the kernelspec {name} does not exist. {advice}"


def _put_in(
    served: LaunchServices, launch: dict[str, Any], kernel: StartedKernel
) -> tuple[dict[str, Any], launchfile.LaunchFile] | None:
    """The launch with our part in its command, and the launch file, written; None for other commands."""
    command = with_our_part(launch["cmd"])
    if command is None:
        return None
    content = _launch_file(served, command.module, kernel)
    # The last start's report: the pin may have changed since.
    launchfile.remove(launchfile.report_path(served.runtime_dir, kernel.kernel_id))
    launch["env"][launchfile.VARIABLE] = str(launchfile.write_launch_file(served.runtime_dir, content))
    return dict(launch, cmd=list(command.argv)), content


def _launch_file(served: LaunchServices, module: str, kernel: StartedKernel) -> launchfile.LaunchFile:
    reported = served.on_started is not None
    return launchfile.LaunchFile(
        kernel_id=kernel.kernel_id,
        module=module,
        report=str(launchfile.report_path(served.runtime_dir, kernel.kernel_id)) if reported else None,
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
        starter=os.getpid(),
        starter_began=began(os.getpid()),
    )


def _is_there(cmd: Sequence[str], env: Mapping[str, str] | None) -> bool:
    """Whether the command's program exists; a FileNotFoundError may be about the working folder too."""
    return bool(cmd) and shutil.which(cmd[0], path=(env or os.environ).get("PATH")) is not None


def _notebook(env: dict[str, str], cwd: object) -> str | None:
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
