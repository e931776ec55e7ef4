"""What pixi adds where it activates an environment: its own variables, and ``[activation]`` of the manifest.

Sources: pixi's ``activation.rs`` (``get_activator``: the scripts of the manifest after those of the prefix,
its ``env`` after all of them), ``Environment::activation_scripts`` and ``activation_env`` (the environment's
features in their order, the default one behind them; of two values the first counts) and
``Targets::resolve`` (of a feature's tables that fit the platform the one written last counts, the plain one
least); rattler's ``set_env_var`` (in bash a value with ``$`` stands in double quotes). What it would take a
shell to expand is left out, and told. Not set are ``PIXI_EXE`` and ``PIXI_ENVIRONMENT_PLATFORMS``.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from ...machine import Machine
from .. import files
from ..locators import settings
from ..locators.pixi import note
from .activation import PATH, is_name
from .plan import Expand, Run, Set

_MANIFESTS = ("pixi.toml", "pyproject.toml", "mojoproject.toml")
_LONGEST = 1 << 18
"""Bytes of a manifest."""
_NOT_PLAIN = re.compile(r"\\|`|\$(?![A-Za-z_]|\{\w+\}|[^\w{(\[$@*#?!-]|$)")
"""In double quotes: what is not a plain reference to a variable."""
_FAMILIES = {"linux": ("linux", "unix"), "darwin": ("osx", "macos", "unix"), "win32": ("win",)}
_SYSTEMS = {"linux": "linux", "darwin": "osx", "win32": "win"}
_PROCESSORS = {"x86_64": "64", "amd64": "64", "aarch64": "arm64", "arm64": "arm64"}


class Additions(msgspec.Struct, frozen=True, kw_only=True):
    """The steps before the scripts of the prefix, and those after them, run in ``folder``; the names that
    deactivating takes back. ``problem``: a sentence on what is left out."""

    before: tuple[Set, ...] = ()
    scripts: tuple[Run, ...] = ()
    after: tuple[Set | Expand, ...] = ()
    names: tuple[str, ...] = ()
    sources: tuple[Path, ...] = ()
    folder: Path | None = None
    problem: str | None = None


def additions(machine: Machine, prefix: Path) -> Additions:
    """What activating this prefix does besides what conda does; nothing where it is not a project's."""
    stated = note(prefix)
    path = Path(stated.manifest_path or "")
    if not path.is_absolute() or path.name not in _MANIFESTS:
        return Additions()
    mark = files.mark(str(path))
    manifest = _read(path, mark)
    if manifest is None:
        why = f"{path} cannot be read, so what it sets is left out." if mark else None
        return Additions(sources=(path,), problem=why)
    environment = stated.environment_name or prefix.name
    tables = [list(_activations(machine, feature)) for feature in _features(manifest, environment)]
    scripts = [path.parent / script for table in tables for script in _scripts(table)]
    there = [script for script in scripts if files.is_file(script)]
    values = {name: value for table in reversed(tables) for name, value in _variables(table).items()}
    steps, left_out = _steps(machine, values)
    before = _own(path, manifest, environment)
    return Additions(
        before=before,
        scripts=tuple(map(Run, there)),
        after=steps,
        names=(*(step.name for step in before), *values),
        sources=(path, *scripts),
        folder=path.parent,
        problem=_problem(path, [script for script in scripts if script not in there], left_out),
    )


def _steps(machine: Machine, values: Mapping[str, str]) -> tuple[tuple[Set | Expand, ...], list[str]]:
    """What sets these variables, and the names of those that only a shell could tell."""
    special = "%" if machine.platform == "win32" else "$"
    steps: list[Set | Expand] = []
    left_out = []
    for name, value in values.items():
        if special not in value:
            steps.append(Set(name, value))
        elif special == "%" or _NOT_PLAIN.search(value):
            left_out.append(name)
        else:
            steps.append(Expand(name, value))
    return tuple(steps), left_out


def _problem(path: Path, missing: list[Path], left_out: list[str]) -> str | None:
    if missing:
        return f"The activation script {missing[0]} that {path} names is not there."
    if left_out:
        return f"{', '.join(left_out)} in {path} is left out: only a shell could tell what it is."
    return None


@lru_cache(maxsize=64)
def _read(path: Path, _mark: files.Mark | None) -> Mapping[str, Any] | None:
    text = files.read_text(path, _LONGEST)
    if text is None or len(text) >= _LONGEST:
        return None
    try:
        values = settings.toml(text)
    except settings.NotLegible:
        return None
    if path.name != "pyproject.toml":
        return _table(values)
    found = _table(values, "tool", "pixi")
    return {"project": _table(values, "project"), **found} if found else None


def _table(values: object, *keys: str) -> dict[str, Any]:
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    return values if isinstance(values, dict) else {}


def _features(manifest: Mapping[str, Any], environment: str) -> Iterator[Mapping[str, Any]]:
    """The tables of the environment's features, the default one at the end."""
    stated = _table(manifest, "environments").get(environment)
    named = stated.get("features") if isinstance(stated, dict) else stated
    for name in named if isinstance(named, list) else ():
        yield _table(manifest, "feature", str(name))
    if not (isinstance(stated, dict) and stated.get("no-default-feature") is True):
        yield manifest


def _activations(machine: Machine, feature: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The ``activation`` tables of a feature that count here, the one that counts most first."""
    system = _SYSTEMS.get(machine.platform, machine.platform)
    processor = _PROCESSORS.get(platform.machine().lower(), platform.machine().lower())
    if system == "linux" and processor == "arm64":
        processor = "aarch64"
    fitting = {*_FAMILIES.get(machine.platform, ()), f"{system}-{processor}"}
    targets = _table(feature, "target")
    for name in reversed(targets):
        if name in fitting:
            yield _table(targets, name, "activation")
    yield _table(feature, "activation")


def _scripts(tables: list[dict[str, Any]]) -> list[str]:
    stated: list[Any] = next(
        (table["scripts"] for table in tables if isinstance(table.get("scripts"), list)), []
    )
    return [script for script in stated if isinstance(script, str) and "\0" not in script]


def _variables(tables: list[dict[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for table in tables:
        for name, value in _table(table, "env").items():
            if is_name(name) and name != PATH and isinstance(value, str) and "\0" not in value:
                found.setdefault(name, value)
    return found


def _own(path: Path, manifest: Mapping[str, Any], environment: str) -> tuple[Set, ...]:
    """Pixi's own variables."""
    workspace = {**_table(manifest, "project"), **_table(manifest, "workspace")}
    project = str(workspace.get("name") or path.parent.name)
    name = project if environment == "default" else f"{project}:{environment}"
    return (
        Set("PIXI_PROJECT_ROOT", str(path.parent)),
        Set("PIXI_PROJECT_NAME", project),
        Set("PIXI_PROJECT_MANIFEST", str(path)),
        Set("PIXI_PROJECT_VERSION", str(workspace.get("version") or "NO_VERSION_SPECIFIED")),
        Set("PIXI_IN_SHELL", "1"),
        Set("CONDA_DEFAULT_ENV", name),
        Set("PIXI_ENVIRONMENT_NAME", environment),
        Set("PIXI_PROMPT", f"({name}) "),
    )
