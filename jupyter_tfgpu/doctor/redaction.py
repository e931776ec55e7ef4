"""A snapshot without names: fit to attach to a bug report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from ..machine import Machine
from .snapshot import Snapshot

_DEVICE = re.compile(r"\b(?P<kind>MIG-GPU|GPU|MIG)-(?P<digits>[0-9A-Fa-f][0-9A-Fa-f-]*)(?P<rest>/\d+/\d+)?")
_UUID = re.compile(r"(?<![\w-])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![\w-])")
_LONG_ID = re.compile(r"\b[0-9a-f]{64}\b")
_HOME = re.compile(
    r"/(?:home|Users)/(?P<unix>[^/:;\"'\s]+)"
    r"|[A-Za-z]:\\{1,2}Users\\{1,2}(?P<windows>[^/\\:;\"'\n]+?)(?=\\|[;\"'\n]|$)"
    r"|/root(?![\w-])"
)
_NOTEBOOK = re.compile(r"[^\s/\\:\"'<>|]+\.ipynb\b")
_SHARED = frozenset({"user", "shared", "public", "default", "all users", "root", "jovyan", "localhost"})
"""Names of users and hosts that tell nothing."""
_GROUPS = frozenset({"root", "video", "render", "docker", "nvidia", "users"})
"""Groups that a finding may rest on; others are often named after people or projects."""

_PACKAGE_FIELDS = frozenset({"distributions", "frameworks", "cpu_flags", "device_nodes", "file", "origin"})
"""Fields with the names of packages and files of the public, in which no name of a person is looked for."""


def redact(snapshot: Snapshot, *, names: Iterable[str] = ()) -> Snapshot:
    """The snapshot without user, host and notebook names, kernel and container ids.

    Home folders become ``~``; UUIDs of GPUs become stand-ins, the same for the same device wherever it is
    named, so that the diagnosis stays as it was. ``names``: further words to take out, such as the
    host's name; users' names are found in the paths of their home folders.
    """
    facts = msgspec.to_builtins(snapshot)
    homes = (match for text in _texts(facts) for match in _HOME.finditer(text))
    users = {user for match in homes if (user := match["unix"] or match["windows"])}
    words = {name for name in (*users, *names) if len(name) > 1 and name.lower() not in _SHARED}
    stand_ins = _StandIns(_listed_devices(facts))
    for gpu in facts.get("gpus") or ():
        for process in gpu.get("processes") or ():
            process["kernel_id"] = process["notebook"] = None
    _hide_groups(facts.get("host") or {})
    pattern = _any_word(words)
    redacted = _walk(facts, stand_ins, pattern, package=False)
    return msgspec.convert(redacted, Snapshot)


def personal_names(machine: Machine) -> tuple[str, ...]:
    """What this user and this machine are called: for ``names`` of :func:`redact`."""
    host = (machine.read_text("/etc/hostname") or "").strip()
    users = (machine.environ.get(variable, "") for variable in ("USER", "LOGNAME", "USERNAME"))
    names = (machine.home.name, *users, host, host.partition(".")[0], machine.environ.get("HOSTNAME", ""))
    return tuple(dict.fromkeys(name for name in names if name))


def _hide_groups(host: dict[str, Any]) -> None:
    if host.get("groups"):
        host["groups"] = [each if each in _GROUPS else "<name>" for each in host["groups"]]


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


def _listed_devices(facts: dict[str, Any]) -> list[str]:
    found = []
    for gpu in facts.get("gpus") or ():
        found += [each for each in (gpu.get("uuid"), *(gpu.get("mig") or ())) if each]
    return found


def _any_word(words: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    if not longest_first:
        return None
    return re.compile(
        r"(?<![A-Za-z0-9])(?:" + "|".join(re.escape(word) for word in longest_first) + r")(?![A-Za-z0-9])"
    )


def _walk(value: Any, stand_ins: _StandIns, pattern: re.Pattern[str] | None, package: bool) -> Any:
    if isinstance(value, str):
        text = _HOME.sub("~", value)
        text = _DEVICE.sub(stand_ins.replace, text)
        text = _NOTEBOOK.sub("<notebook>.ipynb", _LONG_ID.sub("<id>", _UUID.sub("<id>", text)))
        return text if package or pattern is None else pattern.sub("<name>", text)
    if isinstance(value, dict):
        return {
            key: _walk(each, stand_ins, pattern, package or key in _PACKAGE_FIELDS)
            for key, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_walk(each, stand_ins, pattern, package) for each in value]
    return value


class _StandIns:
    """One stand-in a device, of the same shape, numbered in the order in which devices are met.

    The number comes first in the digits, so that a prefix of a UUID becomes a prefix of its stand-in.
    """

    def __init__(self, devices: Iterable[str]) -> None:
        self._known: dict[str, str] = {}
        for device in devices:
            self._add(device.lower())

    def _add(self, device: str) -> str:
        if device not in self._known:
            number = len(self._known) + 1
            # The low digit first: among the first fifteen devices one digit tells them apart.
            digits = f"{number:08x}"[::-1]
            self._known[device] = f"{digits}-0000-0000-0000-000000000000"
        return self._known[device]

    def replace(self, match: re.Match[str]) -> str:
        kind, digits = match["kind"], match["digits"]
        asked = f"{kind}-{digits}".lower()
        candidates = [device for device in self._known if device.startswith(asked)]
        if len(candidates) > 1:  # ambiguous, and so it stays
            return f"{kind}-"
        stand_in = self._known[candidates[0]] if candidates else self._add(asked)
        return f"{kind}-{stand_in[: len(digits)]}{match['rest'] or ''}"
