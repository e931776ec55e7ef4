"""Simulated devices: plausible, the same for the same time, and marked as simulated."""

from __future__ import annotations

import pytest

from jupyter_tfgpu.devices import SCENARIOS, Reading, SimulatedSource, UnknownScenario


def at(scenario: str, now: float) -> Reading:
    return SimulatedSource(scenario, clock=lambda: now).read()


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


def test_an_unknown_scenario_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownScenario, match="default"):
        SimulatedSource("datacenter")
