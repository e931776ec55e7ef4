"""The GPUs that a PyTorch was compiled for: a line of text inside a shared library, as
``torch.cuda.get_arch_list()`` gives it (``sm_50 sm_60 … sm_90``, in a ROCm build ``gfx900 …``).

It lies among the constants of libtorch_python, which are 0.7 MB of that file's 27 MB (2.7.1).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

from .elf import opened, section

_FILES = ("lib/libtorch_python.so", "lib/torch_python.dll", "lib/libtorch_python.dylib")
_MOST_BYTES = 1 << 26
"""Looked through at most. A file that has no section table (a DLL) is read from its beginning."""
_PIECE = 1 << 20
_LONGEST = 1 << 10
_TARGET = rb"(?:sm_\d{2,3}[af]?|compute_\d{2,3}[af]?|gfx[0-9a-f]{3,4}(?::[a-z+:-]+)?)"
_LIST = re.compile(rb"\0(" + _TARGET + rb"(?: " + _TARGET + rb")*) ?(?=\0)")


def torch_targets(folder: Path) -> tuple[str, ...] | None:
    """``folder``: of the import package. None: no such file, or no such text in it."""
    for name in _FILES:
        try:
            with opened(folder / name) as file:
                return _targets(file)
        except OSError:
            continue
    return None


def _targets(file: BinaryIO) -> tuple[str, ...] | None:
    constants = section(file, ".rodata")
    file.seek(constants.offset if constants else 0)
    left = min(constants.size if constants else _MOST_BYTES, _MOST_BYTES)
    longest, before = b"", b""
    while left > 0 and (piece := file.read(min(_PIECE, left))):
        left -= len(piece)
        text = before + piece
        if b"sm_" in text or b"gfx" in text:  # 20 times as fast to tell as by the pattern
            # Single names stand elsewhere too: the list is the longest.
            longest = max((longest, *_LIST.findall(text)), key=len)
        before = piece[-_LONGEST:]
    found = dict.fromkeys(name.partition(":")[0] for name in longest.decode("ascii").split())
    return tuple(found) or None
