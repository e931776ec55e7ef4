"""A stack from a snapshot's facts: what the files say, else what the packages and the tables say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from ..knowledge import tensorflow_libraries
from ..knowledge.jax import jax_libraries
from ..knowledge.libraries import searched_folders, wheel_libraries
from ..snapshot import Distribution, FrameworkFacts, Library, Snapshot
from ..versions import minor, numbers
from .model import Need, Stack, named, needs_of, same_names

_UNOPENED = (
    re.compile(r"could not (?:load|open) (?:dynamic )?library:? '?(?P<file>[\w.\-]+)", re.IGNORECASE),
    re.compile(r"could not find '(?P<file>[\w.\-]+\.dll)'", re.IGNORECASE),
    re.compile(r"(?P<file>lib[\w\-]+\.so[\d.]*): cannot open shared object file", re.IGNORECASE),
    re.compile(r"(?P<file>[\w\-]+\.dll)['\"]? (?:is |was )?not found", re.IGNORECASE),
)
"""Lines of TensorFlow (``dso_loader.cc``, ``self_check.py``), of glibc's loader and of Windows."""

_CUDNN_WHEEL = re.compile(r"nvidia-cudnn-cu(\d+)$")


def build_stack(snapshot: Snapshot, name: str | None, build: FrameworkFacts | None) -> Stack:
    """What the build ``name`` needs and finds. Without a build with CUDA code nothing is needed."""
    facts = snapshot.environment
    told = build is not None and bool(build.cuda or build.needs) and not build.rocm_build
    uses_cuda = build is not None and (build.cuda_build or (build.cuda_build is None and told))
    needs = _needs(snapshot, build) if build is not None and uses_cuda else ()
    listed = tuple(
        _with_release(each, (facts.distributions if facts else None) or ())
        for each in _from_its_side(snapshot, name, (facts.libraries if facts else None) or ())
    )
    complete = bool(facts and facts.libraries_complete and facts.libraries is not None)
    derived = () if complete or build is None or not needs else _of_packages(snapshot, build, needs)
    present = {each.file.lower() for each in listed}
    return Stack(
        build=build,
        needs=needs,
        libraries=(*listed, *(each for each in derived if each.file.lower() not in present)),
        complete=complete,
        unopened=_unopened(snapshot.log),
        own_side=_own_side(snapshot, name),
    )


def _needs(snapshot: Snapshot, build: FrameworkFacts) -> tuple[Need, ...]:
    if build.needs is not None:
        return needs_of(build.needs)
    if build.name == "jax" and build.cuda:
        return needs_of(jax_libraries(build.cuda, build.cudnn, build.version) or ())
    release = minor(build.version)
    if build.name != "tensorflow" or release is None:
        return ()
    windows = bool(snapshot.host and snapshot.host.os == "windows")
    return needs_of(tensorflow_libraries(release, "win_amd64" if windows else "linux_x86_64").values())


def _from_its_side(snapshot: Snapshot, name: str | None, libraries: Iterable[Library]) -> Iterator[Library]:
    """The libraries as this framework sees them. A snapshot says what is within reach of one framework, the
    one that was asked for or the first, and in which order; for the rest that is not known."""
    if _own_side(snapshot, name):
        yield from libraries
        return
    for each in libraries:
        yield msgspec.structs.replace(each, reachable=None)


def _own_side(snapshot: Snapshot, name: str | None) -> bool:
    facts = snapshot.environment
    first = next((each.name for each in (facts.frameworks if facts else None) or ()), None)
    return name == (snapshot.framework or first)


def _with_release(library: Library, distributions: Iterable[Distribution]) -> Library:
    """cuDNN's release and CUDA by the one package that brings it, where the file did not tell."""
    if not named(library.file).role.startswith("cudnn") or library.origin not in ("wheel", "conda"):
        return library
    if library.version and library.cuda_major:
        return library
    if library.origin == "wheel":
        owners = [each for each in distributions if _CUDNN_WHEEL.match(each.name)]
    else:
        owners = [each for each in distributions if each.name == "cudnn" and each.installer != "pip"]
    if len(owners) != 1 or numbers(owners[0].version)[:1] != named(library.file).version[:1]:
        return library
    release = ".".join(str(part) for part in numbers(owners[0].version)[:3])
    if library.version and numbers(library.version)[:2] != numbers(release)[:2]:
        return library
    return msgspec.structs.replace(
        library,
        version=library.version or release,
        cuda_major=library.cuda_major or _built_for(owners[0]),
    )


def _built_for(package: Distribution) -> int | None:
    """The CUDA major of a package of cuDNN, by its name or conda's build string (``cuda11.2_0``)."""
    wheel = _CUDNN_WHEEL.match(package.name)
    built = re.search(r"cuda(\d{1,2})(?:\.|_|$)", package.build or "")
    found = wheel or built
    return int(found[1]) if found else None


