"""The history keeps half an hour in columns, and no more."""

from __future__ import annotations

import tracemalloc

import pytest

from jupyter_tfgpu.devices import Device, DriverState, Memory, Reading
from jupyter_tfgpu.devices.history import SPAN, HistoryStore
from jupyter_tfgpu.devices.simulated import SimulatedSource
from tests.devices.conftest import Start
from tests.standin.driver import device


def reading(taken_at: float, *devices: Device) -> Reading:
    return Reading(taken_at=taken_at, driver=DriverState(status="ok"), devices=devices)


def gpu(uuid: str = "GPU-a", **figures: object) -> Device:
    return Device(uuid=uuid, **figures)  # type: ignore[arg-type]


def test_only_the_seconds_asked_for_are_given() -> None:
    store = HistoryStore(1.0)
    for second in range(100):
        store.add(reading(1000.0 + second, gpu(temperature=second)))
    history = store.last(10, now=1099.0)
    assert history.times == tuple(1000.0 + second for second in range(89, 100))
    assert history.devices["GPU-a"].temperature == tuple(range(89, 100))


def test_more_than_half_an_hour_is_clamped_to_it() -> None:
    store = HistoryStore(1.0)
    for second in range(5000):
        store.add(reading(float(second), gpu(temperature=1)))
    history = store.last(1e9, now=4999.0)
    assert len(history.times) == SPAN
    assert history.times[-1] == 4999.0
    assert history.times[0] == 3200.0


def test_columns_are_as_long_as_the_times_whatever_comes_and_goes() -> None:
    store = HistoryStore(1.0)
    store.add(reading(1.0, gpu("GPU-a", temperature=40)))
    store.add(reading(2.0))
    store.add(reading(3.0, gpu("GPU-a", memory=Memory(used=7)), gpu("GPU-b", temperature=50)))
    history = store.last(60, now=3.0)
    assert history.devices["GPU-a"].temperature == (40, None, None)
    assert history.devices["GPU-a"].memory == (None, None, 7)
    assert history.devices["GPU-b"].temperature == (None, None, 50)


def test_a_device_gone_for_half_an_hour_is_forgotten() -> None:
    store = HistoryStore(1.0)
    store.add(reading(1.0, gpu("GPU-old"), gpu("GPU-new")))
    store.add(reading(SPAN, gpu("GPU-new")))
    assert set(store.last(SPAN, now=SPAN).devices) == {"GPU-old", "GPU-new"}
    store.add(reading(SPAN + 2, gpu("GPU-new")))
    assert set(store.last(SPAN, now=SPAN + 2).devices) == {"GPU-new"}


def test_a_device_that_is_away_for_a_while_keeps_its_past() -> None:
    """Nothing is listed while the driver is away; what was before and after stands in the same columns."""
    store = HistoryStore(1.0)
    store.add(reading(1.0, gpu(temperature=40)))
    for second in range(2, 1000):
        store.add(reading(float(second)))
    store.add(reading(1000.0, gpu(temperature=50)))
    history = store.last(SPAN, now=1000.0)
    assert history.devices["GPU-a"].temperature == (40, *[None] * 998, 50)


def test_devices_that_come_and_go_for_ever_take_no_more_memory_than_64_do() -> None:
    """MIG instances get new names each time they are made."""
    store = HistoryStore(1.0)
    for number in range(200):
        store.add(reading(float(number), *(gpu(f"MIG-{number}-{each}", temperature=1) for each in range(7))))
    history = store.last(SPAN, now=200.0)
    assert len(history.devices) == 64
    assert all(f"MIG-199-{each}" in history.devices for each in range(7))


def test_the_history_of_many_devices_is_kept_as_long_as_they_are_listed() -> None:
    """Sixteen GPUs in seven instances each."""
    store = HistoryStore(60.0)
    for minute in range(10):
        store.add(reading(60.0 * minute, *(gpu(f"MIG-{each}", temperature=minute) for each in range(128))))
    history = store.last(SPAN, now=600.0)
    assert len(history.devices) == 128
    assert {each.temperature for each in history.devices.values()} == {tuple(range(10))}


@pytest.mark.parametrize("count", [33, 40, 64])
def test_the_limit_touches_nothing_below_it(count: int) -> None:
    store = HistoryStore(60.0)
    store.add(reading(1.0, *(gpu(f"GPU-{each}") for each in range(count))))
    store.add(reading(61.0))
    assert len(store.last(SPAN, now=61.0).devices) == count


def test_ten_thousand_readings_of_a_driver_leave_nothing_behind(start: Start) -> None:
    """NVML's answers, rates, slow figures and the history together."""
    gpu = device(0, nvlink_links=1, nvlink_tx="1 2", nvlink_rx="1 2")
    program = start(devices=[gpu], slow=0.1, watch=0.1, lines=["pcie-counter 64"])
    early, late = program.do("blocks_after", readings=[1_000, 11_000])
    assert late - early < 200


def test_a_clock_set_back_starts_the_history_anew() -> None:
    store = HistoryStore(1.0)
    store.add(reading(1000.0, gpu(temperature=1)))
    store.add(reading(500.0, gpu(temperature=2)))
    store.add(reading(501.0, gpu(temperature=3)))
    history = store.last(60, now=501.0)
    assert history.times == (500.0, 501.0)
    assert history.devices["GPU-a"].temperature == (2, 3)


def test_a_copy_keeps_what_was_there() -> None:
    store = HistoryStore(SPAN / 2)  # room for two
    for second in (1.0, 2.0):
        store.add(reading(second, gpu(temperature=round(second))))
    copied = store.copy()
    store.add(reading(3.0, gpu("GPU-b", temperature=3)))
    assert copied.last(60, now=3.0).times == (1.0, 2.0)
    assert list(copied.last(60, now=3.0).devices) == ["GPU-a"]
    assert copied.last(60, now=3.0).devices["GPU-a"].temperature == (1, 2)
    assert store.last(60, now=3.0).times == (2.0, 3.0)


def test_sixty_four_devices_take_eight_times_the_memory_of_eight_and_never_more() -> None:
    """At the shortest interval, while instances come and go under new names."""
    used = [_memory_of(count, rounds=1) for count in (8, 64)]
    assert used[1] < 9 * used[0]
    assert _memory_of(64, rounds=6) < 1.1 * used[1]


def _memory_of(count: int, rounds: int) -> int:
    """Bytes that a history of so many devices takes, renamed so many times."""
    store = HistoryStore(0.5)
    tracemalloc.start()
    for number in range(rounds):
        store.add(reading(number / 2, *(gpu(f"MIG-{number}-{each}", temperature=1) for each in range(count))))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert store.last(SPAN, now=rounds / 2).devices
    return held


def test_the_memory_does_not_grow_with_the_readings() -> None:
    """Eight devices at the shortest interval: what 10,000 readings take is there after the first."""
    devices = SimulatedSource("server").read().devices
    store = HistoryStore(0.5)
    tracemalloc.start()
    for number in range(100):
        store.add(reading(float(number), *devices))
    before, _ = tracemalloc.get_traced_memory()
    for number in range(100, 10_000):
        store.add(reading(float(number), *devices))
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert before < 8_000_000
    assert after - before < 10_000
