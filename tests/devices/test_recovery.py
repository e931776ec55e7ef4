"""After a hang, a loss, an update: what comes back is shown again."""

from __future__ import annotations

import threading
import time

import pytest

from jupyter_tfgpu.devices import DriverState, Monitor, Reading
from tests.devices.conftest import Program, Start, eventually
from tests.standin.driver import build, device, device_uuid

HANG = ["hang nvmlDeviceGetUtilizationRates"]
HANG_ONE = ["hang-one nvmlDeviceGetUtilizationRates"]
FIRST, SECOND = "tfgpu-sampler", "tfgpu-second-sampler"


def status(program: Program) -> str | None:
    latest = program.latest()
    return latest.driver.status if latest else None


def watched(program: Program) -> Program:
    program.do("subscribe", name="page", interval=0.5)
    eventually(lambda: len(program.got("page")) >= 1)
    return program


# ---------------------------------------------------------------------- a call that hangs


def test_one_call_that_hangs_for_good_does_not_keep_the_readings_away_for_good(start: Start) -> None:
    program = watched(start(hang_limit=0.3, second_try=0.8))
    program.write(devices=[device(0, temperature=71), device(1)], lines=HANG_ONE)
    eventually(lambda: status(program) == "not-answering")
    eventually(lambda: status(program) == "ok")
    eventually(lambda: program.got("page")[-1].devices[0].temperature == 71)
    assert program.do("threads") == [FIRST, SECOND, "tfgpu-timekeeper"]
    # The first call comes back: its thread ends, and the second goes on.
    program.write(devices=[device(0, temperature=72), device(1)])
    eventually(lambda: program.do("threads") == [SECOND, "tfgpu-timekeeper"])
    eventually(lambda: program.got("page")[-1].devices[0].temperature == 72)


def test_while_both_hang_no_third_is_started(start: Start) -> None:
    program = watched(start(hang_limit=0.2, second_try=0.3))
    program.write(lines=HANG)
    eventually(lambda: SECOND in program.do("threads"))
    calls = program.do("calls", name="nvmlInitWithFlags")
    told = len(program.got("page"))
    eventually(lambda: len(program.got("page")) >= told + 4)
    assert program.do("threads") == [FIRST, SECOND, "tfgpu-timekeeper"]
    assert program.do("calls", name="nvmlInitWithFlags") == calls == 2
    program.write(devices=[device(0, temperature=64)])
    eventually(lambda: program.got("page")[-1].devices[0].temperature == 64)
    eventually(lambda: len(program.do("threads")) == 2)


def test_no_third_is_started_either_when_the_second_hangs_after_it_took_over(start: Start) -> None:
    program = watched(start(hang_limit=0.2, second_try=0.3))
    program.write(lines=HANG_ONE)
    eventually(lambda: SECOND in program.do("threads"))
    eventually(lambda: status(program) == "ok")
    program.write(lines=[*HANG_ONE, *HANG])
    eventually(lambda: status(program) == "not-answering")
    told = len(program.got("page"))
    eventually(lambda: len(program.got("page")) >= told + 4)
    assert program.do("threads") == [FIRST, SECOND, "tfgpu-timekeeper"]
    program.write()
    eventually(lambda: program.got("page")[-1].driver.status == "ok")


def test_the_end_comes_in_time_with_two_threads_hung(start: Start) -> None:
    program = watched(start(hang_limit=0.2, second_try=0.3))
    program.write(lines=HANG)
    eventually(lambda: SECOND in program.do("threads"))
    # The one figure that the product promises: the server stops within 2 s.
    assert program.do("close") < 2


def test_nobody_tries_while_nobody_looks(start: Start) -> None:
    program = watched(start(hang_limit=0.2, second_try=0.5))
    program.write(lines=HANG)
    eventually(lambda: status(program) == "not-answering")
    program.do("unsubscribe", name="page")
    calls = program.count_calls()
    time.sleep(1.2)
    assert program.count_calls() == calls


