"""Starts kernels as jupyter_client's LocalProvisioner does, in their environment as a terminal activates it,
on the pinned GPU and with our part inside.

Nothing of ours may keep a kernel from starting: a step that fails is logged and left out.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ..devices.reading import Reading
from ..environments.activation import SCRIPTS_LIMIT
from .launch.activating import Stated, stated_now, taken_apart, with_activation
from .launch.begun import Begun, Plan, begin, plan_start
from .launch.services import LaunchServices, services
from .launch.turns import TURNS_FILE
from .pins.resolve import needs_reading
from .pins.targets import Target
from .running import launchfile
from .running.processes import began
from .running.started import StartedKernel
from .specs.document import owner_mark

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
    _known = False
    """Whether the server was told of a start."""
    _stated: Stated | None = None
    """What its kernel.json said at the last start."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Before each start: variables of the activation and the pin, and our part in the command."""
        self._read_again()
        before = kwargs.get("env", os.environ)
        launch: dict[str, Any] = await super().pre_launch(**kwargs)
        begun = time.perf_counter()
        self._starting = self._written = None
        launch = dict(launch, env=await self._activated(launch, before))
        try:
            launch = await self._with_ours(launch)
        except Exception:
            self.log.exception("GPU pin and in-kernel part left out for kernel %s", self.kernel_id)
        self.own_span = time.perf_counter() - begun
        return launch

    def _read_again(self) -> None:
        """Variables that were put into the kernelspec since the last start count at this one; jupyter_client
        keeps a kernelspec as it was at the kernel's first."""
        stated = stated_now(self.kernel_spec.resource_dir)
        if stated is not None and self._stated not in (None, stated):
            self.kernel_spec.env, self.kernel_spec.metadata = stated.env, stated.metadata
        self._stated = stated

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
        plan = plan_start(
            served,
            kernel_id=self.kernel_id,
            command=launch["cmd"],
            variables=launch["env"],
            cwd=launch.get("cwd"),
            kernelspec=getattr(self.parent, "kernel_name", None) or None,
        )
        begun = await self._begin(served, plan)
        if begun.kernel.allocation.note:
            self.log.warning("Kernel %s: %s", self.kernel_id, begun.kernel.allocation.note)
        if begun.problem is not None:
            self.log.error(
                "In-kernel part left out of the start of kernel %s", self.kernel_id, exc_info=begun.problem
            )
        self._starting, self._written = begun.kernel, begun.written
        return dict(launch, cmd=list(begun.command), env=begun.variables)

    async def _begin(self, served: LaunchServices, plan: Plan) -> Begun:
        if not needs_reading(plan.pin):
            return begin(served, plan, None)
        reading = await self._reading(served)
        if plan.pin.kind != "auto" or reading is None:
            return begin(served, plan, reading)
        try:
            path = served.runtime_dir / TURNS_FILE
            return await served.turns.take(path, functools.partial(begin, served, plan, reading))
        except TimeoutError as error:
            self.log.warning("Kernel %s starts without its turn to choose GPUs: %s", self.kernel_id, error)
            return begin(served, plan, reading, others=False)

    async def _reading(self, served: LaunchServices) -> Reading | None:
        loop = asyncio.get_running_loop()
        # The driver may hang for good: it is not asked on the event loop, nor waited for longer than this.
        asked = loop.run_in_executor(served.threads, served.reading, READING_TIMEOUT)
        try:
            return await asyncio.wait_for(asked, READING_TIMEOUT + 0.2)
        except Exception as error:
            self.log.warning("No reading of the GPUs for the start of kernel %s: %r", self.kernel_id, error)
            return None

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
            self._note_process(services())
        except Exception:
            self.log.exception("Start of kernel %s not recorded", self.kernel_id)
        return info

    def _note_process(self, served: LaunchServices) -> None:
        """Puts the process into the record and the launch file, for all that look for running kernels."""
        self._known = self._starting is not None
        if self._starting is None:
            # What an earlier start had does not hold any more.
            served.started.remove(self.kernel_id)
            launchfile.remove(launchfile.launch_path(served.runtime_dir, self.kernel_id))
            return
        self._starting = served.started.put(dataclasses.replace(self._starting, pid=self.pid))
        if self._written is None or self.pid is None:
            return
        self._written = msgspec.structs.replace(
            self._written, pid=self.pid, began=began(self.pid), born=self._starting.born
        )
        launchfile.write_launch_file(served.runtime_dir, self._written)

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
        known, self._known = self._known, False
        try:
            served = services()
            served.started.remove(self.kernel_id)
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


def _is_there(cmd: Sequence[str], env: Mapping[str, str] | None) -> bool:
    """Whether the command's program exists; a FileNotFoundError may be about the working folder too."""
    return bool(cmd) and shutil.which(cmd[0], path=(env or os.environ).get("PATH")) is not None
