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
from .environment import Environment, Framework, OwnKernel
from .layout import Layout, SiteFolder, interpreter_of, interpreters, layout, python_version, sites_of
from .locators import LOCATORS, Found, Locator, Trouble, recognise
from .own_kernels import FOLDER as KERNELS_FOLDER
from .own_kernels import own_kernels
from .prefixes import real_prefix
from .problems import problem

_RECORDS = files.beginnings(*builds.CONDA_RECORDS)
_IPYKERNEL = files.beginnings("ipykernel-")


class NotAnEnvironment(Exception):
    """A folder that was named as an environment is none. The message says which, and what was missed."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """An environment with the folders and files whose modification times stand for it in a cache.

    ``leads``: further places that it tells of, and what could not be read in it.
    """

    environment: Environment
    sources: tuple[Path, ...]
    leads: tuple[Found, ...] = ()


def environment_id(prefix: Path) -> str:
    """The first 12 hex digits of the SHA-256 of the prefix, by the path that it is known by."""
    return _id_of(real_prefix(prefix))


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
    prefix = real_prefix(prefix)
    found = layout(machine, prefix)
    recognised = recognise(machine, found, locators)
    if recognised is None:
        raise NotAnEnvironment(
            f"{prefix} is no environment: it has neither conda-meta nor pyvenv.cfg, nor a Python of its own."
        )
    everywhere = [(site, files.names(site.folder)) for site in sites_of(machine, found, user=True)]
    sites = [(site, listing) for site, listing in everywhere if site.location != "user"]
    executable = interpreter_of(machine, found)
    frameworks = builds.read_sites(sites, _conda_builds(found.records or ()))
    kernels, unreadable = own_kernels(prefix)
    without_python = executable is None and found.records is not None and found.conda_python is None
    environment = Environment(
        id=_id_of(prefix),
        name=recognised.name,
        kind=recognised.kind,
        prefix=str(prefix),
        interpreter=str(executable) if executable else None,
        python=python_version(machine, found),
        frameworks=_frameworks(frameworks),
        # The user's own site folder counts here: a kernel finds it there.
        ipykernel=_ipykernel(listing for _, listing in everywhere),
        own_kernels=kernels,
        problem=None
        if without_python and kernels
        else problem(machine, prefix, executable, sites) or (unreadable[0] if without_python else None),
    )
    return Description(
        environment=environment,
        sources=_sources(machine, found, executable, [site for site, _ in everywhere], kernels),
        leads=(*recognised.leads, *map(Trouble, unreadable)),
    )


def _conda_builds(records: Iterable[str]) -> dict[str, str]:
    """Build strings, by name, of the packages whose build tells of a framework's."""
    splits = map(split_record_name, files.starting(records, _RECORDS))
    return {split[0]: split[2] for split in splits if split is not None}


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
        for name in files.starting(listing, _IPYKERNEL):
            split = split_info_name(name)
            if split is not None and split[0] == "ipykernel":
                return split[1]
    return None


def _sources(
    machine: Machine,
    found: Layout,
    executable: Path | None,
    sites: Sequence[SiteFolder],
    kernels: Sequence[OwnKernel],
) -> tuple[Path, ...]:
    """What changes when the environment does: pip and conda write into these folders.

    As few as will do, for each is looked at whenever environments are listed.
    """
    prefix = found.prefix
    if found.records is not None:
        mark = prefix / "conda-meta"
    else:
        mark = prefix if found.settings is None else prefix / "pyvenv.cfg"
    interpreting = (executable,) if executable else interpreters(machine, prefix)
    folders = [site.folder for site in sites]
    if not any(site.location == "site" for site in sites):  # where one would be made
        folders += [prefix / "lib", *found.libs]
    specs = (Path(kernel.folder, "kernel.json") for kernel in kernels)
    return (mark, *interpreting, *folders, prefix / KERNELS_FOLDER, *specs)
