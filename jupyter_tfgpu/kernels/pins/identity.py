"""By what name a machine's pins are kept: two machines may share one home folder."""

from __future__ import annotations

import platform
import re

from ...devices import container_of
from ...machine import Machine

_MACHINE_ID = re.compile(r"[0-9a-f]{32}")


def machine_name(machine: Machine) -> str:
    """The machine-id (machine-id(5)); in a container, and where there is none, the host name.

    Containers of one image often share the image's machine-id, so it does not tell them apart.
    """
    if container_of(machine) is None:
        for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
            text = (machine.read_text(path) or "").strip()
            if _MACHINE_ID.fullmatch(text):
                return text
    host = (machine.read_text("/proc/sys/kernel/hostname") or "").strip()
    return f"host-{host or platform.node() or 'unknown'}"
