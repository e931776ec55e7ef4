"""What a pin is: the text with which a person says which GPUs a kernel shall have.

``all`` · ``none`` · ``auto`` (the freest device at the start), ``auto:2``, ``auto:1,8GiB`` (with that
much free) · device indices ``0`` or ``0,2`` · UUIDs or unambiguous beginnings of them
(``GPU-8932f937``, ``MIG-…``), mixed as one likes.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

MAX_LENGTH = 1000
"""Characters of a pin at most: 16 full MIG names fit with room to spare."""

MAX_DEVICES = 64
"""Devices that one pin may name, and the largest count of ``auto``."""

PinKind = Literal["all", "none", "auto", "devices"]
PinReason = Literal["bad-pin", "unknown-device", "ambiguous-device", "not-allotted", "pin-store"]

_AUTO = re.compile(r"auto(?::(?P<count>\d{1,4})(?:,(?P<need>[^,]+))?)?", re.IGNORECASE | re.ASCII)
_INDEX = re.compile(r"[0-9]{1,4}")
_UUID = re.compile(r"(?:GPU|MIG)-[0-9A-Za-z][0-9A-Za-z/-]{0,99}", re.IGNORECASE | re.ASCII)
_MEMORY = re.compile(r"(?P<number>\d{1,15}(?:\.\d{1,6})?)\s*(?P<unit>[KMGT]i?B|B)", re.IGNORECASE | re.ASCII)
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12} | {
    "KIB": 1 << 10,
    "MIB": 1 << 20,
    "GIB": 1 << 30,
    "TIB": 1 << 40,
}


class PinError(Exception):
    """A pin that cannot be taken. ``reason`` is a code for programs; the text is for a person."""

    def __init__(self, message: str, reason: PinReason = "bad-pin") -> None:
        super().__init__(message)
        self.reason: PinReason = reason


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed pin; ``str(pin)`` gives the text that :func:`parse_pin` reads back.

    ``devices``: indices and (beginnings of) UUIDs as written, for the kind ``devices``.
    ``count`` and ``need`` (bytes free on each device) belong to ``auto``.
    """

    kind: PinKind
    devices: tuple[str, ...] = ()
    count: int = 1
    need: int | None = None

    def __str__(self) -> str:
        if self.kind == "devices":
            return ",".join(self.devices)
        if self.kind != "auto":
            return self.kind
        if self.need is not None:
            return f"auto:{self.count},{format_memory(self.need)}"
        return "auto" if self.count == 1 else f"auto:{self.count}"


ALL = Pin(kind="all")
NONE = Pin(kind="none")


def parse_pin(text: str) -> Pin:
    """The pin that the text says.

    Raises:
        PinError: it is no pin; the message says which part is wrong and what would be right.
    """
    if len(text) > MAX_LENGTH:
        raise PinError(f"A pin has at most {MAX_LENGTH} characters; this one has {len(text)}.")
    text = text.strip()
    if not text:
        raise PinError(f"The pin is empty. {_GRAMMAR}")
    lower = text.lower()
    if lower == "all":
        return ALL
    if lower == "none":
        return NONE
    if lower.split(":")[0].split(",")[0].strip() == "auto":
        return _parse_auto(text)
    return _parse_devices(text)


_GRAMMAR = (
    "A pin is all, none, auto, auto:2, auto:1,8GiB, device indices such as 0 or 0,2, "
    "or UUIDs such as GPU-8932f937."
)


def _parse_auto(text: str) -> Pin:
    match = _AUTO.fullmatch(text.replace(" ", ""))
    if match is None:
        raise PinError(f"“{shorten(text)}” is no pin: after auto comes :COUNT or :COUNT,MEMORY. {_GRAMMAR}")
    count = int(match["count"] or 1)
    if not 1 <= count <= MAX_DEVICES:
        raise PinError(f"auto chooses 1 to {MAX_DEVICES} devices, not {count}.")
    return Pin(kind="auto", count=count, need=parse_memory(match["need"]) if match["need"] else None)


def _parse_devices(text: str) -> Pin:
    entries: dict[str, None] = {}
    for part in text.split(","):
        entry = part.strip()
        if _INDEX.fullmatch(entry):
            entries[str(int(entry))] = None
        elif _UUID.fullmatch(entry):
            entries[entry[:4].upper() + entry[4:]] = None
        else:
            raise PinError(f"“{shorten(entry)}” names no device. {_GRAMMAR}")
    if len(entries) > MAX_DEVICES:
        raise PinError(f"A pin names at most {MAX_DEVICES} devices; this one names {len(entries)}.")
    return Pin(kind="devices", devices=tuple(entries))


def parse_memory(text: str) -> int:
    """Bytes from ``8GiB``, ``500 MB``, ``1.5GiB``; raises :class:`PinError`."""
    match = _MEMORY.fullmatch(text.strip())
    if match is None:
        raise PinError(f"“{shorten(text)}” is no amount of memory: write it as 8GiB or 500MiB.")
    return int(float(match["number"]) * _UNITS[match["unit"].upper()])


def format_memory(size: int) -> str:
    """The amount in the largest binary unit that says it exactly: ``8GiB``, ``500MiB``, ``1000B``."""
    for unit, factor in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return f"{size}B"


def shorten(text: str, length: int = 60) -> str:
    """The text fit for a sentence: printable, on one line, at most ``length`` characters."""
    line = "".join(c if c.isprintable() else "�" for c in text)
    return line if len(line) <= length else line[: length - 1] + "…"
