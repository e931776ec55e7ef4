"""What is said when a pin is set, and of pins whose devices are gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tfgpu.api.kernels import RunningKernel
from jupyter_tfgpu.api.pinning import Pinning
from jupyter_tfgpu.api.wire import SetPin
from jupyter_tfgpu.devices import Reading
from jupyter_tfgpu.kernels import DeviceHolders, Holder, LaunchServices, PinStore, Target, parse_pin
from jupyter_tfgpu.machine import Machine
from tests.kernels.readings import FIRST, GIB, SECOND, device, reading

FULL = reading(device(0, FIRST, free=0, used=80), device(1, SECOND))
HELD = {
    FIRST: DeviceHolders(holders=(Holder(pid=1, memory=79 * GIB, kernel_id="k1", notebook="/n/big.ipynb"),))
}


class Asked:
    """A Pinning over one reading, which counts how often the driver was asked."""

    def __init__(self, folder: Path, seen: Reading = FULL) -> None:
        self.times = 0
        self.seen = seen
        machine = Machine(root=folder, environ={})
        self.launches = LaunchServices(
            pins=PinStore(folder / "pins.json", machine),
            reading=lambda timeout: None,
            runtime_dir=folder,
            given=None,
        )
        self.pinning = Pinning(self.launches, self._reading, lambda seen: HELD, tuple, lambda name: True)

    def _reading(self) -> Reading:
        self.times += 1
        return self.seen


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


BIG = RunningKernel(id="k1", path="big.ipynb", file="/n/big.ipynb", kernelspec="python3")


def test_who_pins_to_a_device_that_another_notebook_fills_is_told(asked: Asked) -> None:
    done = asked.pinning.set(SetPin(notebook="/n/new.ipynb", pin="0,1"), [BIG])
    [text] = done.warnings
    assert "big.ipynb holds 79.0 GiB" in text
    assert done.pin == f"{FIRST},{SECOND}"


@pytest.mark.parametrize(
    "wanted", [SetPin(notebook="/n/big.ipynb", pin="0"), SetPin(kernel_id="k1", pin="0")]
)
def test_what_its_own_kernel_holds_is_no_concern(asked: Asked, wanted: SetPin) -> None:
    assert asked.pinning.set(wanted, [BIG]).warnings == ()


def test_of_a_kernelspec_every_kernel_is_anothers(asked: Asked) -> None:
    assert len(asked.pinning.set(SetPin(kernelspec="python3", pin="0"), [BIG]).warnings) == 1


@pytest.mark.parametrize("pin", ["all", "none", "auto:2,8GiB"])
def test_a_pin_that_names_no_device_asks_no_driver_and_says_nothing(asked: Asked, pin: str) -> None:
    assert asked.pinning.set(SetPin(notebook="/n/new.ipynb", pin=pin), [BIG]).warnings == ()
    assert asked.pinning.gone(asked.pinning.all().pins) == {}
    assert asked.times == 0


def test_pins_of_devices_that_are_no_longer_here_are_known(asked: Asked) -> None:
    for name, pin in {"a": f"{FIRST},GPU-gone", "b": SECOND, "c": "GPU-away", "d": "auto"}.items():
        asked.launches.pins.set(Target(notebook=f"/n/{name}"), parse_pin(pin))
    assert asked.pinning.gone(asked.pinning.all().pins) == {
        f"{FIRST},GPU-gone": ("GPU-gone",),
        "GPU-away": ("GPU-away",),
    }
    asked.seen = reading(status="not-answering")
    assert asked.pinning.gone(asked.pinning.all().pins) == {}, "nobody can say"
