"""What a reading becomes in Prometheus' terms."""

from __future__ import annotations

import time

import pytest
from prometheus_client.core import Metric

from jupyter_tfgpu.api.background import Scrape
from jupyter_tfgpu.api.metrics import COUNTERS, GAUGES, metrics
from jupyter_tfgpu.devices import (
    Clocks,
    Device,
    DriverState,
    Ecc,
    Memory,
    Power,
    Rates,
    Reading,
    Utilization,
)

FULL = Device(
    uuid="GPU-1",
    index=0,
    name="NVIDIA H100",
    memory=Memory(total=80, used=30, free=49, reserved=1),
    utilization=Utilization(gpu=0.5, memory=0.25, encoder=0.1, decoder=0.2),
    temperature=60,
    power=Power(usage=250_000, limit=700_000),
    clocks=Clocks(sm=1980, memory=2619),
    throttle=("thermal",),
    fan=0.3,
    ecc=Ecc(corrected=3, uncorrected=0),
    pcie=Rates(rx=1000, tx=2000),
    energy=5_000_000,
)
BARE = Device(uuid="GPU-2", index=1, state="lost")
INSTANCE = Device(uuid="MIG-1", name="NVIDIA H100 MIG 1g.10gb", parent="GPU-1")


def scrape(*devices: Device, status: str = "ok", age: float = 1.0, fresh: bool = True) -> Scrape:
    reading = Reading(
        taken_at=time.time() - age,
        driver=DriverState(status=status, version="580.65.06"),  # type: ignore[arg-type]
        devices=devices,
    )
    kernels = {("0123abcd-1", "GPU-1"): 10, ("0123abcd-2", "GPU-1"): 5, ("ffff0000-1", "GPU-2"): 7}
    return Scrape(reading=reading, age=age, fresh=fresh, kernels=kernels)


def values(found: Scrape, with_kernels: bool = True) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    families: list[Metric] = list(metrics(found, with_kernels))
    return {
        (sample.name, *sample.labels.values()): sample.value for each in families for sample in each.samples
    }


def test_every_figure_of_a_device_is_there_in_base_units() -> None:
    found = values(scrape(FULL))
    of_device = {
        name.removeprefix("tfgpu_device_"): value
        for (name, *labels), value in found.items()
        if labels == ["GPU-1", "NVIDIA H100"]
    }
    assert of_device == {
        "up": 1,
        "memory_total_bytes": 80,
        "memory_used_bytes": 30,
        "memory_free_bytes": 49,
        "memory_reserved_bytes": 1,
        "utilization_ratio": 0.5,
        "memory_utilization_ratio": 0.25,
        "encoder_utilization_ratio": 0.1,
        "decoder_utilization_ratio": 0.2,
        "temperature_celsius": 60,
        "power_watts": 250,
        "power_limit_watts": 700,
        "sm_clock_hertz": 1.98e9,
        "memory_clock_hertz": 2.619e9,
        "throttled": 1,
        "fan_speed_ratio": 0.3,
        "pcie_receive_bytes_per_second": 1000,
        "pcie_transmit_bytes_per_second": 2000,
        "energy_joules_total": 5000,
        "ecc_corrected_errors_total": 3,
        "ecc_uncorrected_errors_total": 0,
    }
    assert len(of_device) == len(GAUGES) + len(COUNTERS) + 1


def test_a_device_of_which_nothing_is_known_has_no_figure() -> None:
    found = values(scrape(BARE), with_kernels=False)
    assert {key for key in found if "GPU-2" in key} == {
        ("tfgpu_device_info", "GPU-2", "", "1", ""),
        ("tfgpu_device_up", "GPU-2", ""),
    }
    assert found["tfgpu_device_up", "GPU-2", ""] == 0


def test_an_instance_names_its_gpu() -> None:
    assert ("tfgpu_device_info", "MIG-1", "NVIDIA H100 MIG 1g.10gb", "", "GPU-1") in values(scrape(INSTANCE))


def test_kernels_are_known_by_eight_characters_and_only_where_they_may_be() -> None:
    found = values(scrape(FULL))
    assert found["tfgpu_kernel_memory_bytes", "0123abcd", "GPU-1"] == 15
    assert found["tfgpu_kernel_memory_bytes", "ffff0000", "GPU-2"] == 7
    assert not any(name.startswith("tfgpu_kernel") for name, *_ in values(scrape(FULL), with_kernels=False))


def test_an_old_reading_says_its_age_and_no_more() -> None:
    assert list(values(scrape(FULL, age=600, fresh=False)).items()) == [(("tfgpu_reading_age_seconds",), 600)]


@pytest.mark.parametrize(("status", "up"), [("ok", 1), ("gpu-lost", 1), ("absent", 0), ("not-answering", 0)])
def test_the_driver_is_up_where_it_lists_its_devices(status: str, up: int) -> None:
    found = values(scrape(status=status, fresh=status != "not-answering"))
    assert found["tfgpu_driver_up",] == up
    assert ("tfgpu_driver_info", "580.65.06", status) in found
