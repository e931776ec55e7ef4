"""CUDA_VISIBLE_DEVICES of this process: as it was at the start, as CUDA read it, and as it is.

CUDA reads it once, when the first framework uses the GPU. A cell that sets it later changes nothing, without
a word from the framework. What a cell did in which order cannot be told from outside, so a change in the
very cell that first used the GPU counts as made in time.
"""

import os
from typing import Any, Dict, List, Optional

from . import reports
from .device_findings import NAMES
from .touched import OTHER, touched

VARIABLE, ORDER = "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"

_WORDS = ("VISIBLE", "environ", "putenv", "%env", "%set_env")


class Visible:
    """``at_start``: the value when the kernel started; None: not set."""

    def __init__(self, at_start: Optional[str]) -> None:
        self._at_start = at_start
        self._toucher: Optional[str] = None
        self._read: Optional[str] = None
        self._order: Optional[str] = None

    def look(self, source: str) -> None:
        """Before each cell with this text: notes the value as soon as it has been read.

        Frameworks that only their open files betray are looked for before a cell that speaks of variables.
        """
        if self._toucher is None:
            self._toucher = touched(files=any(word in source for word in _WORDS))
            self._read, self._order = os.environ.get(VARIABLE), os.environ.get(ORDER)

    @property
    def value(self) -> Optional[str]:
        """The value that counts: what CUDA has read, or will read as things are."""
        return self._read if self._toucher is not None else os.environ.get(VARIABLE)

    @property
    def order(self) -> Optional[str]:
        """The same of CUDA_DEVICE_ORDER."""
        return self._order if self._toucher is not None else os.environ.get(ORDER)

    @property
    def changed(self) -> bool:
        """Whether the value that counts is another than that of the start."""
        return not _same(self.value, self._at_start)

    def finding(self) -> Optional[Dict[str, Any]]:
        """That it was changed too late; None: it was not."""
        now = os.environ.get(VARIABLE)
        if self._toucher is None or _same(now, self._read):
            return None
        who = "Another part of the program" if self._toucher == OTHER else _name(self._toucher)
        return reports.finding(
            {
                "code": "visible-devices-late",
                "severity": "warning",
                "title": "CUDA_VISIBLE_DEVICES was changed too late",
                "detail": "{} had begun to use the GPU in this kernel with {}. CUDA reads the variable only "
                "then: that it now is {} changes nothing, and the cell uses the devices of before.".format(
                    who, _said(self._read), _shown(now)
                ),
                "evidence": [
                    "when the GPU was first used: {}".format(_said(self._read)),
                    "now: {}".format(_said(now)),
                ],
                "fixes": [
                    {
                        "title": "Restart the kernel, and set it before the first cell that uses the GPU",
                        "where": "notebook",
                    },
                    {
                        "title": "Or pin the kernel to the devices that it is to have, and restart it",
                        "commands": ["%tfgpu pin {}".format(_pin(now))],
                        "where": "notebook",
                    },
                ],
            }
        )


def _name(toucher: str) -> str:
    return NAMES.get(toucher, toucher)


def _entries(value: Optional[str]) -> Optional[List[str]]:
    return None if value is None else [one.strip() for one in value.split(",")]


def _same(one: Optional[str], other: Optional[str]) -> bool:
    return _entries(one) == _entries(other)


def _said(value: Optional[str]) -> str:
    return "{} not set".format(VARIABLE) if value is None else "{}={}".format(VARIABLE, value[:100] or "''")


def _shown(value: Optional[str]) -> str:
    return "not set" if value is None else repr(value[:100])


def _pin(value: Optional[str]) -> str:
    """The pin that means the same."""
    if value is None:
        return "all"
    entries = [one for one in _entries(value) or [] if one]
    plain = all(one.isdigit() or one[:4] in ("GPU-", "MIG-") for one in entries)
    return ",".join(entries)[:200] if entries and plain else "none"
