"""A real kernel, started through jupyter_client with a provisioner of choice, and what its cells put out."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_core.paths import jupyter_runtime_dir

from jupyter_tfgpu.kernels import PROVISIONER_NAME

OURS = PROVISIONER_NAME
PLAIN = "local-provisioner"
TIMEOUT = 90
ATTEMPTS = 3


@dataclass
class Cell:
    """What a cell put out, in order: ("stream", text), ("display_data", bundle), ("error", text)."""

    outputs: list[tuple[str, Any]] = field(default_factory=list)
    status: str = ""

    @property
    def text(self) -> str:
        """All it printed."""
        return "".join(content for kind, content in self.outputs if kind == "stream")

    @property
    def displays(self) -> list[dict[str, Any]]:
        """The bundles it displayed."""
        return [content for kind, content in self.outputs if kind == "display_data"]

    @property
    def error(self) -> str | None:
        """The error it ended with."""
        return next((content for kind, content in self.outputs if kind == "error"), None)


class Kernel:
    """A started kernel."""

    attempts = 1
    """Starts until it answered."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self.client = manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)

    @property
    def id(self) -> str:
        return self.manager.kernel_id

    @property
    def provisioner(self) -> Any:
        """What started it."""
        return self.manager.provisioner

    def run(self, code: str) -> Cell:
        """Runs a cell and gives what it put out."""
        cell = Cell()

        def hook(message: dict[str, Any]) -> None:
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                cell.outputs.append((kind, content["text"]))
            elif kind == "display_data":
                cell.outputs.append((kind, content["data"]))
            elif kind == "error":
                cell.outputs.append((kind, f"{content['ename']}: {content['evalue']}"))

        # After a cell that failed a kernel drops what comes within a moment, which is long on a busy machine.
        reply = self.client.execute_interactive(code, output_hook=hook, timeout=TIMEOUT, stop_on_error=False)
        cell.status = reply["content"]["status"]
        return cell

    def value(self, expression: str) -> str:
        """The repr of an expression there."""
        return self.run(f"print(repr({expression}))").text.strip()

    def restart(self) -> None:
        """Restarts it as the menu entry does."""
        self.manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=TIMEOUT)


def _start(manager: KernelManager, started: dict[str, Any]) -> Kernel:
    """Starts it; again where it died before its first answer.

    jupyter_client picks free ports, which another program may take before the kernel does.
    """
    for attempt in range(1, ATTEMPTS + 1):
        manager.start_kernel(**started)
        try:
            running = Kernel(manager)
            running.attempts = attempt
            return running
        except RuntimeError:
            if attempt == ATTEMPTS:
                raise
            manager.shutdown_kernel(now=True)
    raise AssertionError("not reached")


@contextmanager
def kernel(
    python: Path | str = sys.executable,
    *,
    provisioner: str = OURS,
    before_module: Sequence[str] = (),
    module: str = "ipykernel_launcher",
    argv: Sequence[str] | None = None,
    env: Mapping[str, str] | None = None,
    spec_env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    kernel_id: str | None = None,
    kernel_name: str = "python3",
    metadata: Mapping[str, Any] | None = None,
    resource_dir: str = "",
) -> Iterator[Kernel]:
    """A running kernel of this interpreter, shut down at the end."""
    command = argv or [str(python), *before_module, "-m", module, "-f", "{connection_file}"]
    factory = KernelProvisionerFactory.instance()
    before = factory.default_provisioner_name
    factory.default_provisioner_name = provisioner
    kernel_id = kernel_id or str(uuid.uuid4())
    # Named after the kernel, as a server names it.
    connection_file = Path(jupyter_runtime_dir()) / f"kernel-{kernel_id}.json"
    connection_file.parent.mkdir(parents=True, exist_ok=True)
    manager = KernelManager(
        kernel_name=kernel_name, kernel_id=kernel_id, connection_file=str(connection_file)
    )
    manager._kernel_spec = KernelSpec(
        argv=list(command),
        display_name="test",
        language="python",
        env=dict(spec_env or {}),
        metadata=dict(metadata or {}),
        resource_dir=resource_dir,
    )
    running = None
    try:
        started = {"env": {**os.environ, **(env or {})}, **({"cwd": str(cwd)} if cwd else {})}
        running = _start(manager, started)
        yield running
    finally:
        if running is not None:
            running.client.stop_channels()
        manager.shutdown_kernel(now=True)
        factory.default_provisioner_name = before
