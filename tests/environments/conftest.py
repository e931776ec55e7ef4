"""What the tests of environments share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.environments.dead_disk import Disk


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk = Disk(monkeypatch)
    yield disk
    disk.answer()
