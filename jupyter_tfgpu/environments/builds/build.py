"""What a framework's own files say of the build: the fact that every reader here returns."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from .. import files
from ..environment import FrameworkName
from ..layout import Location

SOURCE_LIMIT = 1 << 18
"""Bytes of a generated module (build_info.py, version.py) that are read; real ones have under 3 kB."""


class FrameworkBuild(msgspec.Struct, frozen=True, kw_only=True):
    """How an installed framework was built. None: its files do not say.

    ``cuda``, ``cudnn``: the releases it was built with, as precisely as the files have them ("12.5.1", "9").
    ``compute_capabilities``: ``sm_NN`` for machine code, ``compute_NN`` for PTX; gfx targets in a ROCm build.
    ``folder``: the import package's folder that the facts were read in.
    """

    name: FrameworkName
    version: str | None
    cuda_build: bool | None
    rocm_build: bool | None
    cuda: str | None
    cudnn: str | None
    compute_capabilities: tuple[str, ...] | None
    folder: Path
    location: Location


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """One site-packages as the readers see it.

    ``names``: what of interest lies in it. ``here``: its distributions' versions by normalised name;
    ``visible``: those of the whole import path, the first of a name. ``conda``: conda packages' build
    strings by name.
    """

    folder: Path
    location: Location
    names: frozenset[str]
    here: Mapping[str, str | None]
    visible: Mapping[str, str | None]
    conda: Mapping[str, str]


def first_version(distributions: Mapping[str, str | None], names: tuple[str, ...]) -> str | None:
    """The version of the first of these distributions that is there and has one."""
    return next((distributions[name] for name in names if distributions.get(name)), None)


def assigned(path: Path) -> dict[str, Any] | None:
    """The literal values that a generated module assigns to names at its top level.

    The module is parsed, never run. ``OrderedDict([...])`` and ``dict(...)`` of literals count as dicts; what
    is no literal is left out. None: there is no such file, or it is no Python.
    """
    source = files.read_text(path, SOURCE_LIMIT)
    if source is None:
        return None
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    values: dict[str, Any] = {}
    for statement in module.body:
        if isinstance(statement, ast.Assign):
            targets, node = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, node = [statement.target], statement.value
        else:
            continue
        try:
            value = _literal(node)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue
        values.update({target.id: value for target in targets if isinstance(target, ast.Name)})
    return values


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and _called(node.func) in ("OrderedDict", "dict") and not node.keywords:
        return dict(ast.literal_eval(node.args[0])) if node.args else {}
    return ast.literal_eval(node)


def _called(function: ast.expr) -> str | None:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else None


_CONDA_CUDA = re.compile(r"(?:^|_)(?:cuda|gpu_cuda|gpu)_?(\d*)")


def conda_cuda(build: str) -> tuple[bool | None, str | None]:
    """What a conda build string says: ``cuda128py312h…`` is CUDA 12.8, ``cpu_py312h…`` no CUDA."""
    if build.startswith("cpu"):
        return False, None
    match = _CONDA_CUDA.match(build)
    if match is None:
        return None, None
    return True, dotted(match[1]) if match[1] else None


def dotted(digits: str) -> str:
    """A CUDA release without its dot: ``112`` is 11.2, ``80`` is 8.0, ``12`` and ``13`` stand alone."""
    if len(digits) < 2 or (len(digits) == 2 and digits[0] == "1"):
        return digits
    return f"{digits[:-1]}.{digits[-1]}"