def test_a_second_that_only_gets_an_error_tries_again_later_and_does_not_take_over() -> None:
    stuck = threading.Event()
    made: list[int] = []

    class Source:
        """The first hangs; those after it find no driver, but for the fourth."""

        def __init__(self) -> None:
            made.append(len(made))
            self.number = made[-1]

        def read(self) -> Reading:
            if self.number == 0:
                stuck.wait()
            state = DriverState(status="ok" if self.number == 3 else "error")
            return Reading(taken_at=time.time(), driver=state)

        def close(self) -> None:
            """Nothing is held."""

    monitor = Monitor(Source, hang_limit=0.1, second_try=0.2)
    got: list[Reading] = []
    monitor.subscribe(got.append, 0.5)
    eventually(lambda: bool(got) and got[-1].driver.status == "ok")
    assert {each.driver.status for each in got} == {"not-answering", "ok"}
    assert made == [0, 1, 2, 3]
    stuck.set()
    monitor.close()


# ---------------------------------------------------------------------- devices that go and come


def test_a_lost_gpu_that_was_reset_is_found_when_the_driver_is_opened_anew(start: Start) -> None:
    program = start(lines=["listed at-init"], reopen=0.4)
    assert program.read().driver.status == "ok"
    program.write(lines=["listed at-init", "error * 15 1"])
    assert program.read().driver.status == "gpu-lost"
    program.write(lines=["listed at-init", "error * 15 1", "error nvmlDeviceGetHandleByIndex 15 1"])
    time.sleep(0.5)
    found = program.read()
    assert found.driver.status == "gpu-lost"
    assert [each.uuid for each in found.devices] == [device_uuid(0)]
    program.write(lines=["listed at-init"])
    time.sleep(0.5)
    found = program.read()
    assert found.driver.status == "ok"
    assert [each.state for each in found.devices] == ["ok", "ok"]


def test_a_gpu_that_was_lost_before_the_start_is_found_after_its_reset(start: Start) -> None:
    program = start(lines=["error nvmlDeviceGetHandleByIndex 15 1"], reopen=0.3)
    assert program.read().driver.status == "gpu-lost"
    program.write()
    eventually(lambda: program.read().driver.status == "ok")
    assert len(program.read().devices) == 2


def test_with_a_lost_gpu_the_driver_is_not_opened_anew_at_each_reading(start: Start) -> None:
    program = start(lines=["error * 15 1"], reopen=3600)
    for _ in range(5):
        assert program.read().driver.status == "gpu-lost"
    assert program.do("calls", name="nvmlInitWithFlags") == 1


def test_a_lost_gpu_is_shown_for_a_while_however_long_the_driver_has_been_open(start: Start) -> None:
    program = start(lines=["listed at-init"], reopen=0.8)
    program.read()
    time.sleep(0.9)
    program.write(lines=["listed at-init", "error * 15 1"])
    for _ in range(3):
        assert [each.state for each in program.read().devices] == ["ok", "lost"]
    assert program.do("calls", name="nvmlInitWithFlags") == 1
    time.sleep(0.9)
    program.read()
    assert program.do("calls", name="nvmlInitWithFlags") == 2


def test_a_lost_gpu_that_is_not_even_listed_any_more_is_still_told(start: Start) -> None:
    program = start(devices=[device(0), device(1)], lines=["listed at-init"])
    program.read()
    program.write(devices=[device(0), device(1)], lines=["listed at-init", "error * 15 1"])
    program.read()
    program.write(devices=[device(0)], lines=["listed at-init"])
    found = program.read()
    assert found.driver.status == "gpu-lost"
    assert found.answered
    assert device_uuid(1) in (found.driver.message or "")
    assert "dmesg" in (found.driver.advice or "")
    assert [(each.uuid, each.state) for each in found.devices] == [(device_uuid(0), "ok")]
    program.write(devices=[device(0), device(1)], lines=["listed at-init"])
    found = program.read()
    assert found.driver.status == "ok"
    assert len(found.devices) == 2


