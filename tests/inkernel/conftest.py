"""Kernels with our part in them, each with its report."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.kernels import LaunchServices, StartedKernel, set_services, write_private
from tests.kernels.conftest import launch_services
from tests.kernels.kernels_here import Kernel, kernel

__all__ = ["launch_services"]

StartKernel = Callable[..., AbstractContextManager[Kernel]]

FRAMEWORK = """
import sys, types
class Sequential:
    def fit(self, *values, **named):
        print("fitted")
        return self
Sequential.__module__ = "keras.engine.sequential"
keras = types.ModuleType("keras")
keras.Sequential = Sequential
sys.modules["keras"] = keras
model = Sequential()
"""
"""Something that looks like Keras to the kernel."""


@pytest.fixture
def kernel_with(launch_services: LaunchServices, tmp_path: Path) -> StartKernel:
    """Starts a kernel whose report is this one: ``with kernel_with(report, python=…) as running``.

    ``state_file``: where it looks for the state of the devices.
    """

    @contextmanager
    def start(
        report: dict[str, Any] | bytes | None,
        python: Path | str = sys.executable,
        state_file: Path | None = None,
        **more: Any,
    ) -> Iterator[Kernel]:
        def put(started: StartedKernel) -> None:
            if report is not None and started.report is not None:
                data = report if isinstance(report, bytes) else json.dumps(report).encode()
                write_private(started.report, data)

        set_services(replace(launch_services, on_started=put, state_file=state_file))
        with kernel(python, **{"cwd": tmp_path, **more}) as running:
            running.run(FRAMEWORK)
            yield running

    return start
