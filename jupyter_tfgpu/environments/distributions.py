"""What is installed, from the names of folders and records; a file is opened only where it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ..machine import Machine
from . import files
from .layout import Location, SiteFolder, site_folders

_INFO_SUFFIXES = (".dist-info", ".egg-info")
_EGG_PYTHON = re.compile(r"-py\d(\.\d+)?$")
_RUNS = re.compile(r"[-_.]+")


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """A Python distribution. ``name`` is normalised (lower case, hyphens: PyPA's name rule).

    ``folder``: the site-packages it lies in. ``info``: its dist-info or egg-info.
    ``build``: the build string of the conda package of that name and version, where there is one.
    """

    name: str
    version: str | None
    location: Location
    folder: Path
    info: Path
    build: str | None = None


class CondaPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A conda package, read from its record's file name ``<name>-<version>-<build>.json``."""

    name: str
    version: str
    build: str
    record: Path


def normalised(name: str) -> str:
    """A distribution's name in the one spelling: lower case, runs of ``-_.`` as one hyphen."""
    return _RUNS.sub("-", name).lower()


def split_info_name(info: str) -> tuple[str, str | None] | None:
    """Name and version of ``<name>-<version>.dist-info`` or ``<name>-<version>-py3.7.egg-info``.

    None: no such name, or one with ``~``, which pip leaves behind where it could not finish.
    """
    if not info.endswith(_INFO_SUFFIXES) or info.startswith("~"):
        return None
    stem = _EGG_PYTHON.sub("", info[: info.rindex(".")])
    name, hyphen, version = stem.rpartition("-")
    if not hyphen:  # python_apt.egg-info: no version
        name, version = version, ""
    return (normalised(name), version or None) if name else None


def in_folder(site: SiteFolder, listing: Iterable[str] | None = None) -> list[Distribution]:
    """The distributions in one site-packages. ``listing``: its names, where they are at hand already."""
    found = []
    for name in files.names(site.folder) if listing is None else listing:
        split = split_info_name(name)
        if split is not None:
            found.append(
                Distribution(
                    name=split[0],
                    version=split[1],
                    location=site.location,
                    folder=site.folder,
                    info=site.folder / name,
                )
            )
    return found


def installed(machine: Machine, prefix: Path, *, user: bool = True) -> tuple[Distribution, ...]:
    """Every distribution on the interpreter's import path, in path order, by name within a folder.

    The first of a name is the one that is imported; later ones are hidden by it, and listed too.
    """
    builds = {(normalised(p.name), p.version): p.build for p in conda_packages(prefix)}
    found: list[Distribution] = []
    for site in site_folders(machine, prefix, user=user):
        for each in sorted(in_folder(site), key=lambda d: (d.name, d.version or "")):
            build = builds.get((each.name, each.version or "")) if each.location == "site" else None
            found.append(msgspec.structs.replace(each, build=build) if build else each)
    return tuple(found)


def split_record_name(record: str) -> tuple[str, str, str] | None:
    """Name, version and build of ``<name>-<version>-<build>.json``. None: the name of no record."""
    if not record.endswith(".json"):
        return None
    parts = record[:-5].rsplit("-", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 and all(parts) else None


def conda_packages(prefix: Path) -> tuple[CondaPackage, ...]:
    """The conda packages in a prefix, by name. Empty where it is no conda environment."""
    meta = prefix / "conda-meta"
    found = []
    for record in sorted(files.names(meta)):
        split = split_record_name(record)
        if split is not None:
            found.append(CondaPackage(name=split[0], version=split[1], build=split[2], record=meta / record))
    return tuple(found)
