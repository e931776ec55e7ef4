"""``make test`` and ``make test-all``: every check with its name and seconds, and one sum at the end."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts import host, results
from scripts.common import BIN, ROOT, UI, Stop, child_environment, run, say
from scripts.prepare import prepare
from scripts.real_environments import ALWAYS, OTHERS, ensure
from scripts.results import Counts

OUTPUT = ROOT / "build" / "test-results"
PYTHON = BIN / "python"
JLPM = BIN / "jlpm"

GENERATE_OPENAPI = (PYTHON, "scripts/generate_types.py")
GENERATE_TYPESCRIPT = (JLPM, "types:api")
"""What is made of the wire types in ``api/``: with ``--check`` nothing is written, only compared."""


@dataclass(frozen=True)
class Check:
    """One check: a command; for tests also the file with its counts and the reader of that file."""

    name: str
    command: tuple[str | Path, ...]
    group: str = "test"
    cwd: Path = ROOT
    variables: Mapping[str, str] = field(default_factory=dict)
    report: Path | None = None
    skipped: str = ""


def static_checks() -> Iterator[Check]:
    """What is seen without running the program; the quick ones first."""
    yield Check("ruff check", (BIN / "ruff", "check", "."), "lint")
    yield Check("ruff format", (BIN / "ruff", "format", "--check", "."), "lint")
    yield Check("import rules", (BIN / "lint-imports",), "lint")
    vermin = (BIN / "vermin", "--no-tips", "--violations", "--eval-annotations")
    yield Check("Python 3.6 in the kernel", (*vermin, "-t=3.6-", "jupyter_tfgpu/inkernel"), "lint")
    yield Check("Python 3.10", (*vermin, "-t=3.10-", "jupyter_tfgpu", "scripts"), "lint")
    yield Check("mypy --strict", (BIN / "mypy", "--strict"), "types")
    yield Check("OpenAPI document", (*GENERATE_OPENAPI, "--check"), "types")
    yield Check("TypeScript of the wire", (*GENERATE_TYPESCRIPT, "--check"), "types")
    yield Check("frontend lint", (JLPM, "lint:check"), "lint")
    yield Check("frontend types", (JLPM, "types:check"), "types")
    yield Check("browser tests' types", (JLPM, "types:check"), "types", cwd=UI)


def test_checks(everything: bool) -> Iterator[Check]:
    """Tests of the Python packages, of the frontend, and of both together in a browser."""
    report = OUTPUT / "pytest.xml"
    selection = ("-m", "slow or not slow") if everything else ()
    yield Check("pytest", (PYTHON, "-m", "pytest", "-q", f"--junitxml={report}", *selection), report=report)
    report = OUTPUT / "jest.json"
    yield Check("jest", (JLPM, "test", "--ci", "--json", f"--outputFile={report}"), report=report)
    browser = host.browser()
    if browser is None and not host.chromium_is_snap():
        yield Check("browser tests", (), skipped="no Chromium on this machine")
        return
    report = OUTPUT / "playwright.json"
    variables = {"PLAYWRIGHT_JSON_OUTPUT_NAME": str(report)}
    if browser is not None:
        variables["TFGPU_CHROMIUM"] = str(browser)
    yield Check(
        "browser tests",
        (JLPM, "playwright", "test", "--reporter=list,json"),
        cwd=UI,
        variables=variables,
        report=report,
    )


def main(arguments: list[str]) -> int:
    """Exit code 0: all passed. 1: something failed; what failed is named at the end, the first first."""
    parser = argparse.ArgumentParser(prog="scripts.checks")
    parser.add_argument("--all", action="store_true", help="the slow tests too, with other frameworks")
    parser.add_argument("--only", choices=("lint", "types"), help="this group of checks, no tests")
    parser.add_argument("--generate", action="store_true", help="first write what is made of the wire types")
    asked = parser.parse_args(arguments)
    start = time.monotonic()
    try:
        prepare("test")
        if asked.generate:
            run(GENERATE_OPENAPI)
            run(GENERATE_TYPESCRIPT)
        environments = {} if asked.only else real_environments(asked.all)
    except Stop as stop:
        print(f"[tfgpu] {stop}", file=sys.stderr)
        return 1
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    total, failures = Counts(), []
    for check in [*static_checks(), *test_checks(asked.all)]:
        if asked.only not in (None, check.group):
            continue
        counts, failure = perform(check, environments)
        total += counts
        if failure:
            failures.append(f"{check.name}: {failure}")
    minutes = (time.monotonic() - start) / 60
    say(f"{minutes:.1f} minutes; reports of the tests lie in {OUTPUT.relative_to(ROOT)}")
    for failure in failures:
        say(f"FAILED  {failure}")
    if not asked.only:
        print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return 1 if failures else 0


def real_environments(everything: bool) -> dict[str, str]:
    """Variables that name the environments with real frameworks."""
    variables = {}
    for recipe in (*ALWAYS, *(OTHERS if everything else ())):
        prefix = ensure(recipe)
        if prefix is not None:
            variables[recipe.variable] = str(prefix)
    return variables


def perform(check: Check, environments: Mapping[str, str]) -> tuple[Counts, str]:
    """Runs one check. Returns its tests' counts and what failed, an empty text for nothing.

    A check that is no test counts as one failed where it fails, so that the sum never looks clean.
    """
    if check.skipped:
        say(f"{check.name}: skipped, {check.skipped}")
        return Counts(skipped=1), ""
    say(f"{check.name} …")
    start = time.monotonic()
    failure = ""
    try:
        run(check.command, cwd=check.cwd, env={**child_environment(), **environments, **check.variables})
    except Stop as stop:
        failure = str(stop)
    counts = results.read(check.report) if check.report else Counts()
    if failure and not counts.failed:
        counts += Counts(failed=1)
    if check.report and not failure and not counts.passed:
        failure = "no test ran"
        counts += Counts(failed=1)
    detail = f" ({counts.passed} passed, {counts.skipped} skipped)" if check.report else ""
    say(f"{check.name}: {'FAILED' if failure else 'ok'} in {time.monotonic() - start:.1f} s{detail}")
    return counts, failure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
