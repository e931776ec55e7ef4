"""One environment, described from its files: names first, files second, nothing run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from ..machine import Machine
from . import builds, files
from .builds import FrameworkBuild
from .distributions import split_info_name, split_record_name
from .environment import Environment, Framework
from .layout import (
    Layout,
    SiteFolder,
    interpreter,
    interpreters,
    layout,
    python_version,
    sites_of,
)
from .locators import LOCATORS, Locator, recognise

_RECORDS = ("python-", *builds.CONDA_RECORDS)


class NotAnEnvironment(Exception):
    """A folder that was named as an environment is none. The message says which, and what was missed."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """An environment with the folders and files whose modification times stand for it in a cache."""

    environment: Environment
    sources: tuple[Path, ...]


def environment_id(prefix: Path) -> str:
    """The first 12 hex digits of the SHA-256 of the prefix with its links resolved."""
    return _id_of(Path(os.path.realpath(prefix)))


def _id_of(real: Path) -> str:
    return hashlib.sha256(os.fsencode(real)).hexdigest()[:12]


def describe(machine: Machine, prefix: Path) -> Environment:
    """The environment in this folder.

    Raises :class:`NotAnEnvironment` where there is no such folder, or none of the marks of one:
    ``conda-meta``, ``pyvenv.cfg``, a Python's standard library.
    """
    return described(machine, prefix).environment


def described(machine: Machine, prefix: Path, locators: Sequence[Locator] = LOCATORS) -> Description:
    """As :func:`describe`, with what a cache has to watch. ``locators``: those asked what the folder is."""
    if not files.is_folder(prefix):
        what = "is not a folder" if os.path.lexists(prefix) else "does not exist"
        raise NotAnEnvironment(f"{prefix} {what}, so it is no environment.")
    prefix = Path(os.path.realpath(prefix))
    recognised = recognise(machine, prefix, locators)
    if recognised is None:
        raise NotAnEnvironment(
            f"{prefix} is no environment: it has neither conda-meta nor pyvenv.cfg, nor a Python of its own."
        )
    found = layout(machine, prefix)
    everywhere = [(site, files.names(site.folder)) for site in sites_of(machine, found, user=True)]
    sites = [(site, listing) for site, listing in everywhere if site.location != "user"]
    records = _conda_records(prefix)
    executable = interpreter(machine, prefix)
    frameworks = builds.read_sites(sites, {name: build for name, (_, build) in records.items()})
    environment = Environment(
        id=_id_of(prefix),
        name=recognised.name,
        kind=recognised.kind,
        prefix=str(prefix),
        interpreter=str(executable) if executable else None,
        python=python_version(machine, found, records.get("python", (None, ""))[0]),
        frameworks=_frameworks(frameworks),
        # The user's own site folder counts here: a kernel finds it there.
        ipykernel=_ipykernel(listing for _, listing in everywhere),
        problem=_problem(machine, prefix, executable, sites),
    )
    return Description(
        environment=environment,
        sources=_sources(machine, found, executable, [site for site, _ in everywhere]),
    )


def _conda_records(prefix: Path) -> dict[str, tuple[str | None, str]]:
    """Version and build, by name, of the few packages that a description needs."""
    names = [name for name in files.names(prefix / "conda-meta") if name.startswith(_RECORDS)]
    splits = (split_record_name(name) for name in names)
    return {split[0]: (split[1], split[2]) for split in splits if split is not None}


def _frameworks(found: tuple[FrameworkBuild, ...]) -> tuple[Framework, ...]:
    """The first of each name: that one is imported."""
    first: dict[str, FrameworkBuild] = {}
    for build in found:
        first.setdefault(build.name, build)
    return tuple(
        Framework(name=build.name, version=build.version, build=_build_word(build), cuda=build.cuda)
        for build in first.values()
    )


def _build_word(build: FrameworkBuild) -> Literal["gpu", "cpu", "unknown"]:
    if build.cuda_build or build.rocm_build:
        return "gpu"
    return "cpu" if build.cuda_build is False else "unknown"


def _ipykernel(listings: Iterable[Sequence[str]]) -> str | None:
    """ipykernel's version, in the first folder that has it."""
    for listing in listings:
        for name in listing:
            split = split_info_name(name) if name.startswith("ipykernel-") else None
            if split is not None and split[0] == "ipykernel":
                return split[1]
    return None


def _problem(
    machine: Machine, prefix: Path, executable: Path | None, sites: list[tuple[SiteFolder, list[str]]]
) -> str | None:
    if not os.access(prefix, os.R_OK | os.X_OK):
        return f"{prefix} may not be read by this user."
    if executable is None:
        return _missing_interpreter(interpreters(machine, prefix))
    if not os.access(executable, os.X_OK):
        return f"The interpreter {executable} may not be run by this user."
    if any(
        os.path.lexists(prefix / lib) and not os.access(prefix / lib, os.R_OK | os.X_OK)
        for lib in ("lib", "Lib")
    ):
        return f"The libraries of {prefix} may not be read by this user, so what is installed is not known."
    if not sites:
        return f"{prefix} has no site-packages folder, so nothing can be installed in it."
    for site, listing in sites:
        if not listing and not os.access(site.folder, os.R_OK | os.X_OK):
            return f"{site.folder} may not be read by this user, so what is installed is not known."
    return None


def _missing_interpreter(candidates: tuple[Path, ...]) -> str:
    for path in candidates:
        if path.is_symlink():
            return f"The interpreter {path} is a link to {_where_it_ends(path)}."
    return f"There is no interpreter at {candidates[0]}."


def _where_it_ends(link: Path) -> str:
    """A link that leads to no file, in words."""
    try:
        link.stat()
    except FileNotFoundError:
        return f"{os.path.realpath(link)}, which does not exist any more"
    except PermissionError:
        return f"{link.readlink()}, which this user may not reach"
    except OSError:
        return f"{link.readlink()}, which leads back to itself"
    return f"{link.readlink()}, which is no file"


def _sources(
    machine: Machine, found: Layout, executable: Path | None, sites: Sequence[SiteFolder]
) -> tuple[Path, ...]:
    """What changes when the environment does: pip and conda write into these folders.

    As few as will do, for each is looked at whenever environments are listed.
    """
    prefix = found.prefix
    marks = [path for path in (prefix / "conda-meta", prefix / "pyvenv.cfg") if os.path.lexists(path)]
    interpreting = (executable,) if executable else interpreters(machine, prefix)
    folders = [site.folder for site in sites]
    if not any(site.location == "site" for site in sites):  # where one would be made
        folders += [prefix / "lib", *found.libs]
    return (*(marks or [prefix]), *interpreting, *folders)
