"""Pixi's environments are found in projects and where they are detached to, and named as in its prompt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import Registry, describe
from tests.environments.trees import a_machine, conda, listed


def pixi(prefix: Path, manifest: Path | None = None, name: str = "default") -> None:
    """A prefix with pixi's note, as pixi writes it."""
    conda(prefix)
    (prefix / "conda-meta" / "history").write_text("", "utf-8")
    note = {"manifest_path": str(manifest), "environment_name": name, "pixi_version": "0.59.0"}
    if manifest is not None:
        (prefix / "conda-meta" / "pixi").write_text(json.dumps(note), "utf-8")


def test_the_environments_of_projects_are_named_after_them(tmp_path: Path) -> None:
    for project in ("work", "work/cats"):
        for name in ("default", "gpu"):
            folder = tmp_path / project
            pixi(folder / ".pixi" / "envs" / name, folder / "pixi.toml", name)
    found = listed(a_machine(tmp_path, PWD=str(tmp_path / "work")), tmp_path)
    assert {name: each.kind for name, each in found.items()} == dict.fromkeys(
        ("work", "work:gpu", "cats", "cats:gpu"), "pixi"
    )
    assert found["cats"].python == "3.11.7"


def test_without_a_note_the_folder_says_it(tmp_path: Path) -> None:
    pixi(tmp_path / "dogs" / ".pixi" / "envs" / "default")
    found = describe(a_machine(tmp_path), tmp_path / "dogs/.pixi/envs/default")
    assert (found.kind, found.name) == ("pixi", "dogs")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"manifest_path": 3}', "\x00"])
def test_a_note_that_cannot_be_read_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    prefix = tmp_path / "dogs" / ".pixi" / "envs" / "gpu"
    pixi(prefix)
    (prefix / "conda-meta" / "pixi").write_text(text, "utf-8")
    assert describe(a_machine(tmp_path), prefix).name == "dogs:gpu"


def test_what_is_installed_for_the_user_has_its_own_name(tmp_path: Path) -> None:
    machine = a_machine(tmp_path, PIXI_HOME=str(tmp_path / "elsewhere"))
    pixi(machine.home / ".pixi" / "envs" / "jupyterlab")
    pixi(tmp_path / "elsewhere" / "envs" / "ipython", tmp_path / "elsewhere" / "pixi-global.toml", "ipython")
    found = listed(machine, tmp_path)
    assert found["jupyterlab"].kind == "pixi"
    assert found["elsewhere:ipython"].kind == "pixi"


@pytest.mark.parametrize(
    ("platform", "cache"),
    [
        ("linux", ".cache/rattler/cache"),
        ("darwin", "Library/Caches/rattler/cache"),
        ("win32", "AppData/Local/rattler/cache"),
    ],
)
def test_detached_environments_lie_in_the_cache(tmp_path: Path, platform: str, cache: str) -> None:
    machine = a_machine(tmp_path, platform)
    pixi(machine.home / cache / "envs" / "cats-123" / "envs" / "default", tmp_path / "cats" / "pixi.toml")
    assert "cats" not in listed(machine, tmp_path)
    (machine.home / ".pixi").mkdir()
    (machine.home / ".pixi" / "config.toml").write_text("detached-environments = true\n", "utf-8")
    assert listed(machine, tmp_path)["cats"].kind == "pixi"


def test_the_settings_that_count_are_those_read_last(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    for place, project in (("system", "cats"), ("users", "dogs")):
        pixi(tmp_path / place / f"{project}-1" / "envs" / "default", tmp_path / project / "pixi.toml")
    for file, place in (
        (machine.root / "etc/pixi/config.toml", "system"),
        (machine.home / ".config/pixi/config.toml", "users"),
    ):
        file.parent.mkdir(parents=True)
        file.write_text(f'detached-environments = "{tmp_path / place}"\n', "utf-8")
    assert set(listed(machine, tmp_path)) == {"dogs"}


def test_settings_that_are_no_toml_are_told(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    pixi(machine.home / ".pixi" / "envs" / "kept")
    config = machine.home / ".pixi" / "config.toml"
    config.write_text("detached-environments = [", "utf-8")
    registry = Registry(machine)
    assert "kept" in {each.name for each in registry.environments()}
    assert registry.problems == (
        f"{config} is no TOML, so the environments' folders that it names are left out.",
    )
