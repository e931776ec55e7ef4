"""What was done already: a stamp holds a digest of everything that a piece of work was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

SKIPPED = {"node_modules", "__pycache__", ".ipynb_checkpoints"}


def digest(inputs: Iterable[Path], *facts: str) -> str:
    """One digest of the contents of files (folders: of all files in them) and of further facts."""
    total = hashlib.sha256("\0".join(facts).encode())
    for path in inputs:
        for file in sorted(_files(path)):
            total.update(f"\0{file}\0".encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return [file for file in path.rglob("*") if file.is_file() and not SKIPPED.intersection(file.parts)]
    return [path] if path.exists() else []


class Stamps:
    """Stamps in one folder; deleting the folder makes everything be done anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fresh(self, name: str, value: str) -> bool:
        """Whether the work was done from just these inputs."""
        try:
            return (self._folder / name).read_text() == value
        except OSError:
            return False

    def put(self, name: str, value: str) -> None:
        """Notes that the work is done."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_text(value)

    def drop(self, name: str) -> None:
        """Forgets the work, before it is done anew: a stop half-way leaves no stamp."""
        (self._folder / name).unlink(missing_ok=True)
