"""A kernelspec of ours, as it stands on disk."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from .document import KERNEL_JSON, first_text, owner_mark, read_document, text


class OwnedSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec of ours. ``environment``: the id of its environment. ``kernel``: the own kernel of that
    one that it starts, None for its Python. ``linked``: its folder is a link, so it is not written.
    ``problem``: why it cannot start."""

    name: str
    display_name: str
    interpreter: str
    environment: str
    prefix: str
    folder: str
    kernel: str | None = None
    linked: bool = False
    problem: str | None = None


def owned_spec(folder: Path) -> OwnedSpec | None:
    """The kernelspec in a folder. None: there is none, or it is not ours."""
    document = read_document(folder)
    mark = owner_mark(document)
    if mark is None:
        return None
    interpreter = first_text(document.get("argv"))
    gone = not os.path.isfile(interpreter)  # noqa: PTH113 - a path that is rubbish is no file, no error
    return OwnedSpec(
        name=folder.name.lower(),
        display_name=text(document.get("display_name")) or folder.name,
        interpreter=interpreter,
        environment=text(mark.get("environment")),
        prefix=text(mark.get("prefix")),
        folder=str(folder),
        kernel=text(mark.get("kernel")) or None,
        linked=is_linked(folder),
        problem=f"The interpreter {interpreter} no longer exists." if gone else None,
    )


def is_linked(folder: Path) -> bool:
    """Whether the kernelspec in a folder is a link, or lies behind one."""
    return folder.is_symlink() or (folder / KERNEL_JSON).is_symlink()
