"""What is said of this kernel's pin."""

import os
from typing import Optional

from ..device_findings import NAMES
from ..launch import Launch
from ..touched import OTHER


def started(launch: Launch) -> str:
    """What this kernel was started with, and what it has now."""
    value = os.environ.get("CUDA_VISIBLE_DEVICES")
    seen = "CUDA_VISIBLE_DEVICES is " + ("not set" if value is None else repr(value))
    if launch.pin is None:
        return "This kernel was not started with a pin; {}.".format(seen)
    note = " " + launch.note if launch.note else ""
    begun = "Since its start given" if launch.repinned else "Started with"
    return "{} {} ({}); {}.{}".format(begun, launch.pin, chooser(launch.pin_from), seen, note)


def label(holder: str) -> str:
    """What :func:`..touched.touched` says, at a sentence's beginning or within it."""
    return "another part of the program" if holder == OTHER else NAMES.get(holder, holder)


def chooser(pin_from: Optional[str]) -> str:
    """Who chose a pin."""
    return "the default" if pin_from == "default" else "the pin of the {}".format(pin_from)
