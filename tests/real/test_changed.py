"""Prefixes that are moved, deleted, damaged or made again, and what sync and repair do about it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from scripts.common import CACHE
from tests.environments.trees import BUILD_FILES, distribution, package
from tests.real.prefixes import Channels
from tests.real.served import added, answer, ended, started
from tests.real.terminal import after_conda_activation
from tests.server.asking import Fetch

WITH_KERNEL = ("python", "ipykernel", "proof-activating")


@pytest.fixture
def two_places(tmp_path: Path, places: None, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two folders of environments, and no others."""
    folders = (tmp_path / "here" / "envs", tmp_path / "there" / "envs")
    for folder in folders:
        folder.mkdir(parents=True)
    monkeypatch.setenv("CONDA_ENVS_DIRS", os.pathsep.join(map(str, folders)))
    monkeypatch.delenv("JUPYTER_TFGPU_ENVIRONMENTS")
    # Where py-rattler finds unpacked what it is to install.
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(CACHE / "conda"))
    return folders


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any], two_places: tuple[Path, Path]) -> dict[str, Any]:
    """The server looks there."""
    return jp_server_config


@pytest.fixture
def prefix(two_places: tuple[Path, Path], channels: Channels) -> Path:
    """A prefix of the test's own."""
    return channels.prefix(two_places[0] / "tf 하나", WITH_KERNEL)


async def spec_of(jp_fetch: Fetch, name: str) -> dict[str, Any] | None:
    """How the kernelspec is listed."""
    listed = await answer(jp_fetch, "kernelspecs")
    return next((each for each in listed["kernelspecs"] if each["name"] == name), None)


async def sync(jp_fetch: Fetch, dry_run: bool = False) -> tuple[list[tuple[str, str]], list[str]]:
    """What a sync changes of those kernelspecs that are of the two places, and what it reports."""
    body = json.dumps({"dry_run": dry_run})
    done = await answer(jp_fetch, "kernelspecs", "sync", method="POST", body=body)
    changes = [(each["action"], each["name"]) for each in done["changes"]]
    return [each for each in changes if "tf" in each[1].removeprefix("tfgpu")], done["problems"]


async def starts_as_in_a_terminal(jp_fetch: Fetch, serverapp: Any, name: str, prefix: Path) -> None:
    expected = after_conda_activation(prefix, os.environ)
    async with started(jp_fetch, serverapp, name) as kernel:
        seen = await kernel.seen()
        assert (seen.prefix, seen.compared) == (str(prefix), expected.compared)


async def test_a_moved_prefix_is_found_and_its_kernelspec_repaired(
    jp_fetch: Fetch, jp_serverapp: Any, prefix: Path, two_places: tuple[Path, Path]
) -> None:
    name = await added(jp_fetch, prefix)
    moved = prefix.rename(two_places[1] / prefix.name)
    listed = await spec_of(jp_fetch, name)
    assert listed is not None
    assert f"{prefix} is gone" in listed["problem"] and str(moved) in listed["problem"]
    assert listed["repair"] == "rewrite"
    task = await ended(jp_fetch, "kernelspecs", name, "repair")
    assert task["state"] == "done", task
    listed = await spec_of(jp_fetch, name)
    assert listed is not None
    assert (listed["problem"], listed["interpreter"]) == (None, f"{moved}/bin/python")
    await starts_as_in_a_terminal(jp_fetch, jp_serverapp, name, moved)


async def test_a_sync_follows_a_moved_prefix(
    jp_fetch: Fetch, prefix: Path, two_places: tuple[Path, Path]
) -> None:
    name = await added(jp_fetch, prefix)
    moved = prefix.rename(two_places[1] / prefix.name)
    assert await sync(jp_fetch, dry_run=True) == ([("update", name)], [])
    assert await sync(jp_fetch) == ([("update", name)], [])
    listed = await spec_of(jp_fetch, name)
    assert listed is not None
    assert listed["interpreter"] == f"{moved}/bin/python"
    assert await sync(jp_fetch) == ([], [])


async def test_the_kernelspec_of_a_deleted_prefix_goes_at_a_sync(jp_fetch: Fetch, prefix: Path) -> None:
    name = await added(jp_fetch, prefix)
    shutil.rmtree(prefix)
    listed = await spec_of(jp_fetch, name)
    assert listed is not None
    assert (listed["repair"], f"{prefix}/bin/python" in listed["problem"]) == (None, True)
    assert await sync(jp_fetch, dry_run=True) == ([("remove", name)], [])
    assert await spec_of(jp_fetch, name) is not None
    assert await sync(jp_fetch) == ([("remove", name)], [])
    assert await spec_of(jp_fetch, name) is None


