"""Installing ipykernel into an environment, in two steps, so that nothing half-made is ever left.

First what is needed is fetched into a temporary folder (and the tool's own cache), which may take
minutes and can be cancelled; then it is installed from there, which takes a moment and cannot. No shell
is involved: programs are started with lists of words.
"""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ....environments import Environment, NotAnEnvironment, describe
from ....machine import Machine
from .child import Cancelled, Ended, Progress, run_child
from .failures import sentence, without_credentials
from .plan import NotInstalled, Plan, Tools, plan
from .tools import look, obstacle

FETCH_LIMIT = 1800.0
INSTALL_LIMIT = 900.0
"""Seconds."""

_DROPPED = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN", "UV_PYTHON", "VIRTUAL_ENV")
"""Variables of the server's that would lead a tool to another place."""
_CHANNELS = "CONDA_CHANNELS"
"""Read by conda, mamba and micromamba, with commas between; adds to what their condarc files say."""
_SET = {
    "NO_COLOR": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "PIP_PROGRESS_BAR": "off",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_USER": "0",
    "PYTHONUNBUFFERED": "1",
    "UV_NO_PROGRESS": "1",
}


def install(machine: Machine, environment: Environment, progress: Progress) -> str:
    """Installs ipykernel; its version. Where it is there already, nothing is done.

    Waits for a network and for programs: not for an event loop. Raises NotInstalled, Cancelled.
    """
    there = _version(machine, environment)
    if there is not None:
        return there
    hindrance = obstacle(machine, environment)
    if hindrance is not None:
        raise NotInstalled(f"ipykernel was not installed. {hindrance}")
    try:
        _by_way_of_a_folder(machine, environment, progress)
    except OSError as error:
        raise NotInstalled(sentence("The installer", 1, [f"{error}"])) from None
    version = _version(machine, environment)
    if version is None:
        raise NotInstalled(
            f"The installer reports success, but there is no ipykernel in {environment.prefix}."
        )
    return version


def hindrance(machine: Machine, environment: Environment) -> str | None:
    """Why ipykernel cannot be installed from here, as far as that is known without running anything."""
    try:
        plan(environment, look(machine, environment), Path())
    except NotInstalled as error:
        return str(error)
    return obstacle(machine, environment)


def _version(machine: Machine, environment: Environment) -> str | None:
    """ipykernel's, looked at now."""
    try:
        return describe(machine, Path(environment.prefix)).ipykernel
    except NotAnEnvironment as error:
        raise NotInstalled(f"ipykernel was not installed. {error}") from None


def _by_way_of_a_folder(machine: Machine, environment: Environment, progress: Progress) -> None:
    folder = Path(tempfile.mkdtemp(prefix="tfgpu-install-"))
    needed = False
    try:
        planned = plan(environment, look(machine, environment), folder)
        variables = _variables(machine.environ, planned.channel)
        _fetch(planned, variables, folder, progress)
        progress.commit()
        ended = _run(planned.install, variables, folder, progress, limit=INSTALL_LIMIT, cancellable=False)
        needed = ended.code is None  # it still installs from there
        _check(planned.tool, ended)
    finally:
        if not needed:
            shutil.rmtree(folder, ignore_errors=True)


def _fetch(planned: Plan, variables: Mapping[str, str], folder: Path, progress: Progress) -> None:
    for argv in planned.fetch:
        _check(planned.tool, _run(argv, variables, folder, progress, limit=FETCH_LIMIT, cancellable=True))


def _run(
    argv: tuple[str, ...],
    variables: Mapping[str, str],
    folder: Path,
    progress: Progress,
    *,
    limit: float,
    cancellable: bool,
) -> Ended:
    followed = _Followed(progress)
    followed.log(f"$ {shlex.join(argv)}")
    return run_child(argv, folder, variables, followed, limit=limit, cancellable=cancellable)


def _check(tool: str, ended: Ended) -> None:
    if ended.code != 0:
        raise NotInstalled(sentence(tool, ended.code, [without_credentials(line) for line in ended.output]))


class _Followed:
    """The progress, told no passwords."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @property
    def cancelled(self) -> bool:
        return self._progress.cancelled

    def log(self, line: str) -> None:
        self._progress.log(without_credentials(line))

    def commit(self) -> None:
        self._progress.commit()


def _variables(environ: Mapping[str, str], channel: str | None) -> dict[str, str]:
    """The server's, but for what leads elsewhere. ``channel``: for conda, before those that are set."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("PYTHON") and name not in _DROPPED
    }
    if channel is not None:
        kept[_CHANNELS] = ",".join(filter(None, (channel, environ.get(_CHANNELS))))
    return kept | _SET


__all__ = ["Cancelled", "NotInstalled", "Plan", "Progress", "Tools", "hindrance", "install", "look", "plan"]
