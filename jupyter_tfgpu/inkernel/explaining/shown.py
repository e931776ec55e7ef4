"""An explanation as displays: what is behind an error, with its fixes, and who holds the GPUs' memory. Pure.

All that comes from our program's answer is checked and escaped, as a report is.
"""

import os
from html import escape
from typing import Any, Dict, List, Optional, Set, Tuple

from .. import render, reports

SCHEMA = "tfgpu.explanation/1"

FINDINGS, LINES, ROWS = 3, 3, 16
"""Of each as many are shown at most: the cell's own traceback stands above."""

Display = Dict[str, Any]


def checked(content: Any) -> Optional[Dict[str, Any]]:
    """The explanation with the fields we know, each of its type; None where it is none."""
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        return None
    report = dict(content, schema=reports.SCHEMA, verdict="ok", findings=_list(content.get("findings")))
    return {
        "report": reports.checked(report) or reports.NONE,
        "others": [one for one in map(reports.finding, _list(content.get("others"))) if one is not None],
        "lines": [one for one in map(_line, _list(content.get("lines"))) if one is not None],
        "memory": [_memory(one) for one in _list(content.get("memory")) if isinstance(one, dict)],
        "advice": [reports.text(one) for one in _list(content.get("advice")) if reports.text(one)],
    }


def findings(answer: Dict[str, Any]) -> List[Dict[str, Any]]:
    """What the text comes from."""
    found: List[Dict[str, Any]] = answer["report"]["findings"]
    return found


def after_error(answer: Dict[str, Any], kernel_id: Optional[str]) -> List[Display]:
    """Under a traceback; empty where nothing is known of it."""
    displays = [*_shown(answer, _most_serious(findings(answer)), "What this error comes from:", kernel_id)]
    if not displays and _telling(answer):
        displays.append(_said("What this error means:", _meanings(_telling(answer))))
    return displays + _held(answer)


def after_output(
    answer: Dict[str, Any], shown: Set[Tuple[str, Optional[str]]], kernel_id: Optional[str]
) -> List[Display]:
    """Under a cell that ran and printed it: only what is serious, and what was not ``shown`` before. Where no
    fact says a thing of it, what it means."""
    if not findings(answer) and _telling(answer):
        return [_said("What this cell printed means:", _meanings(_telling(answer)))]
    new = [
        one
        for one in findings(answer)
        if one["severity"] in ("error", "warning") and (one["code"], one["framework"]) not in shown
    ]
    return _shown(answer, new, "What this cell printed comes from:", kernel_id)


def whole(answer: Dict[str, Any], kernel_id: Optional[str]) -> List[Display]:
    """For somebody who asked: the summary too, and what is wrong here beside it."""
    summary = answer["report"]["summary"]
    meanings = [] if findings(answer) else _meanings(_telling(answer) or answer["lines"])
    displays = [_said(summary, [one for one in meanings if one not in summary])]
    displays += _shown(answer, findings(answer), "", kernel_id)
    displays += _held(answer)
    beside = [one for one in answer["others"] if one["severity"] in ("error", "warning")]
    return displays + _shown(answer, beside, "Found here beside it:", kernel_id)


def _most_serious(found: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Errors and warnings; where there are none, what is only said."""
    return [one for one in found if one["severity"] in ("error", "warning")] or found


def _shown(
    answer: Dict[str, Any], chosen: List[Dict[str, Any]], lead: str, kernel_id: Optional[str]
) -> List[Display]:
    if not chosen:
        return []
    report = reports.only(dict(answer["report"], findings=[]), chosen[:FINDINGS])
    return [render.bundle(report, lead, kernel_id)]


def _telling(answer: Dict[str, Any]) -> List[Dict[str, str]]:
    """The lines that tell what is wrong."""
    return [one for one in answer["lines"] if one["kind"] in ("cause", "hint")]


def _meanings(lines: List[Dict[str, str]]) -> List[str]:
    """What is said of them, the last ones, of which an error is."""
    texts = [" ".join(one[name] for name in ("meaning", "here") if one[name]) for one in lines]
    return list(dict.fromkeys(texts))[-LINES:]


def _said(lead: str, lines: List[str]) -> Display:
    html = "".join("<div>{}</div>".format(escape(one)) for one in lines)
    return {
        "text/plain": "\n".join([lead] + ["  " + one for one in lines]),
        "text/html": render.boxed("<div>{}</div>{}".format(escape(lead), html)),
    }


def _held(answer: Dict[str, Any]) -> List[Display]:
    """Who holds the memory, and what to do about it."""
    rows = [row for gpu in answer["memory"] for row in _rows(gpu)][:ROWS]
    if not rows:
        return []
    table = render.table(["GPU", "memory held by", ""], rows)
    advice = answer["advice"]
    html = "".join("<div>→ {}</div>".format(escape(one)) for one in advice)
    return [
        {
            "text/plain": "\n".join([table["text/plain"]] + ["→ " + one for one in advice]),
            "text/html": render.boxed(table["text/html"] + html),
        }
    ]


def _rows(gpu: Dict[str, Any]) -> List[List[str]]:
    """Its holders, of a GPU that this kernel is given, and what is free."""
    name = "–" if gpu["index"] is None else str(gpu["index"])
    holders = gpu["holders"] if gpu["in_use"] else []
    rows = [[name, _holder(one, holders), _gib(one["memory"])] for one in holders]
    free = "{} of {}".format(_gib(gpu["free"]), _gib(gpu["total"]))
    return rows + [[name, "free" if gpu["in_use"] else "free (not given to this kernel)", free]]


def _holder(holder: Dict[str, Any], every: List[Dict[str, Any]]) -> str:
    """The notebook by its file's name, where no other one has that."""
    if holder["this_kernel"]:
        return "this kernel"
    path: str = holder["notebook"]
    if path:
        name = os.path.basename(path)
        others = {one["notebook"] for one in every if one["notebook"]}
        return path if sum(os.path.basename(one) == name for one in others) > 1 else name
    if holder["kernel_id"]:
        return "kernel {}".format(holder["kernel_id"])
    return "a process" if holder["pid"] is None else "process {}".format(holder["pid"])


def _gib(size: Optional[int]) -> str:
    return "–" if size is None else "{:.1f} GiB".format(size / 1024.0**3)


def _line(content: Any) -> Optional[Dict[str, str]]:
    if not isinstance(content, dict) or not reports.text(content.get("meaning")):
        return None
    return {name: reports.text(content.get(name)) for name in ("kind", "meaning", "here")}


def _memory(content: Dict[str, Any]) -> Dict[str, Any]:
    return {
        "index": _number(content.get("index")),
        "total": _number(content.get("total")),
        "free": _number(content.get("free")),
        "in_use": content.get("in_use") is not False,
        "holders": [
            {
                "pid": _number(one.get("pid")),
                "memory": _number(one.get("memory")),
                "kernel_id": reports.text(one.get("kernel_id")),
                "notebook": reports.text(one.get("notebook")),
                "this_kernel": one.get("this_kernel") is True,
            }
            for one in _list(content.get("holders"))
            if isinstance(one, dict)
        ],
    }


def _list(content: Any) -> List[Any]:
    return content[:100] if isinstance(content, list) else []


def _number(content: Any) -> Optional[int]:
    return content if isinstance(content, int) and not isinstance(content, bool) else None