async def test_where_the_whole_disk_is_gone_the_kernelspec_is_kept(jp_fetch: Fetch, prefix: Path) -> None:
    name = await added(jp_fetch, prefix)
    away = prefix.parent.rename(prefix.parent.with_name("unmounted"))
    changes, problems = await sync(jp_fetch)
    assert changes == []
    [problem] = problems
    assert str(prefix.parent) in problem
    away.rename(prefix.parent)
    assert await sync(jp_fetch) == ([], [])
    listed = await spec_of(jp_fetch, name)
    assert listed is not None
    assert listed["problem"] is None


async def test_an_interpreter_that_is_gone_and_comes_back(
    jp_fetch: Fetch, jp_serverapp: Any, prefix: Path, channels: Channels
) -> None:
    name = await added(jp_fetch, prefix)
    for program in (prefix / "bin").glob("python*"):
        program.unlink()
    listing = await answer(jp_fetch, "environments")
    [environment] = [each for each in listing["environments"] if each["prefix"] == str(prefix)]
    assert "interpreter" in environment["problem"]
    listed = await spec_of(jp_fetch, name)
    assert listed is not None
    assert f"{prefix}/bin/python" in listed["problem"]
    assert await sync(jp_fetch) == ([], [])
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch("tfgpu", "kernelspecs", name, "repair", method="POST", body="{}")
    assert refused.value.code == 409
    # Made again where it was.
    shutil.rmtree(prefix)
    await asyncio.to_thread(channels.prefix, prefix, WITH_KERNEL)
    listed = await spec_of(jp_fetch, name)
    assert listed is not None
    assert listed["problem"] is None
    await starts_as_in_a_terminal(jp_fetch, jp_serverapp, name, prefix)


async def test_one_made_again_without_ipykernel_gets_it_by_a_repair(
    jp_fetch: Fetch, jp_serverapp: Any, prefix: Path, channels: Channels
) -> None:
    name = await added(jp_fetch, prefix)
    shutil.rmtree(prefix)
    await asyncio.to_thread(channels.prefix, prefix, ("python", "proof-activating"))
    listed = await spec_of(jp_fetch, name)
    assert listed is not None
    assert listed["repair"] == "install-ipykernel"
    assert "ipykernel" in listed["problem"]
    task = await ended(jp_fetch, "kernelspecs", name, "repair")
    assert task["state"] == "done", task
    # conda's own record of it, as conda would have left it.
    assert list((prefix / "conda-meta").glob("ipykernel-*.json"))
    await starts_as_in_a_terminal(jp_fetch, jp_serverapp, name, prefix)


async def test_a_framework_that_is_installed_later_is_in_the_label_after_a_sync(
    jp_fetch: Fetch, prefix: Path
) -> None:
    name = await added(jp_fetch, prefix)
    [site] = prefix.glob("lib/python3.*/site-packages")
    package(site, "torch", version=(BUILD_FILES / "torch/2.3.1/version.txt").read_text("utf-8"))
    distribution(site, "torch", "2.3.1")
    before = await spec_of(jp_fetch, name)
    assert await sync(jp_fetch) == ([("update", name)], [])
    after = await spec_of(jp_fetch, name)
    assert before is not None and after is not None
    assert "PyTorch 2.3" in after["display_name"]
    assert "PyTorch" not in before["display_name"]


async def test_a_sync_adds_every_kernel_and_none_that_was_removed_by_hand(
    jp_fetch: Fetch, prefix: Path, channels: Channels, two_places: tuple[Path, Path]
) -> None:
    await asyncio.to_thread(channels.prefix, two_places[1] / "tf R", ("r-irkernel",))
    expected = [("add", "tfgpu-tf"), ("add", "tfgpu-tf-r-ir"), ("add", "tfgpu-tf-r-ir44")]
    changes, problems = await sync(jp_fetch)
    assert (sorted(changes), problems) == (expected, [])
    assert await sync(jp_fetch) == ([], [])
    await jp_fetch("tfgpu", "kernelspecs", "tfgpu-tf", method="DELETE")
    assert await sync(jp_fetch) == ([], [])
    assert await added(jp_fetch, prefix) == "tfgpu-tf"
