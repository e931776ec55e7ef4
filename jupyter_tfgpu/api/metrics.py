"""Prometheus metrics of a reading. Names and units: https://prometheus.io/docs/practices/naming/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from ..devices import Device
from .background import Scrape


class Row(NamedTuple):
    """A metric of a device. ``where``: the field of :class:`Device`; ``factor`` makes it a base unit."""

    name: str
    where: str
    text: str
    factor: float = 1


GAUGES = (
    Row("memory_total_bytes", "memory.total", "Memory of the device."),
    Row("memory_used_bytes", "memory.used", "Memory in use, without what the driver keeps for itself."),
    Row("memory_free_bytes", "memory.free", "Memory that is free."),
    Row("memory_reserved_bytes", "memory.reserved", "Memory that the driver keeps for itself."),
    Row("utilization_ratio", "utilization.gpu", "Part of the time in which the device computed."),
    Row(
        "memory_utilization_ratio",
        "utilization.memory",
        "Part of the time in which the device's memory was read or written.",
    ),
    Row("encoder_utilization_ratio", "utilization.encoder", "Use of the video encoder."),
    Row("decoder_utilization_ratio", "utilization.decoder", "Use of the video decoder."),
    Row("temperature_celsius", "temperature", "Temperature of the device."),
    Row("power_watts", "power.usage", "Power that the device draws.", 1e-3),
    Row("power_limit_watts", "power.limit", "Power to which the device is limited.", 1e-3),
    Row("sm_clock_hertz", "clocks.sm", "Clock of the multiprocessors.", 1e6),
    Row("memory_clock_hertz", "clocks.memory", "Clock of the memory.", 1e6),
    Row("throttled", "throttle", "1 if something slows the device down, else 0."),
    Row("fan_speed_ratio", "fan", "Speed of the fan, as a part of its greatest."),
    Row("pcie_receive_bytes_per_second", "pcie.rx", "What comes to the device over PCIe."),
    Row("pcie_transmit_bytes_per_second", "pcie.tx", "What goes from the device over PCIe."),
)
"""What goes up and down."""

COUNTERS = (
    Row("energy_joules", "energy", "Energy that the device took since the driver was loaded.", 1e-3),
    Row("ecc_corrected_errors", "ecc.corrected", "Memory errors that were corrected."),
    Row("ecc_uncorrected_errors", "ecc.uncorrected", "Memory errors that could not be corrected."),
)
"""What only grows; the samples are called ``…_total``."""


def metrics(scrape: Scrape, with_kernels: bool) -> Iterator[Metric]:
    """The metric families of ``tfgpu_``. What is not known is left out, never 0.

    A reading that is not fresh gives no devices and no kernels; a hung driver is said all the same. A
    simulated one gives nothing: it would be taken for a machine. ``with_kernels``: who reads them may
    know the kernels.
    """
    if scrape.reading.simulated:
        return
    yield GaugeMetricFamily(
        "tfgpu_reading_age_seconds", "Time since the devices were read last.", value=scrape.age
    )
    state = scrape.reading.driver
    if scrape.fresh or state.status == "not-answering":
        up = float(scrape.reading.answered)
        yield GaugeMetricFamily("tfgpu_driver_up", "1 if the driver lists its devices, else 0.", value=up)
        about = {"version": state.version, "cuda_version": state.cuda_version, "status": state.status}
        known = {name: text for name, text in about.items() if text is not None}
        yield InfoMetricFamily("tfgpu_driver", "Version and state of the driver.", value=known)
    if scrape.fresh:
        yield from _devices(scrape.reading.devices)
        if with_kernels:
            yield _kernels(scrape)


def _devices(devices: tuple[Device, ...]) -> Iterator[Metric]:
    about = InfoMetricFamily(
        "tfgpu_device", "Index of a device, and the GPU that a MIG instance is a part of."
    )
    up = GaugeMetricFamily(
        "tfgpu_device_up", "1 if the device answers, 0 if it is lost or in error.", labels=("uuid", "name")
    )
    for device in devices:
        index = "" if device.index is None else str(device.index)
        labels = dict(zip(("uuid", "name"), _labels(device), strict=True))
        about.add_metric((), {**labels, "index": index, "parent": device.parent or ""})
        up.add_metric(_labels(device), float(device.state == "ok"))
    yield about
    yield up
    for family_class, rows in ((GaugeMetricFamily, GAUGES), (CounterMetricFamily, COUNTERS)):
        for row in rows:
            family = family_class(f"tfgpu_device_{row.name}", row.text, labels=("uuid", "name"))
            for device in devices:
                value = _figure(device, row.where)
                if value is not None:
                    family.add_metric(_labels(device), value * row.factor)
            if family.samples:
                yield family


def _figure(device: Device, where: str) -> float | None:
    """The field, None where it or what it is a part of is not known. Of a tuple, whether there is any."""
    value: Any = device
    for name in where.split("."):
        value = None if value is None else getattr(value, name)
    if isinstance(value, tuple):
        return float(bool(value))
    return None if value is None else float(value)


def _labels(device: Device) -> tuple[str, str]:
    return device.uuid, device.name or ""


def _kernels(scrape: Scrape) -> Metric:
    family = GaugeMetricFamily(
        "tfgpu_kernel_memory_bytes",
        "Memory that a kernel of this server holds on a device.",
        labels=("kernel", "uuid"),
    )
    total: Counter[tuple[str, str]] = Counter()
    for (kernel_id, uuid), amount in scrape.kernels.items():
        total[kernel_id[:8], uuid] += amount
    for (kernel, uuid), amount in total.items():
        family.add_metric((kernel, uuid), amount)
    return family
