"""A report as text and as HTML: all that comes from a report is escaped. Pure."""

from html import escape
from typing import Any, Dict, List, Optional

MIME = "application/vnd.jupyter-tfgpu.report+json"

SIGNS = {"error": "✖", "warning": "⚠", "info": "ℹ"}  # noqa: RUF001
WORDS = {"error": "Error", "warning": "Warning", "info": "Note"}
COLORS = {
    "error": "var(--jp-error-color1, #c62828)",
    "warning": "var(--jp-warn-color1, #b26a00)",
    "info": "var(--jp-info-color1, #0277bd)",
}
PLACES = {
    "kernelspec": "in the kernelspec",
    "terminal": "in a terminal",
    "notebook": "in the notebook",
    "host": "on the host",
}

_MONO = "font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px)"
_BOX = (
    "border-left:4px solid {color};background:var(--jp-layout-color2,rgba(128,128,128,.1));"
    "color:var(--jp-ui-font-color1,inherit);padding:8px 12px;margin:2px 0 6px 0;line-height:1.45;"
    "font-family:var(--jp-ui-font-family,sans-serif);font-size:var(--jp-ui-font-size1,13px)"
)
_PRE = (
    _MONO + ";background:var(--jp-layout-color1,rgba(128,128,128,.08));color:inherit;margin:4px 0;"
    "padding:6px 8px;border:1px solid var(--jp-border-color2,rgba(128,128,128,.3));border-radius:2px;"
    "white-space:pre;overflow-x:auto"
)
"""Commands stay whole on their lines: a break in a path or an option reads as a space."""

_DETAIL = "white-space:pre-line;overflow-wrap:anywhere"


def bundle(report: Dict[str, Any], lead: str = "", kernel_id: Optional[str] = None) -> Dict[str, Any]:
    """The report as one display: plain text, HTML and JSON.

    ``kernel_id``: of the kernel that shows it, by which a page finds the live report; None: it has none.
    """
    data = dict(report, kernel_id=kernel_id)
    return {"text/plain": plain(report, lead), "text/html": html(report, lead), MIME: data}


def plain(report: Dict[str, Any], lead: str = "") -> str:
    """The report as text."""
    lines = [lead] if lead else []
    for finding in report["findings"]:
        lines.extend(_plain_finding(finding))
    if not report["findings"]:
        lines.append(report["summary"] or "Nothing found.")
    if report["simulated"]:
        lines.append("(simulated devices)")
    return "\n".join(lines)


def _plain_finding(finding: Dict[str, Any]) -> List[str]:
    lines = ["{} {} [{}]".format(SIGNS[finding["severity"]], finding["title"], finding["code"])]
    lines.extend("  " + line for line in finding["detail"].split("\n") if line)
    for fix in finding["fixes"]:
        lines.append("  → {} ({})".format(fix["title"] or "Fix", PLACES[fix["where"]]))
        lines.extend("      " + line for command in fix["commands"] for line in command.split("\n"))
    return lines


def html(report: Dict[str, Any], lead: str = "") -> str:
    """The report as HTML with its styles in it, for light and dark pages."""
    parts = ["<div>"]
    if lead:
        parts.append('<div style="{}">{}</div>'.format(_small(), escape(lead)))
    parts.extend(_html_finding(finding) for finding in report["findings"])
    if not report["findings"]:
        text = escape(report["summary"] or "Nothing found.")
        parts.append('<div style="{}">{}</div>'.format(_BOX.format(color=_OK), text))
    if report["simulated"]:
        parts.append('<div style="{}">simulated devices</div>'.format(_small()))
    parts.append("</div>")
    return "".join(parts)


_OK = "var(--jp-success-color1, #2e7d32)"


def _small() -> str:
    return "color:var(--jp-ui-font-color2,inherit);font-size:var(--jp-ui-font-size0,12px);margin:2px 0"


def _html_finding(finding: Dict[str, Any]) -> str:
    color = COLORS[finding["severity"]]
    head = '<div style="font-weight:600"><span style="color:{}">{} {}</span> {}</div>'.format(
        color, SIGNS[finding["severity"]], WORDS[finding["severity"]], escape(finding["title"])
    )
    parts = ['<div style="{}">'.format(_BOX.format(color=color)), head]
    if finding["detail"]:
        parts.append('<div style="{}">{}</div>'.format(_DETAIL, escape(finding["detail"])))
    for fix in finding["fixes"]:
        parts.append(
            '<div style="margin-top:6px">{} <span style="{}">({})</span></div>'.format(
                escape(fix["title"] or "Fix"), _small(), PLACES[fix["where"]]
            )
        )
        if fix["commands"]:
            parts.append('<pre style="{}">{}</pre>'.format(_PRE, escape("\n".join(fix["commands"]))))
    if finding["evidence"]:
        rows = "".join("<li>{}</li>".format(escape(one)) for one in finding["evidence"])
        parts.append(
            '<details style="{}"><summary>Evidence · {}</summary>'
            '<ul style="margin:2px 0 0 18px;padding:0">{}</ul></details>'.format(
                _small(), escape(finding["code"]), rows
            )
        )
    parts.append("</div>")
    return "".join(parts)


def boxed(inner: str, severity: str = "info") -> str:
    """HTML in a box as that of a finding. ``inner``: escaped."""
    return '<div style="{}">{}</div>'.format(_BOX.format(color=COLORS[severity]), inner)


_CELL = "text-align:left;padding:2px 12px 2px 0"


def table(columns: List[str], rows: List[List[str]]) -> Dict[str, Any]:
    """A small table as text and HTML."""
    widths = [max(len(row[index]) for row in [columns] + rows) for index in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in [columns] + rows
    ]
    head = "".join('<th style="{}">{}</th>'.format(_CELL, escape(cell)) for cell in columns)
    body = "".join(
        "<tr>{}</tr>".format("".join('<td style="{}">{}</td>'.format(_CELL, escape(cell)) for cell in row))
        for row in rows
    )
    return {
        "text/plain": "\n".join(lines),
        "text/html": "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>".format(head, body),
    }
