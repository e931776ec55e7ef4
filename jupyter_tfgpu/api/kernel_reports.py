"""The report on each kernel that was started here, made after its start and left where the kernel looks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from ..doctor import Report, diagnose
from ..doctor.report import Verdict
from ..kernels import StartedKernel, write_private
from .catalogue import Catalogue
from .errors import NotFound

if TYPE_CHECKING:
    from .fix_subjects import FixSubjects


class KernelReports:
    """Reports by kernel id. Thread-safe."""

    def __init__(
        self,
        catalogue: Catalogue,
        fixable: Callable[[], FixSubjects],
        running: Callable[[str], object],
        log: logging.Logger,
    ) -> None:
        self._running = running
        self._fixable = fixable
        self._catalogue = catalogue
        self._log = log
        self._lock = threading.Lock()
        self._reports: dict[str, Report] = {}

    def make(self, start: StartedKernel) -> None:
        """Scans and judges what this kernel was started with. Never raises: nobody waits for it."""
        try:
            report = diagnose(self._catalogue.snapshot_of_start(start))
            report = self._fixable().of_start(report, start)
            with self._lock:
                if not self._running(start.kernel_id):
                    return  # it has ended meanwhile, and its files with it
                self._reports[start.kernel_id] = report
                if start.report is not None:
                    write_private(start.report, msgspec.json.encode(report))
        except Exception:
            self._log.exception("No report on kernel %s", start.kernel_id)

    def get(self, kernel_id: str) -> Report:
        """The report. Raises NotFound where there is none (yet)."""
        with self._lock:
            report = self._reports.get(kernel_id)
        if report is None:
            raise NotFound(f"There is no report on a kernel {kernel_id[:60]} (yet).", reason="no-report")
        return report

    def verdict(self, kernel_id: str) -> Verdict | None:
        """The verdict; None: not judged (yet)."""
        with self._lock:
            report = self._reports.get(kernel_id)
        return None if report is None else report.verdict

    def forget(self, kernel_id: str) -> None:
        with self._lock:
            self._reports.pop(kernel_id, None)
