"""Environments and kernelspecs as answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..doctor import Report
from ..environments import Environment
from ..kernels import (
    InstalledSpec,
    SpecError,
    SyncState,
    SyncStep,
    install_command,
    plan_repair,
    spec_kernel,
)
from .wire import EnvironmentAnswer, KernelspecAnswer, KernelspecChange, OwnKernelAnswer


def environment_answer(
    environment: Environment,
    *,
    label: str,
    kernelspecs: Sequence[str],
    report: Report | None,
    activation_problem: str | None,
) -> EnvironmentAnswer:
    """An environment with the names of its kernelspecs and what the last report on it says."""
    return EnvironmentAnswer(
        id=environment.id,
        name=environment.name,
        kind=environment.kind,
        prefix=environment.prefix,
        python=environment.python,
        frameworks=environment.frameworks,
        ipykernel=environment.ipykernel,
        kernelspecs=tuple(kernelspecs),
        label=label,
        verdict=None if report is None else report.verdict,
        problem=environment.problem,
        summary=None if report is None else report.summary,
        activation_problem=activation_problem,
        own_kernels=tuple(
            OwnKernelAnswer(name=own.name, display_name=own.display_name, language=own.language)
            for own in environment.own_kernels
        ),
    )


def names_by_environment(specs: Sequence[InstalledSpec]) -> dict[str, list[str]]:
    """The names of the kernelspecs that start something in an environment, by its id."""
    found: dict[str, list[str]] = {}
    for spec in specs:
        if spec.environment is not None:
            found.setdefault(spec.environment, []).append(spec.name)
    return found


def kernelspec_answers(state: SyncState) -> tuple[KernelspecAnswer, ...]:
    """Every kernelspec, with what is wrong with it and what repairing would do."""
    environments = state.by_id()
    return tuple(_kernelspec_answer(spec, state, environments) for spec in state.specs)


def _kernelspec_answer(
    spec: InstalledSpec, state: SyncState, environments: Mapping[str, Environment]
) -> KernelspecAnswer:
    here = environments.get(spec.environment or "")
    problem, repair = spec.problem, None
    if spec.owned:
        try:
            plan = plan_repair(spec, here, state.environments)
            if plan.what != "nothing":
                problem, repair = plan.why, plan.what
        except SpecError as error:
            problem = str(error)
    elif problem is None and spec.needs_ipykernel and here is not None:
        problem = _why_no_ipykernel(here)
    return KernelspecAnswer(
        name=spec.name,
        display_name=spec.display_name,
        owned=spec.owned,
        language=spec.language,
        environment=spec.environment,
        interpreter=spec.interpreter,
        kernel=spec_kernel(spec),
        problem=problem,
        repair=repair,
    )


def _why_no_ipykernel(environment: Environment) -> str | None:
    """Of an environment whose packages could not be read nothing is said."""
    if environment.ipykernel is not None or environment.problem is not None:
        return None
    return (
        f"ipykernel is not installed in {environment.name!r}, so this kernel cannot start. "
        f"Install it with: {install_command(environment)}"
    )


def change_answer(step: SyncStep) -> KernelspecChange:
    """One thing that a sync does."""
    if step.environment is not None:
        environment: str | None = step.environment.id
    else:
        environment = None if step.spec is None else step.spec.environment
    return KernelspecChange(
        action=step.action,
        name=step.name,
        display_name=step.display_name,
        environment=environment,
        why=step.why,
    )
