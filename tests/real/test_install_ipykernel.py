"""ipykernel put into real environments: from the index that pip is configured for, from a conda channel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import describe
from jupyter_tfgpu.kernels.specs.install_ipykernel import NotInstalled, install
from jupyter_tfgpu.machine import Machine
from tests.kernels.bare import made_environment
from tests.real.channel import File, Package, write_channel
from tests.real.prefixes import Channels
from tests.real.python_packages import VERSION
from tests.real.virtual import MAKERS
from tests.tools import interpreter


class Followed:
    """Who follows an installation to its end."""

    cancelled = False

    def __init__(self) -> None:
        self.lines: list[str] = []

    def log(self, line: str) -> None:
        self.lines.append(line)

    def commit(self) -> None:
        """It goes on."""


def machine(*programs: Path, **variables: str) -> Machine:
    """This machine with these programs on its PATH and no others."""
    path = os.pathsep.join(str(each.parent) for each in programs)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CONDA_", "MAMBA_"))}
    return Machine(environ=kept | {"PATH": path or "/nonexistent"} | variables)


def put(here: Machine, prefix: Path) -> Followed:
    followed = Followed()
    try:
        version = install(here, describe(here, prefix), followed)
    except NotInstalled as error:
        raise AssertionError("\n".join([str(error), *followed.lines])) from error
    assert version == describe(here, prefix).ipykernel
    return followed


def starts(prefix: Path) -> bool:
    """Whether the environment's Python runs ipykernel."""
    argv = [prefix / "bin" / "python", "-m", "ipykernel_launcher", "--version"]
    return subprocess.run(argv, capture_output=True, cwd=prefix, timeout=120).returncode == 0


def with_pip(version: str, prefix: Path) -> None:
    subprocess.run([interpreter(version), "-m", "venv", prefix], check=True, capture_output=True)


def without_pip(version: str, prefix: Path) -> None:
    subprocess.run([interpreter(version), "-m", "venv", "--without-pip", prefix], check=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "make"),
    [
        *((version, with_pip) for version in ("3.7", "3.9", "3.13")),
        *((version, without_pip) for version in ("3.8", "3.12")),
    ],
)
def test_pip_puts_it_into_a_venv(version: str, make: Callable[[str, Path], None], tmp_path: Path) -> None:
    prefix = tmp_path / "my env"
    make(version, prefix)
    assert not starts(prefix)
    put(machine(), prefix)
    assert starts(prefix)


@pytest.mark.slow
def test_uv_puts_it_into_one_of_its_own(tmp_path: Path) -> None:
    uv = made_environment("makers", interpreter(VERSION), MAKERS) / "bin" / "uv"
    prefix = tmp_path / "my env"
    made = [uv, "venv", "--offline", "--no-config", "--python", interpreter(VERSION), prefix]
    subprocess.run(made, check=True, capture_output=True)
    here = machine(uv, UV_CACHE_DIR=str(tmp_path / "cache"))
    followed = put(here, prefix)
    assert followed.lines[0].startswith(f"$ {uv} pip install")
    assert starts(prefix)


@pytest.fixture
def rattler_cache(tmp_path: Path) -> dict[str, str]:
    return {"RATTLER_CACHE_DIR": str(tmp_path / "cache")}


def records(prefix: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in (prefix / "conda-meta").glob("*.json")}


def test_py_rattler_adds_it_to_a_conda_prefix_and_changes_nothing_else(
    channels: Channels, rattler_cache: dict[str, str], tmp_path: Path
) -> None:
    prefix = channels.prefix(tmp_path / "envs" / "my tf", ("python", "traitlets"))
    before = records(prefix)
    followed = put(machine(**rattler_cache), prefix)
    assert " -m jupyter_tfgpu.kernels.specs.install_ipykernel.with_rattler fetch " in followed.lines[0]
    after = records(prefix)
    assert {name: after[name] for name in before} == before
    assert any(name.startswith("ipykernel-") for name in after)
    assert starts(prefix)


def test_what_would_have_to_change_another_package_is_refused(
    rattler_cache: dict[str, str], tmp_path: Path
) -> None:
    """An ipykernel that needs a newer package than the one that is there, which somebody may depend on."""
    import asyncio

    from rattler import install as rattler_install
    from rattler import solve

    python = File(path="bin/python", text="#!/bin/sh\n", executable=True)
    site = File(path="lib/python3.11/site-packages/README.txt", text="For packages.\n")
    packages = [
        Package(name="python", version="3.11.7", files=(python, site)),
        Package(name="traitlets", version="5.0"),
        Package(name="traitlets", version="6.0"),
        Package(name="ipykernel", version="7.0", depends=("traitlets >=6",)),
    ]
    channel = write_channel(tmp_path / "channel", packages)
    prefix = tmp_path / "env"

    async def make() -> None:
        found = await solve([channel], ["python", "traitlets ==5.0"])
        await rattler_install(found, prefix, cache_dir=tmp_path / "pkgs", show_progress=False)

    asyncio.run(make())
    before = records(prefix)
    here = machine(**rattler_cache)
    with pytest.raises(NotInstalled, match="no ipykernel that fits this environment"):
        install(here, describe(here, prefix), Followed())
    assert records(prefix) == before


def test_a_conda_program_that_is_there_is_asked(channels: Channels, tmp_path: Path) -> None:
    """A stand-in for conda, which cannot be had everywhere: it says what it is asked, and does it in two
    steps as conda does."""
    prefix = channels.prefix(tmp_path / "forge" / "envs" / "tf", ("python",))
    conda = tmp_path / "forge" / "condabin" / "conda"
    conda.parent.mkdir()
    fetched = tmp_path / "pkgs"
    site = prefix / "lib" / f"python{VERSION}" / "site-packages"
    conda.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        "print('asked', *sys.argv[1:], sep='|')\n"
        f"fetched, site = pathlib.Path({str(fetched)!r}), pathlib.Path({str(site)!r})\n"
        "if '--download-only' in sys.argv:\n"
        "    fetched.mkdir()\n"
        "else:\n"
        "    assert fetched.is_dir() and '--offline' in sys.argv\n"
        "    (site / 'ipykernel-7.0.dist-info').mkdir()\n",
        "utf-8",
    )
    conda.chmod(0o755)
    followed = put(machine(), prefix)
    asked = [line for line in followed.lines if line.startswith("asked")]
    assert len(asked) == 2
    assert all(f"|--prefix|{prefix}|" in line and f"|--channel|{channels.python}" in line for line in asked)
    shutil.rmtree(fetched)
