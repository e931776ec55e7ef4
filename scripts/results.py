"""How many tests passed: the reports of pytest (JUnit XML), jest and Playwright (JSON), read alike."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Counts:
    """Numbers of tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def read(report: Path) -> Counts:
    """The counts in a report; none where the program stopped before it wrote one."""
    if not report.exists():
        return Counts()
    if report.suffix == ".xml":
        return _junit(report.read_bytes())
    document = json.loads(report.read_bytes())
    return _jest(document) if "numTotalTests" in document else _playwright(document)


def _junit(data: bytes) -> Counts:
    total = Counts()
    for suite in ElementTree.fromstring(data).iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        total += Counts(int(suite.get("tests", 0)) - failed - skipped, failed, skipped)
    return total


def _jest(document: dict[str, int]) -> Counts:
    # A file that cannot be loaded is a failed suite without tests.
    failed = document["numFailedTests"] + document["numRuntimeErrorTestSuites"]
    return Counts(document["numPassedTests"], failed, document["numPendingTests"])


def _playwright(document: dict[str, dict[str, int]]) -> Counts:
    stats = document["stats"]
    # "flaky" passed at a second try.
    return Counts(stats["expected"] + stats["flaky"], stats["unexpected"], stats["skipped"])
