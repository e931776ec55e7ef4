"""The table of running kernels."""

from __future__ import annotations

import dataclasses

from jupyter_tfgpu.kernels import Allocation, StartedKernel, StartedKernels, parse_pin
from tests.kernels.readings import FIRST, SECOND, device, process, reading

KERNEL = StartedKernel(
    kernel_id="a",
    pin=parse_pin("auto"),
    pin_from="default",
    allocation=Allocation(uuids=(FIRST,)),
    pid=50,
    started_at=100.0,
)


def test_a_start_replaces_the_last_one_and_an_end_removes_it() -> None:
    table = StartedKernels()
    table.put(KERNEL)
    table.put(dataclasses.replace(KERNEL, pid=51))
    assert [one.pid for one in table.all()] == [51]
    assert table.remove("a")
    assert not table.remove("a")
    assert table.get("a") is None


def test_a_device_is_reserved_until_the_kernels_memory_shows_or_it_has_settled() -> None:
    table = StartedKernels()
    table.put(KERNEL)
    table.put(
        dataclasses.replace(KERNEL, kernel_id="b", pid=60, allocation=Allocation(uuids=(FIRST, SECOND)))
    )
    table.put(dataclasses.replace(KERNEL, kernel_id="c", pid=70, allocation=Allocation()))
    empty = reading(device(0, FIRST))
    assert table.reserved(empty, now=110.0) == {FIRST: 2, SECOND: 1}
    assert table.reserved(empty, now=110.0, but="b") == {FIRST: 1}
    shown = reading(device(0, FIRST, processes=(process(60, 1),)))
    assert table.reserved(shown, now=110.0) == {FIRST: 1}
    assert table.reserved(empty, now=200.0) == {}
