"""One sampler for everybody: subscribers, intervals, a driver that hangs, an end that comes in time."""

from __future__ import annotations

import ctypes
import time

import pytest

from jupyter_tfgpu.devices import Monitor, Reading
from jupyter_tfgpu.devices.simulated import SimulatedSource
from tests.devices.conftest import Program, Start, eventually
from tests.standin.driver import device, device_uuid

HANG = ["hang nvmlDeviceGetUtilizationRates"]


def hung(program: Program) -> bool:
    latest = program.latest()
    return latest is not None and latest.driver.status == "not-answering"


def test_without_a_subscriber_there_is_no_thread_and_no_call(start: Start) -> None:
    program = start()
    assert program.latest() is None
    assert program.do("threads") == []
    assert program.count_calls() == 0


def test_a_subscriber_gets_readings_as_they_change(start: Start) -> None:
    program = start(devices=[device(0)])
    program.do("subscribe", name="page", interval=0.5)
    eventually(lambda: len(program.got("page")) >= 1)
    program.write(devices=[device(0, temperature=83)])
    eventually(lambda: program.got("page")[-1].devices[0].temperature == 83)
    assert program.got("page")[0].devices[0].temperature == 50
    times = [each.taken_at for each in program.got("page")]
    assert times == sorted(set(times))


def test_after_the_last_subscriber_nothing_is_called_any_more(start: Start) -> None:
    program = start()
    program.do("subscribe", name="one", interval=0.5)
    program.do("subscribe", name="two", interval=0.5)
    eventually(lambda: len(program.got("two")) >= 2)
    program.do("unsubscribe", name="one")
    before = len(program.got("two"))
    eventually(lambda: len(program.got("two")) > before)
    program.do("unsubscribe", name="two")
    eventually(lambda: program.do("threads") == [])
    calls = program.count_calls()
    time.sleep(1.2)
    assert program.count_calls() == calls
    assert program.latest() is not None


def test_a_second_start_does_not_open_the_driver_again(start: Start) -> None:
    program = start()
    for name in ("first", "second"):
        program.do("subscribe", name=name)
        eventually(lambda name=name: len(program.got(name)) >= 1)  # type: ignore[misc]
        program.do("unsubscribe", name=name)
        eventually(lambda: program.do("threads") == [])
    assert program.do("calls", name="nvmlInitWithFlags") == 1
    assert program.do("calls", name="nvmlShutdown") == 0


def test_any_number_of_subscribers_share_one_sampler(start: Start) -> None:
    program = start()
    for number in range(40):
        program.do("subscribe", name=str(number), interval=0.5)
    eventually(lambda: len(program.got("39")) >= 3)
    assert program.do("threads") == ["tfgpu-sampler", "tfgpu-timekeeper"]
    program.do("close")
    readings = program.do("calls", name="nvmlDeviceGetCount_v2")
    handed = [len(program.got(str(number))) for number in range(40)]
    assert max(handed) <= readings <= max(handed) + 1


def test_each_subscriber_has_its_own_interval(start: Start) -> None:
    program = start()
    program.do("subscribe", name="quick", interval=0.5)
    program.do("subscribe", name="slow", interval=30)
    eventually(lambda: len(program.got("quick")) >= 4)
    assert len(program.got("slow")) == 1
    program.do("set_interval", name="slow", interval=0.5)
    eventually(lambda: len(program.got("slow")) >= 3)


@pytest.mark.parametrize(
    ("wish", "becomes"), [(None, 2), (0, 0.5), (-1, 0.5), (1e9, 60), (float("inf"), 60), (7.5, 7.5)]
)
def test_an_interval_is_kept_within_its_limits(wish: float | None, becomes: float) -> None:
    monitor = Monitor(SimulatedSource)
    subscription = monitor.subscribe(lambda reading: None, wish)
    assert subscription.interval == becomes
    assert subscription.set_interval(wish) == becomes
    monitor.close()


def test_what_is_no_number_is_refused_as_an_interval() -> None:
    monitor = Monitor(SimulatedSource)
    with pytest.raises(ValueError, match="number of seconds"):
        monitor.subscribe(lambda reading: None, float("nan"))


def test_a_reading_is_made_for_whoever_asks_and_shared_while_fresh(start: Start) -> None:
    program = start()
    first = program.reading(max_age=60)
    assert first is not None and len(first.devices) == 2
    assert program.reading(max_age=60) == first
    fresh = program.reading(max_age=0)
    assert fresh is not None and fresh.taken_at > first.taken_at
    eventually(lambda: program.do("threads") == [])


def test_a_subscriber_that_fails_does_not_stop_the_others(start: Start) -> None:
    program = start()
    program.do("subscribe_broken")
    program.do("subscribe", name="page", interval=0.5)
    eventually(lambda: len(program.got("page")) >= 2)
    assert [each.uuid for each in program.got("page")[-1].devices] == [device_uuid(0), device_uuid(1)]


