"""What is wrong with an installed distribution, held against its own list of files (RECORD, PEP 376).

Only what decides whether a package works is looked at: modules and shared objects, no headers, tests or
data. Of 15,000 files that TensorFlow's RECORD names these are 2,000.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

from ...environments.distributions import Distribution
from ...environments.files import read_text
from . import elf
from .file_version import file_version

_RECORD_BYTES = 1 << 24
"""TensorFlow's RECORD has 2 MB."""
_SHOWN = 3
"""Files that a problem names."""
_FEWEST_LEFT_OVER = 10
"""Modules that no RECORD lists, from which on they count as left over: another release leaves dozens behind,
while one or two were put there by hand."""

_ENTRY_ENDS = re.compile(r"\.(?:py|pyd|dll|dylib|so(?:\.\d+)*),[^,\n]*,(\d*)\r?$", re.MULTILINE)
"""Where the line of a module or shared object has its suffix: searched for, for 15,000 lines matched one by
one take twice as long."""
_PASSED_OVER = re.compile(r"(?:^|/)(?:include|tests?|testing|_?api|_tf_keras)(?:/|$)")
"""Headers decide nothing at run time, and whoever makes a small image takes out the tests. The hundreds of
folders of an ``api`` only name again what lies elsewhere."""
_SHARED = (".pyd", ".dll", ".dylib")
_NEVER_PATCHED = (".pyd", ".dll")
"""Of another shared object with another size nothing is said, unless another distribution lists it too, or it
is cut short: on clusters they are patched (RPATH), in images stripped, on macOS signed, and work on."""
_LEFT_BEHIND = re.compile(r"~[-~.=%0-9]*(.+?)(?:-\d[^-]*\.(?:dist|egg)-info)?$")
"""pip moves what it removes aside under such a name first (its AdjacentTempDirectory)."""

Files = Mapping[str, Mapping[str, int | None]]
"""By folder, relative to site-packages: names to their sizes in bytes, None where RECORD has none."""


def listed_files(info: Path) -> Files:
    """The modules and shared objects that RECORD lists. Empty: no RECORD, or none that can be read."""
    found: dict[str, dict[str, int | None]] = {}
    text = read_text(info / "RECORD", _RECORD_BYTES) or ""
    for match in _ENTRY_ENDS.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        path = text[start : text.index(",", match.start())]
        if path[0] in '"./':  # quoted, for it has a comma; outside of site-packages
            continue
        folder, _, name = path.rpartition("/")
        if folder not in found:
            found[folder] = {}
        found[folder][name] = int(match[1]) if match[1] else None
    return {folder: entries for folder, entries in found.items() if not _PASSED_OVER.search(folder)}


def problems(distributions: Sequence[Distribution], listed: Sequence[Files]) -> list[str | None]:
    """For each of the distributions of one site-packages what is wrong with its files; None: nothing seen.

    ``listed``: of each, what :func:`listed_files` says; empty for one whose files are not looked at, such
    as a conda package, whose libraries are changed after RECORD was written.
    """
    known: dict[str, Counter[str]] = {}
    for files in listed:
        for folder, entries in files.items():
            known.setdefault(folder, Counter()).update(entries.keys())
    return [_problem(each, files, known) for each, files in zip(distributions, listed, strict=True)]


def _problem(distribution: Distribution, files: Files, known: Mapping[str, Counter[str]]) -> str | None:
    missing: list[str] = []
    changed: list[str] = []
    left_over: list[str] = []
    for folder, entries in files.items():
        place = f"{distribution.folder}/{folder}"
        present = _names(place)
        missing += [_joined(folder, name) for name in entries if name not in present]
        changed += [
            _joined(folder, name)
            for name, size in entries.items()
            if size is not None
            and _is_shared(name)
            and _size(f"{place}/{name}") not in (size, None)
            and (
                known[folder][name] > 1
                or name.endswith(_NEVER_PATCHED)
                or elf.is_cut_short(Path(place, name))
            )
        ]
        if folder:
            modules = (name for name in present if name.endswith(".py"))
            left_over += [_joined(folder, name) for name in modules if name not in known[folder]]
    said = [
        _counted(missing, "is missing", "are missing"),
        _counted(changed, "does not match RECORD", "do not match RECORD"),
        _counted(left_over, "", "are left over from another version, for RECORD does not list them")
        if len(left_over) >= _FEWEST_LEFT_OVER
        else None,
        _other_version(distribution),
    ]
    return "; ".join(each for each in said if each) or None


def _other_version(distribution: Distribution) -> str | None:
    said = file_version(distribution.name, distribution.folder)
    if said is None or distribution.version is None:
        return None
    try:
        same = _release(said) == _release(distribution.version)
    except InvalidVersion:
        return None
    return None if same else f"its files are left over from another version: they say {said}"


def _release(version: str) -> tuple[int, ...]:
    """The first three numbers, zeros where there are fewer. Raises InvalidVersion."""
    return (*Version(version).release, 0, 0)[:3]


def _counted(files: list[str], one: str, many: str) -> str | None:
    if not files:
        return None
    shown = ", ".join(sorted(files)[:_SHOWN]) + (", …" if len(files) > _SHOWN else "")
    return f"{len(files)} of its files {one if len(files) == 1 else many}: {shown}"


def left_behind(listing: Iterable[str], distributions: Iterable[Distribution]) -> dict[str, str]:
    """The folders that pip moved aside and never removed, by the distribution that they were part of.

    ``listing``: the names in site-packages. ``~ensorflow`` was ``tensorflow``, and so was ``~-nsorflow``.
    """
    tails = {name: match[1] for name in listing if (match := _LEFT_BEHIND.match(name))}
    if not tails:
        return {}
    found: dict[str, str] = {}
    for each in distributions:
        for name, tail in sorted(tails.items()):
            plain = tail.replace("_", "-").lower()
            if each.name != plain and each.name.endswith(plain) and _fits(name, tail, each.name):
                found.setdefault(each.name, name)
    return found


def _fits(name: str, tail: str, whole: str) -> bool:
    """Whether pip would have made this name: it puts as many characters in place as it takes away."""
    return name.index(tail) == len(whole) - len(tail)


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _is_shared(name: str) -> bool:
    return name.endswith(_SHARED) or ".so" in name


def _names(folder: str) -> frozenset[str]:
    # Hundreds of folders: a Path for each would take longer than the looks.
    try:
        return frozenset(os.listdir(folder))
    except (OSError, ValueError):
        return frozenset()


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - for the same reason
    except (OSError, ValueError):
        return None
