"""What is answered while the driver does not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tfgpu.api.service import Service
from jupyter_tfgpu.devices import Device, DriverState, Reading
from jupyter_tfgpu.kernels import Surroundings
from jupyter_tfgpu.machine import Machine


class Source:
    """Answers once, then not before ``goes_on``."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self._asked = 0

    def read(self) -> Reading:
        self._asked += 1
        if self._asked > 1:
            self.goes_on.wait()
        state = DriverState(status="ok", version="550.54")
        return Reading(taken_at=1000.0, driver=state, devices=(Device(uuid="GPU-a", index=0),))

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    made = Source()
    monkeypatch.setattr("jupyter_tfgpu.api.service.NvmlSource", lambda machine: made)
    yield made
    made.goes_on.set()


def service(folder: Path, simulate: str | None) -> Service:
    around = Surroundings(
        machine=Machine(root=folder, environ={}), simulate=simulate, pins=folder / "pins.json"
    )
    return Service(around, data_dir=folder / "data", runtime_dir=folder / "runtime", patience=0.1)


def test_before_a_driver_counts_as_hung_its_last_devices_are_answered(tmp_path: Path, source: Source) -> None:
    asked = service(tmp_path, None)
    try:
        assert asked.monitor.reading(timeout=10) is not None
        assert asked.monitor.reading(timeout=0.1, max_age=0) is None
        answer = asked.watching.devices()
        assert answer.driver.status == "not-answering"
        assert [(one.uuid, one.state) for one in answer.devices] == [("GPU-a", "not-answering")]
        assert answer.age > 1000  # as old as it is: not of now
    finally:
        source.goes_on.set()
        asked.close()


def test_a_simulated_driver_that_never_answered_is_marked(tmp_path: Path) -> None:
    for simulate in (None, "hung"):
        asked = service(tmp_path, simulate)
        assert asked.monitor.unanswered(9.0).simulated is (simulate is not None)
        asked.close()