def test_a_device_that_appears_is_found_by_the_files_of_the_kernel_module(start: Start) -> None:
    """NVML counts devices when it is opened; the files say when that is worth doing again."""
    program = start(devices=[device(0)], lines=["listed at-init"], tree={"pci_devices": 1})
    assert len(program.read().devices) == 1
    program.write(devices=[device(0), device(1)], lines=["listed at-init"])
    assert len(program.read().devices) == 1
    program.write_machine(pci_devices=2)
    assert [each.uuid for each in program.read().devices] == [device_uuid(0), device_uuid(1)]
    program.read()
    assert program.do("calls", name="nvmlInitWithFlags") == 2


def test_the_files_are_looked_at_now_and_then_only(start: Start) -> None:
    program = start(devices=[device(0)], lines=["listed at-init"], tree={"pci_devices": 1}, watch=3600)
    program.read()
    program.write(devices=[device(0), device(1)], lines=["listed at-init"])
    program.write_machine(pci_devices=2)
    assert len(program.read().devices) == 1


def test_the_history_outlives_a_device_and_goes_on_when_it_is_back(start: Start) -> None:
    both = [device(0), device(1)]
    program = start(devices=both, lines=["listed at-init"])
    program.reading()
    program.write(devices=both, lines=["listed at-init", "error * 15 1"])
    program.reading()
    program.write(devices=[device(0)], lines=["listed at-init"])
    program.reading()
    program.write(devices=[device(0), device(1, temperature=40)], lines=["listed at-init"])
    program.reading()
    assert program.history().devices[device_uuid(1)].temperature == (51, None, None, 40)
    assert program.history().devices[device_uuid(0)].temperature == (50, 50, 50, 50)


# ---------------------------------------------------------------------- a driver that is updated


def test_an_update_that_does_not_touch_this_process_yet_is_told(start: Start) -> None:
    """The packages replace the libraries; the loaded module stays, and so does what we have loaded."""
    program = start()
    assert program.read().driver.message is None
    program.write_machine(driver="550.90.07", kernel_module="550.54.14")
    said = program.read().driver
    assert said.status == "ok"
    assert "550.90.07" in (said.message or "") and "550.54.14" in (said.message or "")
    assert "Reboot" in (said.advice or "")
    program.write_machine()
    assert program.read().driver.message is None


UPDATED = {"driver": "550.90.07", "kernel_module": "550.90.07"}


def test_after_an_update_the_new_library_is_loaded_beside_the_old(start: Start) -> None:
    program = start()
    assert program.read().driver.status == "ok"
    program.write_machine(**UPDATED)
    # Another library to the loader; its answers are those of the new driver.
    folder = program.machine / "usr" / "lib" / "x86_64-linux-gnu"
    (folder / "libnvidia-ml.so.550.90.07").write_bytes(build(["nvmlInit"]).read_bytes())
    program.write(driver="550.90.07", lines=["refuse libnvidia-ml.so.1"])
    found = program.read()
    assert (found.driver.status, found.driver.version) == ("ok", "550.90.07")
    assert len(found.devices) == 2
    program.write(driver="550.90.07", devices=[device(0, temperature=33)], lines=["refuse libnvidia-ml.so.1"])
    assert program.read().devices[0].temperature == 33


@pytest.mark.parametrize("library", [b"", b"no library"], ids=["empty", "text"])
def test_where_the_new_library_does_not_load_a_restart_is_advised(start: Start, library: bytes) -> None:
    program = start()
    assert program.read().driver.status == "ok"
    program.write_machine(**UPDATED)
    folder = program.machine / "usr" / "lib" / "x86_64-linux-gnu"
    (folder / "libnvidia-ml.so.550.90.07").write_bytes(library)
    program.write(driver="550.90.07", lines=["error nvmlInit 18", "error * 18"])
    for _ in range(2):
        said = program.read().driver
        assert said.status == "library-mismatch"
        assert "restart the Jupyter server" in (said.advice or "")
    program.write(driver="550.90.07")
    assert program.read().driver.status == "ok", "what works again is used again"