def _unopened(log: str | None) -> frozenset[str]:
    return frozenset(
        match["file"].lower() for pattern in _UNOPENED for match in pattern.finditer((log or "")[:100_000])
    )


def _of_packages(snapshot: Snapshot, build: FrameworkFacts, needs: tuple[Need, ...]) -> tuple[Library, ...]:
    """The libraries that installed packages bring, where nobody listed the files."""
    facts = snapshot.environment
    found: list[Library] = []
    several = sum(
        bool(_CUDNN_WHEEL.match(each.name)) for each in (facts.distributions if facts else None) or ()
    )
    for each in (facts.distributions if facts else None) or ():
        if _CUDNN_WHEEL.match(each.name) and several > 1:
            continue  # they write the same file, and which of them did so last is not known
        if each.name.startswith("nvidia-"):
            found += _of_wheel(snapshot, build, each)
        elif each.name in ("cudatoolkit", "cudnn") and (each.installer == "conda" or each.build):
            found += _of_conda(snapshot, build, each, needs)
    return tuple(found)


def _of_wheel(snapshot: Snapshot, build: FrameworkFacts, wheel: Distribution) -> Iterator[Library]:
    windows = bool(snapshot.host and snapshot.host.os == "windows")
    cudnn = _CUDNN_WHEEL.match(wheel.name)
    release = numbers(wheel.version)
    if cudnn and release:
        folder = f"nvidia/cudnn/{'bin' if windows else 'lib'}"
        yield Library(
            file=f"cudnn64_{release[0]}.dll" if windows else f"libcudnn.so.{release[0]}",
            version=".".join(str(part) for part in release[:3]),
            path=_path(snapshot, folder),
            origin="wheel",
            reachable=_finds(snapshot, build, folder),
            cuda_major=int(cudnn[1]),
        )
        return
    held = wheel_libraries("win_amd64" if windows else "linux_x86_64").get(wheel.name, ())
    for library in held:
        yield Library(
            file=library.file,
            path=_path(snapshot, library.folder),
            origin="wheel",
            reachable=_finds(snapshot, build, library.folder),
        )


def _path(snapshot: Snapshot, folder: str) -> str | None:
    """A file's path in a site folder's subfolder; only the folder counts."""
    facts = snapshot.environment
    python = minor(facts.python if facts else None)
    windows = bool(snapshot.host and snapshot.host.os == "windows")
    if facts is None or not facts.prefix or python is None or windows or facts.kind == "system":
        return None
    return f"{facts.prefix}/lib/python{python[0]}.{python[1]}/site-packages/{folder}/."


def _finds(snapshot: Snapshot, build: FrameworkFacts, folder: str) -> bool | None:
    """Whether the build finds a wheel's folder: by its own loader entries (PyTorch and JAX name them all, the
    files of TensorFlow say it, else its release), or by LD_LIBRARY_PATH."""
    if build.name in ("torch", "jax"):
        return True
    if build.name == "tensorflow":
        own = build.search_path or searched_folders(numbers(build.version)) or ()
        if any(entry.rstrip("/").endswith(folder) for entry in own):
            return True
    variables = snapshot.variables
    if variables is None:
        return None
    return folder in str(variables.get("LD_LIBRARY_PATH") or variables.get("PATH") or "")


def _of_conda(
    snapshot: Snapshot, build: FrameworkFacts, package: Distribution, needs: tuple[Need, ...]
) -> Iterator[Library]:
    facts = snapshot.environment
    prefix = facts.prefix if facts else None
    release = numbers(package.version)
    if not prefix or not release or (snapshot.host and snapshot.host.os == "windows"):
        return
    path, reachable = f"{prefix}/lib/.", _finds_conda(snapshot, build, f"{prefix}/lib")
    if package.name == "cudnn":
        yield Library(
            file=f"libcudnn.so.{release[0]}",
            version=".".join(str(part) for part in release[:3]),
            path=path,
            origin="conda",
            reachable=reachable,
            cuda_major=_built_for(package),
        )
    elif same_names(release, numbers(build.cuda)):
        for need in needs:
            if not need.is_cudnn:
                version = ".".join(str(part) for part in release[:2])
                yield Library(file=need.file, version=version, path=path, origin="conda", reachable=reachable)


def _finds_conda(snapshot: Snapshot, build: FrameworkFacts, folder: str) -> bool | None:
    facts = snapshot.environment
    begins = "pytorch" if build.name == "torch" else build.name
    for each in (facts.distributions if facts else None) or ():
        if each.name.startswith(begins) and (each.installer == "conda" or each.build):
            return True
    if snapshot.variables is None:
        return None
    return folder in str(snapshot.variables.get("LD_LIBRARY_PATH") or "").split(":")
