"""Kernels that an environment brings itself: kernelspecs in its ``share/jupyter/kernels``.

R (IRkernel), Julia (IJulia), the xeus kernels and others put a folder with ``kernel.json`` there. The spec of
the environment's ipykernel is none of them, under whatever name: the environment's own Python is started
without it.

Source: jupyter_client's documentation of kernel specs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from . import files
from .environment import OwnKernel

FOLDER = Path("share", "jupyter", "kernels")

_IPYKERNELS_NAMES = frozenset({"python3", "python2", "python"})
_IPYKERNELS_MODULES = frozenset({"ipykernel", "ipykernel_launcher"})
_MOST = 50
"""Kernels looked at in one environment."""
_MOST_FILES = 50


class OwnKernelDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec that lies in an environment, as its ``kernel.json`` states it.

    ``resources``: the other files in its folder (logos, ``kernel.js``), by name.
    """

    argv: tuple[str, ...]
    display_name: str
    language: str | None = None
    env: dict[str, str] = {}
    interrupt_mode: str | None = None
    metadata: dict[str, Any] = {}
    resources: tuple[Path, ...] = ()


class UnreadableKernel(ValueError):
    """A folder of a kernelspec holds none that can be used. The message is a sentence on which and why."""


class _KernelJson(msgspec.Struct, frozen=True):
    argv: tuple[str, ...]
    display_name: str | None = None
    language: str | None = None
    env: dict[str, str] = {}
    interrupt_mode: str | None = None
    metadata: dict[str, Any] = {}


def read_own_kernel(folder: Path) -> OwnKernelDocument:
    """The kernelspec in a folder. Raises :class:`UnreadableKernel`."""
    path = folder / "kernel.json"
    text = files.read_text(path)
    if text is None:
        raise UnreadableKernel(f"{path} is not there or may not be read, so it names no kernel.")
    try:
        stated = msgspec.json.decode(text, type=_KernelJson)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise UnreadableKernel(f"{path} is no kernelspec: {error}.") from None
    if not stated.argv or not stated.argv[0]:
        raise UnreadableKernel(f"{path} is no kernelspec: it names no program to start.")
    names = [name for name in sorted(files.names(folder)) if name != "kernel.json"][:_MOST_FILES]
    return OwnKernelDocument(
        argv=stated.argv,
        display_name=stated.display_name or folder.name,
        language=stated.language,
        env=stated.env,
        interrupt_mode=stated.interrupt_mode,
        metadata=stated.metadata,
        resources=tuple(path for path in (folder / name for name in names) if files.is_file(path)),
    )


def own_kernels(prefix: Path) -> tuple[tuple[OwnKernel, ...], tuple[str, ...]]:
    """The kernels that this prefix brings, by name, and a sentence for each that cannot be read."""
    found, problems = [], []
    for name in sorted(files.names(prefix / FOLDER))[:_MOST]:
        folder = prefix / FOLDER / name
        if name in _IPYKERNELS_NAMES or not files.is_folder(folder):
            continue
        try:
            document = read_own_kernel(folder)
        except UnreadableKernel as error:
            problems.append(str(error))
            continue
        if not _is_ipykernels(document.argv):
            found.append(
                OwnKernel(
                    name=name.lower(),
                    display_name=document.display_name,
                    language=document.language,
                    folder=str(folder),
                )
            )
    return tuple(found), tuple(problems)


def _is_ipykernels(argv: tuple[str, ...]) -> bool:
    """``python -m ipykernel_launcher``, with options of Python's before ``-m`` or not."""
    after = argv[argv.index("-m") + 1 :] if "-m" in argv else ()
    return bool(after) and after[0] in _IPYKERNELS_MODULES
