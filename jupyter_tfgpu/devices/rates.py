"""Bytes per second over PCIe and NVLink, from the driver's byte counters, and the counter of energy.

``nvmlDeviceGetPcieThroughput`` answers the same and blocks 20 ms a call to count; it is never called.
"""

from __future__ import annotations

import ctypes
from typing import Any

from .calls import NvmlCalls
from .fields import FieldCall, Sample
from .reading import LinkRates, Rates

_PCIE_TX, _PCIE_RX = (197, 0), (198, 0)
_LINK_COUNT = (91, 0)
_ENERGY = (83, 0)
"""Millijoules since the driver was loaded."""
_LINK_PAIRS = (((138, 139), 1024), ((202, 204), 1))
"""NVLink's counters of data sent and received, and the bytes in one count: those of up to Hopper count
KiB, those from Blackwell on bytes (nvml.h). ``scope`` is the link."""
_MOST_LINKS = 36
"""NVML_NVLINK_MAX_LINKS."""
_LANE = {1: 0.25e9, 2: 0.5e9, 3: 0.985e9, 4: 1.969e9, 5: 3.938e9, 6: 7.563e9}
"""Bytes per second that a lane carries, by PCIe generation."""
_FASTEST = 16 * _LANE[6]
_SHORTEST, _LONGEST = 0.1, 120.0
"""Seconds between two samples of which a rate is made: less is noise, more is not now."""
_WINDOW = 0.001
"""The least seconds between the two samples within one reading."""


class Counters:
    """The counters of one device, and what they were when last looked at."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._start = FieldCall(library, (_PCIE_TX, _PCIE_RX))
        self._call = FieldCall(library, ())
        self._fields: list[tuple[int, int]] = []
        self._links: list[tuple[int, tuple[int, int], int]] = []
        self._previous: dict[tuple[int, int], Sample] = {}
        self._started: dict[tuple[int, int], Sample | None] = {}
        self._rates: dict[tuple[int, int], int | None] = {}
        self._fastest = _FASTEST
        self._goes_round = False
        self.energy: int | None = None
        """Millijoules since the driver was loaded, None where that is not counted."""

    def probe(self, calls: NvmlCalls, handle: Any) -> None:
        """Finds out which counters there are: slow, for now and then."""
        generation = calls.ask("nvmlDeviceGetMaxPcieLinkGeneration", handle)
        width = calls.ask("nvmlDeviceGetMaxPcieLinkWidth", handle)
        self._fastest = _LANE.get(generation, _LANE[6]) * width if generation and width else _FASTEST
        has = self._ask(calls, handle, [_PCIE_TX, _PCIE_RX, _ENERGY, _LINK_COUNT])
        self._fields = [field for field in (_PCIE_TX, _PCIE_RX, _ENERGY) if has[field] is not None]
        count = has[_LINK_COUNT]
        links = range(min(count.value, _MOST_LINKS) if count else 0)
        answers = self._ask(
            calls, handle, [(field, link) for pair, _ in _LINK_PAIRS for field in pair for link in links]
        )
        self._links = []
        for link in links:
            for pair, unit in _LINK_PAIRS:
                if any(answers[field, link] is not None for field in pair):
                    self._links.append((link, pair, unit))
                    self._fields += [(field, link) for field in pair]
                    break
        self._call = FieldCall(self._library, self._fields)

    def start(self, calls: NvmlCalls, handle: Any) -> None:
        """At the begin of a device's reading: a first sample, where the counters go round too soon."""
        if self._goes_round:
            first = self._start.ask(handle, calls.codes)
            self._started = dict(zip((_PCIE_TX, _PCIE_RX), first, strict=True))

    def finish(self, calls: NvmlCalls, handle: Any) -> None:
        """At its end: the rates since the last reading, or since ``start``, and the energy."""
        self.energy = None
        if not self._fields:
            self._rates = {}
            return
        found = self._call.ask(handle, calls.codes)
        for field, sample in zip(self._fields, found, strict=True):
            if field == _ENERGY:
                self.energy = sample.value if sample else None
            else:
                self._take(field, sample)

    @property
    def pcie(self) -> Rates | None:
        """``rx``: bytes per second to the device. None at the first reading, or where it is not counted."""
        rates = Rates(rx=self._rates.get(_PCIE_RX), tx=self._rates.get(_PCIE_TX))
        return rates if rates != Rates() else None

    @property
    def nvlink(self) -> tuple[LinkRates, ...] | None:
        """The same for each link that counts; None where there is no link."""
        if not self._links:
            return None
        rates = []
        for link, (sent, received), unit in self._links:
            tx, rx = self._rates.get((sent, link)), self._rates.get((received, link))
            rates.append(
                LinkRates(
                    link=link,
                    rx=None if rx is None else rx * unit,
                    tx=None if tx is None else tx * unit,
                )
            )
        return tuple(rates)

    def _ask(
        self, calls: NvmlCalls, handle: Any, fields: list[tuple[int, int]]
    ) -> dict[tuple[int, int], Sample | None]:
        return dict(zip(fields, FieldCall(self._library, fields).ask(handle, calls.codes), strict=True))

    def _take(self, field: tuple[int, int], sample: Sample | None) -> None:
        before = self._previous.get(field)
        if sample is None:
            self._previous.pop(field, None)
            self._rates[field] = None
            return
        if before is not None and sample.at - before.at < _SHORTEST:
            return  # the rate of a moment ago still stands
        self._previous[field] = sample
        if field in (_PCIE_TX, _PCIE_RX):
            self._rates[field] = self._pcie_rate(field, before, sample)
        else:
            self._rates[field] = _rate(before, sample)

    def _pcie_rate(self, field: tuple[int, int], before: Sample | None, now: Sample) -> int | None:
        """The rate since the last reading where that is certain, else the rate during this reading.

        Drivers give the lower 32 bits of PCIe's counters. A fast link goes round them several times
        between two readings, and how often cannot be seen: it takes 0.14 s over 16 lanes of PCIe 4.
        """
        turn = float(1 << now.bits)
        certain = now.bits >= 64 or before is None or self._fastest * (now.at - before.at) < turn
        self._goes_round = not certain
        if certain:
            return _rate(before, now)
        first = self._started.pop(field, None)
        if first is None or now.at - first.at < _WINDOW or self._fastest * (now.at - first.at) >= turn:
            return None
        return round(((now.value - first.value) % (1 << now.bits)) / (now.at - first.at))


def _rate(before: Sample | None, now: Sample) -> int | None:
    """Counts per second. A counter of full width that went back was reset: not known."""
    if before is None or before.bits != now.bits or now.at - before.at > _LONGEST:
        return None
    counted = now.value - before.value
    if counted < 0 and now.bits < 64:
        counted += 1 << now.bits
    return None if counted < 0 else round(counted / (now.at - before.at))
