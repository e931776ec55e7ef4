"""An activation script that does not come back: it costs a start its limit once, and is reported."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.real.packages import FROM_FILE
from tests.real.prefixes import Channels
from tests.real.served import added, answer, started
from tests.server.asking import Fetch


@pytest.fixture
def hanging(tmp_path: Path, channels: Channels, places: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A prefix whose second script sleeps for ten minutes and notes each time that it was begun."""
    prefix = channels.prefix(
        tmp_path / "envs" / "stuck", ("python", "ipykernel", "proof-activating", "proof-hanging")
    )
    monkeypatch.setenv("CONDA_ENVS_DIRS", str(prefix.parent))
    monkeypatch.delenv("JUPYTER_TFGPU_ENVIRONMENTS")
    return prefix


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any], hanging: Path) -> dict[str, Any]:
    """The server looks there."""
    return jp_server_config


def times_begun(prefix: Path) -> int:
    return len((prefix / "hung").read_text().splitlines())


async def starts_with_what_files_tell(jp_fetch: Fetch, serverapp: Any, name: str, prefix: Path) -> None:
    async with started(jp_fetch, serverapp, name) as kernel:
        for restart in (False, True):
            if restart:
                await kernel.restart()
            seen = await kernel.seen()
            assert seen.prefix == str(prefix)
            assert {each: seen.variables[each] for each in FROM_FILE} == FROM_FILE
            assert seen.variables["CONDA_PREFIX"] == str(prefix)
            assert seen.variables["PATH"].split(os.pathsep)[0] == f"{prefix}/bin"


async def problem_of(jp_fetch: Fetch, prefix: Path) -> str | None:
    listed = await answer(jp_fetch, "environments")
    [environment] = [each for each in listed["environments"] if each["prefix"] == str(prefix)]
    problem: str | None = environment["activation_problem"]
    return problem


async def test_it_is_begun_once_for_the_kernelspec_and_all_its_starts(
    jp_fetch: Fetch, jp_serverapp: Any, hanging: Path
) -> None:
    assert await problem_of(jp_fetch, hanging) is None
    assert not (hanging / "hung").exists()  # nothing is run to list it
    name = await added(jp_fetch, hanging)
    await starts_with_what_files_tell(jp_fetch, jp_serverapp, name, hanging)
    assert times_begun(hanging) == 1
    problem = await problem_of(jp_fetch, hanging)
    assert problem is not None
    assert "proof-hanging.sh did not end within 5 s" in problem


async def test_so_too_where_the_kernelspec_is_somebody_else_s(
    jp_fetch: Fetch, jp_serverapp: Any, jp_data_dir: Path, hanging: Path
) -> None:
    folder = jp_data_dir / "kernels" / "theirs"
    folder.mkdir(parents=True)
    argv = [f"{hanging}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "theirs", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    await starts_with_what_files_tell(jp_fetch, jp_serverapp, "theirs", hanging)
    assert times_begun(hanging) == 1
    assert await problem_of(jp_fetch, hanging) is not None
