"""The environment: what it is, what is installed in it, and how its frameworks were built."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from ...environments import (
    CondaPackage,
    FrameworkBuild,
    NotAnEnvironment,
    SiteFolder,
    builds,
    conda_packages,
    describe,
    normalised,
    site_folders,
)
from ...environments.distributions import Distribution as Installed
from ...environments.distributions import in_folder
from ...environments.files import names, read_text
from ...machine import Machine
from ..snapshot import Distribution, EnvironmentFacts, FrameworkFacts, Host
from . import elf
from .libraries import libraries
from .loader import named_folders
from .needs import loading_object, needed_files

Location = Literal["site", "user", "system", "pythonpath"]

_REQUIREMENT = re.compile(r"^Requires-Dist:\s*(.+)$", re.MULTILINE)
_TAG = re.compile(r"^Tag:\s*(\S+)$", re.MULTILINE)
_CHANNEL = re.compile(r'"channel":\s*"([^"]+)"')
_RECORD_BYTES = 1 << 12
"""Enough of conda's record of a package: its keys are sorted, and the channel stands before the files."""
_METADATA_BYTES = 1 << 16
"""A wheel's headers come first in METADATA; TensorFlow's take 5 kB."""

_WORTH_READING = re.compile(
    r"(tensorflow|tf-|keras|torch|jax|mxnet|nvidia-|intel-tensorflow|intel-extension)"
)
"""Distributions whose METADATA and WHEEL are read."""
_MATTERING = re.compile(
    r"(numpy|protobuf|keras|tf-keras|ml-dtypes|nvidia-|tensorflow|torch|jax|triton)", re.IGNORECASE
)
"""Requirements that decide whether a framework works."""


def environment_facts(
    machine: Machine, prefix: Path, variables: Mapping[str, str] | None, framework: str | None, host: Host
) -> EnvironmentFacts:
    """The environment at ``prefix``; of a folder that is none only the path is known.

    ``framework``: whose loader entries decide what is within reach; None: the first that is installed.
    """
    try:
        environment = describe(machine, prefix)
    except NotAnEnvironment:
        return EnvironmentFacts(prefix=str(prefix))
    prefix = Path(environment.prefix)
    known = variables or {}
    sites = _sites(machine, prefix, known)
    conda = conda_packages(prefix)
    found = builds.read_sites(
        [(site, names(site.folder)) for site, _ in sites], {package.name: package.build for package in conda}
    )
    places = {site.folder: location for site, location in sites}
    header = elf.header(Path(environment.interpreter)) if environment.interpreter else None
    distributions = _distributions(sites, conda)
    loading = next((build for build in found if framework in (None, build.name)), None)
    listed = None
    if machine.platform == "linux":
        listed = libraries(
            machine, prefix, [site.folder for site, _ in sites], loading, known, distributions, host.arch
        )
    return EnvironmentFacts(
        name=environment.name,
        # The snapshot's format knows no word of its own for the virtualenvs that hatch makes.
        kind="virtualenv" if environment.kind == "hatch" else environment.kind,
        prefix=environment.prefix,
        python=environment.python,
        bits=header.bits if header else None,
        python_arch=header.arch if header else None,
        distributions=distributions,
        frameworks=tuple(_framework(machine, build, places, known) for build in found),
        libraries=listed,
        libraries_complete=True if listed is not None and variables is not None else None,
        ipykernel=next((each.version for each in distributions if each.name == "ipykernel"), None),
        ipykernel_checked=True,
    )


def _sites(machine: Machine, prefix: Path, variables: Mapping[str, str]) -> list[tuple[SiteFolder, Location]]:
    """The import path's folders: PYTHONPATH's first, then the environment's own, the user's, the system's."""
    user = "PYTHONNOUSERSITE" not in variables
    own = site_folders(machine, prefix, user=user)
    found: list[tuple[SiteFolder, Location]] = [
        (SiteFolder(Path(folder), "site"), "pythonpath")
        for folder in variables.get("PYTHONPATH", "").split(os.pathsep)
        if Path(folder).is_absolute()
    ]
    known = {site.folder for site, _ in found}
    return found + [(site, site.location) for site in own if site.folder not in known]


def _distributions(
    sites: list[tuple[SiteFolder, Location]], conda: tuple[CondaPackage, ...]
) -> tuple[Distribution, ...]:
    """Python's distributions in path order, then the conda packages that are none."""
    packages = {(normalised(each.name), each.version): each for each in conda}
    found: list[Distribution] = []
    for site, location in sites:
        for each in sorted(in_folder(site), key=lambda one: (one.name, one.version or "")):
            package = packages.pop((each.name, each.version or ""), None) if location == "site" else None
            found.append(_distribution(each, location, package))
    found += [_conda_only(package) for package in packages.values()]
    return tuple(found)


def _distribution(installed: Installed, location: Location, package: CondaPackage | None) -> Distribution:
    info = installed.info
    written = (read_text(info / "INSTALLER", 100) or "").strip().lower()
    basic = Distribution(
        name=installed.name,
        version=installed.version,
        installer="conda" if package or written == "conda" else "pip" if written else None,
        build=package.build if package else None,
        channel=_channel(package) if package else None,
        location=location,
    )
    if not _WORTH_READING.match(installed.name):
        return basic
    headers = (read_text(info / "METADATA", _METADATA_BYTES) or "").partition("\n\n")[0]
    tag = _TAG.search(read_text(info / "WHEEL", 1 << 12) or "")
    requires = tuple(line.strip() for line in _REQUIREMENT.findall(headers) if _MATTERING.match(line))
    return msgspec.structs.replace(
        basic, wheel_tag=tag[1] if tag else None, requires=requires if headers else None
    )


def _conda_only(package: CondaPackage) -> Distribution:
    return Distribution(
        name=package.name,
        version=package.version,
        installer="conda",
        build=package.build,
        channel=_channel(package),
        location="site",
    )


def _channel(package: CondaPackage) -> str | None:
    """The channel's name: ``conda-forge`` for its address, ``defaults`` for those of Anaconda."""
    match = _CHANNEL.search(read_text(package.record, _RECORD_BYTES) or "")
    if match is None:
        return None
    parts = [part for part in match[1].rstrip("/").split("/") if part]
    if parts and re.fullmatch(r"(linux|osx|win)-\w+|noarch", parts[-1]):
        parts.pop()
    if len(parts) >= 2 and parts[-2] == "pkgs":
        return "defaults"
    return parts[-1] if parts else None


def _framework(
    machine: Machine, build: FrameworkBuild, places: Mapping[Path, Location], variables: Mapping[str, str]
) -> FrameworkFacts:
    path = loading_object(build)
    entries = elf.dynamic(path) if path else None
    folders = named_folders(machine, entries, path.parent, variables) if path and entries else None
    return FrameworkFacts(
        name=build.name,
        version=build.version,
        location=places.get(build.folder.parent, build.location),
        cuda_build=build.cuda_build,
        rocm_build=build.rocm_build,
        cuda=build.cuda,
        cudnn=build.cudnn,
        compute_capabilities=build.compute_capabilities,
        needs=needed_files(machine, build),
        search_path=tuple(map(str, (*folders.rpath, *folders.runpath))) if folders else None,
    )
