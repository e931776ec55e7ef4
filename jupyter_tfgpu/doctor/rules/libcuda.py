"""Does the kernel's loader take the driver's own libcuda?"""

from __future__ import annotations

import re

from ..fixes import libcuda as fixes
from ..report import Finding
from ..snapshot import Library
from ..stack import folder_of
from ..subject import Subject
from ..versions import numbers
from .loading import described
from .rule import Found, Rule

_SONAMES = ("libcuda.so.1", "libcuda.so")
_WSL = "/usr/lib/wsl/"
_COMPAT = re.compile(r"[/-]compat(-[\d-]+)?/")
_CONSUMER = ("geforce", "titan")
"""Words of the names of GPUs for which NVIDIA's forward compatibility does not work: it is for data-centre
GPUs and some professional ones."""


def libcuda_shadowed(subject: Subject) -> Found | None:
    """A stub, a cuda-compat library that does not do here, a Linux driver's inside WSL2, or one of another
    driver release comes before the driver's own."""
    copies = _copies(subject)
    loaded = next((each for each in copies if each.reachable), None)
    answers = subject.driver.status in ("ok", "error", None) or subject.host.wsl
    if loaded is None or not answers:
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
    if loaded.origin == "compat" or _COMPAT.search(path):
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
    reason = "it belongs to a Linux driver, while under WSL2 the driver is Windows' own in /usr/lib/wsl/lib"
    if any((each.path or "").startswith(_WSL) for each in copies) and not subject.host.container:
        return reason
    own, have = numbers(subject.driver.version)[:2], numbers(loaded.version)[:2]
    return reason if own and have and own != have else None


def _other_release(subject: Subject, loaded: Library, copies: list[Library]) -> str | None:
    """One that somebody put on the way; the driver's own of another release is a half-done update."""
    own, have = numbers(_drivers_version(subject)), numbers(loaded.version)
    if not own or not have or own == have or subject.host.jetson or loaded.origin in ("driver", "system"):
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
    known = [each for each in subject.libraries if each.file in _SONAMES]
    found = [each for each in known if each.reachable is not False]
    for wanted in _wanted(subject):
        if any(each.file == wanted for each in found):
            continue
        out = [each for each in known if each.file == wanted and each.reachable is False]
        out = out or [each for each in known if not found and each.reachable is False]
        told = bool(subject.environment.libraries_complete) or wanted in subject.stack.unopened
        if out or (found and told):
            return _not_on_path(subject, wanted, out, found)
    return None


def _not_on_path(subject: Subject, wanted: str, out: list[Library], found: list[Library]) -> Found:
    where = folder_of(out[0]) if out else None
    only = found[0].file if found and not out else None
    return Found(
        Finding(
            code="libcuda-not-on-path",
            severity="error",
            title=f"The driver's library {wanted} is not found",
            detail=(
                f"The driver answers, but CUDA programs in this kernel do not find {wanted}: "
                + (
                    f"only {only} is there, and it is opened by the other name."
                    if only
                    else f"it lies in {where or 'a folder'}, where the loader does not look."
                )
            ),
            evidence=(
                *(f"out of reach: {described(each)}" for each in out),
                *((f"found: {described(found[0])}",) if only else ()),
            ),
            fixes=fixes.within_reach(subject, where, found[0] if only else None, wanted),
        )
    )


def _wanted(subject: Subject) -> list[str]:
    """The names by which libcuda is opened: by the builds here, as the log says, else libcuda.so.1."""
    asked = [name for build in subject.environment.frameworks or () for name in build.needs or ()]
    asked += sorted(subject.stack.unopened)
    return [name for name in dict.fromkeys(asked) if name in _SONAMES] or [_SONAMES[0]]


def _copies(subject: Subject) -> list[Library]:
    """By the name that programs open, in the loader's order."""
    names = (_wanted(subject)[0], "nvcuda.dll")
    return [each for each in subject.libraries if each.file.lower() in names]


RULES = (
    Rule("libcuda-shadowed", "machine", libcuda_shadowed),
    Rule("libcuda-not-on-path", "machine", libcuda_not_on_path),
)
