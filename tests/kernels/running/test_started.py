"""The table of running kernels."""

from __future__ import annotations

import dataclasses
import os

from jupyter_tfgpu.kernels import Allocation, StartedKernel, StartedKernels, born, parse_pin
from tests.kernels.readings import FIRST

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


def test_a_start_is_kept_with_when_its_process_was_born() -> None:
    table = StartedKernels()
    assert table.put(dataclasses.replace(KERNEL, pid=None)).born is None
    here = table.put(dataclasses.replace(KERNEL, pid=os.getpid()))
    assert here.born == born(os.getpid())
    assert table.get("a") == here
