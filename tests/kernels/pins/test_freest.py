"""Which devices ``auto`` takes, as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec
import pytest

from jupyter_tfgpu.devices.reading import Device
from jupyter_tfgpu.kernels.pins.freest import Pending, candidates, choose
from tests.kernels.readings import FIRST, GIB, MIG, SECOND, THIRD, device, process


def waiting(*needs: float | None) -> Pending:
    """Kernels that hold nothing yet, by what they are known to need in GiB."""
    known = [int(need * GIB) for need in needs if need is not None]
    return Pending(len(needs), sum(known), len(needs) - len(known))


def unknown(one: Device) -> Device:
    return msgspec.structs.replace(one, memory=None)


def taken(devices: list[Device], pending: Mapping[str, Pending], count: int = 1) -> tuple[str, ...]:
    return tuple(one.uuid for one in choose(devices, pending, count, None)[0])


EQUAL = [device(0, FIRST), device(1, SECOND), device(2, THIRD)]
FILLED = [device(0, FIRST, free=2, used=78), device(1, SECOND), device(2, THIRD)]


@pytest.mark.parametrize(
    ("devices", "pending", "uuid"),
    [
        # Equal cards: the one that fewest kernels wait for, then the first.
        (EQUAL, {}, FIRST),
        (EQUAL, {FIRST: waiting(None)}, SECOND),
        (EQUAL, {FIRST: waiting(None), SECOND: waiting(None), THIRD: waiting(None)}, FIRST),
        (EQUAL, {FIRST: waiting(None, None), SECOND: waiting(None), THIRD: waiting(None, None)}, SECOND),
        # One that others fill is left alone while sharing gives more.
        (FILLED, {SECOND: waiting(None), THIRD: waiting(None)}, SECOND),
        (FILLED, {SECOND: waiting(*[None] * 33), THIRD: waiting(*[None] * 34)}, SECOND),
        (FILLED, {SECOND: waiting(*[None] * 35), THIRD: waiting(*[None] * 35)}, FIRST),
        # A known need is taken off, and not shared with.
        (EQUAL, {FIRST: waiting(1), SECOND: waiting(None), THIRD: waiting(None)}, FIRST),
        (EQUAL, {FIRST: waiting(40), SECOND: waiting(None), THIRD: waiting(60)}, SECOND),
        (EQUAL, {FIRST: waiting(8), SECOND: waiting(4), THIRD: waiting(4, 4)}, SECOND),
        # More asked for than there is: no share, but not less than none.
        (EQUAL[:2], {FIRST: waiting(90), SECOND: waiting(80)}, FIRST),
        (EQUAL[:2], {FIRST: waiting(90, 90, None), SECOND: waiting(80)}, SECOND),
        # Ties: fewest that wait, then fewest processes, then the index.
        ([device(0, FIRST, free=40), device(1, SECOND, free=20)], {FIRST: waiting(None)}, SECOND),
        ([device(0, FIRST, processes=(process(7, 1),)), device(1, SECOND)], {}, SECOND),
        ([device(1, SECOND), device(0, FIRST)], {}, FIRST),
        # Free memory that is not known comes last; among such, the one that fewest wait for.
        ([unknown(EQUAL[0]), device(1, SECOND, free=1)], {}, SECOND),
        ([unknown(EQUAL[0]), unknown(EQUAL[1])], {FIRST: waiting(None)}, SECOND),
        # A device for one process at a time is the last choice once it has one, or will.
        (
            [
                device(0, FIRST, compute_mode="exclusive-process", processes=(process(7, 1),)),
                device(1, SECOND, free=1),
            ],
            {},
            SECOND,
        ),
        (
            [device(0, FIRST, compute_mode="exclusive-process"), device(1, SECOND, free=1)],
            {FIRST: waiting(1)},
            SECOND,
        ),
        ([device(0, FIRST, compute_mode="exclusive-process"), device(1, SECOND, free=1)], {}, FIRST),
    ],
)
def test_the_largest_expected_share_is_taken(
    devices: list[Device], pending: dict[str, Pending], uuid: str
) -> None:
    assert taken(devices, pending) == (uuid,)


def test_several_are_taken_in_order() -> None:
    devices = [device(0, FIRST, free=10), device(1, SECOND, free=30), device(2, THIRD, free=20)]
    assert taken(devices, {}, 2) == (SECOND, THIRD)
    assert taken(devices, {}, 9) == (SECOND, THIRD, FIRST)
    assert taken([], {}) == ()


@pytest.mark.parametrize(
    ("pending", "need", "uuid", "lacks"),
    [
        ({}, 8, SECOND, False),
        ({SECOND: waiting(24)}, 8, THIRD, False),
        ({SECOND: waiting(None, None, None)}, 25, SECOND, False),
        ({SECOND: waiting(24), THIRD: waiting(16)}, 8, FIRST, False),
        ({SECOND: waiting(24), THIRD: waiting(16), FIRST: waiting(9)}, 8, SECOND, True),
        ({}, 31, SECOND, True),
    ],
)
def test_the_need_is_judged_by_what_those_before_leave(
    pending: dict[str, Pending], need: int, uuid: str, lacks: bool
) -> None:
    devices = [device(0, FIRST, free=10), device(1, SECOND, free=30), device(2, THIRD, free=20)]
    chosen, lacking = choose(devices, pending, 1, need * GIB)
    assert [one.uuid for one in chosen] == [uuid]
    assert lacking == (chosen if lacks else ())


def test_what_no_kernel_can_compute_on_is_no_candidate() -> None:
    split = device(0, FIRST, mig=True)
    instance = device(None, MIG, parent=FIRST, free=5)
    assert candidates([split, instance]) == [instance]
    assert candidates([device(0, FIRST, state="lost"), device(1, SECOND, compute_mode="prohibited")]) == []


@pytest.mark.parametrize("known", [True, False])
def test_fifty_over_eight_equal_devices_are_six_or_seven_on_each(known: bool) -> None:
    devices = [device(index, f"GPU-{index}") for index in range(8)]
    devices = devices if known else [unknown(one) for one in devices]
    given: Counter[str] = Counter()
    for _ in range(50):
        pending = {uuid: waiting(*[None] * number) for uuid, number in given.items()}
        given.update(taken(devices, pending))
    assert sorted(given.values()) == [6] * 6 + [7] * 2
