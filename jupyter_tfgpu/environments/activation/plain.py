"""Lines of a shell script whose effect is plain without running it: ``export NAME=value``, ``unset NAME``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import msgspec

from .activation import is_name

OPENS = re.compile(r"(?:^\s*|[;&|]\s*)(?:if|for|while|until|case|select)\b|[{(]\s*$")
CLOSES = re.compile(r"(?:^\s*|;\s*)(?:fi|done|esac)\b|^\s*[})]")
"""Where a line begins and ends what it does only sometimes, more than once, or when it is called."""
_HERE = re.compile(r"<<-?\s*['\"\\]?(\w+)")
_EXPORTED = re.compile(r"\b(?:export|unset|declare|typeset)\b((?:\s+(?:-\w+|[A-Za-z_]\w*(?:=[^\s;&|]*)?))+)")
_ASSIGNED = re.compile(r"(?:^\s*|[;&|({]\s*|\b(?:then|do|else)\s+)([A-Za-z_]\w*)\+?=")
_UNFINISHED = re.compile(r"(?:\||&&|\(\s*\))\s*$")
_COMMENT = re.compile(r"(?:\s|(?<=[|&;()]))#.*$")
_OPERATORS = frozenset("();<>|&")


class Plain(msgspec.Struct, frozen=True):
    """``variables``: what plain lines set; ``unset``: what they remove. ``unknown``: names that other lines
    export or remove, in a way that only running them tells; ``assigned``: names that they assign only, which
    matters where the variable is there already."""

    variables: dict[str, str] = {}
    unset: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    assigned: frozenset[str] = frozenset()


def read_plain(text: str) -> Plain:
    """What the script's plain lines do, in order. A line inside ``if`` and the like is not plain, nor is
    one with ``$``, a backtick or an operator. What a later line does to a name takes back what a plain one
    did."""
    last: dict[str, str | None] = {}
    unknown: set[str] = set()
    assigned: set[str] = set()
    depth = 0
    goes_on = False
    for line in lines(text):
        depth = max(0, depth - len(CLOSES.findall(line)))
        plain = None if depth or goes_on else _plain(line)
        # Where a command ends that goes on in the next line is not looked for: what follows is not plain.
        goes_on = goes_on or _goes_on(line)
        depth += len(OPENS.findall(line))
        if plain is not None:
            last.update(plain)
            unknown.difference_update(plain)
            continue
        exported = {name for words in _EXPORTED.findall(line) for name in _names(words)}
        plainly_assigned = set(_ASSIGNED.findall(line)) - exported
        unknown |= exported | (plainly_assigned & last.keys())
        assigned |= plainly_assigned
        for name in exported | plainly_assigned:
            last.pop(name, None)
    return Plain(
        variables={name: value for name, value in last.items() if value is not None},
        unset=frozenset(name for name, value in last.items() if value is None),
        unknown=frozenset(unknown),
        assigned=frozenset(assigned - unknown),
    )


def is_plain(text: str) -> bool:
    """Whether every line of a script is plain, so that running it tells nothing more."""
    return all(_plain(line) is not None for line in lines(text))


def _names(words: str) -> Iterator[str]:
    for word in words.split():
        if not word.startswith("-"):
            yield word.partition("=")[0]


def lines(text: str) -> Iterator[str]:
    """A script's lines, continued ones joined, here-documents and comments left out."""
    until: str | None = None
    for line in text.replace("\\\n", "").splitlines():
        if until is not None:
            until = None if line.strip() == until else until
        elif line.strip() and not line.lstrip().startswith("#"):
            here = _HERE.search(line)
            until = here[1] if here else None
            yield line


def _goes_on(line: str) -> bool:
    """Whether a command, a quotation in it or a function begun in it goes on in the next line."""
    try:
        shlex.split(line)
    except ValueError:
        return True
    # With what may be a comment, and without: it may stand in a quotation as well.
    return any(_UNFINISHED.search(text) for text in (line, _COMMENT.sub("", line)))


def _plain(line: str) -> dict[str, str | None] | None:
    """What a plain line sets, and removes (None). None: it is not a plain line."""
    if any(mark in line for mark in "$`~"):
        return None
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""  # it would take the "#" in "a#b" for one
    try:
        words = list(lexer)
    except ValueError:  # a quotation that goes on in the next line
        return None
    comment = next((at for at, word in enumerate(words) if word.startswith("#")), len(words))
    command, *rest = words[:comment] or [""]
    if not rest or any(word and _OPERATORS.issuperset(word) for word in rest):
        return None
    if command == "unset":
        return dict.fromkeys(rest) if all(map(is_name, rest)) else None
    pairs = [word.partition("=") for word in rest]
    if command != "export" or not all(is_name(name) and equals for name, equals, _ in pairs):
        return None
    return {name: value for name, _, value in pairs}
