"""What kernels are said to use, from the readings that went through."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tfgpu.api.kernels import RunningKernel
from jupyter_tfgpu.api.times import iso_time
from jupyter_tfgpu.api.watching import Watching
from jupyter_tfgpu.api.wire import KernelAnswer, KernelDevice
from jupyter_tfgpu.devices import Device, DriverState, Memory, Monitor, Process, Reading
from jupyter_tfgpu.kernels import ALL, Allocation, LaunchServices, PinStore, StartedKernel, StartedKernels
from jupyter_tfgpu.machine import Machine

GIB = 1 << 30
NOW = time.time()


def reading(second: float, use: float | None) -> Reading:
    """A device with this process on it, so many seconds from now."""
    gpu = Device(
        uuid="GPU-a",
        index=0,
        memory=Memory(total=8 * GIB, used=2 * GIB, free=6 * GIB),
        processes=(Process(pid=os.getpid(), memory=GIB, utilization=use),),
    )
    return Reading(taken_at=NOW + second, driver=DriverState(status="ok"), devices=(gpu,))


class Source:
    """Gives the reading that it was given."""

    now = reading(0, 0.0)

    def read(self) -> Reading:
        return self.now

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    table = StartedKernels()
    table.put(
        StartedKernel(kernel_id="k1", pin=ALL, pin_from="default", allocation=Allocation(), pid=os.getpid())
    )
    monitor = Monitor(Source)
    machine = Machine(root=tmp_path, environ={})
    launches = LaunchServices(
        pins=PinStore(tmp_path / "pins.json", machine),
        reading=lambda timeout: None,
        runtime_dir=tmp_path,
        started=table,
    )
    yield Watching(monitor, launches, table.all, lambda kernel_id: None, machine, 1.0)
    monitor.close()


def seen(watching: Watching, made: Reading) -> KernelAnswer:
    (answer,) = watching.state(made, [RunningKernel(id="k1")]).kernels.kernels
    return answer


def test_a_kernels_use_and_the_time_without_it_are_in_its_answer(watching: Watching) -> None:
    used = seen(watching, reading(0, 0.25))
    assert used.devices == (
        KernelDevice(uuid="GPU-a", memory=GIB, utilization=0.25, unused_since=iso_time(NOW)),
    )
    assert used.last_used is not None
    assert used.last_used.endswith("+00:00")
    later = seen(watching, reading(40, 0.0))
    assert later.devices == (
        KernelDevice(uuid="GPU-a", memory=GIB, utilization=0.0, unused_since=iso_time(NOW)),
    )
    assert later.last_used == used.last_used


def test_holders_have_their_use(watching: Watching) -> None:
    (device,) = watching.state(reading(0, 0.25), []).devices.devices
    assert [(one.pid, one.kernel_id, one.utilization) for one in device.holders] == [
        (os.getpid(), "k1", 0.25)
    ]


def test_every_way_a_reading_is_handled_notes_who_used_what(watching: Watching) -> None:
    """What a background reading saw is there when a page is opened."""
    watching.held(reading(0, 0.5))
    watching.held(reading(30, 0.0))
    answer = seen(watching, reading(60, 0.0))
    assert answer.devices[0].unused_since == iso_time(NOW)
