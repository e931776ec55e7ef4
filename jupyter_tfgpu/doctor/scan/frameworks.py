"""A framework's build: what its small files say, and where they are silent what its shared objects do."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from ...environments import FrameworkBuild
from ...machine import Machine
from ..snapshot import FrameworkFacts
from . import elf
from .loader import named_folders
from .needs import loading_object, needed_files
from .sites import Location
from .torch_targets import torch_targets

_LINKED = re.compile(r"lib(?P<what>cudart|cudnn|cublas|cuda|nvrtc)\.so\.(?P<version>\d+(?:\.\d+)?)")


def framework_facts(
    machine: Machine, build: FrameworkBuild, location: Location, variables: Mapping[str, str]
) -> FrameworkFacts:
    """The facts about a build. ``variables``: the kernel's."""
    build = linked(build)
    path = loading_object(build)
    entries = elf.dynamic(path) if path else None
    folders = named_folders(machine, entries, path.parent, variables) if path and entries else None
    targets = build.compute_capabilities
    if targets is None and build.name == "torch" and (build.cuda_build or build.rocm_build):
        targets = torch_targets(build.folder)
    return FrameworkFacts(
        name=build.name,
        version=build.version,
        location=location,
        cuda_build=build.cuda_build,
        rocm_build=build.rocm_build,
        cuda=build.cuda,
        cudnn=build.cudnn,
        compute_capabilities=targets,
        needs=needed_files(machine, build),
        search_path=tuple(map(str, (*folders.rpath, *folders.runpath))) if folders else None,
    )


def linked(build: FrameworkBuild) -> FrameworkBuild:
    """MXNet with what ``libmxnet.so`` is linked against: its package's name alone says what it was built
    with, and a build of one's own is called ``mxnet`` whatever it has."""
    entries = elf.dynamic(build.folder / "libmxnet.so") if build.name == "mxnet" else None
    if entries is None:
        return build
    found = {match["what"]: match["version"] for name in entries.needed if (match := _LINKED.match(name))}
    return msgspec.structs.replace(
        build,
        cuda_build=True if found else build.cuda_build,
        cuda=build.cuda or found.get("cudart") or found.get("cublas"),
        cudnn=build.cudnn or found.get("cudnn"),
    )
