"""What readings say of a cell: peaks, means, energy; and how that is written."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.inkernel.magics.figures import Figures
from jupyter_tfgpu.inkernel.magics.measured import duration, energy
from jupyter_tfgpu.inkernel.magics.readings import taken_at

GPU = "GPU-8932f937"


def answer(used: int | None, load: float | None, counter: int | None, *holders: Any, **more: Any) -> Any:
    """A reading of one device. ``holders``: (pid, bytes)."""
    device = {
        "uuid": GPU,
        "memory": None if used is None else {"used": used},
        "utilization": None if load is None else {"gpu": load},
        "energy": counter,
        "holders": [{"pid": pid, "memory": memory} for pid, memory in holders],
    }
    return {"devices": [device], "attribution": {"regime": "every-process"}, **more}


def measured(*readings: tuple[float, Any], begun: float = 10.0) -> Figures:
    """The figures of these readings, at their moments; those up to ``begun`` come before the cell."""
    figures = Figures(lambda holder: holder["pid"] == 1)
    for moment, reading in readings:
        if moment > begun:
            figures.begin(begun)
        figures.add(moment, reading)
    return figures


def test_peaks_are_those_of_the_cell_and_of_the_state_it_began_with() -> None:
    found = measured(
        (9.0, answer(900, 1.0, None, (1, 800))),
        (9.5, answer(300, 1.0, None, (1, 100), (2, 200))),
        (10.5, answer(500, 0.4, None, (1, 150), (1, 150), (2, 200))),
        (11.0, answer(400, 0.6, None, (2, 400))),
    ).devices[GPU]
    assert (found.used, found.own) == (500, 300)
    assert found.load == 0.5, "use before the cell is not the cell's"


def test_energy_is_counted_from_the_beginning_to_the_end_and_not_to_the_readings() -> None:
    found = measured(
        (9.5, answer(1, 0, 0)),
        (10.5, answer(1, 0, 1000)),
        (11.5, answer(1, 0, 3000)),
        (12.5, answer(1, 0, 7000)),
    ).devices[GPU]
    # Half of the first second's 1 J, 2 J, and half of the last one's 4 J.
    assert found.joules(10.0, 12.0) == pytest.approx(0.5 + 2.0 + 2.0)
    assert found.joules(10.0, 99.0) == pytest.approx(6.5), "up to the last reading"


def test_a_cell_within_two_readings_has_its_share() -> None:
    found = measured((9.5, answer(1, 0, 0)), (10.5, answer(1, 0, 1000))).devices[GPU]
    assert found.joules(10.0, 10.25) == pytest.approx(0.25)


@pytest.mark.parametrize(
    "readings",
    [
        [(9.5, answer(1, 0, None)), (10.5, answer(1, 0, None))],
        [(9.5, answer(1, 0, 5000))],
        [(9.5, answer(1, 0, 5000)), (10.5, answer(1, 0, 10))],
    ],
    ids=["not counted", "one reading", "the driver was loaded anew"],
)
def test_energy_that_is_not_known(readings: list[tuple[float, Any]]) -> None:
    assert measured(*readings).devices[GPU].joules(10.0, 10.4) is None


def test_what_is_not_known_is_none_and_what_is_nothing_is_0() -> None:
    nothing = measured((9.5, answer(None, None, None)), (10.5, answer(None, None, None))).devices[GPU]
    assert (nothing.used, nothing.own, nothing.load) == (None, 0, None)
    foreign = measured((9.5, answer(1, 0, 0, attribution={"regime": "foreign-ids"}))).devices[GPU]
    assert foreign.own is None
    unsaid = measured((9.5, answer(1, 0, 0, (1, None), (1, 10)))).devices[GPU]
    assert unsaid.own is None


def test_a_long_cell_takes_no_more_memory_than_a_short_one() -> None:
    figures = measured(*((10.0 + n, answer(1, 0, n)) for n in range(1000)))
    assert len(figures.devices[GPU].energy) <= 4
    assert figures.devices[GPU].joules(10.0, 1008.5) == pytest.approx(0.9985)


@pytest.mark.parametrize(
    ("joules", "text"), [(None, "–"), (0.04, "0.0 J"), (12.34, "12.3 J"), (404.4, "404 J"), (7200, "2 Wh")]
)
def test_energy_for_a_person(joules: float | None, text: str) -> None:
    assert energy(joules) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.004, "0.00 s"), (59.9, "59.90 s"), (61, "1 min 1 s"), (7325.4, "2 h 2 min 5 s")]
)
def test_time_for_a_person(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_moment_of_a_reading() -> None:
    assert taken_at("1970-01-02T00:00:01.500+00:00") == 86401.5
