"""How far the driver says which process holds what: in containers that depends on the driver's release."""

from __future__ import annotations

from typing import Literal

import msgspec

Regime = Literal["every-process", "this-container", "without-memory", "foreign-ids"]


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """What the process list of the driver is worth here.

    ``every-process``: all processes are listed, with ids that are known here. ``this-container``: those of
    this container alone; memory of others belongs to nobody who can be seen. ``without-memory``: processes
    are listed, what they hold is not. ``foreign-ids``: the ids are those of the host, which mean nothing
    here. ``message``: what that means for a person; None where there is nothing to say.
    """

    regime: Regime
    message: str | None = None
