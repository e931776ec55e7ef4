"""``kernels``, ``kernels shutdown`` and what ``pin`` says, on real kernels without a server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import msgspec
import pytest

from jupyter_tfgpu.api.kernels_by_file import informed
from jupyter_tfgpu.api.wire import KernelAnswer, KernelDevice, KernelsAnswer
from jupyter_tfgpu.cli.kernel_table import device_name, duration, show_kernels
from jupyter_tfgpu.kernels import LaunchServices, PinStore, set_services
from jupyter_tfgpu.kernels.running.processes import began
from jupyter_tfgpu.machine import Machine
from tests.cli.conftest import Program
from tests.kernels.kernels_here import Kernel, kernel
from tests.standin import driver

GIB = driver.GIB


@pytest.fixture
def running(program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Kernel]:
    """A kernel that this process started as nbclient does: with no server."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", program.environ["JUPYTER_RUNTIME_DIR"])
    machine = Machine(root=Path(program.environ["JUPYTER_TFGPU_MACHINE_ROOT"]), environ={})
    set_services(
        LaunchServices(
            pins=PinStore(tmp_path / "data" / "tfgpu" / "pins.json", machine),
            reading=lambda timeout: None,
            runtime_dir=tmp_path / "runtime",
            given=None,
        )
    )
    notebook = str(tmp_path / "train.ipynb")
    with kernel(kernel_id="aaaa1111-kernel", env={"JPY_SESSION_NAME": notebook}) as made:
        yield made
    set_services(None)


def test_a_kernel_without_a_server_is_listed_with_what_it_holds(program: Program, running: Kernel) -> None:
    processes = [driver.Process(running.provisioner.pid, 3 * GIB, use=40)]
    driver.write_scenario(program.folder / "scenario", devices=[driver.device(0, processes=processes)])
    [found] = msgspec.convert(program.answer("kernels"), KernelsAnswer).kernels
    assert (found.id, found.server) == ("aaaa1111-kernel", f"process {os.getpid()}")
    assert found.notebook is not None and found.notebook.endswith("train.ipynb")
    assert [(use.memory, use.uuid) for use in found.devices] == [(3 * GIB, driver.device_uuid(0))]
    text = program("kernels").stdout
    assert all(word in text for word in ("aaaa1111", "train.ipynb", "all (default)", "GPU 0 3.0 GiB"))


def test_a_kernel_that_no_server_can_end_ends_itself(program: Program, running: Kernel) -> None:
    pid = running.provisioner.pid
    done = program("kernels", "shutdown", "aaaa", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["id"], answer["by"]) == ("aaaa1111-kernel", "kernel")
    assert "may start it again" in answer["message"]
    assert running.manager.provisioner.process.poll() is not None or began(pid) is None
    assert program.answer("kernels")["kernels"] == []


def test_a_server_that_lies_about_its_address_costs_a_fallback(program: Program, running: Kernel) -> None:
    info = {"pid": os.getpid(), "url": "http://127.0.0.1:9/", "token": "x"}
    (program.folder / "runtime" / f"jpserver-{os.getpid()}.json").write_text(json.dumps(info))
    assert program.answer("kernels")["kernels"][0]["server"] == "http://127.0.0.1:9/"
    done = program("kernels", "shutdown", running.id)
    assert (done.returncode, done.stderr) == (0, "")
    assert "asked to end itself" in done.stdout


def test_an_id_has_to_be_that_of_one_kernel(program: Program, running: Kernel) -> None:
    file = program.folder / "runtime" / "tfgpu-launch-aaaa1111-kernel.json"
    twin = json.loads(file.read_text()) | {"kernel_id": "aaaa2222-kernel"}
    file.with_name("tfgpu-launch-aaaa2222-kernel.json").write_text(json.dumps(twin))
    for given, code, says in (("aaaa", 2, "aaaa2222-kernel"), ("", 2, "id"), ("bbbb", 1, "No kernel bbbb")):
        done = program("kernels", "shutdown", given)
        assert (done.returncode, done.stdout) == (code, "")
        assert says in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert program("kernels", "shutdown").returncode == 2
    assert running.manager.is_alive()


def test_pins_whose_device_is_gone_and_full_devices_are_told(program: Program) -> None:
    other = [driver.Process(os.getpid(), 39 * GIB)]
    full = driver.device(1, processes=other, memory_used=39 * GIB)
    driver.write_scenario(program.folder / "scenario", devices=[driver.device(0), full])
    done = program("pin", "set", "--notebook", "n.ipynb", "1")
    assert done.returncode == 0
    assert "nearly full" in done.stdout.splitlines()[1]
    assert "no longer" not in program("pin", "show").stdout
    driver.write_scenario(program.folder / "scenario", devices=[driver.device(0)])
    [line, _] = program("pin", "show").stdout.splitlines()
    assert line.endswith(f"({driver.device_uuid(1)} is no longer on this machine)")


def test_a_store_that_cannot_be_read_is_told_with_the_pins(program: Program) -> None:
    store = program.folder / "data" / "tfgpu" / "pins.json"
    store.parent.mkdir(parents=True)
    store.write_text('{"schema": "tfgpu.pins/1", "mach')
    first, *rest = program("pin", "show").stdout.splitlines()
    assert first == "all others: all"
    assert len(rest) == 1 and "damaged" in rest[0]


KERNEL = KernelAnswer(
    id="0123456789ab",
    server=None,
    notebook="/n/[bold]a.ipynb",
    kernelspec="python3",
    environment="e1",
    pin=f"{driver.device_uuid(0)},{driver.mig_uuid(0, 1)},GPU-gone-and-longer",
    pin_from="notebook",
    state=None,
    devices=(KernelDevice(uuid=driver.device_uuid(0), memory=None, utilization=None),),
    last_used=None,
    verdict=None,
    restart_needed=True,
    warnings=("GPU 0 is nearly full.",),
)


def test_the_table_has_names_and_no_long_ids(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    devices = msgspec.convert(program.answer("devices"), dict[str, object])["devices"]
    told = msgspec.structs.replace(
        KERNEL,
        state="idle",
        devices=(KernelDevice(uuid=driver.device_uuid(0), unused_since="2026-01-01T10:00:00+00:00"),),
    )
    [kernel] = informed(KernelsAnswer(kernels=(KERNEL,)), {KERNEL.id: told}).kernels
    from jupyter_tfgpu.api.wire import DeviceAnswer

    known = msgspec.convert(devices, tuple[DeviceAnswer, ...])
    now = datetime(2026, 1, 1, 10, 12, tzinfo=timezone.utc)
    show_kernels([kernel], known, {"e1": "tf2"}, now)
    text = capsys.readouterr().out
    assert driver.device_uuid(0) not in text
    assert f"GPU 0,MIG-{driver.mig_uuid(0, 1)[4:12]},GPU-gone-and (for the notebook, after a restart)" in text
    assert "GPU 0 –, –, unused for 12 min" in text
    assert all(word in text for word in ("[bold]a.ipynb", "tf2", "idle", "01234567: GPU 0 is nearly full."))


def test_times_are_in_the_unit_that_says_most() -> None:
    assert [duration(one) for one in (0, 119, 120, 7199, 7200, 172_799, 172_800)] == [
        *("0 s", "119 s", "2 min", "120 min", "2 h", "48 h", "2 days")
    ]
    assert device_name("GPU-0123456789", ()) == "GPU-01234567"
