"""What ``conda-meta/history`` tells of how an environment was made.

conda and mamba write the command that they were called with: ``# cmd: /opt/conda/bin/conda create -n tf2``.
So an environment that lies anywhere leads to the installation it came from, and says whether it was given a
name (``-n``) or a folder (``-p``). Source: ``conda/history.py``; its arguments are joined by blanks without
quotes, so a path with blanks has to be found by how it ends.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from .. import files

_HEAD = 4096
"""Bytes. The first command is the second line."""

_COMMAND = re.compile(r"^# cmd: (.+)$", re.MULTILINE)
_PROGRAM = re.compile(
    r"(?P<root>.+?)[/\\](?:"
    r"(?:bin|condabin|Scripts)[/\\](?:conda|mamba)(?:-env)?(?:-script\.py|\.exe|\.bat)?"
    r"|lib[/\\](?:python[\d.]+[/\\])?site-packages[/\\](?:conda|conda_env|mamba)[/\\][\w./\\]+\.py"
    r")\s",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\s(?:-n|--name)[\s=]?(\S+)")


class Made(msgspec.Struct, frozen=True):
    """``root``: the installation whose conda made the environment. ``name``: given with ``-n``."""

    root: Path | None = None
    name: str | None = None


def made(prefix: Path) -> Made:
    """How this environment was made, as far as its history says so. Micromamba's program may lie anywhere,
    so it leads to no installation."""
    command = _COMMAND.search(files.read_text(prefix / "conda-meta" / "history", _HEAD) or "")
    if command is None:
        return Made()
    program = _PROGRAM.match(command[1])
    named = _NAMED.search(command[1])
    root = program["root"] if program and Path(program["root"]).is_absolute() else None
    return Made(Path(root) if root else None, named[1].strip("'\"") if named else None)
