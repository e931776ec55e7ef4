"""What seldom changes is asked for less often."""

from __future__ import annotations

import pytest

from jupyter_tfgpu.devices import Ecc, Power
from tests.devices.conftest import Start, eventually
from tests.standin.driver import device, mig_uuid, with_instances

SELDOM = [
    "nvmlDeviceGetEnforcedPowerLimit",
    "nvmlDeviceGetTotalEccErrors",
    "nvmlDeviceGetMigMode",
    "nvmlDeviceGetMaxPcieLinkWidth",
    "nvmlDeviceGetMaxClockInfo",
    "nvmlDeviceGetComputeMode",
    "nvmlDeviceGetEncoderUtilization",
    "nvmlDeviceGetDecoderUtilization",
]
ONCE = [
    "nvmlDeviceGetName",
    "nvmlDeviceGetUUID",
    "nvmlDeviceGetCudaComputeCapability",
    "nvmlDeviceGetPciInfo_v3",
]


@pytest.mark.parametrize("function", [*SELDOM, *ONCE])
def test_ten_readings_ask_once(start: Start, function: str) -> None:
    program = start(devices=[device(0)], slow=3600)
    program.read()
    asked = program.do("calls", name=function)
    assert asked >= 1
    for _ in range(9):
        program.read()
    assert program.do("calls", name=function) == asked
    assert program.do("calls", name="nvmlDeviceGetPowerUsage") == 10


def test_a_change_of_what_is_seldom_asked_is_seen_in_time(start: Start) -> None:
    program = start(devices=[device(0)], slow=0.2)
    assert program.read().devices[0].power == Power(usage=120_000, limit=400_000)
    program.write(devices=[device(0, power_limit=250_000, ecc_corrected=7)])
    eventually(lambda: program.read().devices[0].power == Power(usage=120_000, limit=250_000))
    assert program.read().devices[0].ecc == Ecc(corrected=7, uncorrected=0)


def test_names_stay_while_nothing_seldom_is_asked(start: Start) -> None:
    program = start(devices=[with_instances(device(0), 0, 2)], slow=3600)
    assert program.read() is not None
    again = program.read().devices
    assert [each.uuid for each in again[1:]] == [mig_uuid(0, 0), mig_uuid(0, 1)]
    assert program.do("calls", name="nvmlDeviceGetMigDeviceHandleByIndex") == 7


def test_a_mig_instance_that_is_taken_away_leaves_the_list(start: Start) -> None:
    program = start(devices=[with_instances(device(0), 0, 2)], slow=3600)
    assert len(program.read().devices) == 3
    # A handle of an instance that was destroyed is an invalid argument.
    program.write(devices=[with_instances(device(0), 0, 1)], lines=["error * 2 0.1"])
    assert [each.uuid for each in program.read().devices[1:]] == [mig_uuid(0, 0)]
    program.write(devices=[with_instances(device(0), 0, 1)])
    found = program.read()
    assert [each.uuid for each in found.devices[1:]] == [mig_uuid(0, 0)]
    assert found.driver.status == "ok"
