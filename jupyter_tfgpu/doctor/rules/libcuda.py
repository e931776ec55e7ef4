"""Does the kernel's loader take the driver's own libcuda?"""

from __future__ import annotations

from ..fixes import libcuda as fixes
from ..report import Finding
from ..snapshot import Library
from ..stack import folder_of
from ..subject import Subject
from ..versions import numbers
from .loading import described
from .rule import Found, Rule

_NAMES = ("libcuda.so.1", "nvcuda.dll")
_WSL = "/usr/lib/wsl/"
_CONSUMER = ("geforce", "titan")
"""Words of the names of GPUs for which NVIDIA's forward compatibility does not work: it is for data-centre
GPUs and some professional ones."""


def libcuda_shadowed(subject: Subject) -> Found | None:
    """A stub, a cuda-compat library that does not do here, a Linux driver's inside WSL2, or one of another
    driver release comes before the driver's own."""
    copies = _copies(subject)
    loaded = next((each for each in copies if each.reachable), None)
    if loaded is None or subject.driver.status not in ("ok", None, "library-mismatch", "error"):
        return None
    reason = _wrong(subject, loaded, copies)
    if reason is None:
        return None
    right = next((each for each in copies if each is not loaded and _is_drivers(subject, each)), None)
    behind = f" {described(right)} is the driver's own and comes after it." if right else ""
    return Found(
        Finding(
            code="libcuda-shadowed",
            severity="error",
            title=f"{loaded.file} is not the driver's own",
            detail=(
                f"Programs get {described(loaded)} for the driver's library, and {reason}, so CUDA does not "
                f"start.{behind}"
            ),
            evidence=(
                f"loaded: {described(loaded)}",
                *((f"the driver's own: {described(right)}",) if right else ()),
                *((f"driver {subject.driver.version}",) if subject.driver.version else ()),
            ),
            fixes=fixes.drivers_own(subject, loaded, right),
        )
    )


def _wrong(subject: Subject, loaded: Library, copies: list[Library]) -> str | None:
    path = loaded.path or ""
    if loaded.origin == "stub" or "/stubs/" in path:
        return "it is a stub of the CUDA toolkit, for compiling only"
    if loaded.origin == "compat" or "/compat/" in path:
        return _compat(subject, loaded)
    if subject.host.wsl and not path.startswith(_WSL):
        return _inside_wsl(subject, loaded, copies)
    return _other_release(subject, loaded, copies)


def _compat(subject: Subject, loaded: Library) -> str | None:
    """cuda-compat stands in for an older driver's library, on data-centre GPUs alone (NVIDIA's CUDA
    compatibility guide): one that is older than the driver itself never does."""
    own, have = numbers(_drivers_version(subject)), numbers(loaded.version)
    if own and have and have == own:
        return None
    if own and have and have < own:
        return (
            f"it is of a cuda-compat package ({loaded.version}) that is older than the driver "
            f"({_drivers_version(subject)}) and does not work with its kernel module"
        )
    names = subject.gpu_names.lower()
    if any(word in names for word in _CONSUMER):
        return f"it is of a cuda-compat package, which is for data-centre GPUs only, not {subject.gpu_names}"
    return None


def _inside_wsl(subject: Subject, loaded: Library, copies: list[Library]) -> str | None:
    """Under WSL2 the driver is Windows' own, in /usr/lib/wsl/lib; a container gets it elsewhere, with the
    Windows driver's version."""
    own, have = subject.driver.version, loaded.version
    if own and have and numbers(own)[:2] == numbers(have)[:2]:
        return None
    windows = any((each.path or "").startswith(_WSL) for each in copies)
    if (own and have) or (windows and not subject.host.container):
        return "it belongs to a Linux driver, while under WSL2 the driver is Windows' own in /usr/lib/wsl/lib"
    return None


def _other_release(subject: Subject, loaded: Library, copies: list[Library]) -> str | None:
    own, have = numbers(_drivers_version(subject)), numbers(loaded.version)
    if not own or not have or own == have or subject.host.wsl or subject.host.jetson:
        return None
    right = [each for each in copies if each is not loaded and numbers(each.version) == own]
    if not right:
        return None
    return f"it is of the driver release {loaded.version}, while {_drivers_version(subject)} is running"


def _drivers_version(subject: Subject) -> str | None:
    return subject.driver.kernel_module_version or subject.driver.version


def _is_drivers(subject: Subject, copy: Library) -> bool:
    if subject.host.wsl and (copy.path or "").startswith(_WSL):
        return True
    own = numbers(_drivers_version(subject))
    return copy.origin == "driver" and (not own or not copy.version or numbers(copy.version) == own)


def libcuda_not_on_path(subject: Subject) -> Found | None:
    """The driver answers, and the library that CUDA programs open is not found: it lies where the loader
    does not look, or only under another name than the build opens."""
    if subject.driver.status != "ok" or subject.host.os == "windows":
        return None
    copies = [each for each in subject.libraries if each.file in ("libcuda.so.1", "libcuda.so")]
    wanted = _wanted(subject)
    found = [each for each in copies if each.reachable is not False]
    if any(each.file == wanted for each in found):
        return None
    out = [each for each in copies if each.reachable is False]
    if not out and not (found and subject.environment.libraries_complete):
        return None
    where = folder_of(out[0]) if out else None
    only = found[0].file if found and not where else None
    return Found(
        Finding(
            code="libcuda-not-on-path",
            severity="error",
            title=f"The driver's library {wanted} is not found",
            detail=(
                f"The driver answers, but CUDA programs in this kernel do not find {wanted}: "
                + (
                    f"it lies in {where or 'a folder'}, where the loader does not look."
                    if out
                    else f"only {only} is there, and this build opens it by the other name."
                )
            ),
            evidence=(
                *(f"out of reach: {described(each)}" for each in out),
                *((f"found: {described(found[0])}",) if only else ()),
            ),
            fixes=fixes.within_reach(subject, where, only, wanted),
        )
    )


def _wanted(subject: Subject) -> str:
    """libcuda.so.1, unless the builds here ask for libcuda.so (TensorFlow's first releases)."""
    asked = {
        name
        for build in subject.environment.frameworks or ()
        for name in build.needs or ()
        if name in ("libcuda.so", "libcuda.so.1")
    }
    return "libcuda.so" if asked == {"libcuda.so"} else "libcuda.so.1"


def _copies(subject: Subject) -> list[Library]:
    return [each for each in subject.libraries if each.file.lower() in _NAMES]


RULES = (
    Rule("libcuda-shadowed", "machine", libcuda_shadowed),
    Rule("libcuda-not-on-path", "machine", libcuda_not_on_path),
)
