"""How busy MIG instances are, on GPUs whose driver samples them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from jupyter_tfgpu.devices import Utilization
from tests.devices.conftest import Program, Start
from tests.standin.driver import Device, device, with_instances

FREE = "nvmlGpmSampleFree"
SYMBOLS = [
    "nvmlGpmQueryDeviceSupport",
    "nvmlGpmSampleAlloc",
    FREE,
    "nvmlGpmMigSampleGet",
    "nvmlGpmMetricsGet",
]


def hopper(*active: float | None, **figures: Any) -> Device:
    """A GPU with MIG on, and an instance for each figure: percent of the time that it is in use."""
    gpu = with_instances(device(0, **{"gpm": 1, **figures}), 0, len(active))
    for instance, share in zip(gpu.instances, active, strict=True):
        instance.values["gpm.active"] = share
    return gpu


def use(program: Program) -> list[float | None]:
    """How busy the instances are."""
    return [
        round(each.utilization.gpu, 2) if each.utilization and each.utilization.gpu is not None else None
        for each in program.read().devices
        if each.parent
    ]


def test_an_instance_is_as_busy_as_it_was_since_the_reading_before(start: Start) -> None:
    program = start(devices=[hopper(40, 0)])
    assert use(program) == [None, None], "one sample tells nothing"
    time.sleep(0.2)
    assert use(program) == [0.4, 0.0]
    assert use(program) == [0.4, 0.0], "too soon for another sample"
    time.sleep(0.2)
    assert use(program) == [0.4, 0.0]


def test_the_gpu_itself_still_does_not_say(start: Start) -> None:
    program = start(devices=[hopper(40)])
    program.read()
    time.sleep(0.2)
    parent, instance = program.read().devices
    assert (parent.utilization, instance.utilization) == (None, Utilization(gpu=pytest.approx(0.4)))


def test_where_the_driver_says_it_itself_that_counts(start: Start) -> None:
    gpu = hopper(40)
    gpu.instances[0].values |= {"utilization.gpu": 70, "utilization.memory": 5}
    program = start(devices=[gpu])
    use(program)
    time.sleep(0.2)
    assert use(program) == [0.7]


@pytest.mark.parametrize(
    "how",
    [
        {"devices": [hopper(40, gpm=None)]},
        {"devices": [hopper(None)]},
        {"devices": [hopper(40)], "missing": SYMBOLS},
        {"devices": [hopper(40)], "missing": ["nvmlDeviceGetGpuInstanceId"]},
        *({"devices": [hopper(40)], "lines": [f"error {symbol} 3"]} for symbol in SYMBOLS if symbol != FREE),
        {"devices": [hopper(40)], "lines": ["error nvmlGpmMetricsGet 999"]},
    ],
    ids=[
        "older GPU",
        "no sample",
        "older driver",
        "no ids",
        *(symbol for symbol in SYMBOLS if symbol != FREE),
        "unknown error",
    ],
)
def test_where_instances_cannot_be_sampled_their_use_is_not_known(start: Start, how: dict[str, Any]) -> None:
    program = start(**how)
    for _ in range(2):
        assert use(program) == [None]
        time.sleep(0.2)
    assert [each.state for each in program.read().devices] == ["ok", "ok"]


def test_instances_that_share_their_counters_are_not_said_to_be_as_busy_as_all_together(start: Start) -> None:
    gpu = hopper(40, 40, 90)
    for instance in gpu.instances[:2]:
        instance.values["mig.instance"] = 5
    program = start(devices=[gpu])
    use(program)
    time.sleep(0.2)
    assert use(program) == [None, None, 0.9]


def test_what_nvml_holds_for_the_samples_is_given_back(start: Start) -> None:
    program = start()
    for count in (2, 0, 3, 1):
        program.write(devices=[hopper(*[10.0] * count)])
        program.reading()
    program.do("close")
    made, freed = (program.do("calls", name=name) for name in ("nvmlGpmSampleAlloc", FREE))
    assert made == freed >= 10
