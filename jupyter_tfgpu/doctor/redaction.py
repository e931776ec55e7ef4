"""A snapshot without names: fit to attach to a bug report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from ..machine import Machine
from .snapshot import Snapshot

_KIND = r"\b(?P<kind>MIG-GPU|GPU|MIG)-"
_DEVICE = re.compile(_KIND + r"(?P<digits>[0-9A-Fa-f][0-9A-Fa-f-]*)(?P<rest>/\d+/\d+)?")
_WHOLE_DEVICE = re.compile(_KIND + r"(?P<digits>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f-]*)?)(?P<rest>/\d+/\d+)?(?!\w)")
"""Anywhere else ``GPU-2`` may be part of a name, such as an environment's."""
_UUID = re.compile(r"(?<![\w-])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![\w-])")
_LONG_ID = re.compile(r"\b[0-9a-f]{64}\b")
_HOME = re.compile(
    r"(?P<unix>/(?:home|Users)/)(?P<user>[^/:;\"'\s]+)"
    r"|(?P<windows>[A-Za-z]:\\{1,2}Users\\{1,2})(?P<person>[^/\\:;\"'\n]+?)(?=\\|[;\"'\n]|$)"
)
_NOTEBOOK = re.compile(r"[^\s/\\:\"'<>|]+\.ipynb\b")
_TELLS_NOTHING = """
user shared public default guest root admin administrator ubuntu debian centos fedora vagrant runner vscode
codespace azureuser ec2-user jovyan jupyter nvidia jetson docker linuxbrew localhost test dev data work home
usr lib lib64 local opt bin etc site packages env envs python conda anaconda miniconda cuda cudnn gpu tf
tensorflow keras torch pytorch jax jaxlib mxnet numpy protobuf google triton notebook
notebooks kernel kernels share
"""
_SHARED = frozenset({*_TELLS_NOTHING.split(), "all users"})
"""Names of users and hosts that tell nothing, some of them words of any path."""
_GROUPS = frozenset({"root", "video", "render", "docker", "nvidia", "users"})
"""Groups that a finding may rest on; others are often named after people or projects."""

_PACKAGE_FIELDS = frozenset({"distributions", "frameworks", "cpu_flags", "device_nodes", "file", "origin"})
"""Fields with the names of packages and files of the public, in which no name of a person is looked for."""
_DEVICE_FIELDS = ("uuid", "mig", "VISIBLE_DEVICES")
"""How fields end that hold UUIDs of devices, or the first digits of one."""


def redact(snapshot: Snapshot, *, names: Iterable[str] = ()) -> Snapshot:
    """The snapshot without user, host and notebook names, kernel and container ids.

    Home folders become ``/home/user`` (``C:\\Users\\user``), so that a path stays a path; UUIDs of GPUs
    become stand-ins, the same for the same device wherever it is named. So the diagnosis stays as it was.
    ``names``: further words to take out, such as the host's name; users' names are found in the paths of
    their home folders. A name that tells nothing stays.
    """
    facts = msgspec.to_builtins(snapshot)
    users = [user for text in _texts(facts) for match in _HOME.finditer(text) if (user := _user(match))]
    words = [name for name in (*users, *names) if len(name) > 1 and name.lower() not in _SHARED]
    for gpu in facts.get("gpus") or ():
        for process in gpu.get("processes") or ():
            process["kernel_id"] = process["notebook"] = None
    _hide_groups(facts.get("host") or {})
    walk = _Redaction(_StandIns(_listed_devices(facts)), _Users(), _any_word(set(words)))
    return msgspec.convert(walk.of(facts), Snapshot)


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


def _user(match: re.Match[str]) -> str:
    return match["user"] or match["person"]


class _Redaction:
    """The same replacements everywhere in a snapshot. ``words``: what no other text may hold; None: none."""

    def __init__(self, devices: _StandIns, users: _Users, words: re.Pattern[str] | None) -> None:
        self._devices = devices
        self._users = users
        self._words = words

    def of(self, value: Any, field: str = "", package: bool = False) -> Any:
        if isinstance(value, str):
            text = self._text(value, field)
            return text if package or self._words is None else self._words.sub("<name>", text)
        if isinstance(value, dict):
            return {key: self.of(each, key, package or key in _PACKAGE_FIELDS) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(each, field, package) for each in value]
        return value

    def _text(self, value: str, field: str) -> str:
        device = _DEVICE if field.endswith(_DEVICE_FIELDS) else _WHOLE_DEVICE
        text = device.sub(self._devices.replace, _HOME.sub(self._users.replace, value))
        return _NOTEBOOK.sub("<notebook>.ipynb", _LONG_ID.sub("<id>", _UUID.sub("<id>", text)))


class _Users:
    """``user`` for the first user whose home folder is met, ``user2`` for the next."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def replace(self, match: re.Match[str]) -> str:
        user, folder = _user(match), match["unix"] or match["windows"]
        if user.lower() in _SHARED:
            return match[0]
        number = len(self._known) + 1
        return folder + self._known.setdefault(user, f"user{number}" if number > 1 else "user")


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
