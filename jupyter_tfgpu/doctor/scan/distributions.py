"""What is installed: Python's distributions in path order, and the conda packages that are none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from packaging.version import InvalidVersion, Version

from ...environments import CondaPackage, SiteFolder, normalised
from ...environments.builds import jax, mxnet, tensorflow, torch
from ...environments.distributions import Distribution as Installed
from ...environments.distributions import in_folder
from ...environments.files import is_folder, names, read_text
from ..snapshot import Distribution
from .records import left_behind, listed_files, problems
from .sites import Location, Place

_REQUIREMENT = re.compile(r"^Requires-Dist:\s*(.+)$", re.MULTILINE)
_VERSION = re.compile(r"^Version:\s*(\S+)\s*$", re.MULTILINE)
_TAG = re.compile(r"^Tag:\s*(\S+)\s*$", re.MULTILINE)
_EGG = re.compile(r"(?P<name>.+?)-(?P<version>\d[^-]*)(?:-py\d[\d.]*)?(?:-[^-]+)*\.egg$")
_CHANNEL = re.compile(r'"channel":\s*"([^"]+)"')
_RECORD_BYTES = (1 << 12, 1 << 17)
"""Of conda's record of a package: mostly the channel stands near its beginning, before the files."""
_METADATA_BYTES = 1 << 16
"""A wheel's headers come first in METADATA; TensorFlow's take 5 kB."""

_WORTH_READING = re.compile(
    r"(tensorflow|tf-|keras|torch|jax|mxnet|nvidia-|intel-tensorflow|intel-extension|numpy$|protobuf$)"
)
"""Distributions whose METADATA and WHEEL are read."""
_MATTERING = re.compile(
    r"(numpy|protobuf|keras|tf-keras|ml-dtypes|nvidia-|tensorflow|torch|jax|triton)", re.IGNORECASE
)
"""Requirements that decide whether a framework works."""

_CHECKED = frozenset(
    {
        *tensorflow.DISTRIBUTIONS,
        *torch.DISTRIBUTIONS,
        *jax.DISTRIBUTIONS,
        *mxnet.DISTRIBUTIONS,
        "numpy",
        "protobuf",
        "keras",
    }
)
_CHECKED_TOO = re.compile(r"nvidia-|mxnet-cu|jax-cuda\d+-p")
"""What is held against its RECORD: a framework, its CUDA libraries, and what its import stands on."""


def distributions(places: Sequence[Place], conda: Sequence[CondaPackage]) -> tuple[Distribution, ...]:
    """All of them, the one that is imported first of a name."""
    packages = {(normalised(each.name), each.version): each for each in conda}
    found: list[Distribution] = []
    for site, location in places:
        listing = names(site.folder)
        here = _without_remains(_in_folder(site, listing))
        parts = [
            (each, packages.pop((each.name, each.version or ""), None) if location == "site" else None)
            for each in here
        ]
        described = [_distribution(each, location, package) for each, package in parts]
        if location != "system":  # a distribution of Linux changes files after their RECORD was written
            described = _with_problems(described, here, listing)
        found += sorted(described, key=_order)
    found += [_conda_only(package) for package in packages.values()]
    return tuple(found)


def _in_folder(site: SiteFolder, listing: Sequence[str]) -> list[Installed]:
    """Those in a site-packages; an egg is a folder on the path that holds one."""
    match = _EGG.match(site.folder.name)
    if match is None:
        return [_with_version(each) for each in in_folder(site, listing)]
    return [
        Installed(
            name=normalised(match["name"]),
            version=match["version"],
            location=site.location,
            folder=site.folder,
            info=site.folder / "EGG-INFO",
        )
    ]


def _without_remains(installed: list[Installed]) -> list[Installed]:
    """Without a dist-info that an uninstallation left half empty, where another of the name is whole."""
    seen = Counter(each.name for each in installed)
    twice = [each for each in installed if seen[each.name] > 1]
    whole = {each.name for each in twice if _headers(each.info)}
    remains = {each.info for each in twice if each.name in whole and not _headers(each.info)}
    return [each for each in installed if each.info not in remains]


