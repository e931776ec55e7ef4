"""How the frameworks in an environment were built, read from their own files, one module a framework.

Each module has ``read(site) -> FrameworkBuild | None`` and ``DISTRIBUTIONS``, the names that install it.
A new framework is a new module and a line in ``_READERS``. Nothing of a framework is imported or run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...machine import Machine
from .. import files
from ..distributions import conda_packages, in_folder
from ..layout import SiteFolder, site_folders
from . import jax, mxnet, tensorflow, torch
from .build import FrameworkBuild, Site

_READERS = (tensorflow.read, torch.read, jax.read, mxnet.read)

WORTH_READING = (
    "tensorflow",
    "tf_nightly",
    "tf-nightly",
    "intel_tensorflow",
    "nvidia_tensorflow",
    "torch",
    "jax",
    "mxnet",
)
"""How the names begin of all that the readers look at in a site-packages: the rest is not looked at."""
_WORTH_READING = files.beginnings(*WORTH_READING)

CONDA_RECORDS = ("jaxlib-", "libmxnet-", "mxnet-")
"""How the names begin of the conda records whose build strings they use."""


def read(machine: Machine, prefix: Path, *, user: bool = False) -> tuple[FrameworkBuild, ...]:
    """The frameworks on an environment's import path, in path order; the first of a name is imported.

    ``user``: with the user's site folder, where the interpreter would have it.
    """
    sites = [(site, files.names(site.folder)) for site in site_folders(machine, prefix, user=user)]
    conda = {package.name: package.build for package in conda_packages(prefix)}
    return read_sites(sites, conda)


def read_sites(
    sites: Sequence[tuple[SiteFolder, Sequence[str]]], conda: Mapping[str, str]
) -> tuple[FrameworkBuild, ...]:
    """The frameworks in folders whose names are at hand. ``conda``: build strings by package name."""
    worth = [(site, files.starting(listing, _WORTH_READING)) for site, listing in sites]
    installed = [{each.name: each.version for each in in_folder(site, listing)} for site, listing in worth]
    visible: dict[str, str | None] = {}
    for here in reversed(installed):
        visible.update(here)
    found = []
    for (site, listing), here in zip(worth, installed, strict=True):
        context = Site(
            folder=site.folder,
            location=site.location,
            names=frozenset(listing),
            here=here,
            visible=visible,
            conda=conda if site.location == "site" else {},
        )
        found += [build for reader in _READERS if (build := reader(context)) is not None]
    return tuple(found)


__all__ = ["WORTH_READING", "FrameworkBuild", "read", "read_sites"]
