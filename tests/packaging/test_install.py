"""Installing as a person does: into a fresh environment, without Node.js on the machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.places import ROOT, Distributions, Place, make_place
from tests.tools import interpreter

BUILT = "jupyter_tfgpu/labextension"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, distributions: Distributions) -> Place:
    """An environment with the wheel and JupyterLab."""
    place = make_place(Path(sys.executable), tmp_path_factory.mktemp("installed"))
    place.run("pip", "install", f"{distributions.wheel}[lab]")
    return place


def check_enabled(place: Place) -> None:
    """Jupyter's own words: both extensions are enabled and valid."""
    server = _plain(place.run("jupyter", "server", "extension", "list"))
    assert re.search(r"jupyter_tfgpu enabled\n.*\n\s+jupyter_tfgpu \S+ OK", server), server
    lab = _plain(place.run("jupyter", "labextension", "list"))
    assert re.search(r"jupyter-tfgpu v\S+ enabled +OK \(python, jupyter-tfgpu\)", lab), lab


def check_program(place: Place) -> None:
    """The program starts and says its version, and the server extension can be imported."""
    version = place.run("pip", "show", "jupyter-tfgpu").partition("Version: ")[2].split()[0]
    assert place.run("jupyter-tfgpu", "--version").strip() == version
    assert place.run("python", "-m", "jupyter_tfgpu", "--version").strip() == version
    place.run("python", "-c", "import jupyter_tfgpu.server")


def test_the_wheel_enables_both_extensions_by_itself(place: Place) -> None:
    check_enabled(place)
    check_program(place)


def test_the_provisioner_is_known_to_jupyter(place: Place) -> None:
    listed = place.run("jupyter", "kernelspec", "provisioners")
    assert re.search(
        r"^\s*tfgpu-provisioner\s+jupyter_tfgpu\.kernels\.provisioner:TfGpuProvisioner", listed, re.M
    )


def test_the_sdist_installs_without_node(place: Place, distributions: Distributions) -> None:
    assert shutil.which("node", path=place.environment()["PATH"]) is None
    place.run("pip", "uninstall", "--yes", "jupyter-tfgpu")
    place.run("pip", "install", "--no-deps", distributions.sdist)
    check_enabled(place)
    check_program(place)


@pytest.mark.parametrize(
    "version",
    [
        pytest.param("3.10", marks=pytest.mark.slow),
        pytest.param("3.11", marks=pytest.mark.slow),
        pytest.param("3.12", marks=pytest.mark.slow),
        "3.13",
    ],
)
def test_the_wheel_installs_and_starts_on(version: str, distributions: Distributions, tmp_path: Path) -> None:
    place = make_place(interpreter(version), tmp_path)
    place.run("pip", "install", distributions.wheel)
    check_program(place)


@pytest.mark.slow
def test_a_clean_checkout_installs_without_node(tmp_path: Path) -> None:
    """``pip install .`` builds the frontend with a Node.js that pip fetches for the build."""
    checkout = tmp_path / "checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name)
    assert not (checkout / BUILT).exists()
    place = make_place(Path(sys.executable), tmp_path / "place")
    assert shutil.which("node", path=place.environment()["PATH"]) is None
    place.run("pip", "install", f"{checkout}[lab]")
    check_enabled(place)
    check_program(place)


def _plain(text: str) -> str:
    """Without colours, and with single spaces inside a line."""
    return re.sub(r"[^\S\n]+", " ", re.sub(r"\x1b\[[0-9;]*m", "", text))
