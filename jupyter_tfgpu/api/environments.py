"""Environments and kernelspecs as answers."""

from __future__ import annotations

from collections.abc import Iterable

from ..doctor.report import Verdict
from ..environments import Environment
from ..kernels import InstalledSpec
from .wire import EnvironmentAnswer, KernelspecAnswer


def environment_answer(
    environment: Environment, label: str, specs: Iterable[InstalledSpec], verdict: Verdict | None
) -> EnvironmentAnswer:
    """An environment with the names of the kernelspecs that start its interpreter."""
    return EnvironmentAnswer(
        id=environment.id,
        name=environment.name,
        kind=environment.kind,
        prefix=environment.prefix,
        python=environment.python,
        frameworks=environment.frameworks,
        ipykernel=environment.ipykernel,
        kernelspecs=tuple(spec.name for spec in specs if spec.environment == environment.id),
        label=label,
        verdict=verdict,
        problem=environment.problem,
    )


def kernelspec_answer(spec: InstalledSpec) -> KernelspecAnswer:
    return KernelspecAnswer(
        name=spec.name,
        display_name=spec.display_name,
        owned=spec.owned,
        language=spec.language,
        environment=spec.environment,
        interpreter=spec.interpreter,
        problem=spec.problem,
    )
