"""Pins, shown and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec


class PinAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A stored pin; exactly one of ``notebook``, ``kernel_id`` and ``kernelspec`` is set."""

    pin: str
    notebook: str | None = None
    kernel_id: str | None = None
    kernelspec: str | None = None


class PinsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``problem``: a sentence where stored pins were damaged or cannot be read."""

    schema: Literal["tfgpu.pins/1"] = "tfgpu.pins/1"
    default: str
    pins: tuple[PinAnswer, ...]
    problem: str | None = None


class SetPin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``PUT pins``, and without ``pin`` of ``DELETE pins``."""

    pin: str | None = None
    notebook: str | None = None
    kernel_id: str | None = None
    kernelspec: str | None = None


class PinSet(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a changed pin. ``restart_needed``: a running kernel has another choice until then.
    ``warnings``: sentences on the devices that were chosen, as they are now."""

    pin: str
    restart_needed: bool
    message: str | None = None
    warnings: tuple[str, ...] = ()


class PinnedNow(PinSet, frozen=True, kw_only=True):
    """The answer to a pin that a running kernel is to have at once.

    ``variables``: what it has to set for that, null where to unset; None: it has to start anew. ``note``:
    where the pin could not be followed to the letter. ``given``: the UUIDs, as in a launch file.
    """

    variables: Mapping[str, str | None] | None = None
    given: tuple[str, ...] | None = None
    note: str | None = None


class PinResolved(msgspec.Struct, frozen=True, kw_only=True):
    """What a pin comes to at this moment, within what this program was given. Fields as in PinnedNow."""

    pin: str
    variables: Mapping[str, str]
    given: tuple[str, ...] | None
    note: str | None
