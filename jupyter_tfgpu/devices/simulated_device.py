"""One simulated device: a GPU that is sold, a load on it, and the figures that follow from both.

Every figure is a function of the time, the energy counter too: it is the integral of the power.
"""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from typing import Protocol

from .reading import Clocks, Device, Ecc, LinkRates, Memory, Power, Process, Rates, Utilization

GIB = 1 << 30
_LINK_RATE = 25e9
"""Bytes per second that one NVLink of the third and fourth generation moves in one direction."""
_WEEK = 604_800.0
"""Seconds: the simulated driver is loaded anew each Thursday (UTC), and counts energy from there."""


@dataclass(frozen=True, kw_only=True)
class Product:
    """A GPU that is sold. Memory in bytes, power in milliwatts, clocks in MHz; those at rest last.

    ``links``: NVLinks it has. ``server``: made for servers, so with ECC and cooled by the machine's fans;
    such a GPU stays at its fastest performance state, where others compute at 2 and rest at 8.
    """

    name: str
    compute_capability: str
    memory: int
    power_limit: int
    power_at_rest: int
    sm_clock: int
    sm_clock_limit: int
    memory_clock: int
    sm_clock_at_rest: int
    memory_clock_at_rest: int
    links: int = 0
    server: bool = False


A100 = Product(
    name="NVIDIA A100-SXM4-40GB",
    compute_capability="8.0",
    memory=40 * GIB,
    power_limit=400_000,
    power_at_rest=52_000,
    sm_clock=1410,
    sm_clock_limit=1410,
    memory_clock=1215,
    sm_clock_at_rest=210,
    memory_clock_at_rest=1215,
    links=12,
    server=True,
)
H100 = Product(
    name="NVIDIA H100 80GB HBM3",
    compute_capability="9.0",
    memory=80 * GIB,
    power_limit=700_000,
    power_at_rest=70_000,
    sm_clock=1980,
    sm_clock_limit=1980,
    memory_clock=2619,
    sm_clock_at_rest=345,
    memory_clock_at_rest=2619,
    links=18,
    server=True,
)
RTX_4090 = Product(
    name="NVIDIA GeForce RTX 4090",
    compute_capability="8.9",
    memory=24 * GIB,
    power_limit=450_000,
    power_at_rest=22_000,
    sm_clock=2520,
    sm_clock_limit=3105,
    memory_clock=10501,
    sm_clock_at_rest=210,
    memory_clock_at_rest=405,
)
RTX_3060 = Product(
    name="NVIDIA GeForce RTX 3060",
    compute_capability="8.6",
    memory=12 * GIB,
    power_limit=170_000,
    power_at_rest=14_000,
    sm_clock=1837,
    sm_clock_limit=2100,
    memory_clock=7501,
    sm_clock_at_rest=210,
    memory_clock_at_rest=405,
)


class Load(Protocol):
    """How busy a device is."""

    def at(self, now: float) -> float:
        """0-1."""

    def until(self, now: float) -> float:
        """The integral of ``at``, up to a constant."""


@dataclass(frozen=True)
class Training:
    """A training run: steps at full load, 6 s of validation every 40 s, a slow and a quick swing."""

    shift: float = 0.0

    def at(self, now: float) -> float:
        busy = 0.25 if (now + self.shift) % 40 > 34 else 0.93
        return busy + 0.05 * math.sin(now / 1.7 + self.shift) + 0.02 * math.sin(now / 0.6)

    def until(self, now: float) -> float:
        rounds, phase = divmod(now + self.shift, 40)
        steps = rounds * (34 * 0.93 + 6 * 0.25) + 0.93 * min(phase, 34) + 0.25 * max(0.0, phase - 34)
        return steps - 0.05 * 1.7 * math.cos(now / 1.7 + self.shift) - 0.02 * 0.6 * math.cos(now / 0.6)


@dataclass(frozen=True)
class Typing:
    """A notebook that somebody types in: 2 s of some load every 25 s."""

    shift: float = 0.0

    def at(self, now: float) -> float:
        return 0.18 if (now + self.shift) % 25 < 2 else 0.0

    def until(self, now: float) -> float:
        rounds, phase = divmod(now + self.shift, 25)
        return 0.18 * (rounds * 2 + min(phase, 2))


@dataclass(frozen=True)
class Steady:
    """Always the same."""

    share: float = 0.0

    def at(self, now: float) -> float:
        return self.share

    def until(self, now: float) -> float:
        return self.share * now


REST = Steady()


def made_uuid(kind: str, number: int) -> str:
    """The same for the same device in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"simulated {kind} {number}"))


def somebody(index: int, memory: int | None) -> Process:
    """A process of nobody: above the highest pid that Linux gives (4194304), so none is mistaken for it."""
    return Process(pid=4194305 + index, memory=memory)


def device(
    index: int,
    product: Product,
    load: Load,
    now: float,
    *,
    held: int = 0,
    linked: bool = False,
) -> Device:
    """A device at work. ``held``: bytes of a process on it. ``linked``: it trains together with others."""
    share = round(load.at(now), 2)
    used, reserved = held + GIB // 4, product.memory // 80
    busy = share > 0
    process = Process(pid=somebody(index, held).pid, memory=held, utilization=share)
    return Device(
        uuid=f"GPU-{made_uuid(product.name, index)}",
        index=index,
        name=product.name,
        compute_capability=product.compute_capability,
        pci_bus_id=f"00000000:{index * 0x10 + 1:02X}:00.0",
        memory=Memory(
            total=product.memory, used=used, reserved=reserved, free=product.memory - used - reserved
        ),
        utilization=Utilization(gpu=share, memory=round(share * 0.6, 2), encoder=0.0, decoder=0.0),
        temperature=round(34 + 38 * share + 2 * math.sin(now / 30 + index)),
        power=Power(
            usage=round(product.power_at_rest + _span(product) * load.at(now)), limit=product.power_limit
        ),
        clocks=Clocks(
            sm=product.sm_clock if busy else product.sm_clock_at_rest,
            memory=product.memory_clock if busy else product.memory_clock_at_rest,
            max_sm=product.sm_clock_limit,
            max_memory=product.memory_clock,
        ),
        throttle=(),
        performance_state=0 if product.server else 2 if busy else 8,
        compute_mode="default",
        energy=_energy(product, load, now),
        fan=None if product.server else round(0.3 + 0.5 * share, 2),
        ecc=Ecc(corrected=0, uncorrected=0) if product.server else None,
        pcie=Rates(rx=round(2.1e9 * share), tx=round(0.3e9 * share)),
        nvlink=_links(product, share if linked else 0.0),
        processes=(process,) if held else (),
    )


def _span(product: Product) -> float:
    """Milliwatts between rest and full load, which stays below the limit."""
    return product.power_limit * 0.9 - product.power_at_rest


def _energy(product: Product, load: Load, now: float) -> int:
    """Millijoules since the driver was loaded."""
    loaded = now - now % _WEEK
    worked = load.until(now) - load.until(loaded)
    return round(product.power_at_rest * (now - loaded) + _span(product) * worked)


def _links(product: Product, share: float) -> tuple[LinkRates, ...] | None:
    rate = round(_LINK_RATE * 0.3 * share)
    return tuple(LinkRates(link=link, rx=rate, tx=rate) for link in range(product.links)) or None
