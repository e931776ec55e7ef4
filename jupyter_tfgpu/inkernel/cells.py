"""The text of a cell: a quick look for words, and its tree where it has magics and shell lines. Pure."""

import ast
import re
from typing import Iterable, Optional

WORDS = (
    "fit",
    "fine_tune",
    "train",
    "GradientTape",
    "apply_gradients",
    "backward",
    ".step",
    "grad",
    "autograd",
    ".run(",
    "search(",
    "tensorflow",
    "keras",
    "torch",
    "jax",
    "mxnet",
)
"""A cell without any of these, nor the name of a function known to train, does not train."""

MAX_SOURCE = 200000
"""Characters of a cell that is judged at most; longer ones hold data."""

RUNS_PYTHON = frozenset(["time", "timeit", "capture", "prun", "memit", "mprun"])
"""Cell and line magics that run the Python they are given."""

_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*\n?")
_LINE_MAGIC = re.compile(r"(?P<indent>\s*)%(?P<name>\w+)\s*(?P<rest>.*)")
_ASSIGNED = re.compile(r"(?P<target>\s*[\w.,\s]+=)\s*[%!]")


def may_train(source: str, names: Iterable[str] = ()) -> bool:
    """Whether a cell with this text can train at all; substring searches only."""
    if len(source) > MAX_SOURCE:
        return False
    return any(word in source for word in WORDS) or any(name in source for name in names)


def parse(source: str) -> Optional[ast.Module]:
    """The tree of a cell as it is typed, magics and shell lines included; None where it is no Python."""
    if len(source) > MAX_SOURCE:
        return None
    source = _without_cell_magics(source)
    for text in (source, plain_python(source)):
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _without_cell_magics(source: str) -> str:
    """The body under ``%%time`` and the like; nothing for a cell in another language."""
    match = _CELL_MAGIC.match(source)
    while match is not None:
        if match.group(1) not in RUNS_PYTHON:
            return ""
        source = source[match.end() :]
        match = _CELL_MAGIC.match(source)
    return source


def plain_python(source: str) -> str:
    """The text with what only IPython understands replaced, line by line, the indentation kept."""
    return "\n".join(_plain_line(line) for line in source.split("\n"))


def _plain_line(line: str) -> str:
    bare = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    magic = _LINE_MAGIC.match(line)
    if magic is not None:
        runs = magic.group("name") in RUNS_PYTHON and magic.group("rest")
        return indent + (magic.group("rest") if runs else "pass")
    if bare.startswith(("!", "?")) or (bare.endswith("?") and "#" not in bare):
        return indent + "pass"
    assigned = _ASSIGNED.match(line)
    return assigned.group("target") + " None" if assigned is not None else line


def text_of(node: Optional[ast.AST]) -> Optional[str]:
    """The string that a constant node is; None for another node. Before Python 3.8 it is called Str."""
    value = getattr(node, "s" if type(node).__name__ == "Str" else "value", None)
    return value if isinstance(value, str) and type(node).__name__ in ("Str", "Constant") else None
