"""Kernelspecs made to start again, and ipykernel put where it is missing: as tasks."""

from __future__ import annotations

from collections.abc import Callable

from ..environments import Environment
from ..kernels.specs.install_ipykernel import NotInstalled, install
from ..machine import Machine
from .catalogue import Catalogue
from .errors import Conflict
from .tasks import Task, Tasks
from .wire import AddKernelspec, KernelspecAnswer, TaskAnswer

OnLine = Callable[[str], None]
"""Gets the lines of a task."""
OnDone = Callable[[KernelspecAnswer], None]
"""Gets the kernelspec that a task has written."""


class Repairs:
    """Begins tasks that change kernelspecs of ours, or install ipykernel for them."""

    def __init__(self, machine: Machine, catalogue: Catalogue, tasks: Tasks) -> None:
        self._machine = machine
        self._catalogue = catalogue
        self._tasks = tasks

    def repair(self, name: str, on_line: OnLine | None = None, on_done: OnDone | None = None) -> TaskAnswer:
        """Makes a kernelspec start again. Raises NotFound, Conflict (not ours, nothing to repair, …)."""
        planned = self._catalogue.repair_plan(name)
        if planned.what == "nothing":
            raise Conflict(
                f"There is nothing to repair in the kernelspec {name}.", reason="nothing-to-repair"
            )
        environment = planned.environment

        def work(task: Task) -> str:
            task.log(planned.why)
            if planned.what == "install-ipykernel":
                self._install(environment, task)
            task.commit()
            written = self._catalogue.rewrite_kernelspec(name)
            if on_done is not None:
                on_done(written)
            return f"“{written.display_name}” can be started again."

        return self._tasks.start(
            "repair",
            f"Repair {name}",
            work,
            kernelspec=name,
            environment=environment.id,
            on_line=on_line,
        )

    def install_ipykernel(
        self, text: str, on_line: OnLine | None = None, on_done: OnDone | None = None
    ) -> TaskAnswer:
        """Installs ipykernel in an environment, named as everywhere, then writes its kernelspec.

        Raises NotFound, BadInput.
        """
        environment = self._catalogue.find(text)

        def work(task: Task) -> str:
            version = self._install(environment, task)
            added = self._catalogue.add_kernelspec(AddKernelspec(environment=environment.prefix))
            if on_done is not None:
                on_done(added)
            return f"ipykernel {version} is installed; the kernel is called “{added.display_name}”."

        return self._tasks.start(
            "install-ipykernel",
            f"Install ipykernel in {environment.name}",
            work,
            environment=environment.id,
            on_line=on_line,
        )

    def _install(self, environment: Environment, task: Task) -> str:
        try:
            return install(self._machine, environment, task)
        except NotInstalled as error:
            raise Conflict(str(error), reason=error.reason, detail=error.detail) from None
