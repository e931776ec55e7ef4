"""A saved notebook with a report, made a page by nbconvert: plain HTML, in which a forged report is text."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbconvert
import nbformat.v4
import pytest

from jupyter_tfgpu.inkernel import render, reports
from tests.inkernel.samples import finding, report

EVIL = (
    "\"'>--></pre></div><script>forged()</script><img src=forged onerror=forged()>"
    "<a href='javascript:forged()'>"
)
"""Would be run, loaded or clicked, were it markup; some of it tries to get out of where it stands."""


class Page(HTMLParser):
    """What stands in a page as text; ``forged``: where such a word has become markup."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.forged: list[str] = []
        self._within = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        self.forged += [f"{tag} {name}" for name, value in attrs if "forged" in f"{name} {value}"]

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_comment(self, data: str) -> None:
        self.forged += ["comment"] if "forged" in data else []

    def handle_data(self, data: str) -> None:
        if self._within in ("script", "style"):
            self.forged += [self._within] if "forged" in data else []
        else:
            self.text += data


def page(bundle: dict[str, Any], template: str) -> Page:
    """The page that nbconvert makes of a notebook whose only cell shows this."""
    cell = nbformat.v4.new_code_cell("model.fit(x, y)")
    cell.outputs = [nbformat.v4.new_output("display_data", bundle)]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    html, _ = nbconvert.HTMLExporter(template_name=template).from_notebook_node(notebook)
    return Page(html)


@pytest.fixture
def forged(tmp_path: Path) -> dict[str, Any]:
    """A forged report as a kernel shows it that found it where the server's would lie."""
    fixes = [{"title": EVIL, "commands": [EVIL], "where": EVIL, "automatic": True}]
    content = report(
        finding(EVIL, title=EVIL, detail=EVIL, evidence=[EVIL], fixes=fixes, framework=EVIL),
        summary=EVIL,
        environment={"name": EVIL, "prefix": EVIL},
    )
    file = tmp_path / "report.json"
    file.write_text(json.dumps(content))
    read = reports.ReportFile(str(file)).read()
    assert read is not None
    return render.bundle(read, read["summary"], "kernel")


@pytest.mark.parametrize("template", ["lab", "classic", "basic"])
def test_a_forged_report_is_text_in_a_page(forged: dict[str, Any], template: str) -> None:
    made = page(forged, template)
    assert made.forged == []
    # The lead, the title, the detail, the fix with its command, the code and the evidence.
    assert made.text.count(EVIL) == 7


def test_such_markup_would_be_seen() -> None:
    seen = page({"text/html": f"<div>{EVIL}</div>"}, "lab").forged
    assert set(seen) == {"script", "img src", "img onerror", "a href"}


@pytest.mark.parametrize("template", ["lab", "classic"])
def test_a_report_says_in_a_page_what_it_says_in_the_notebook(template: str) -> None:
    checked = reports.checked(report(finding()))
    assert checked is not None
    text = page(render.bundle(checked), template).text
    for words in ("This TensorFlow has no GPU code", "were built without CUDA", "Install a build with CUDA"):
        assert words in text
    assert "pip install 'tensorflow[and-cuda]'" in text
    assert "vnd.jupyter-tfgpu" not in text
