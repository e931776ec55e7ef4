"""From bytes that somebody handed in to a snapshot, or a sentence that says why not."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from .snapshot import Snapshot

SNAPSHOT_LIMIT = 16 * 1024 * 1024
"""Bytes. A real snapshot stays under 100 kB."""

SCHEMA = "tfgpu.snapshot/1"

_LOCATED = re.compile(r"(?P<what>.*) - at `(?:key in )?\$(?P<path>[^`]*)`$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]+)`")


class SnapshotError(ValueError):
    """What was handed in is no snapshot. The message begins with the path of the first wrong field
    (``host.os: …``) where the fault is in one."""


class _Header(msgspec.Struct):
    schema: str | None = None


def decode_snapshot(data: bytes) -> Snapshot:
    """The snapshot that this JSON holds; unknown fields are ignored.

    Raises :class:`SnapshotError`: too large (over 16 MB), not JSON, of another schema version, or with a
    field that does not fit, named with its path.
    """
    if len(data) > SNAPSHOT_LIMIT:
        raise SnapshotError(
            f"The snapshot is too large: {len(data)} bytes, and at most {SNAPSHOT_LIMIT} are read. "
            "A snapshot has less than 100 kB."
        )
    data = data.removeprefix(b"\xef\xbb\xbf")  # the mark that Windows editors put before UTF-8
    try:
        _check_header(data)
        snapshot = msgspec.json.decode(data, type=Snapshot)
    except msgspec.ValidationError as error:
        raise SnapshotError(_sentence(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SnapshotError(f"This is not JSON: {error}") from None
    except RecursionError:
        raise SnapshotError("This is no snapshot: it is nested too deeply.") from None
    return _with_texts(snapshot)


def _check_header(data: bytes) -> None:
    header = msgspec.json.decode(data, type=_Header)
    if header.schema is None:
        raise SnapshotError(f"schema: missing; a snapshot says {SCHEMA!r} here.")
    if header.schema != SCHEMA:
        raise SnapshotError(f"schema: {header.schema[:60]!r} cannot be read; this release reads {SCHEMA!r}.")


def _with_texts(snapshot: Snapshot) -> Snapshot:
    """With variables that are texts, as the rules take them to be. A number or a truth value was written down
    by hand and stands for the text; null stands for a variable that is not set."""
    replace = msgspec.structs.replace
    snapshot = replace(
        snapshot,
        variables=_texts(snapshot.variables, "variables"),
        shell_variables=_texts(snapshot.shell_variables, "shell_variables"),
    )
    host, environment = snapshot.host, snapshot.environment
    if host and host.nvidia_container_variables:
        said = _texts(host.nvidia_container_variables, "host.nvidia_container_variables")
        snapshot = replace(snapshot, host=replace(host, nvidia_container_variables=said))
    if environment and environment.activation and environment.activation.variables:
        said = _texts(environment.activation.variables, "environment.activation.variables")
        activation = replace(environment.activation, variables=said)
        snapshot = replace(snapshot, environment=replace(environment, activation=activation))
    return snapshot


def _texts(variables: dict[str, Any] | None, path: str) -> dict[str, str] | None:
    if variables is None:
        return None
    found = {}
    for name, value in variables.items():
        if isinstance(value, (dict, list)):
            kind = "object" if isinstance(value, dict) else "array"
            raise SnapshotError(f"{path}.{name[:60]}: expected `str`, got `{kind}`.")
        if value is not None:
            found[name] = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return found


def _sentence(message: str) -> str:
    """``Expected `str`, got `int` - at `$.host.glibc``` to ``host.glibc: expected `str`, got `int```."""
    match = _LOCATED.fullmatch(message)
    what = match["what"] if match else message
    path = match["path"].lstrip(".") if match else ""
    missing = _MISSING.match(what)
    if missing:
        path = f"{path}.{missing['name']}".lstrip(".")
        what = "missing, and required"
    if not path:
        return f"This is no snapshot: {what[:1].lower()}{what[1:]}."
    return f"{path}: {what[:1].lower()}{what[1:]}."
