"""A program of its own: ``fetch PREFIX FOLDER``, then ``install PREFIX FOLDER``, by py-rattler.

For a conda environment on a machine without a conda program. Packages come from the channels that the
environment's own came from; what is installed stays as it is, or nothing is done.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

from rattler import (
    Channel,
    Gateway,
    PrefixRecord,
    RepoDataRecord,
    SourceConfig,
    VirtualPackage,
    install,
    solve,
)
from rattler.exceptions import GatewayError, SolverError

from .plan import PACKAGE
from .tools import base_of_channel


def main(step: str, prefix: Path, folder: Path) -> int:
    records = _installed(prefix)
    try:
        solution = asyncio.run(_solution(records, folder, offline=step == "install"))
    except (SolverError, GatewayError) as error:
        # Its first line says what could not be; the rest is a tree of every package.
        print(f"error: {error}", flush=True)
        return 1
    names = {record.name.normalized for record in records}
    new = [record for record in solution if record.name.normalized not in names]
    if step == "fetch":
        asyncio.run(_fetch(records, new, folder / "trial"))
    else:
        print(f"Installing {len(new)} packages", flush=True)
        asyncio.run(_install(records, new, prefix))
    return 0


def _installed(prefix: Path) -> list[PrefixRecord]:
    return [PrefixRecord.from_path(path) for path in sorted((prefix / "conda-meta").glob("*.json"))]


def _channels(records: list[PrefixRecord]) -> list[str]:
    """Where the environment's packages came from, the one of most of them first."""
    bases = (base_of_channel(record.channel or "") for record in records)
    return [base for base, _ in Counter(base for base in bases if base).most_common()]


async def _solution(records: list[PrefixRecord], folder: Path, *, offline: bool) -> list[RepoDataRecord]:
    channels = _channels(records)
    print(f"Looking for {PACKAGE} in {', '.join(channels)}", flush=True)
    source = SourceConfig(cache_action="force-cache-only" if offline else "cache-or-fetch")
    return await solve(
        sources=[Channel(channel) for channel in channels],
        # Every package that is there is asked for, and pinned as it is: none is changed, none is removed.
        specs=[PACKAGE, *(record.name.normalized for record in records)],
        gateway=Gateway(cache_dir=folder / "repodata", default_config=source),
        pinned_packages=list(records),
        virtual_packages=VirtualPackage.detect(),
    )


async def _fetch(records: list[PrefixRecord], new: list[RepoDataRecord], trial: Path) -> None:
    """Installs the new packages beside the environment: py-rattler's cache has them then."""
    for record in new:
        print(f"Fetching {record.file_name}", flush=True)
    # Pure Python packages are laid out as the Python that is there asks for: that is told, not fetched.
    (trial / "conda-meta").mkdir(parents=True)
    pythons = [record for record in records if record.name.normalized == "python"]
    for python in pythons:
        name = f"{python.name.normalized}-{python.version}-{python.build}.json"
        python.write_to_path(trial / "conda-meta" / name, pretty=False)
    await _install(pythons, new, trial)


async def _install(there: list[PrefixRecord], new: list[RepoDataRecord], prefix: Path) -> None:
    await install([*there, *new], prefix, installed_packages=there, show_progress=False)


if __name__ == "__main__":
    code = main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    sys.stdout.flush()
    # py-rattler's threads may still hold the interpreter, which aborts when it is finalised (0.28).
    os._exit(code)
