"""Kernels of real environments, added and started through a real server, have what a terminal has."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.real.prefixes import NAMES
from tests.real.served import TIMEOUT, added, started
from tests.real.terminal import Seen, after_conda_activation, after_venv_activation
from tests.real.virtual import MAKERS, VERSIONS
from tests.server.asking import Fetch


async def compare(
    jp_fetch: Fetch,
    serverapp: Any,
    prefix: Path,
    terminal: Callable[[Path, Mapping[str, str]], Seen],
    restart: bool = True,
) -> None:
    """Adds and starts a kernel of the environment, and restarts it; each time it is as in the terminal."""
    expected = terminal(prefix, os.environ)
    name = await added(jp_fetch, prefix)
    async with started(jp_fetch, serverapp, name) as kernel:
        first = await kernel.seen()
        assert first.compared == expected.compared
        assert (first.prefix, first.executable) == (expected.prefix, expected.executable)
        # The interpreter itself is what was started: no wrapper, so signals and GPU memory are its own.
        assert (first.pid, first.program) == (kernel.pid, expected.program)
        if not restart:
            return
        await kernel.restart()
        second = await kernel.seen()
        assert second.pid == kernel.pid != first.pid
        assert second.compared == expected.compared
        assert second.prefix == expected.prefix


@pytest.mark.parametrize("why", NAMES)
async def test_a_conda_prefix(
    why: str, jp_fetch: Fetch, jp_serverapp: Any, conda_prefixes: Mapping[str, Path]
) -> None:
    await compare(jp_fetch, jp_serverapp, conda_prefixes[why], after_conda_activation)


@pytest.mark.parametrize("virtual_prefix", [*VERSIONS, *MAKERS], indirect=True)
async def test_a_virtual_environment(jp_fetch: Fetch, jp_serverapp: Any, virtual_prefix: Path) -> None:
    between = virtual_prefix.name in {f"bare-{version}" for version in VERSIONS[1:-1]}
    await compare(jp_fetch, jp_serverapp, virtual_prefix, after_venv_activation, restart=not between)


async def test_a_library_of_the_prefix_is_loaded_and_an_interrupt_arrives(
    jp_fetch: Fetch, jp_serverapp: Any, conda_prefixes: Mapping[str, Path]
) -> None:
    name = await added(jp_fetch, conda_prefixes["quotes"])
    async with started(jp_fetch, jp_serverapp, name) as kernel:
        # Found through LD_LIBRARY_PATH alone, which the loader reads once, when the process begins.
        printed, _ = await kernel.run("import ctypes; print(ctypes.CDLL('libtfgpu_proof.so').tfgpu_proof())")
        assert printed == "42\n"
        printing = asyncio.Event()
        sleep = "print('sleeps', flush=True)\nimport time; time.sleep(600)"
        sleeping = asyncio.ensure_future(kernel.run(sleep, printing))
        await asyncio.wait_for(printing.wait(), TIMEOUT)
        await kernel.ask("interrupt")
        _, reply = await sleeping
        assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
        assert (await kernel.run("print(1 + 1)"))[0] == "2\n"
