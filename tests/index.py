"""An index of packages in a folder, for the real pip: with an ipykernel that is none."""

from __future__ import annotations

import os
import socket
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = "99.1"
"""Of the ipykernel there."""


def write_index(folder: Path) -> Path:
    """A folder of wheels: an ipykernel that needs one other package."""
    folder.mkdir()
    _wheel(folder, "ipykernel", VERSION, "Requires-Dist: tfgpu-needed\n")
    _wheel(folder, "tfgpu_needed", "1.0")
    return folder


def _wheel(folder: Path, name: str, version: str, more: str = "") -> None:
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", "")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")


def pip_on(index: Path | str) -> dict[str, str]:
    """The variables with which pip asks this folder, or this address, and nothing else."""
    where = (
        {"PIP_INDEX_URL": index}
        if isinstance(index, str)
        else {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
    )
    return {"PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": "", **where}


@contextmanager
def silent_index() -> Iterator[str]:
    """The address of an index that takes calls and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple"
