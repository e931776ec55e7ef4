"""Simulated devices: plausible, the same for the same time, and marked as simulated."""

from __future__ import annotations

import threading
import time

import pytest

from jupyter_tfgpu.devices import Device, Monitor, Reading
from jupyter_tfgpu.devices.simulated import SCENARIOS, SimulatedSource, UnknownScenario
from tests.devices.conftest import eventually


def at(scenario: str, now: float) -> Reading:
    return SimulatedSource(scenario, clock=lambda: now, wait=lambda seconds: None).read()


def energy(device: Device) -> int:
    assert device.energy is not None
    return device.energy


def power(device: Device) -> int:
    assert device.power is not None and device.power.usage is not None
    return device.power.usage


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("now", [0.0, 17.3, 1.8e9, 1.8e9 + 36])
def test_every_scenario_is_marked_plausible_and_repeatable(scenario: str, now: float) -> None:
    found = at(scenario, now)
    assert found.simulated is True
    assert found == at(scenario, now)
    assert len({device.uuid for device in found.devices}) == len(found.devices)
    for device in found.devices:
        if device.memory is not None:
            memory = device.memory
            assert memory.total == (memory.used or 0) + (memory.free or 0) + (memory.reserved or 0)
            assert sum(each.memory or 0 for each in device.processes or ()) <= (memory.used or 0)
        if device.utilization is not None:
            assert 0 <= (device.utilization.gpu or 0) <= 1
        if device.power is not None:
            assert 0 < (device.power.usage or 0) <= (device.power.limit or 0)


def test_two_devices_are_shown_unless_told_otherwise() -> None:
    found = SimulatedSource().read()
    assert [device.index for device in found.devices] == [0, 1]
    assert found.driver.status == "ok"


def test_the_figures_move_and_the_devices_stay() -> None:
    readings = [at("default", 1000.0 + second) for second in range(60)]
    assert len({tuple(device.uuid for device in each.devices) for each in readings}) == 1
    assert len({each.devices[0].utilization for each in readings}) > 10


def test_running_kernels_are_shown_as_holders() -> None:
    free = SimulatedSource(clock=lambda: 5.0).read().devices[1]
    held = SimulatedSource(holders=lambda: [111, 222], clock=lambda: 5.0).read().devices[1]
    assert {each.pid for each in held.processes or ()} == {111, 222}
    assert free.memory is not None and held.memory is not None
    assert held.memory.used == (free.memory.used or 0) + (4 << 30)


def test_more_holders_than_fit_leave_no_memory_below_zero() -> None:
    held = SimulatedSource(holders=lambda: range(1, 500)).read().devices[1]
    assert held.memory is not None and held.memory.free is not None and held.memory.free >= 0


def test_the_states_that_are_not_ok_have_reasons() -> None:
    lost, none = at("lost", 0.0), at("none", 0.0)
    assert (lost.driver.status, none.driver.status) == ("gpu-lost", "absent")
    assert [device.state for device in lost.devices] == ["ok", "lost"]
    for found in (lost, none):
        assert found.driver.message and found.driver.advice


def test_every_scenario_has_a_line_that_says_what_it_shows() -> None:
    assert all(what and "\n" not in what for what in SCENARIOS.values())
    assert len(set(SCENARIOS.values())) == len(SCENARIOS)


@pytest.mark.parametrize("scenario", ["default", "workstation", "server", "many"])
@pytest.mark.parametrize("began", [1.8e9 + 3.3, 1.8e9 + 33.9])
def test_energy_is_counted_as_power_says(scenario: str, began: float) -> None:
    readings = [at(scenario, began + step / 10) for step in range(301)]
    for number, device in enumerate(readings[0].devices):
        used = energy(readings[-1].devices[number]) - energy(device)
        # Trapezes of a tenth of a second; a jump of the load falls within one of them.
        powers = [power(each.devices[number]) for each in readings]
        assert used == pytest.approx(sum(powers) / 10 - (powers[0] + powers[-1]) / 20, rel=0.01)


