"""Do the packages of one conda environment come from channels whose builds fit together?"""

from __future__ import annotations

from collections.abc import Sequence

from ..fixes.packages import one_channel
from ..fixes.tool import made_by_conda
from ..knowledge.packages import framework_packages, linked_packages
from ..packages import described, listed
from ..report import Finding
from ..snapshot import Distribution
from ..subject import Subject
from .rule import Found, Rule

_FAMILIES = {
    "defaults": "defaults",
    "anaconda": "defaults",
    "main": "defaults",
    "pkgs/main": "defaults",
    "pkgs/free": "defaults",
    "free": "defaults",
    "msys2": "defaults",
    "conda-forge": "conda-forge",
    "pytorch": "pytorch",
    "pytorch-nightly": "pytorch",
    "pytorch-lts": "pytorch",
    "pytorch-test": "pytorch",
}
"""Channels whose packages are built with one and the same compiler settings (docs.conda.io, "Multiple
channels"; conda-forge.org, "Tips and tricks"). Others, such as nvidia, bring libraries that fit all."""

_RUNTIME = ("libstdcxx-ng", "libstdcxx", "libgcc-ng", "libgcc")
"""The compiler's own libraries: those of an older channel lack what a newer one's builds ask for."""

_SELECTORS = ("pytorch-cuda", "pytorch-mutex")
"""Packages that choose a variant among the builds of their own channel."""


def mixed_channels(subject: Subject) -> Found | None:
    """Parts of the framework come from different channels, or a package that shares its C++ interface does.

    A metapackage from one channel chooses nothing among another's builds; C++ libraries of the two families
    differ in what they export. Other packages, Python itself among them, get on together.
    """
    main = _main(subject)
    family = _family(main) if main else None
    if main is None or family is None:
        return None
    strangers = [
        each
        for each in subject.distributions
        if made_by_conda(each)
        and _family(each) not in (family, None)
        and (_chooses(subject, each) or _is_linked(subject, family, each))
    ]
    if not strangers:
        return None
    return _finding(subject, main, family, list(dict.fromkeys(strangers)))


def _chooses(subject: Subject, distribution: Distribution) -> bool:
    """Whether it asks for a GPU build, and none was installed although the machine has a GPU."""
    asks = distribution.name in (*framework_packages(subject.name or ""), *_SELECTORS)
    return asks and _no_gpu_code(subject) and subject.nvidia_gpu is not False


def _is_linked(subject: Subject, family: str, distribution: Distribution) -> bool:
    """Whether it shares the framework's C++ interface, and was built by others. conda-forge's TensorFlow
    takes its libraries from packages of their own; the one of defaults counts where a function is missing."""
    if distribution.name in _RUNTIME:
        return subject.said("libstdcxx-version") is not None
    if distribution.name not in linked_packages(subject.name or ""):
        return False
    return (
        subject.name != "tensorflow" or family == "conda-forge" or subject.said("symbol-missing") is not None
    )


def _main(subject: Subject) -> Distribution | None:
    """conda's package with the framework's files: the one of the recipe's name, else any of its parts."""
    parts = framework_packages(subject.name or "")
    found = [each for each in subject.distributions if each.name in parts and made_by_conda(each)]
    if any(each.name in parts and each.installer == "pip" for each in subject.distributions):
        return None  # pip's copy is the one that is imported, and brings its own libraries
    names = ("tensorflow-base", "tensorflow", "pytorch", "mxnet", "libmxnet", "jaxlib")
    named = [each for name in names for each in found if each.name == name]
    return next(iter(named or found), None)


def _family(distribution: Distribution) -> str | None:
    channel = (distribution.channel or "").lower().rstrip("/")
    parts = [part for part in channel.split("/") if part not in ("linux-64", "win-64", "osx-64", "noarch")]
    return next((_FAMILIES[end] for end in ("/".join(parts[-2:]), *parts[-1:]) if end in _FAMILIES), None)


def _finding(subject: Subject, main: Distribution, family: str, strangers: Sequence[Distribution]) -> Found:
    names = listed(each.name for each in strangers)
    channels = listed(dict.fromkeys(each.channel or "" for each in strangers))
    linked = linked_packages(subject.name or "") | {*_RUNTIME}
    failed = subject.said("symbol-missing", "libstdcxx-version") is not None
    shared = [each.name for each in strangers if each.name in linked]
    if shared:
        detail = (
            f"{subject.proper_name} comes from {main.channel}, and {names} from {channels}. They share a C++ "
            "interface, which the builds of the two channels do not have in common: the import "
            f"{'fails' if failed else 'may fail'} because a function is missing."
        )
    else:
        detail = (
            f"{subject.proper_name} comes from {main.channel}, and {names} from {channels}: what comes from "
            f"{channels} has no say in which build {main.channel} gives."
        )
    together = [main.name, *(each.name for each in strangers if each.name not in _SELECTORS)]
    selector = next((each for each in strangers if each.name not in linked), None)
    if selector is not None and _no_gpu_code(subject):
        family = _family(selector) or family  # where the one that asks for a GPU build comes from
    return Found(
        Finding(
            code="mixed-channels",
            severity="error" if failed or _no_gpu_code(subject) or not shared else "warning",
            framework=subject.name,
            title=f"{main.name} and {names} come from conda channels that do not fit together",
            detail=detail,
            evidence=tuple(described(each) for each in (main, *strangers)[:6]),
            fixes=one_channel(subject, family, together),
        )
    )


def _no_gpu_code(subject: Subject) -> bool:
    build = subject.framework
    return build is not None and build.cuda_build is False and not build.rocm_build


RULES = (Rule("mixed-channels", "framework", mixed_channels),)
