"""Places that do not answer, such as folders of a network disk whose server is gone.

A call to the operating system that hangs there cannot be ended: its thread is left behind until it comes
back. Until then the place is left alone, and with it all that lies on the same network disk.
"""

from __future__ import annotations

import re
import threading

import msgspec

from ..machine import Machine

MOST = 4
"""Threads left behind at the same time."""

# https://www.kernel.org/doc/Documentation/filesystems/proc.txt, 3.5: "… root, mount point, options, optional
# fields, '-', type, …"; a space in a path stands as \040.
_MOUNT = re.compile(r"^\S+ \S+ \S+ \S+ (\S+) .*? - (\S+) ", re.MULTILINE)
_ESCAPED = re.compile(r"\\([0-7]{3})")
_NETWORK = re.compile(
    r"nfs|cifs|smb|fuse|9p|virtiofs|ceph|lustre|gpfs|beegfs|glusterfs|pvfs|orangefs|afs|coda"
)
"""How the types of file systems begin whose files lie on another computer, or with a program."""


class _Place(msgspec.Struct, frozen=True):
    thread: threading.Thread
    disk: str | None


class Hanging:
    """The places that do not answer now. One thread at a time uses it."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._places: dict[str, _Place] = {}
        self._below: tuple[str, ...] = ()

    def add(self, place: str, thread: threading.Thread) -> None:
        """``thread`` hangs in ``place``."""
        self._places[place] = _Place(thread, network_disk(self._machine, place))
        self._apply()

    def forget_answered(self) -> None:
        """Leaves out the places whose threads have come back."""
        if self._places:
            self._places = {place: each for place, each in self._places.items() if each.thread.is_alive()}
            self._apply()

    def __contains__(self, place: str) -> bool:
        return bool(self._places) and (place in self._places or f"{place}/".startswith(self._below))

    def hides(self, path: str) -> bool:
        """Whether what lies at this path cannot be looked at now: it is a place that does not answer, or
        lies in one."""
        above = f"{path}/"
        return path in self or any(above.startswith(f"{place}/") for place in self._places)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def full(self) -> bool:
        """No further thread may be left behind."""
        return len(self._places) >= MOST

    def sentences(self, limit: float) -> tuple[str, ...]:
        """What to tell a person of each place that has not answered for ``limit`` seconds."""
        return tuple(
            f"{place} has not answered for {limit:g} s."
            + (f" All that lies on the network disk {each.disk} is left out meanwhile." if each.disk else "")
            for place, each in self._places.items()
        )

    def _apply(self) -> None:
        disks = {each.disk for each in self._places.values() if each.disk}
        self._below = tuple(f"{disk.rstrip('/')}/" for disk in disks)


def network_disk(machine: Machine, place: str) -> str | None:
    """Where the network disk is mounted on which a path lies by its name; None: on none, or not known.

    The path is not touched.
    """
    text = machine.read_text("/proc/self/mountinfo") or ""
    mounts = ((_ESCAPED.sub(_character, match[1]), match[2]) for match in _MOUNT.finditer(text))
    above = [(point, kind) for point, kind in mounts if f"{place}/".startswith(f"{point.rstrip('/')}/")]
    # The last of the same length covers those before it.
    point, kind = max(reversed(above), key=lambda pair: len(pair[0]), default=("", ""))
    return point if _NETWORK.match(kind) else None


def _character(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 8))