def test_a_hung_driver_is_told_and_the_last_devices_are_kept(start: Start) -> None:
    program = start(hang_limit=0.3)
    program.do("subscribe", name="page", interval=0.5)
    eventually(lambda: len(program.got("page")) >= 1)
    program.write(lines=HANG)
    eventually(lambda: hung(program))
    latest = program.latest()
    assert latest is not None
    assert [each.uuid for each in latest.devices] == [device_uuid(0), device_uuid(1)]
    assert {each.state for each in latest.devices} == {"not-answering"}
    assert latest.driver.version == "550.54.14"
    assert "has not answered for" in (latest.driver.message or "")
    assert "the last that it said" in (latest.driver.message or "")
    eventually(lambda: program.got("page")[-1].driver.status == "not-answering")
    assert not latest.answered


def test_a_driver_that_hangs_from_the_start_is_told_too(start: Start) -> None:
    program = start(hang_limit=0.3, lines=["hang nvmlInit"])
    program.do("subscribe", name="page", interval=0.5)
    eventually(lambda: hung(program))
    latest = program.latest()
    assert latest is not None and latest.devices == ()
    assert "It has said nothing before." in (latest.driver.message or "")


def test_while_the_driver_hangs_nobody_waits_for_it_and_no_second_thread_tries_at_once(start: Start) -> None:
    program = start(hang_limit=0.3)
    program.do("subscribe", name="page", interval=0.5)
    eventually(lambda: len(program.got("page")) >= 1)
    program.write(lines=HANG)
    eventually(lambda: hung(program))
    calls = program.count_calls()
    assert program.reading(timeout=3600) is None
    told = len(program.got("page"))
    eventually(lambda: len(program.got("page")) > told)
    assert program.count_calls() == calls
    assert program.do("threads") == ["tfgpu-sampler", "tfgpu-timekeeper"]


def test_a_driver_that_comes_back_is_opened_anew(start: Start) -> None:
    program = start(hang_limit=0.3)
    program.do("subscribe", name="page", interval=0.5)
    eventually(lambda: len(program.got("page")) >= 1)
    program.write(lines=HANG)
    eventually(lambda: hung(program))
    program.write(devices=[device(0, temperature=66), device(1)])
    eventually(lambda: program.got("page")[-1].driver.status == "ok")
    assert program.got("page")[-1].devices[0].temperature == 66
    assert program.do("calls", name="nvmlShutdown") == 1
    assert program.do("calls", name="nvmlInitWithFlags") == 2


def test_a_slow_driver_is_not_a_hung_one(start: Start) -> None:
    program = start(devices=[device(0)], lines=["delay nvmlDeviceGetPowerUsage 700"])
    program.do("subscribe", name="page", interval=0.5)
    eventually(lambda: len(program.got("page")) >= 2)
    assert {each.driver.status for each in program.got("page")} == {"ok"}


@pytest.mark.parametrize("lines", [[], HANG], ids=["well", "hung"])
def test_the_end_comes_in_time(start: Start, lines: list[str]) -> None:
    program = start(hang_limit=0.3)
    program.do("subscribe", name="page", interval=0.5)
    eventually(lambda: len(program.got("page")) >= 1)
    program.write(lines=lines)
    if lines:
        eventually(lambda: hung(program))
    # The one figure that the product promises: the server stops within 2 s.
    assert program.do("close") < 2
    handed = len(program.got("page"))
    calls = program.count_calls()
    time.sleep(0.8)
    assert len(program.got("page")) == handed
    assert program.count_calls() == calls


def test_closing_shuts_the_driver_down(start: Start) -> None:
    program = start()
    program.reading()
    program.do("close")
    assert program.do("calls", name="nvmlShutdown") == 1
    assert program.reading(timeout=0.1) is None
    assert program.do("threads") == []


def test_the_history_has_what_the_readings_had(start: Start) -> None:
    program = start(devices=[device(0)])
    program.reading()
    program.write(devices=[device(0, temperature=None, power=200_000), device(1)])
    program.reading()
    history = program.history()
    assert len(history.times) == 2
    first, second = history.devices[device_uuid(0)], history.devices[device_uuid(1)]
    assert first.temperature == (50, None)
    assert first.power == (120_000, 200_000)
    assert first.utilization == (0.3, 0.3)
    assert second.temperature == (None, 51)
    assert program.history(seconds=0).times == ()


def test_a_source_that_breaks_its_promise_is_an_error_and_the_monitor_lives() -> None:
    class Broken:
        def read(self) -> Reading:
            raise ctypes.ArgumentError("no such handle")

        def close(self) -> None:
            raise OSError("cannot close")

    monitor = Monitor(Broken)
    reading = monitor.reading(timeout=10)
    assert reading is not None
    assert reading.driver.status == "error"
    assert "no such handle" in (reading.driver.message or "")
    monitor.close()
