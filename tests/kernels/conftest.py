"""Services of a folder of the test's own: its pins, its runtime files, its Reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tfgpu.kernels import LaunchServices, PinStore, SpecStore, set_services
from tests.kernels.readings import three


@pytest.fixture
def launch_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LaunchServices]:
    """What the provisioner uses in this test; three GPUs, none handed out."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    services = LaunchServices(
        pins=PinStore(tmp_path / "data" / "tfgpu" / "pins.json"),
        reading=lambda timeout: three(),
        runtime_dir=tmp_path / "runtime",
        given=None,
    )
    set_services(services)
    yield services
    set_services(None)


@pytest.fixture
def store(data_dir: Path) -> SpecStore:
    """The kernelspecs of the test's own data folder."""
    return SpecStore()
