"""The libraries that a build must load, and what a kernel's loader makes of each."""

from __future__ import annotations

import ntpath
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from ..snapshot import FrameworkFacts, Library
from ..versions import numbers

State = Literal["reached", "out-of-reach", "other-version", "nowhere", "unknown"]
"""Of a library that is needed: the loader finds it; it lies on disk where the loader does not look; only
another version of it is there; nothing of it is there; the facts do not tell."""

DRIVER_LIBRARIES = ("libcuda.", "libnvidia-", "nvcuda.", "nvml.", "libnvcuvid.")
"""How the names of the driver's own libraries begin."""
_SYSTEMS_OWN = (
    *DRIVER_LIBRARIES,
    "msvcp",
    "vcruntime",
    "zlibwapi",
    "libz.",
    "libgomp",
    "libstdc++",
    "libnvinfer",
    "nvinfer",
)

_LINUX = re.compile(r"lib(?P<role>\w+?)(?:-[0-9a-f]{6,})?\.so(?:\.(?P<version>[\d.]+))?$", re.IGNORECASE)
_WINDOWS = re.compile(r"(?P<role>[a-z][a-z_]*?)(?:64)?(?:_(?P<version>\d[\d_]*))?\.dll$", re.IGNORECASE)


_TOOLKIT = re.compile(r"[/\\](?:cuda-|CUDA[/\\]v)(\d+\.\d+)[/\\]", re.IGNORECASE)
_OF_A_TOOLKIT = (
    "cudart",
    "cublas",
    "cublaslt",
    "cufft",
    "curand",
    "cusolver",
    "cusparse",
    "nvrtc",
    "nvjitlink",
)
_PACKAGE = re.compile(r"(?:site|dist)-packages[/\\]([\w\-]+)[/\\]", re.IGNORECASE)
_PACKAGES = {
    "tensorflow": ("tensorflow", "tensorflow_core"),
    "torch": ("torch",),
    "jax": ("jax", "jaxlib", "jax_plugins", "jax_cuda11_plugin", "jax_cuda12_plugin", "jax_cuda13_plugin"),
    "mxnet": ("mxnet",),
}
"""A framework to the folders of site-packages that are its own."""


class Name(NamedTuple):
    """What a library's file name says: ``libcusolver.so.11`` is (cusolver, (11,)), ``cudart64_110.dll`` is
    (cudart, (11, 0)). ``version`` empty: the name has none."""

    role: str
    version: tuple[int, ...]


@lru_cache(maxsize=1024)
def named(file: str) -> Name:
    match = _LINUX.match(file) or _WINDOWS.match(file)
    if match is None:
        return Name(file.lower(), ())
    version = match["version"] or ""
    if file.lower().endswith(".dll"):
        first = version.split("_")[0]
        # A CUDA release without its dot: 110 is 11.0, 90 is 9.0; 10 and above stand for the major alone.
        dotless = len(first) > 2 or (len(first) == 2 and int(first) >= 20)
        digits = (first[:-1], first[-1]) if dotless else (first,)
        return Name(match["role"].lower(), tuple(int(part) for part in digits if part))
    return Name(match["role"].lower(), numbers(version))


class Need(NamedTuple):
    """A library that the build must load: its file name, and what that says."""

    file: str
    role: str
    version: tuple[int, ...]

    @property
    def is_cudnn(self) -> bool:
        return self.role.startswith("cudnn")


