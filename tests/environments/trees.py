"""Environments laid out on disk as their tools lay them out."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from venv import EnvBuilder

from jupyter_tfgpu.environments import Environment, Registry
from jupyter_tfgpu.machine import Machine

BUILD_FILES = Path(__file__).parent / "build_files"


def a_machine(folder: Path, platform: str = "linux", **variables: str) -> Machine:
    """A machine whose root and home are empty folders below ``folder``, with these variables alone."""
    (folder / "root").mkdir(exist_ok=True)
    (folder / "home").mkdir(exist_ok=True)
    return Machine(root=folder / "root", environ=variables, home=folder / "home", platform=platform)


def listed(machine: Machine, below: Path) -> dict[str, Environment]:
    """What a registry finds below a folder, by name: the interpreter of the tests is always found too."""
    found = Registry(machine).environments()
    return {each.name: each for each in found if each.prefix.startswith(str(below))}


def venv(prefix: Path, *, system_site_packages: bool = False, prompt: str | None = None) -> Path:
    """A real environment of the standard library's venv, without pip. Returns its site-packages."""
    EnvBuilder(symlinks=True, system_site_packages=system_site_packages, prompt=prompt).create(prefix)
    [site] = prefix.glob("lib/python3.*/site-packages")
    return site


def laid_out(prefix: Path, *lines: str, platform: str = "linux") -> Path:
    """What a tool's venv looks like on a platform, with these lines in ``pyvenv.cfg``; nothing in it runs.
    Returns its site-packages."""
    (prefix / ("Scripts" if platform == "win32" else "bin")).mkdir(parents=True)
    python = prefix / ("Scripts/python.exe" if platform == "win32" else "bin/python")
    python.symlink_to(sys.executable)
    site = prefix / ("Lib/site-packages" if platform == "win32" else "lib/python3.12/site-packages")
    site.mkdir(parents=True)
    text = "\n".join(["home = /usr/bin", "version = 3.12.4", *lines, ""])
    (prefix / "pyvenv.cfg").write_text(text, "utf-8")
    return site


def standalone(prefix: Path, python: str = "3.12.4", platform: str = "linux", name: str = "python3") -> Path:
    """A Python with a standard library of its own, as an installer lays it out. Returns its site-packages.

    ``name``: of its program, which is ``python.exe`` on Windows.
    """
    minor = ".".join(python.split(".")[:2])
    lib = prefix / ("Lib" if platform == "win32" else f"lib/python{minor}")
    (lib / "site-packages").mkdir(parents=True)
    (lib / "os.py").touch()
    program = prefix / ("python.exe" if platform == "win32" else f"bin/{name}")
    program.parent.mkdir(exist_ok=True)
    program.symlink_to(sys.executable)
    header = prefix / "include" / f"python{minor}" / "patchlevel.h"
    header.parent.mkdir(parents=True)
    header.write_text(f'#define PY_VERSION "{python}"\n', "utf-8")
    return lib / "site-packages"


def kernelspec(prefix: Path, name: str, document: object) -> Path:
    """A kernelspec in the environment itself. Returns its folder."""
    folder = prefix / "share" / "jupyter" / "kernels" / name
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(document), "utf-8")
    return folder


def conda(prefix: Path, packages: Iterable[str] = (), python: str = "3.11.7") -> Path:
    """A conda prefix: records in conda-meta, an interpreter, a standard library. Returns its site-packages.

    ``packages``: as ``name-version-build``. The interpreter is a link to the one that runs the tests.
    """
    minor = ".".join(python.split(".")[:2])
    site = prefix / "lib" / f"python{minor}" / "site-packages"
    site.mkdir(parents=True)
    (site.parent / "os.py").touch()
    (prefix / "bin").mkdir()
    (prefix / "bin" / "python").symlink_to(sys.executable)
    meta = prefix / "conda-meta"
    meta.mkdir()
    (meta / "history").write_text("==> 2026-01-02 03:04:05 <==\n# cmd: conda create\n", "utf-8")
    for package in (f"python-{python}-h955ad1f_0", *packages):
        name, version, build = package.rsplit("-", 2)
        record = {
            "name": name,
            "version": version,
            "build": build,
            "channel": "https://conda.anaconda.org/conda-forge",
            "files": [f"lib/{name}"],
        }
        (meta / f"{package}.json").write_text(json.dumps(record), "utf-8")
    return site


def distribution(site: Path, name: str, version: str) -> Path:
    """An installed distribution's dist-info, as a wheel's installation leaves it."""
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
    (info / "INSTALLER").write_text("pip\n", "utf-8")
    return info


def tensorflow(site: Path, release: str, *, package: str = "tensorflow", config: bool = True) -> Path:
    """TensorFlow's import package with the files of a published wheel. Returns its folder."""
    source = BUILD_FILES / "tensorflow" / release
    folder = site / package
    (folder / "python" / "platform").mkdir(parents=True)
    (folder / "__init__.py").touch()
    shutil.copy(source / "build_info.txt", folder / "python" / "platform" / "build_info.py")
    if config:
        header = folder / "include/external/local_config_cuda/cuda/cuda/cuda_config.h"
        header.parent.mkdir(parents=True)
        shutil.copy(source / "cuda_config.txt", header)
    return folder


def package(site: Path, name: str, **modules: str) -> Path:
    """An import package with an empty ``__init__.py`` and these modules."""
    folder = site / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text, "utf-8")
    return folder
