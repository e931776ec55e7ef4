"""An explanation as displays: what of it is shown under an error, an output, and to who asks."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.doctor import Explanation, explain
from jupyter_tfgpu.inkernel.explaining.shown import FINDINGS, ROWS, after_error, after_output, checked, whole
from tests.doctor.made import cpu_build, snapshot
from tests.inkernel.samples import finding
from tests.inkernel.test_in_kernels import MIME

GIB = 1 << 30


def answer(**more: Any) -> dict[str, Any]:
    made = checked({"schema": "tfgpu.explanation/1", "summary": "In short.", **more})
    assert made is not None
    return made


def line(kind: str = "hint", meaning: str = "What it means.", here: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "meaning": meaning, "here": here, "number": 1, "line": "x", "times": 1}


def held(*holders: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"index": 0, "total": 40 * GIB, "free": GIB, "in_use": True, "holders": list(holders), **more}


def text(displays: list[dict[str, Any]]) -> str:
    return "\n".join(display["text/plain"] for display in displays)


def test_a_real_explanation_passes_as_it_is() -> None:
    made = explain(
        "RuntimeError: CUDA error: device-side assert triggered",
        snapshot(environment={"frameworks": [cpu_build()]}),
    )
    read = checked(json.loads(msgspec.json.encode(made)))
    assert read is not None
    assert text(after_error(read, "k")).startswith("What this error means:\n  A kernel of the program itself")
    assert [each["code"] for each in read["others"]] == ["cpu-only-build"]
    assert checked(json.loads(msgspec.json.encode(Explanation(summary="Nothing.")))) is not None


def test_under_an_error_what_is_serious_stands_before_what_is_only_said() -> None:
    both = answer(findings=[finding("memory-growth", "info"), finding("cuda-missing")], lines=[line()])
    (display,) = after_error(both, "k1")
    assert [each["code"] for each in display[MIME]["findings"]] == ["cuda-missing"]
    assert (display[MIME]["kernel_id"], display[MIME]["verdict"]) == ("k1", "broken")
    (display,) = after_error(answer(findings=[finding("memory-growth", "info")], lines=[line()]), None)
    assert [each["code"] for each in display[MIME]["findings"]] == ["memory-growth"]
    assert display[MIME]["verdict"] == "ok"
    (display,) = after_error(answer(findings=[finding("a")]), None)
    assert display[MIME]["verdict"] == "broken"
    many = answer(findings=[finding(f"code-{number}") for number in range(10)])
    assert len(after_error(many, None)[0][MIME]["findings"]) == FINDINGS


def test_without_a_finding_the_lines_that_tell_something_are_put_into_words() -> None:
    lines = [line("harmless", "Nothing is wrong."), line("hint", "It is missing.", "It is nowhere here.")]
    (display,) = after_error(answer(lines=lines), None)
    assert display["text/plain"] == "What this error means:\n  It is missing. It is nowhere here."
    assert MIME not in display
    assert after_error(answer(lines=lines[:1]), None) == []
    assert after_error(answer(lines=[line("note", "Something is stated.")]), None) == []


def test_under_an_output_only_what_is_new_and_serious_is_shown() -> None:
    found = answer(
        findings=[finding("a"), finding("b", "warning"), finding("c", "info")], lines=[line("cause")]
    )
    (display,) = after_output(found, {("a", "tensorflow")}, None)
    assert [each["code"] for each in display[MIME]["findings"]] == ["b"]
    assert after_output(found, {("a", "tensorflow"), ("b", "tensorflow")}, None) == []
    assert (
        after_output(answer(findings=[finding("no-gpu", "info")], lines=[line("cause")]), set(), None) == []
    )
    assert "What it means." in text(after_output(answer(lines=[line("cause")]), set(), None))


def test_who_asks_gets_the_summary_and_what_is_wrong_beside_it() -> None:
    displays = whole(answer(lines=[line("harmless")], others=[finding("a"), finding("b", "info")]), "k")
    assert [display["text/plain"].split("\n")[0] for display in displays] == [
        "In short.",
        "Found here beside it:",
    ]
    assert "What it means." in displays[0]["text/plain"]
    assert [each["code"] for each in displays[1][MIME]["findings"]] == ["a"]
    assert text(whole(answer(), None)) == "In short."


def test_holders_are_named_by_their_notebook_where_that_is_one_alone() -> None:
    every: list[dict[str, Any]] = [
        {"notebook": "/a/x.ipynb", "memory": 3 * GIB},
        {"notebook": "/b/x.ipynb", "memory": 2 * GIB},
        {"notebook": "/b/y.ipynb", "memory": GIB},
        {"notebook": "/b/me.ipynb", "memory": GIB, "this_kernel": True},
        {"kernel_id": "k", "memory": None},
        {"pid": 5, "memory": 1},
    ]
    shown = text(after_error(answer(memory=[held(*every)], advice=["Do this."]), None))
    for words in (
        "/a/x.ipynb",
        "/b/x.ipynb",
        "0    y.ipynb",
        "this kernel",
        "kernel k",
        "process 5",
        "→ Do this.",
    ):
        assert words in shown
    assert "me.ipynb" not in shown
    other = text(after_error(answer(memory=[held(*every, index=1, in_use=False)]), None))
    assert "free (not given to this kernel)" in other and "x.ipynb" not in other
    many: list[dict[str, Any]] = [{"pid": number} for number in range(50)]
    most = answer(memory=[held(*many)])
    assert len(text(after_error(most, None)).splitlines()) == ROWS + 1


def test_everything_is_escaped() -> None:
    bad = "<script>alert(1)</script>"
    displays = whole(
        answer(
            summary=bad,
            findings=[finding("a", title=bad, detail=bad)],
            memory=[held({"notebook": bad})],
            advice=[bad],
            others=[finding(bad)],
        ),
        None,
    )
    assert all("<script" not in display["text/html"] for display in displays)
    assert "<script" not in text(whole(answer(summary="\x1b[31m" + "fine"), None))


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "text",
        {},
        {"schema": "tfgpu.report/1"},
    ],
)
def test_what_is_no_explanation_is_none(content: Any) -> None:
    assert checked(content) is None


@pytest.mark.parametrize(
    "wrong", [None, 1, "x", [None], [1], [[]], [{}], {"a": 1}, [{"kind": 1, "meaning": 2}]]
)
def test_fields_of_another_type_are_left_out(wrong: Any) -> None:
    names = ("summary", "findings", "others", "lines", "memory", "advice", "framework", "environment")
    made = answer(**dict.fromkeys(names, wrong))
    for displays in (after_error(made, None), after_output(made, set(), None), whole(made, None)):
        assert "None" not in text(displays)
    assert made["report"]["framework"] in (None, {"name": None, "version": None})
