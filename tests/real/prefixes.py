"""Conda prefixes, solved and installed by py-rattler from channels that are folders."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rattler import install, solve

from tests.real.channel import EVERYWHERE, HERE
from tests.real.python_packages import package_cache

NAMES = {"space": "my tf", "quotes": 'it\'s "quoted"', "korean": "환경 하나", "newline": "two\nlines"}
"""Names of folders that a shell, a kernel.json or a list of lines may stumble over."""


class Channels:
    """Where prefixes come from. ``cache``: unpacked packages of this session's own channel."""

    def __init__(self, python: str, proofs: str) -> None:
        self.python = python
        self.proofs = proofs

    def prefix(self, prefix: Path, packages: Sequence[str], state: Mapping[str, str] | None = None) -> Path:
        """A new prefix with these packages and what they need. ``state``: variables that its user set."""
        asyncio.run(self._install(prefix, packages))
        (prefix / "conda-meta" / "history").touch()
        if state is not None:
            (prefix / "conda-meta" / "state").write_text(json.dumps({"env_vars": dict(state)}), "utf-8")
        return prefix

    async def _install(self, prefix: Path, packages: Sequence[str]) -> None:
        records = await solve([self.python, self.proofs], list(packages), platforms=[HERE, EVERYWHERE])
        await install(records, prefix, cache_dir=package_cache(), show_progress=False)
