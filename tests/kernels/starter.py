"""A program that starts kernels with our provisioner and no server, as nbclient does.

``python -m tests.kernels.starter PREFIX COUNT``: says "ready", and at each line it is sent starts so many
kernels at once, small processes standing for them, and says on which devices, as JSON by kernel id. At the
end of its input it ends them. The pins and the machine are those that our variables name; the kernelspec is
called ``small``.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_core.paths import jupyter_runtime_dir

from jupyter_tfgpu.kernels import PROVISIONER_NAME


def manager(kernel_id: str) -> Any:
    """A manager of a kernel that is a small process."""
    connection_file = Path(jupyter_runtime_dir()) / f"kernel-{kernel_id}.json"
    connection_file.parent.mkdir(parents=True, exist_ok=True)
    made = AsyncKernelManager(kernel_name="small", kernel_id=kernel_id, connection_file=str(connection_file))
    made._kernel_spec = KernelSpec(argv=["sleep", "600"], display_name="small", language="none")
    return made


def visible(pid: int) -> str:
    """CUDA_VISIBLE_DEVICES as the process itself has it."""
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return next(v.decode().partition("=")[2] for v in variables if v.startswith(b"CUDA_VISIBLE_DEVICES="))


async def serve(prefix: str, count: int) -> None:
    KernelProvisionerFactory.instance().default_provisioner_name = PROVISIONER_NAME
    managers: dict[str, Any] = {}
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        ids = [f"{prefix}-{len(managers) + number}" for number in range(count)]
        made = {kernel_id: manager(kernel_id) for kernel_id in ids}
        await asyncio.gather(*(one.start_kernel() for one in made.values()))
        managers |= made
        print(json.dumps({key: visible(one.provisioner.pid) for key, one in made.items()}), flush=True)
    await asyncio.gather(*(one.shutdown_kernel(now=True) for one in managers.values()))


class Starter:
    """Such a program, running."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert self._said() == "ready"

    def go(self) -> None:
        """Has it start its kernels."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def started(self) -> dict[str, str]:
        """The devices of those that it started last, by kernel id."""
        return json.loads(self._said())  # type: ignore[no-any-return]

    def kill(self) -> None:
        """Ends it and its kernels, with no chance for it to clean up."""
        for pid in psutil.Process(self._process.pid).children(recursive=True):
            pid.kill()
        self._process.kill()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def starter(prefix: str, count: int, variables: Mapping[str, str]) -> Iterator[Starter]:
    """A program that starts ``count`` kernels at a time, whose ids begin so; ended with its kernels."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.kernels.starter", prefix, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
        cwd=Path(__file__).parents[2],
    ) as process:
        try:
            yield Starter(process)
        finally:
            process.communicate(timeout=60)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
