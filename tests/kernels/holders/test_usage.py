"""Since when a kernel holds memory without using the device, and when it last used one."""

from __future__ import annotations

import threading

import pytest

from jupyter_tfgpu.devices import Device, Utilization
from jupyter_tfgpu.kernels import DeviceHolders, Holder, UsageLog, share
from jupyter_tfgpu.kernels.holders.usage import GAP
from tests.kernels.readings import FIRST, SECOND, device, reading


class Seen:
    """A log that is told of one reading after the other."""

    def __init__(self) -> None:
        self.log = UsageLog()
        self._now = 0.0

    def at(
        self,
        second: float,
        *holders: Holder,
        busy: float | None = None,
        status: str = "ok",
        running: tuple[str, ...] = ("k1", "k2"),
    ) -> Seen:
        gpu = device(0, FIRST, utilization=Utilization(gpu=busy))
        return self.of(second, {FIRST: holders}, gpu, status=status, running=running)

    def of(
        self,
        second: float,
        holders: dict[str, tuple[Holder, ...]],
        *devices: Device,
        status: str = "ok",
        running: tuple[str, ...] = ("k1", "k2"),
    ) -> Seen:
        held = {uuid: DeviceHolders(holders=each) for uuid, each in holders.items()}
        self.log.add(reading(*devices, status=status, taken_at=1000.0 + second), held, running)
        self._now = 1000.0 + second
        return self

    @property
    def unused(self) -> float | None:
        """Seconds up to the last reading."""
        since = self.log.unused_since("k1", FIRST)
        return None if since is None else self._now - since

    @property
    def last(self) -> float | None:
        last = self.log.last_used("k1")
        return None if last is None else last - 1000


def holds(use: float | None, kernel: str | None = "k1", pid: int = 100) -> Holder:
    return Holder(pid=pid, memory=1, utilization=use, kernel_id=kernel)


def test_the_time_without_use_begins_with_the_last_use() -> None:
    seen = Seen().at(0, holds(0.4)).at(2, holds(0.1))
    assert (seen.unused, seen.last) == (0, 2)
    seen.at(4, holds(0.0)).at(60, holds(0.0))
    assert (seen.unused, seen.last) == (58, 2)
    seen.at(62, holds(0.2))
    assert (seen.unused, seen.last) == (0, 62)


def test_what_was_held_before_we_looked_counts_from_the_first_look() -> None:
    seen = Seen().at(0, holds(0.0))
    assert (seen.unused, seen.last) == (None, None), "one look tells no time"
    assert seen.at(30, holds(0.0)).unused == 30


def test_one_process_at_work_is_enough() -> None:
    seen = Seen().at(0, holds(0.0), holds(0.0, pid=101)).at(5, holds(0.0), holds(0.3, pid=101))
    assert (seen.unused, seen.last) == (0, 5)


def test_a_device_at_rest_is_used_by_nobody_even_where_processes_are_not_known() -> None:
    seen = Seen().at(0, holds(None), busy=0.0).at(7, holds(None), busy=0.0)
    assert (seen.unused, seen.last) == (7, None)


def test_of_a_busy_device_its_only_holder_is_seen_using_it() -> None:
    seen = Seen().at(0, holds(None), busy=0.0).at(7, holds(None), busy=0.5)
    assert (seen.unused, seen.last) == (0, 7)


def test_of_a_busy_device_with_several_nobody_is_said_to_rest_nor_seen_using_it() -> None:
    seen = Seen()
    for second in (0, 10, 20):
        seen.at(second, holds(None), holds(None, kernel=None, pid=7), busy=0.9)
    assert (seen.unused, seen.last) == (0, None)


def test_what_is_not_known_is_not_counted() -> None:
    seen = Seen().at(0, holds(0.0)).at(10, holds(0.0)).at(20, holds(None), busy=None)
    assert (seen.unused, seen.last) == (None, None)
    assert seen.at(30, holds(0.0)).at(35, holds(0.0)).unused == 5


