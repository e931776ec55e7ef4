"""Reading the report, and what of it is shown."""

from __future__ import annotations

import json
import threading
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.doctor.report import Finding, Fix, Report
from jupyter_tfgpu.inkernel import render, reports
from tests.inkernel.samples import NO_GPU, finding, report


def test_a_report_as_the_doctor_makes_it_is_taken_but_for_what_applying_a_fix_does() -> None:
    made = Report(
        verdict="broken",
        summary="no",
        findings=(
            Finding(
                code="cpu-only-build",
                severity="error",
                title="t",
                detail="d",
                framework="tensorflow",
                evidence=("e",),
                fixes=(Fix(title="f", commands=("c",), where="host", automatic=True),),
            ),
        ),
    )
    expected = json.loads(msgspec.json.encode(made))
    for name in ("sets", "unsets", "repairs"):  # the server applies it, by its own report
        del expected["findings"][0]["fixes"][0][name]
    assert reports.decode(msgspec.json.encode(made)) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        json.dumps(report(finding()))[:-20].encode(),
        b"[" * 100_000,
        json.dumps(report(schema="tfgpu.report/9")).encode(),
        json.dumps(report(verdict="fine")).encode(),
        json.dumps(report(findings="none")).encode(),
        b" " * (reports.MAX_SIZE + 1),
    ],
)
def test_what_is_no_report_is_none(data: bytes) -> None:
    assert reports.decode(data) is None


def test_of_a_forged_report_only_known_fields_of_the_right_type_are_left() -> None:
    forged = report(
        finding(severity="fatal"),
        finding(code=7),
        "text",  # type: ignore[arg-type]
        finding(
            title="a\x1b[31mb",
            detail=["x"],
            evidence="text",
            fixes=[{"title": 1, "commands": [None, "ls"], "where": "moon", "automatic": "yes", "run": "rm"}],
            extra="x",
        ),
        framework="tensorflow",
        onload="alert(1)",
    )
    taken = reports.checked(forged)
    assert taken is not None
    assert set(taken) == {"schema", "verdict", "summary", "framework", "environment", "findings", "simulated"}
    assert taken["framework"] is None
    assert taken["findings"] == [
        {
            "code": "cpu-only-build",
            "severity": "error",
            "framework": "tensorflow",
            "title": "a[31mb",
            "detail": "",
            "evidence": [],
            "fixes": [{"title": "", "commands": ["ls"], "where": "terminal", "automatic": False}],
        }
    ]


def test_a_changed_file_is_read_again_and_a_missing_one_is_none(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    file = reports.ReportFile(str(path))
    assert file.read() is None
    path.write_text(json.dumps(report(finding())))
    first = file.read()
    assert first is not None
    assert file.read() is first
    path.write_text(json.dumps(report(verdict="ok")))
    second = file.read()
    assert second is not None
    assert second["verdict"] == "ok"
    path.write_text("{")
    assert file.read() is None
    path.unlink()
    assert file.read() is None
    assert reports.ReportFile(None).read(wait=10) is None


def test_a_report_that_is_being_made_is_waited_for_once(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    file = reports.ReportFile(str(path))
    writer = threading.Timer(0.1, lambda: path.write_text(json.dumps(report())))
    writer.start()
    assert file.read(wait=20) is not None
    writer.join()
    path.unlink()
    begun = time.monotonic()
    assert file.read(wait=20) is None
    assert time.monotonic() - begun < 10


def test_an_own_report_is_waited_for_once_and_a_failure_is_none() -> None:
    asked = threading.Event()

    def ask() -> Any:
        asked.wait(60)
        return report(finding())

    slow = reports.OwnReport(ask)
    assert slow.read(wait=0.01) is None
    begun = time.monotonic()
    assert slow.read(wait=20) is None
    assert time.monotonic() - begun < 10
    asked.set()
    slow._asker.join(20)
    assert slow.read() == reports.checked(report(finding()))

    def fail() -> Any:
        raise OSError("no program")

    assert reports.OwnReport(fail).read(wait=20) is None


def test_errors_and_warnings_of_the_cell_s_framework_are_shown() -> None:
    ours = finding()
    everybodys = finding("driver-too-old", framework=None)
    torchs = finding("cpu-only-build", framework="torch")
    warning = finding("low-memory", "warning")
    info = finding("tf32", "info")
    full = reports.checked(report(ours, everybodys, torchs, warning, info))
    assert full is not None
    assert reports.concerning(full, "tensorflow") == [ours, everybodys, warning]
    assert reports.concerning(full, "torch") == [everybodys, torchs]
    assert reports.concerning(full, None) == [ours, everybodys, torchs, warning]


def test_notes_are_never_shown() -> None:
    full = reports.checked(report(NO_GPU, finding("tf32", "info", framework="torch"), verdict="cpu"))
    assert full is not None
    assert reports.concerning(full, "torch") == []
    assert reports.concerning(full, None) == []


class Tags(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_text_says_what_why_and_how() -> None:
    checked = reports.checked(report(finding()))
    assert checked is not None
    assert render.plain(checked, "Before this cell trains:").splitlines() == [
        "Before this cell trains:",
        "✖ This TensorFlow has no GPU code [cpu-only-build]",
        "  The files of 2.21.0 were built without CUDA.",
        "  → Install a build with CUDA (in a terminal)",
        "      pip install 'tensorflow[and-cuda]'",
    ]
    simulated = reports.checked(report(simulated=True))
    assert simulated is not None
    assert render.plain(simulated).endswith("(simulated devices)")


def test_nothing_of_a_report_becomes_markup() -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{}"
    fixes = [{"title": evil, "commands": [evil], "where": "terminal", "automatic": True}]
    checked = reports.checked(
        report(finding(evil, title=evil, detail=evil, evidence=[evil], fixes=fixes), summary=evil)
    )
    assert checked is not None
    seen = Tags(render.html(checked, evil))
    assert set(seen.tags) <= {"div", "span", "pre", "details", "summary", "ul", "li"}
    assert seen.attributes == {"style"}
    assert seen.text.count("<script>alert(1)</script>") == 7
    empty = reports.checked(report(summary=evil))
    assert empty is not None
    assert set(Tags(render.html(empty)).tags) == {"div"}
    assert set(Tags(render.table(["a"], [[evil]])["text/html"]).tags) == {
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }


def test_the_styles_hold_for_light_and_dark_pages_and_for_pages_that_are_no_jupyterlab() -> None:
    checked = reports.checked(report(finding(), finding("x", "warning"), NO_GPU))
    assert checked is not None
    html = render.html(checked)
    for variable in html.split("var(")[1:]:
        assert "," in variable.split(")")[0], variable[:60]
