"""What kernels leave behind that could not be cleaned up after: those whose starting program was killed."""

from __future__ import annotations

import logging
from pathlib import Path

from ..command import START
from ..pins.pin import PinError
from ..pins.store import PinStore
from ..pins.targets import Target
from . import launchfile, statefile
from .presence import is_there
from .processes import is_running

log = logging.getLogger(__name__)


def kernel_runs(launch: launchfile.LaunchFile) -> bool:
    """Whether the kernel's process is there. False too for one that never ran. Asks the operating system."""
    if launch.pid is None:
        return False
    if launch.born is not None:
        return is_there(launch.pid, launch.born)
    mark = f"{START.parent.name}/{START.name}" if launch.module is not None else None
    return is_running(launch.pid, launch.began, mark)


def sweep(runtime_dir: Path, pins: PinStore) -> tuple[str, ...]:
    """Removes launch file, report and own pin of every kernel on this machine that is gone; gives their ids.

    A kernel is gone where neither its process nor the one that started it, and may restart it, is there.
    What a program had begun to write when it was killed goes too, and a state file that nobody keeps. Reads
    files and asks the operating system: not for the event loop. Raises nothing.
    """
    gone = []
    launchfile.remove_drafts(runtime_dir)
    statefile.remove_old_states(runtime_dir)
    for launch in launchfile.read_launch_files(runtime_dir, pins.machine):
        if kernel_runs(launch) or starter_runs(launch):
            continue
        try:
            pins.clear(Target(kernel_id=launch.kernel_id))
            # The launch file goes last: a sweep that is cut short is done again.
            launchfile.remove(
                launchfile.report_path(runtime_dir, launch.kernel_id),
                launchfile.launch_path(runtime_dir, launch.kernel_id),
            )
        except (OSError, PinError) as error:
            log.warning("What kernel %s left behind is not removed: %s", launch.kernel_id, error)
            continue
        gone.append(launch.kernel_id)
    return tuple(gone)


def starter_runs(launch: launchfile.LaunchFile) -> bool:
    """Whether the program that started the kernel is there. Asks the operating system."""
    if launch.starter is None:
        return False
    if launch.starter_born is not None:
        return is_there(launch.starter, launch.starter_born)
    return is_running(launch.starter, launch.starter_began)
