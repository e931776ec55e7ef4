"""The text as it was printed: without the colours and markup that it was shown with."""

from __future__ import annotations

import html
import re

from ..explanation import TEXT_LIMIT

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)"  # a title or a link
    r"|(?:\x1b[\[(]|\x9b)[0-9;:?]{0,40}[ -/]?[@-~]"  # colours, movements of the cursor
    r"|\\(?:u001b|x1b|033)\[[0-9;]{0,40}m"  # colours as a saved notebook spells them
)
_TAG = re.compile(
    r"</?(?:span|div|pre|code|a|b|i|p|br|font|tt|em|strong|li|td|tr)\b[^<>\n]{0,500}>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,5}|#x[0-9a-fA-F]{2,4});")
_UNSEEN = (
    "".join(chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160)))
    + "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_SAME = str.maketrans(
    "\u2018\u2019\u201b\u201c\u201d\u00a0\u202f\u3000\uff1a",
    "'''\"\"   :",
    _UNSEEN,
)
"""Characters that a web page or an editor puts in place of plain ones. Those that nobody sees, and those that
a terminal takes for an order, are left out."""


def cleaned(text: str) -> str:
    """The text with plain quotes, spaces and line ends, and without colour codes and HTML.

    Of a text beyond the limit the middle is left out but for its line ends, so that lines keep their numbers.
    """
    if len(text) > TEXT_LIMIT:
        half = TEXT_LIMIT // 2
        text = text[:half] + "\n" * text.count("\n", half, -half) + text[-half:]
    if "\x1b" in text or "\x9b" in text or "\\" in text:
        text = _ESCAPES.sub("", text)
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_SAME)


def lowered(text: str) -> str:
    """In lower case, each character at its own place: some letters have more than one in lower case."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)
