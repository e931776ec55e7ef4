"""What readings say of a stretch of time: peaks, means and differences for each device. Pure."""

from typing import Any, Callable, Dict, List, Optional, Tuple

Holder = Dict[str, Any]
Answer = Dict[str, Any]

KNOWN = ("every-process", "this-container")
"""Where the driver says which process holds what, a device without this kernel's holds nothing of it."""


class DeviceFigures:
    """One device's. Memory in bytes; None: not known."""

    def __init__(self) -> None:
        self.used: Optional[int] = None
        """The most in use at one moment, whoever's."""
        self.own: Optional[int] = None
        """The most of this kernel at one moment."""
        self.loads: List[float] = [0.0, 0.0]
        """The sum of the utilizations (fractions) and their number."""
        self.energy: List[Tuple[float, int]] = []
        """The counter (moment, millijoules): around the beginning, and the last two."""

    def add_state(self, used: Optional[int], own: Optional[int]) -> None:
        """Memory at one moment."""
        self.used, self.own = _most(self.used, used), _most(self.own, own)

    def add_load(self, load: Optional[float]) -> None:
        """Utilization since the reading before."""
        if load is not None:
            self.loads = [self.loads[0] + load, self.loads[1] + 1]

    def add_energy(self, moment: float, counter: Optional[int]) -> None:
        """The counter at one moment."""
        if counter is not None:
            self.energy = self.energy[:2] + self.energy[2:][-1:] + [(moment, counter)]

    @property
    def load(self) -> Optional[float]:
        """The mean utilization, a fraction."""
        return self.loads[0] / self.loads[1] if self.loads[1] else None

    def joules(self, begun: float, ended: float) -> Optional[float]:
        """The energy between two moments; between readings it is taken to have come evenly."""
        if len(self.energy) < 2:
            return None
        used = _between(self.energy[-2:], ended) - _between(self.energy[:2], begun)
        return used / 1000.0 if used >= 0 else None  # the driver was loaded anew


class Figures:
    """Of all devices, from the reading before :meth:`begin` to the last.

    ``is_own``: whether a holder is this kernel. ``answer``: the last reading, as our program gives it;
    ``last``: its moment.
    """

    def __init__(self, is_own: Callable[[Holder], bool]) -> None:
        self.answer: Optional[Answer] = None
        self.last: Optional[float] = None
        self.devices: Dict[str, DeviceFigures] = {}
        self._is_own = is_own
        self._begun: Optional[float] = None

    def begin(self, moment: float) -> None:
        """What was before this moment does not count, but as the state that it began with."""
        self._begun = moment

    def add(self, moment: float, answer: Answer) -> None:
        """A reading: of devices as ``devices`` of our program gives it."""
        before = self._begun is None or moment <= self._begun
        if before:
            self.devices = {}
        self.answer, self.last = answer, moment
        regime = (answer.get("attribution") or {}).get("regime")
        for device in answer["devices"]:
            figures = self.devices.setdefault(device["uuid"], DeviceFigures())
            figures.add_state((device.get("memory") or {}).get("used"), self._own(device, regime))
            figures.add_energy(moment, device.get("energy"))
            if not before:
                figures.add_load((device.get("utilization") or {}).get("gpu"))

    def _own(self, device: Dict[str, Any], regime: Optional[str]) -> Optional[int]:
        amounts = [one.get("memory") for one in device.get("holders") or () if self._is_own(one)]
        if not amounts:
            return 0 if regime in KNOWN else None
        known = [one for one in amounts if one is not None]
        return sum(known) if len(known) == len(amounts) else None


def _most(one: Optional[int], other: Optional[int]) -> Optional[int]:
    return other if one is None else one if other is None else max(one, other)


def _between(points: List[Tuple[float, int]], moment: float) -> float:
    """The counter at a moment, on the line through two points; outside them that of the nearer one."""
    (first, low), (second, high) = points
    if moment <= first or second <= first:
        return low
    return high if moment >= second else low + (high - low) * (moment - first) / (second - first)