def _with_version(installed: Installed) -> Installed:
    """The version from its metadata where the folder's name has none (``foo.egg-info``)."""
    if installed.version is not None:
        return installed
    match = _VERSION.search(_headers(installed.info))
    return msgspec.structs.replace(installed, version=match[1]) if match else installed


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
    headers = _headers(info)
    tag = _TAG.search(read_text(info / "WHEEL", 1 << 12) or "")
    return msgspec.structs.replace(
        basic,
        wheel_tag=tag[1] if tag else None,
        requires=_requires(info, headers) if headers else None,
        problem=None if headers or not is_folder(info) else f"{info.name} has no METADATA",
    )


def _headers(info: Path) -> str:
    """The metadata's headers; empty where there are none. An egg-info may be a file."""
    places = (info / "METADATA", info / "PKG-INFO", info)
    text = next((text for place in places if (text := read_text(place, _METADATA_BYTES))), "")
    return text.replace("\r\n", "\n").partition("\n\n")[0]


def _requires(info: Path, headers: str) -> tuple[str, ...]:
    """Requirements that matter: of a wheel in the headers, of an egg those in its ``requires.txt`` that no
    extra and no condition stands over."""
    lines = _REQUIREMENT.findall(headers)
    if not lines and info.suffix != ".dist-info":
        lines = (read_text(info / "requires.txt", _METADATA_BYTES) or "").partition("[")[0].splitlines()
    return tuple(line.strip() for line in lines if _MATTERING.match(line))


def _with_problems(
    described: Sequence[Distribution], installed: Sequence[Installed], listing: Sequence[str]
) -> list[Distribution]:
    checked = [each.name in _CHECKED or bool(_CHECKED_TOO.match(each.name)) for each in installed]
    chosen = [each for each, wanted in zip(installed, checked, strict=True) if wanted]
    behind = left_behind(listing, chosen)
    # What conda installs it may change afterwards, and what nobody says to have installed anybody may have.
    by_pip = {each.name for each in described if each.installer == "pip"}
    seen = problems(chosen, [listed_files(each.info) if each.name in by_pip else {} for each in chosen])
    said = {id(each): problem for each, problem in zip(chosen, seen, strict=True)}
    return [
        _with_problem(one, said.get(id(each)), behind) for one, each in zip(described, installed, strict=True)
    ]


def _with_problem(one: Distribution, problem: str | None, behind: Mapping[str, str]) -> Distribution:
    moved = behind.get(one.name)
    left = f"the leftover folder {moved} of an earlier copy lies beside it" if moved else None
    text = "; ".join(each for each in (one.problem, problem, left) if each)
    return msgspec.structs.replace(one, problem=text) if text else one


def _order(one: Distribution) -> tuple[str, bool, int, str]:
    """By name. Of two of one name in one folder, which pip leaves behind where it could not finish, the one
    whose files these are comes first, then the newest."""
    return one.name, one.problem is not None, -_release(one.version), one.version or ""


def _release(version: str | None) -> int:
    try:
        major, minor, micro = (*Version(version or "0").release, 0, 0)[:3]
    except InvalidVersion:
        return 0
    return (major * 10_000 + minor) * 10_000 + micro


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
    texts = (read_text(package.record, size) or "" for size in _RECORD_BYTES)
    match = next((match for text in texts if (match := _CHANNEL.search(text))), None)
    if match is None:
        return None
    parts = [part for part in match[1].rstrip("/").split("/") if part]
    if parts and re.fullmatch(r"(linux|osx|win)-\w+|noarch", parts[-1]):
        parts.pop()
    if len(parts) >= 2 and parts[-2] == "pkgs":
        return "defaults"
    return parts[-1] if parts else None
