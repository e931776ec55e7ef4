"""What a fix is asked for: a kernel, an environment or a kernelspec, its report, and what of it is ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from ..doctor import Finding, Fix, Report, diagnose
from ..environments import Environment
from ..kernels import (
    InstalledSpec,
    LaunchServices,
    Pin,
    RepairPlan,
    StartedKernel,
    Target,
    install_ipykernel,
)
from .catalogue import Catalogue
from .errors import BadInput, NotFound, Refused
from .fix_plans import VISIBLE, About, plan
from .kernels import RunningKernel, notebook_file
from .wire import ApplyFix


class FixSubjects:
    """Makes reports, in which ``automatic`` says what can be done from here for what they are about.

    ``started``: the running kernels of all programs. ``simulated``: the devices are.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        launches: LaunchServices,
        started: Callable[[], Iterable[StartedKernel]],
        simulated: bool,
    ) -> None:
        self._catalogue = catalogue
        self._launches = launches
        self._started = started
        self._simulated = simulated

    def report(self, env: str | None, kernelspec: str | None, framework: str | None) -> Report:
        """The report on an environment, a kernelspec or, with neither, the environment we run in."""
        return self.of_choice(self._catalogue.report(env, kernelspec, framework), env, kernelspec)

    def of_choice(self, report: Report, env: str | None, kernelspec: str | None) -> Report:
        """A report on the same, made elsewhere."""
        return settled(report, lambda: self._about_either(env, kernelspec))

    def of_start(self, report: Report, start: StartedKernel) -> Report:
        """The report on a kernel's start."""
        return settled(report, lambda: self._about_kernel(start, None))

    def look(self, wanted: ApplyFix, running: Iterable[RunningKernel]) -> tuple[Report, About]:
        """The report that a fix is in, made anew, and what that is about. Raises BadInput, NotFound."""
        named = [name for name in ("kernel_id", "environment", "kernelspec") if getattr(wanted, name)]
        if len(named) != 1:
            raise BadInput(
                f"Name one of kernel_id, environment and kernelspec; {len(named)} are named.",
                reason="bad-target",
                detail={"field": ", ".join(named) or "kernel_id, environment, kernelspec"},
            )
        if wanted.kernel_id is None:
            report = self._catalogue.report(wanted.environment, wanted.kernelspec, wanted.framework)
            return report, self._about_either(wanted.environment, wanted.kernelspec)
        start = self._launches.started.get(wanted.kernel_id)
        if start is None:
            raise NotFound(f"No kernel {wanted.kernel_id[:60]} is running here.", reason="no-such-kernel")
        kernel = next((each for each in running if each.id == start.kernel_id), None)
        report = diagnose(self._catalogue.snapshot_of_start(start), wanted.framework)
        return report, self._about_kernel(start, kernel)

    def waiting(self, specs: Iterable[str], targets: Iterable[Target]) -> list[str]:
        """The running kernels, by id, that these kernelspecs or the pins of these targets concern."""
        names, keys = set(specs), {(target.kind, target.key) for target in targets}
        return [
            start.kernel_id
            for start in self._started()
            if start.kernelspec in names
            or ("kernel", start.kernel_id) in keys
            or ("notebook", start.notebook) in keys
            or ("kernelspec", start.kernelspec) in keys
        ]

    def _about_either(self, env: str | None, kernelspec: str | None) -> About:
        if kernelspec is not None:
            return self._about_spec(self._catalogue.spec(kernelspec))
        return self._about_environment(self._catalogue.environment(env))

    def _about_environment(self, environment: Environment) -> About:
        specs = self._catalogue.specs_of(environment)
        return About(
            specs=specs,
            without=f"No kernelspec of ours starts {environment.name!r}: add a kernel for it first.",
            repairs=lambda: self._repairs(specs),
            hindrance=self._hindrance,
            environment=environment,
            otherwise=self._otherwise(environment.prefix),
            simulated=self._simulated,
        )

    def _about_spec(self, spec: InstalledSpec) -> About:
        environment = None
        with suppress(Refused):
            environment = self._catalogue.environment(spec.prefix) if spec.prefix else None
        return About(
            specs=(spec,),
            hiding=self._hiding([Target(kernelspec=spec.name)], None),
            repairs=lambda: self._repairs([spec]),
            hindrance=self._hindrance,
            environment=environment,
            otherwise=self._otherwise(environment.prefix if environment else None),
            simulated=self._simulated,
        )

    def _about_kernel(self, start: StartedKernel, kernel: RunningKernel | None) -> About:
        """Only a kernelspec of ours is changed: whoever wants another one changed names it."""
        spec = None
        with suppress(NotFound):
            spec = self._catalogue.spec(start.kernelspec or "")
        ours = spec is not None and spec.owned
        notebook = notebook_file(kernel) if kernel is not None else None
        targets = [
            Target(kernel_id=start.kernel_id),
            *([Target(notebook=notebook or start.notebook)] if notebook or start.notebook else []),
            *([Target(kernelspec=start.kernelspec)] if start.kernelspec else []),
        ]
        return About(
            specs=(spec,) if spec is not None and ours else (),
            without=f"The kernelspec {start.kernelspec} was not written from here. It is changed where it is "
            f"named: jupyter tfgpu doctor --kernel {start.kernelspec}",
            hiding=self._hiding(targets, start),
            repairs=lambda: self._repairs([spec] if spec is not None and ours else []),
            hindrance=self._hindrance,
            running=True,
            otherwise=self._otherwise(str(start.prefix) if start.prefix else None),
            simulated=self._simulated,
        )

    def _otherwise(self, prefix: str | None) -> dict[str, str]:
        found = self._catalogue.variables(Path(prefix)) if prefix else dict(self._launches.machine.environ)
        if self._launches.default_pin.kind == "none":
            found[VISIBLE] = ""
        return found

    def _hiding(
        self, targets: Sequence[Target], start: StartedKernel | None
    ) -> tuple[tuple[Target, Pin], ...]:
        """The pins that would still hide every device from a start now, the one that counts first."""
        hiding = []
        for target in targets:
            pin = self._launches.pins.get(target)
            if pin is None:
                continue
            # One that names devices was seen to give none, where the kernel had it and got none.
            seen = start is not None and start.pin == pin and start.allocation.uuids == ()
            if pin.kind != "none" and not seen:
                break
            hiding.append((target, pin))
        return tuple(hiding)

    def _hindrance(self, environment: Environment) -> str | None:
        return install_ipykernel.hindrance(self._launches.machine, environment)

    def _repairs(self, specs: Iterable[InstalledSpec]) -> Iterable[RepairPlan]:
        for spec in specs:
            if spec.owned:
                with suppress(Refused):
                    yield self._catalogue.repair_plan(spec.name)


def settled(report: Report, about: Callable[[], About | None]) -> Report:
    """The report, ``automatic`` only where a fix can be applied from here. ``about`` None: nothing can."""
    if not any(fix.automatic for finding in report.findings for fix in finding.fixes):
        return report
    subject = about()
    return msgspec.structs.replace(
        report, findings=tuple(_settled(finding, subject) for finding in report.findings)
    )


def _settled(finding: Finding, about: About | None) -> Finding:
    fixes = (
        msgspec.structs.replace(fix, automatic=fix.automatic and _can(fix, about)) for fix in finding.fixes
    )
    return msgspec.structs.replace(finding, fixes=tuple(fixes))


def _can(fix: Fix, about: About | None) -> bool:
    try:
        return about is not None and plan(fix, about) is not None
    except Refused:
        return False
