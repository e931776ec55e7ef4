"""Environments."""

from __future__ import annotations

from typing import Literal

import msgspec

from ...doctor.report import Verdict
from ...environments.environment import Framework, Kind
from .kernelspecs import KernelspecAnswer, KernelspecChange


class OwnKernelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec that lies in the environment itself, of another language than its Python."""

    name: str
    display_name: str
    language: str | None


class EnvironmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An environment, its kernelspecs, and whether it is fit to train (``verdict``; None: not judged).

    ``label``: unique among the environments. ``summary``: the report's one line, where it is judged.
    ``activation_problem``: a sentence where its activation scripts failed when they were last run.
    """

    id: str
    name: str
    kind: Kind
    prefix: str
    python: str | None
    frameworks: tuple[Framework, ...]
    ipykernel: str | None
    kernelspecs: tuple[str, ...]
    label: str
    verdict: Verdict | None
    problem: str | None
    summary: str | None = None
    activation_problem: str | None = None
    own_kernels: tuple[OwnKernelAnswer, ...] = ()


class EnvironmentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``kernelspecs``: every kernelspec, as ``GET kernelspecs`` has them. ``suggested``: what a sync would
    do, where the setting is ``suggest``. ``problems``: sentences on places that could not be looked at."""

    schema: Literal["tfgpu.environments/1"] = "tfgpu.environments/1"
    environments: tuple[EnvironmentAnswer, ...]
    kernelspecs: tuple[KernelspecAnswer, ...] = ()
    suggested: tuple[KernelspecChange, ...] = ()
    problems: tuple[str, ...] = ()
