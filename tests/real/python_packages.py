"""A real Python and ipykernel with all it needs, as conda packages, made of what is on this machine.

The Python is one of pyenv's; each distribution that pip put beside ipykernel becomes a package of its own,
as conda has them.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.common import CACHE
from tests.kernels.bare import bare_environment
from tests.real.channel import HERE, File, Package, files_below, write_channel
from tests.tools import interpreter, missing

VERSION = "3.11"
_UNUSED = ("test", "site-packages", "idlelib", "lib2to3", "tkinter", "turtledemo", "ensurepip")
_NO_PACKAGES = ("pip", "setuptools", "debugpy", "jedi")
"""Beside what conda leaves to itself: large ones that a kernel starts without."""
_RECIPE = "3"
"""To be raised where the packages change: the cache is made anew."""


def python_channel() -> str:
    """The channel's address; made at the first call on this machine, then kept in the user's cache.

    The test is skipped (failed under CI) where there is no Python that can be packed.
    """
    bare = bare_environment(VERSION)
    base = interpreter(VERSION).resolve().parent.parent
    if base == Path("/usr"):
        missing(f"Python {VERSION} of its own folder (a distribution's cannot be packed)")
    folder = CACHE / "conda"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "made-by-tests"
    value = json.dumps([_RECIPE, str(base), sorted(each.name for each in _found(bare))])
    with (CACHE / ".conda.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test runs at once
        if not stamp.exists() or stamp.read_text() != value:
            shutil.rmtree(folder)
            write_channel(folder / "channel", [_python(base), *_ipykernel(bare)])
            stamp.write_text(value)
    return (folder / "channel").as_uri()


def package_cache() -> Path:
    """Where the packages of the channel lie unpacked, to be linked into prefixes."""
    return CACHE / "conda" / "pkgs"


def _found(bare: Path) -> list[Distribution]:
    [site] = bare.glob("lib/python3.*/site-packages")
    return list(distributions(path=[str(site)]))


def _python(base: Path) -> Package:
    # Python finds its folder by where it lies. Its record of how it was built keeps naming the first one:
    # with the prefix put in as a text, the file would be no Python where there is a quote in the prefix.
    library = f"lib/python{VERSION}"
    files = [File(path=f"bin/{name}", source=base / "bin" / name) for name in _programs(base)]
    files += [File(path=f"lib/{each.name}", source=each) for each in sorted(base.glob("lib/libpython*"))]
    configuration = [each.name for each in (base / library).glob("config-*")]
    for file in files_below(base / library, library, (*_UNUSED, *configuration)):
        if ".opt-" in file.path:  # compiled for -O
            continue
        files.append(file)
    # A folder that Python expects, empty as conda's package has it.
    files.append(File(path=f"{library}/site-packages/README.txt", text="For packages.\n"))
    return Package(
        name="python", version=_release(base), build="h0_0_cpython", files=tuple(files), subdir=HERE
    )


def _programs(base: Path) -> list[str]:
    names = ("python", "python3", f"python{VERSION}")
    return [name for name in names if (base / "bin" / name).exists()]


def _release(base: Path) -> str:
    """``3.11.7``, of a folder that pyenv named so."""
    return base.name if base.name.startswith(VERSION) else f"{VERSION}.0"


def _ipykernel(bare: Path) -> Iterator[Package]:
    for found in _found(bare):
        name = canonicalize_name(found.name)
        if name in _NO_PACKAGES:
            continue
        yield Package(
            name=name,
            version=found.version,
            build=f"py{VERSION.replace('.', '')}_0",
            depends=(f"python {VERSION}.*", *_dependencies(found)),
            files=tuple(_files(found, bare)),
            subdir=HERE,
        )


def _dependencies(found: Distribution) -> Iterator[str]:
    for text in found.requires or ():
        required = Requirement(text)
        name = canonicalize_name(required.name)
        counts = required.marker is None or required.marker.evaluate({"extra": "", "python_version": VERSION})
        if counts and name not in _NO_PACKAGES:
            yield name


def _files(found: Distribution, bare: Path) -> Iterator[File]:
    for each in found.files or ():
        source = Path(found.locate_file(each).resolve())  # type: ignore[attr-defined]
        if not source.is_file() or not source.is_relative_to(bare):
            continue
        path = source.relative_to(bare).as_posix()
        if source.name == "INSTALLER":
            yield File(path=path, text="conda")
        else:
            # Programs name their interpreter in the first line.
            yield File(path=path, source=source, placeholder=str(bare) if path.startswith("bin/") else None)
