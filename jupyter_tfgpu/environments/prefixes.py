"""The one path by which a prefix is known, whichever way led to it."""

from __future__ import annotations

import os
import re
from pathlib import Path

_IN_CELLAR = re.compile(r"(?P<brew>.*)/Cellar/(?P<formula>[^/]+)/[^/]+(?P<rest>(?:/.*)?)", re.DOTALL)


def real_prefix(prefix: Path) -> Path:
    """The prefix with its links resolved, and by Homebrew's link to the version that is installed.

    Homebrew keeps each version in a folder of its own, which an upgrade removes
    (``/opt/homebrew/Cellar/python@3.12/3.12.4_1``); ``/opt/homebrew/opt/python@3.12`` leads to the one that
    is there. Source: Homebrew's documentation, "Homebrew and Python" and "Formula Cookbook".
    """
    real = os.path.realpath(prefix)
    made = _IN_CELLAR.fullmatch(real)
    if made is not None:
        stays = f"{made['brew']}/opt/{made['formula']}{made['rest']}"
        if os.path.realpath(stays) == real:  # not of an older version that was kept beside
            return Path(stays)
    return Path(real)
