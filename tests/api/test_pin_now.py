"""A pin that a running kernel takes at once, and what a pin comes to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from jupyter_tfgpu.api.errors import BadInput, Conflict, NotFound
from jupyter_tfgpu.api.service import Service
from jupyter_tfgpu.api.wire import SetPin
from jupyter_tfgpu.kernels import Surroundings
from jupyter_tfgpu.kernels.launch.begun import begin, plan_start
from jupyter_tfgpu.kernels.running.launchfile import write_launch_file
from jupyter_tfgpu.machine import Machine


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def program(folder: Path) -> Service:
    """A program of ours on two simulated devices."""
    around = Surroundings(machine=Machine(environ={}), simulate="default", pins=folder / "pins.json")
    return Service(around, data_dir=folder / "data", runtime_dir=folder / "runtime", patience=5.0)


@pytest.fixture
def server(folder: Path) -> Iterator[Service]:
    """The program that has started the kernel ``k``, which is this process."""
    made = program(folder)
    command = ("python", "-m", "ipykernel_launcher")
    plan = plan_start(
        made.launches, kernel_id="k", command=command, variables={}, cwd=None, kernelspec="python3"
    )
    done = begin(made.launches, plan, None)
    assert done.written is not None
    kernel = made.launches.started.put(replace(done.kernel, pid=os.getpid()))
    written = msgspec.structs.replace(done.written, pid=os.getpid(), born=kernel.born)
    write_launch_file(made.launches.runtime_dir, written)
    yield made
    made.close()


@pytest.fixture
def child(folder: Path) -> Iterator[Service]:
    """Our program as it is run from within the kernel."""
    made = program(folder)
    yield made
    made.close()


def test_the_kernel_is_told_what_to_set_and_the_server_learns_of_it(server: Service, child: Service) -> None:
    done = child.pinning.set_now(SetPin(kernel_id="k", pin="1"), child.running())
    assert (done.restart_needed, done.note) == (False, None)
    assert done.given == (done.pin,)
    assert done.variables == {"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}

    [kernel] = server.started()
    assert str(kernel.pin) == done.pin
    assert kernel.variables["CUDA_VISIBLE_DEVICES"] == "1"
    assert server.launches.started.get("k") == kernel
    [answer] = server.watching.kernels(server.running()).kernels
    assert (answer.pin, answer.restart_needed, answer.given) == (done.pin, False, done.given)


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        (SetPin(kernel_id="k", pin="7"), NotFound),
        (SetPin(kernel_id="other", pin="0"), NotFound),
        (SetPin(kernel_id="k", pin="gpu0"), BadInput),
        (SetPin(kernel_id="k"), BadInput),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    server: Service, child: Service, wanted: SetPin, refusal: type[Exception]
) -> None:
    before = server.started()
    with pytest.raises(refusal):
        child.pinning.set_now(wanted, child.running())
    assert server.started() == before


def test_what_a_pin_comes_to(child: Service) -> None:
    found = child.pinning.resolve("0,1")
    assert found.variables == {"CUDA_VISIBLE_DEVICES": "0,1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    assert found.pin == ",".join(found.given or ())
    assert child.pinning.resolve("all").variables == {}
    assert child.pinning.resolve("none").variables == {"CUDA_VISIBLE_DEVICES": "-1"}
    assert child.pinning.resolve("auto:9").note == "Only 2 of the 9 devices asked for are there."
    assert child.pinning.all().pins == (), "nothing is stored"


def test_what_a_pin_may_not_come_to(folder: Path) -> None:
    machine = Machine(environ={"CUDA_VISIBLE_DEVICES": "0"})
    around = Surroundings(machine=machine, simulate="default", pins=folder / "pins.json")
    narrow = Service(around, data_dir=folder / "data", runtime_dir=folder / "runtime", patience=5.0)
    try:
        with pytest.raises(Conflict, match="was not given to this server"):
            narrow.pinning.resolve("1")
        assert narrow.pinning.resolve("auto:2").variables["CUDA_VISIBLE_DEVICES"] == "0"
        with pytest.raises(BadInput):
            narrow.pinning.resolve("")
    finally:
        narrow.close()
