"""What is said of this kernel's pin."""

import os
from typing import Optional

from ..launch import Launch


def started(launch: Launch) -> str:
    """What this kernel was started with, and what it has now."""
    value = os.environ.get("CUDA_VISIBLE_DEVICES")
    seen = "CUDA_VISIBLE_DEVICES is " + ("not set" if value is None else repr(value))
    if launch.pin is None:
        return "This kernel was not started with a pin; {}.".format(seen)
    note = " " + launch.note if launch.note else ""
    return "Started with {} ({}); {}.{}".format(launch.pin, chooser(launch.pin_from), seen, note)


def chooser(pin_from: Optional[str]) -> str:
    """Who chose a pin."""
    return "the default" if pin_from == "default" else "the pin of the {}".format(pin_from)
