"""A disk that does not answer."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import files, look
from jupyter_tfgpu.environments.locators import Inside


class Disk:
    """Folders that do not answer until ``back`` is set, as on a dead server. ``asked``: which were."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.back = threading.Event()
        self.gone: set[str] = set()
        self.asked: list[str] = []
        self._real = {name: getattr(files, name) for name in ("folder_paths", "is_folder", "mark")}
        for name in self._real:
            monkeypatch.setattr(files, name, self._answering(name))

    def _answering(self, name: str) -> object:
        def answer(path: object, *rest: object) -> object:
            if str(path) in self.gone:
                self.asked.append(str(path))
                self.back.wait(60)
            return self._real[name](path, *rest)

        return answer

    def answer(self) -> None:
        """The server is there again, and what was asked of it meanwhile is answered."""
        self.gone.clear()
        self.back.set()
        for thread in left_behind():
            thread.join(10)

    def hang(self, *places: Path) -> tuple[Inside, ...]:
        self.gone |= {str(place) for place in places}
        return tuple(Inside(place) for place in places)


def left_behind() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == look.THREAD]
