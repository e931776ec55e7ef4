"""What the distributions hold."""

from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path

import jupyter_tfgpu
from tests.packaging.places import ROOT, Distributions

SHARE = "share/jupyter/labextensions/jupyter-tfgpu"


def test_the_version_stands_in_package_json_only(distributions: Distributions) -> None:
    version = json.loads((ROOT / "package.json").read_text())["version"]
    assert jupyter_tfgpu.__version__ == version
    assert distributions.wheel.name.startswith(f"jupyter_tfgpu-{version}-")
    assert distributions.sdist.name == f"jupyter_tfgpu-{version}.tar.gz"


def test_the_wheel_holds_every_file_of_the_package(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as wheel:
        names = set(wheel.namelist())
    sources = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "jupyter_tfgpu").rglob("*")
        if path.is_file() and not {"__pycache__", "labextension"}.intersection(path.parts)
    }
    assert sources - names == set()


def test_the_wheel_enables_server_and_lab_extension(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as wheel:
        data = {name.partition(".data/data/")[2]: name for name in wheel.namelist() if ".data/data/" in name}
        assert {f"{SHARE}/package.json", f"{SHARE}/install.json", f"{SHARE}/static/style.js"} <= set(data)
        config = json.loads(wheel.read(data["etc/jupyter/jupyter_server_config.d/jupyter_tfgpu.json"]))
    assert config == {"ServerApp": {"jpserver_extensions": {"jupyter_tfgpu": True}}}


def test_the_wheel_holds_nothing_else(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as wheel:
        tops = {Path(name).parts[0].partition("-")[0] for name in wheel.namelist()}
    assert tops == {"jupyter_tfgpu"}


def test_the_sdist_holds_the_built_frontend_and_what_it_was_built_from(distributions: Distributions) -> None:
    with tarfile.open(distributions.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {
        "jupyter_tfgpu/labextension/package.json",
        "jupyter_tfgpu/labextension/static/style.js",
        "labextension/src/index.ts",
        "package.json",
        "yarn.lock",
        "LICENSE",
        "scripts/hatch_node.py",
    } <= names
    assert not [name for name in names if "node_modules" in name or name.startswith((".venv", "build/"))]