@dataclass(frozen=True)
class Stack:
    """``libraries``: in the loader's order. ``complete``: they are all there are. ``unopened``: names (lower
    case) that a log says could not be opened. ``needs`` without those of the driver and the system.
    ``own_side``: what is within reach is stated for this build, not for another one."""

    build: FrameworkFacts | None
    needs: tuple[Need, ...]
    libraries: tuple[Library, ...]
    complete: bool
    unopened: frozenset[str] = field(default=frozenset())
    own_side: bool = True

    @cached_property
    def _by_file(self) -> dict[str, tuple[Library, ...]]:
        found: dict[str, list[Library]] = {}
        for each in self.libraries:
            if self._anothers_own(each):
                continue  # it is not there for this build
            found.setdefault(each.file.lower(), []).append(each)
        return {file: tuple(copies) for file, copies in found.items()}

    def _anothers_own(self, library: Library) -> bool:
        """Whether it is a copy that another package brings for itself alone."""
        if library.origin != "bundled":
            return False
        match = _PACKAGE.search(library.path or "")
        if match and match[1].lower() != "nvidia" and self.build is not None:
            own = _PACKAGES.get(self.build.name, ())
            return match[1].lower() not in own
        return not (library.reachable or (library.reachable is None and self.own_side))

    def copies(self, file: str) -> tuple[Library, ...]:
        """All of this name, first the one that is loaded."""
        return self._by_file.get(file.lower(), ())

    @cached_property
    def several(self) -> tuple[str, ...]:
        """File names (lower case) of which there is more than one copy."""
        return tuple(file for file, copies in self._by_file.items() if len(copies) > 1)

    def loaded(self, file: str) -> Library | None:
        """The copy that the loader takes: the first within reach; where nothing is said of any, the first,
        as they are in the loader's order. None: none, or not known."""
        copies = self.copies(file)
        found = next((each for each in copies if each.reachable), None)
        if found is None and self.own_side and copies and all(each.reachable is None for each in copies):
            return copies[0]
        return found

    def others(self, need: Need) -> tuple[Library, ...]:
        """The same library in other versions, for CUDA releases that the build was not made for."""
        return tuple(
            copy
            for file, copies in self._by_file.items()
            for copy in copies
            if (
                self._same_role(need, file)
                if file != need.file.lower()
                else self._of_another_cuda(need, copy)
            )
        )

    @staticmethod
    def _same_role(need: Need, file: str) -> bool:
        found = named(file)
        return found.role == need.role and bool(found.version) and found.version != need.version

    def usable(self, need: Need) -> tuple[Library, ...]:
        """Copies of its name, without those of another major release of CUDA."""
        return tuple(each for each in self.copies(need.file) if not self._of_another_cuda(need, each))

    def _of_another_cuda(self, need: Need, copy: Library) -> bool:
        """Whether a copy of the right name belongs to another major release of CUDA: libcusolver.so.10 is
        10.2's and 11.0's, libcusolver.so.11 is 11.8's and 12's. By its folder, or a release like ``10.2``."""
        if need.role not in _OF_A_TOOLKIT:
            return False
        release = _toolkit_of(copy)[:1]
        return bool(release) and bool(self.cuda_major) and release != (self.cuda_major,)

    @cached_property
    def states(self) -> dict[Need, State]:
        return {need: self._state(need) for need in self.needs}

    def _state(self, need: Need) -> State:
        copies = self.copies(need.file)
        if any(each.reachable for each in copies):
            return "reached"
        log = need.file.lower() in self.unopened
        copies = self.usable(need)
        if copies:
            return "out-of-reach" if log or all(each.reachable is False for each in copies) else "unknown"
        if not self.complete and not log:
            return "unknown"
        if self.others(need):
            return "other-version"
        return "nowhere" if self.complete else "unknown"

    def in_state(self, *states: State, cudnn: bool | None = None) -> tuple[Need, ...]:
        """Needs in one of the states. ``cudnn``: only its libraries (True) or only the others (False)."""
        return tuple(
            need
            for need, state in self.states.items()
            if state in states and (cudnn is None or need.is_cudnn == cudnn)
        )

    @cached_property
    def cudnn(self) -> Need | None:
        """cuDNN's main library, where the build needs one."""
        return next((need for need in self.needs if need.role == "cudnn"), None)

    @cached_property
    def runtime_elsewhere(self) -> bool:
        """Whether another CUDA release stands in the place of the one that is needed: one that the loader
        reaches, or the only one there is."""
        wrong = self.in_state("other-version", cudnn=False)
        if any(copy.reachable for need in wrong for copy in self.others(need)):
            return True
        reached = self.in_state("reached", cudnn=False)
        if wrong and not reached:
            return True
        return bool(self.in_state("other-version", "nowhere", cudnn=False)) and bool(self.reached_toolkit)

    @cached_property
    def reached_toolkit(self) -> tuple[Library, ...]:
        """What the loader takes from a CUDA release that has other file names than the build's."""
        want = numbers(self.build.cuda if self.build else None)
        loaded = (self.loaded(need.file) for need in self.needs if need.role in _OF_A_TOOLKIT)
        return tuple(
            copy
            for copy in loaded
            if copy
            and len(want) > 1
            and len(release := _toolkit_of(copy)) > 1
            and not same_names(release, want)
        )

    @cached_property
    def cuda_major(self) -> int | None:
        """The CUDA major release of the build: as it states, else by its runtime's file name."""
        stated = numbers(self.build.cuda if self.build else None)
        if stated:
            return stated[0]
        runtime = next((need for need in self.needs if need.role == "cudart"), None)
        return runtime.version[0] if runtime and runtime.version else None


def needs_of(files: Iterable[str]) -> tuple[Need, ...]:
    """Needs in the order of the files, each once, without the driver's and the system's own."""
    wanted = [file for file in dict.fromkeys(files) if not file.lower().startswith(_SYSTEMS_OWN)]
    return tuple(Need(file, *named(file)) for file in wanted)


def folder_of(library: Library) -> str | None:
    """The folder that the library lies in."""
    if not library.path:
        return None
    windows = "\\" in library.path
    return (ntpath if windows else posixpath).dirname(library.path) or None


def _toolkit_of(library: Library) -> tuple[int, ...]:
    """The CUDA release that a system's library is of: by its folder, or by a version like ``10.2``. What
    packages bring has versions of its own."""
    if library.origin in ("wheel", "conda", "bundled"):
        return ()
    folder = _TOOLKIT.search(library.path or "")
    stated = folder[1] if folder else library.version if (library.version or "").count(".") == 1 else None
    return numbers(stated)


def same_names(have: tuple[int, ...], want: tuple[int, ...]) -> bool:
    """Whether the libraries of two CUDA releases have the same file names: from 11.1 on those of one major
    release do, before those of one minor release (11.0 still had libcusolver.so.10)."""
    if len(have) < 2 or len(want) < 2 or have[0] != want[0]:
        return False
    return have[:2] == want[:2] or (have[:2] > (11, 0) and want[:2] > (11, 0))
