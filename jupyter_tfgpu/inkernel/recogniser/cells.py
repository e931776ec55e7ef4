"""The text of a cell: a quick look for words, and its tree where it has magics and shell lines. Pure."""

import ast
import re
import threading
import warnings
from typing import List, Optional, Tuple

from .origins import FRAMEWORKS

ACTIONS = (
    "fit",
    "train",
    "Train",
    ".step",
    "grad",
    "Grad",
    "backward",
    ".run(",
    "tune(",
    "find(",
    "minimize(",
    "search(",
    ".learn(",
    "update",
    "record(",
    "cross_val",
    ".next(",
    ".create(",
    "run_exp",
    "KERAS_BACKEND",
)
WORDS = ACTIONS + ("d2l",) + tuple(sorted(FRAMEWORKS))
"""A cell without any of these, nor the name of a function known to train, neither trains nor imports."""

_IMPORTABLE = frozenset(FRAMEWORKS) | frozenset(["d2l"])

MAX_SOURCE = 200000
"""Characters of a cell that is judged at most; longer ones hold data."""

RUNS_PYTHON = frozenset(
    [
        "capture",
        "lprun",
        "memit",
        "mprun",
        "prun",
        "pyinstrument",
        "scalene",
        "snakeviz",
        "tfgpu",
        "time",
        "timeit",
        "wandb",
    ]
)
"""Cell and line magics that run the Python they are given."""

RUN_MAGIC = frozenset(["run_cell_magic", "run_line_magic"])
"""Methods of the shell that IPython writes in the place of a magic."""

_CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w+)[ \t]*(?P<line>[^\n]*)(?:\n|$)")
_LINE_MAGIC = re.compile(r"%(?P<name>[A-Za-z_]\w*)\s*(?P<rest>.*)", re.DOTALL)
_ASSIGNED = re.compile(r"(?P<target>[\w.,\s\[\]'\"]+=\s*)(?P<rest>[%!].*)", re.DOTALL)
_OPTIONS = re.compile(r"(?:-(?:[nrpsTDlmf]\s*\S+|\w+)\s+)*")
_NAME = re.compile(r"\w+")
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_HELP = re.compile(r"^\?|\?$")

_warnings = threading.Lock()


def may_train(source: str) -> bool:
    """Whether a cell with this text can train or import by itself; substring searches only."""
    if len(source) > MAX_SOURCE:
        return False
    return any(word in source for word in ACTIONS) or _imports_framework(source)


def _imports_framework(source: str) -> bool:
    place = source.find("import")
    while place >= 0:
        end = source.find("\n", place)
        end = len(source) if end < 0 else end
        line = source[source.rfind("\n", 0, place) + 1 : end]
        if not _IMPORTABLE.isdisjoint(_NAME.findall(line)):
            return True
        place = source.find("import", end)
    return False


def defined_names(source: str) -> List[str]:
    """The names of the functions and classes that this text seems to define."""
    return _DEFINED.findall(source)


def parse(source: str) -> Optional[ast.Module]:
    """The tree of a cell as it is typed, magics and shell lines included; None where it is no Python."""
    if not source or len(source) > MAX_SOURCE:
        return None
    cell_magic = _CELL_MAGIC.match(source)
    if cell_magic is not None:
        body = source[cell_magic.end() :]
        source = "get_ipython().run_cell_magic({!r}, {!r}, {!r})".format(
            cell_magic.group("name"), cell_magic.group("line"), body
        )
    for change in (_unchanged, plain_python):
        try:
            return _parse(change(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _parse(source: str) -> ast.Module:
    # "\d" in a cell is the user's; the parser is not to write of it into our log. The lock is for a server,
    # which judges in threads: the filters are the whole process's.
    with _warnings, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _unchanged(source: str) -> str:
    return source


def plain_python(source: str) -> str:
    """The text with what only IPython understands written as calls, as IPython does it."""
    lines = _without_indentation(source.split("\n"))
    plain: List[str] = []
    while lines:
        line, lines = _take(lines)
        plain.append(_plain_line(line))
    return "\n".join(plain)


def _take(lines: List[str]) -> Tuple[str, List[str]]:
    """The first line, with those that a magic or shell line goes on in, and the rest."""
    bare = lines[0].lstrip()
    end = 1
    if bare.startswith(("%", "!")) or _ASSIGNED.match(bare):
        while lines[end - 1].rstrip().endswith("\\") and end < len(lines):
            end += 1
    return "\n".join(lines[:end]), lines[end:]


def _without_indentation(lines: List[str]) -> List[str]:
    """IPython takes a cell that is indented as a whole, and one with the prompts of another session."""
    if lines[0].startswith(">>> "):
        return [line[4:] for line in lines if line.startswith((">>>", "..."))]
    full = [line for line in lines if line.strip()]
    indent = full[0][: len(full[0]) - len(full[0].lstrip())] if full else ""
    return [line[len(indent) :] if line.startswith(indent) else line for line in lines]


def _plain_line(line: str) -> str:
    bare = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if bare.startswith(("%", "!")):
        called = _called(bare)
        return line if called is None else indent + called
    if _HELP.search(bare) and "#" not in bare:
        return indent + "pass"
    assigned = _ASSIGNED.match(line)
    if assigned is None:
        return line
    called = _called(assigned.group("rest"))
    return line if called is None else assigned.group("target") + called


def _called(text: str) -> Optional[str]:
    """A magic or a shell line as a call; None where it is neither."""
    if text.startswith("!"):
        return "get_ipython().system({!r})".format(text)
    magic = _LINE_MAGIC.match(text)
    if magic is None:
        return None
    return "get_ipython().run_line_magic({!r}, {!r})".format(magic.group("name"), magic.group("rest"))


def python_inside(texts: List[str]) -> str:
    """The Python that a magic runs, from the texts it is called with: its name, its line, its cell."""
    if len(texts) < 2 or texts[0] not in RUNS_PYTHON:
        return ""
    return texts[2] if len(texts) > 2 else texts[1][_options_end(texts[1]) :]


def _options_end(line: str) -> int:
    match = _OPTIONS.match(line)
    return match.end() if match is not None else 0


def text_of(node: Optional[ast.AST]) -> Optional[str]:
    """The string that a constant node is; None for another node. Before Python 3.8 it is called Str."""
    if type(node).__name__ == "Index":  # before Python 3.9, around what stands in brackets
        node = getattr(node, "value", None)
    value = getattr(node, "s" if type(node).__name__ == "Str" else "value", None)
    return value if isinstance(value, str) and type(node).__name__ in ("Str", "Constant") else None
