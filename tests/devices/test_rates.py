"""Bytes per second over PCIe and NVLink, from counters that go round."""

from __future__ import annotations

import time
from typing import Any

import pytest

from jupyter_tfgpu.devices import Device, LinkRates
from tests.devices.conftest import Program, Start
from tests.standin.driver import BEFORE_450_66, device

WIDE = ["pcie-counter 64"]
SLOW_LINK: dict[str, Any] = {"pcie_generation": 1, "pcie_width": 1}
MB = 1_000_000


def two_readings(program: Program, pause: float = 0.3) -> tuple[Device, Device]:
    """The first device, twice."""
    first = program.read().devices[0]
    time.sleep(pause)
    return first, program.read().devices[0]


def about(figure: float) -> Any:
    return pytest.approx(figure, rel=0.25)


@pytest.mark.parametrize(("lines", "figures"), [(WIDE, {}), ([], SLOW_LINK)], ids=["64 bits", "32 bits"])
def test_pcie_rates_are_the_mean_between_two_readings(
    start: Start, lines: list[str], figures: dict[str, Any]
) -> None:
    program = start(devices=[device(0, **figures)], lines=lines)
    first, second = two_readings(program)
    assert first.pcie is None, "one look at a counter is no rate"
    assert second.pcie is not None
    assert (second.pcie.tx, second.pcie.rx) == (about(2 * MB), about(3 * MB))


def test_a_counter_that_goes_round_between_two_readings_is_followed(start: Start) -> None:
    near_the_end = f"{2**32 - MB} {20 * MB}"
    program = start(devices=[device(0, pcie_tx=near_the_end, **SLOW_LINK)])
    _, second = two_readings(program)
    assert second.pcie is not None
    assert second.pcie.tx == about(20 * MB)


def test_where_a_counter_may_have_gone_round_several_times_the_rate_is_that_during_the_reading(
    start: Start,
) -> None:
    """9 GB/s go round 32 bits twice in a second; the difference alone would say far less."""
    lines = ["delay nvmlDeviceGetPowerUsage 60"]
    program = start(devices=[device(0, pcie_tx=f"7 {9_000 * MB}", pcie_rx=f"7 {MB}")], lines=lines)
    two_readings(program, 1.2)
    time.sleep(0.5)
    third = program.read().devices[0]
    assert third.pcie is not None
    assert third.pcie.tx == about(9_000 * MB)


def test_a_rate_that_cannot_be_known_is_not_guessed(start: Start) -> None:
    """The stand-in's reading is over before a window of it says anything."""
    program = start(devices=[device(0, pcie_tx=f"7 {9_000 * MB}")])
    two_readings(program, 0.5)
    time.sleep(0.5)
    assert program.read().devices[0].pcie is None


def test_a_wide_counter_that_went_back_was_reset_and_gives_no_rate(start: Start) -> None:
    program = start(devices=[device(0, pcie_tx="5000000000 0", pcie_rx="7 0")], lines=WIDE)
    program.read()
    program.write(devices=[device(0, pcie_tx="100 0", pcie_rx="7 0")], lines=WIDE)
    time.sleep(0.15)
    pcie = program.read().devices[0].pcie
    assert pcie is not None
    assert pcie.tx is None
    time.sleep(0.15)
    pcie = program.read().devices[0].pcie
    assert pcie is not None and pcie.tx == 0


def test_readings_in_quick_succession_keep_the_last_rate(start: Start) -> None:
    program = start(devices=[device(0)], lines=WIDE)
    _, second = two_readings(program)
    third = program.read().devices[0]
    assert third.pcie == second.pcie is not None


@pytest.mark.parametrize(
    "how",
    [
        {"devices": [device(0, pcie_tx=None, pcie_rx=None)]},
        {"devices": [device(0)], "missing": ["nvmlDeviceGetFieldValues"]},
        {"devices": [device(0)], "lines": ["error nvmlDeviceGetFieldValues 3"]},
        {"devices": [device(0)], "lines": ["error nvmlDeviceGetFieldValues 999"]},
    ],
    ids=["device", "library", "not supported", "unknown error"],
)
def test_without_counters_there_is_no_rate_and_no_harm(start: Start, how: dict[str, Any]) -> None:
    _, second = two_readings(start(**how), 0.15)
    assert (second.pcie, second.nvlink, second.state, second.temperature) == (None, None, "ok", 50)


def test_an_old_driver_has_no_rate_and_the_rest(start: Start) -> None:
    missing = [*BEFORE_450_66, "nvmlDeviceGetFieldValues", "nvmlDeviceGetMaxPcieLinkGeneration"]
    _, second = two_readings(start(devices=[device(0)], missing=missing), 0.15)
    assert (second.pcie, second.temperature) == (None, 50)


@pytest.mark.parametrize("newer", [0, 1], ids=["KiB", "bytes"])
def test_each_nvlink_has_its_rates(start: Start, newer: int) -> None:
    figures = {"nvlink_links": 4, "nvlink_tx": "9 5000", "nvlink_rx": "9 7000", "nvlink_bytes": newer}
    first, second = two_readings(start(devices=[device(0, **figures)]))
    unit = 1 if newer else 1024
    assert first.nvlink == tuple(LinkRates(link=link) for link in range(4))
    assert [each.link for each in second.nvlink or ()] == [0, 1, 2, 3]
    for each in second.nvlink or ():
        assert (each.tx, each.rx) == (about(5000 * unit), about(7000 * unit))


def test_a_device_without_links_has_none(start: Start) -> None:
    _, second = two_readings(start(devices=[device(0)], lines=WIDE), 0.15)
    assert second.nvlink is None
    assert second.pcie is not None


def test_all_counters_of_a_device_are_had_in_one_call(start: Start) -> None:
    figures = {"nvlink_links": 12, "nvlink_tx": "9 5000", "nvlink_rx": "9 7000"}
    program = start(devices=[device(0, **figures)], lines=WIDE, slow=3600)
    program.read()
    before = program.do("calls", name="nvmlDeviceGetFieldValues")
    program.read()
    assert program.do("calls", name="nvmlDeviceGetFieldValues") == before + 1


def test_energy_is_counted_in_the_same_call(start: Start) -> None:
    program = start(devices=[device(0, energy=f"{10**12} 400000")], lines=WIDE, slow=3600)
    first = program.read().devices[0].energy
    before = program.do("calls", name="nvmlDeviceGetFieldValues")
    time.sleep(0.3)
    second = program.read().devices[0].energy
    assert program.do("calls", name="nvmlDeviceGetFieldValues") == before + 1
    assert first is not None and second is not None
    assert 10**12 <= first < second


def test_the_blocking_call_for_pcie_is_never_made(start: Start) -> None:
    program = start()
    two_readings(program, 0.15)
    assert program.do("calls", name="nvmlDeviceGetPcieThroughput") == 0
    assert program.do("calls", name="nvmlDeviceGetPowerUsage") == 4
