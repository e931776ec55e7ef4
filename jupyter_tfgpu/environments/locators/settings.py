"""Settings files of other programs: read again only where they changed.

A file is known by its path, modification time and size. It may be missing (no settings), be something else
than a file (none either: a FIFO would block for ever), be closed to this user or hold what is no YAML or
TOML: then there are no settings, and a sentence says so.
"""

from __future__ import annotations

import stat
import sys
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec

from .. import files
from ..disk import Disk
from . import selectors
from .recognised import Trouble
from .selectors import Selected

SIZE_LIMIT = 16 << 10
"""Bytes. A file of settings holds a page or two; PyYAML takes a second for 64 KiB."""
_DEPTH_LIMIT = 50
"""Brackets in brackets. PyYAML's time grows with the square of them."""


class Settings(msgspec.Struct, frozen=True):
    """The values at a file's top level; ``trouble`` where there is a file and it cannot be used.
    ``selected``: conda's line selectors, by key, where a YAML file holds any."""

    values: dict[str, Any] = {}
    trouble: Trouble | None = None
    selected: dict[str, Selected] = {}

    def get(self, *keys: str) -> Any:
        """The value below these keys, as in ``get("virtualenvs", "path")``. None: not stated."""
        value: Any = self.values
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value


def of(disk: Disk, path: Path) -> Settings:
    """The settings in a ``.toml`` file, or in any other as YAML."""
    disk.mark(str(path))
    try:
        status = path.stat()
    except (OSError, ValueError):
        return Settings()
    if not stat.S_ISREG(status.st_mode):
        return Settings()
    return _read(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _read(path: Path, _modified: int, size: int) -> Settings:
    if size > SIZE_LIMIT:
        return _none(path, f"is longer than {SIZE_LIMIT >> 10} KiB")
    text = files.read_text(path, SIZE_LIMIT)
    if text is None:
        return _none(path, "may not be read by this user")
    try:
        values = toml(text) if path.suffix == ".toml" else _yaml(text)
    except NotLegible as error:
        return _none(path, str(error))
    if values is None:
        return Settings()
    if not isinstance(values, dict):
        return _none(path, "holds no settings")
    marked = selectors.BEGIN in text and path.suffix != ".toml"
    return Settings(values, selected=selectors.read(text) if marked else {})


def _none(path: Path, why: str) -> Settings:
    return Settings(
        trouble=Trouble(f"{path} {why}, so the environments' folders that it names are left out.")
    )


class NotLegible(Exception):
    """The text is not in its language."""


def _yaml(text: str) -> Any:
    import yaml  # it takes 10 ms, and many machines have no such file

    if _depth(text) > _DEPTH_LIMIT:
        raise NotLegible("is no YAML that anybody would write")
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise NotLegible(f"is no YAML{f' (line {mark.line + 1})' if mark else ''}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise NotLegible("is no YAML") from None


def toml(text: str) -> Any:
    """The values in a TOML text. Raises :class:`NotLegible`."""
    if sys.version_info >= (3, 11):
        import tomllib  # novermin: below is what stands in for it before Python 3.11
    else:
        import tomli as tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise NotLegible("is no TOML") from None


def _depth(text: str) -> int:
    """How deep brackets lie in brackets at most, those in quotes and comments included."""
    steps = (1 if character in "[{" else -1 for character in text if character in "[]{}")
    return max(accumulate(steps), default=0)