def test_many_devices_are_at_every_kind_of_work() -> None:
    devices = at("many", 1000.0).devices
    assert [device.index for device in devices] == list(range(16))
    loads = [device.utilization.gpu for device in devices if device.utilization]
    assert min(loads) == 0 and max(loads) > 0.8 and any(0.3 < load < 0.7 for load in loads if load)


def test_devices_that_train_together_use_their_links_and_others_do_not() -> None:
    devices = at("server", 1000.0).devices
    busy, free = devices[0].nvlink, devices[7].nvlink
    assert busy is not None and free is not None and len(busy) == len(free) == 18
    assert all(link.rx for link in busy) and not any(link.rx for link in free)
    assert at("workstation", 1000.0).devices[0].nvlink is None


def test_worn_devices_say_why_they_are_slow_and_what_erred() -> None:
    hot, erring = at("worn", 1000.0).devices
    assert hot.throttle == ("power", "thermal") and (hot.temperature or 0) >= 85
    assert hot.clocks is not None and (hot.clocks.sm or 0) < (hot.clocks.max_sm or 0)
    assert erring.ecc is not None and erring.ecc.uncorrected


def test_under_wsl2_what_a_process_holds_is_not_known() -> None:
    source = SimulatedSource("wsl2", holders=lambda: [111], clock=lambda: 1000.0)
    [device] = source.read().devices
    assert {process.memory for process in device.processes or ()} == {None}
    assert device.memory is not None and device.memory.used
    assert (device.fan, device.throttle, device.pcie) == (None, None, None)


def test_an_updated_driver_has_the_message_and_advice_of_a_real_one() -> None:
    found = at("mismatch", 0.0)
    assert (found.driver.status, found.devices) == ("library-mismatch", ())
    assert "570.124.06" in (found.driver.message or "") and "570.86.15" in (found.driver.message or "")
    assert "modprobe" in (found.driver.advice or "")


@pytest.mark.parametrize(("asked", "waits"), [(0.0, []), (29.9, []), (45.0, [15.0]), (105.0, [15.0])])
def test_a_driver_that_hangs_answers_in_the_first_half_of_a_minute(asked: float, waits: list[float]) -> None:
    waited: list[float] = []
    found = SimulatedSource("hung", clock=lambda: asked, wait=waited.append).read()
    assert waited == waits
    assert found.taken_at == asked + sum(waits)
    assert found.driver.status == "ok" and len(found.devices) == 2


def test_a_simulated_hang_is_noticed_by_the_monitor_and_ends() -> None:
    began = time.monotonic()
    quick = 30  # times as quick as the clock: answers for a second, hangs for a second

    def source() -> SimulatedSource:
        return SimulatedSource(
            "hung",
            clock=lambda: 1.8e9 + (time.monotonic() - began) * quick,
            wait=lambda seconds: time.sleep(seconds / quick),
        )

    states: list[str] = []
    devices: set[int] = set()

    def note(reading: Reading) -> None:
        devices.add(len(reading.devices))
        if reading.driver.status not in states[-1:]:
            states.append(reading.driver.status)

    monitor = Monitor(source, interval=0.1, min_interval=0.1, hang_limit=0.2)
    monitor.subscribe(note)
    eventually(lambda: len(states) >= 5)
    monitor.close()
    assert states[:5] == ["ok", "not-answering", "ok", "not-answering", "ok"]
    assert devices == {2}


def test_a_driver_that_has_not_answered_yet_is_marked_too() -> None:
    waits = threading.Event()
    source = SimulatedSource("hung", clock=lambda: 45.0, wait=lambda seconds: void(waits.wait(seconds)))
    monitor = Monitor(lambda: source, hang_limit=0.1, simulated=True)
    monitor.subscribe(void)
    eventually(lambda: monitor.latest is not None)
    latest = monitor.latest
    waits.set()
    monitor.close()
    assert latest is not None and latest.simulated
    assert latest.driver.status == "not-answering"


def void(_: object) -> None:
    """Does nothing with it."""


def test_an_unknown_scenario_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownScenario, match="default"):
        SimulatedSource("datacenter")