def test_a_gap_without_readings_is_not_counted() -> None:
    seen = Seen().at(0, holds(0.0)).at(60, holds(0.0))
    assert seen.unused == 60
    end = 60 + GAP + 1
    assert seen.at(end, holds(0.0)).unused is None
    assert seen.at(end + 30, holds(0.0)).unused == 30


def test_readings_at_the_longest_interval_leave_no_gap() -> None:
    seen = Seen()
    for minute in range(11):
        seen.at(60.0 * minute, holds(0.0))
    assert seen.unused == 600


def test_a_driver_that_does_not_answer_tells_nothing_and_ends_nothing() -> None:
    seen = Seen().at(0, holds(0.0)).at(10, holds(0.0))
    seen.at(20, status="not-answering").at(25, status="error")
    assert seen.unused == 25
    assert seen.at(30, holds(0.0)).unused == 30


def test_a_reading_seen_twice_and_one_that_comes_late_count_once() -> None:
    seen = Seen().at(0, holds(0.0)).at(10, holds(0.0)).at(10, holds(0.9)).at(5, holds(0.9))
    assert (seen.log.unused_since("k1", FIRST), seen.last) == (1000, None)


def test_a_clock_set_back_starts_anew() -> None:
    seen = Seen().at(0, holds(0.0)).at(10, holds(0.0)).at(-3600, holds(0.0))
    assert seen.unused is None
    assert seen.at(-3590, holds(0.0)).unused == 10


def test_memory_given_back_and_a_restarted_kernel_start_anew() -> None:
    seen = Seen().at(0, holds(0.0)).at(10, holds(0.0)).at(20)
    assert seen.unused is None
    seen.at(30, holds(0.0)).at(40, holds(0.0))
    assert seen.unused == 10
    assert seen.at(50, holds(0.0, pid=200)).unused is None
    assert seen.at(60, holds(0.0, pid=200), holds(0.0, pid=201)).unused == 10


def test_kernels_and_devices_are_told_apart() -> None:
    gpus = device(0, FIRST), device(1, SECOND)
    seen = Seen()
    for second in (0, 10):
        seen.of(second, {FIRST: (holds(0.0), holds(0.5, "k2", 200)), SECOND: (holds(0.0),)}, *gpus)
    asked = (("k1", FIRST), ("k1", SECOND), ("k2", FIRST), ("k2", SECOND))
    assert [seen.log.unused_since(*each) for each in asked] == [1000.0, 1000.0, 1010.0, None]
    assert (seen.log.last_used("k1"), seen.log.last_used("k2")) == (None, 1010.0)


def test_a_kernel_that_has_ended_is_forgotten() -> None:
    seen = Seen().at(0, holds(0.4)).at(10, running=("k2",))
    assert (seen.unused, seen.last) == (None, None)


def test_a_kernel_that_gave_its_memory_back_is_still_known_to_have_used_it() -> None:
    assert Seen().at(0, holds(0.4)).at(10).last == 0


@pytest.mark.parametrize(
    ("shares", "whole"),
    [((0.25, 0.5), 0.75), ((0.7, 0.6), 1.0), ((0.1, None), None), ((0.0,), 0.0), ((0.1, 0.2), 0.3)],
)
def test_a_kernels_use_is_that_of_its_processes(
    shares: tuple[float | None, ...], whole: float | None
) -> None:
    assert share(holds(one) for one in shares) == whole


def test_many_threads_may_tell_the_same() -> None:
    """The live socket, a request and a scrape each hand over the last reading."""
    seen, failed = Seen(), []
    together = threading.Barrier(4, timeout=20)

    def work() -> None:
        try:
            for second in range(200):
                together.wait()
                seen.at(float(second), holds(0.0))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert seen.unused == 199


def test_readings_leave_nothing_behind() -> None:
    seen = Seen()
    for second in range(3000):
        ids = (f"kernel-{second}", "k1")
        seen.at(float(second), holds(0.1, ids[0], second), holds(0.1), running=ids)
    assert len(seen.log._counts) == len(seen.log._last_used) == 2
