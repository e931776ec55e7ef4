"""Is cuDNN there, and does the copy that is loaded do for this build? (A right copy behind a wrong one:
``shadowed``.)"""

from __future__ import annotations

from ..fixes import cudnn as fixes
from ..report import Finding, Fix
from ..snapshot import Library
from ..stack import named
from ..subject import Subject
from ..versions import numbers
from .fitness import Compiled, Unfit, compiled, unfit
from .loading import described, links_cuda, listed, matters
from .rule import Found, Rule


def cudnn_missing(subject: Subject) -> Found | None:
    """No cuDNN of the major release that the build needs, nor a newer one (which is ``cudnn-too-new``).

    Or, for builds that load its parts by name, its main library without them.
    """
    stack = subject.stack
    missing = stack.in_state("nowhere", "other-version", cudnn=True)
    if not missing or _only_newer(subject) or not matters(subject):
        return None
    need = stack.cudnn
    older = stack.others(need) if need and stack.states[need] == "other-version" else ()
    wanted = compiled(subject)
    version = f" {wanted}" if wanted else ""
    instead = (
        f" ({', '.join(sorted({described(each) for each in older}))} is for other builds)" if older else ""
    )
    linked = links_cuda(subject)
    return Found(
        Finding(
            code="cudnn-missing",
            severity="error",
            framework=subject.name,
            title=f"cuDNN, which {subject.title} needs, is not installed",
            detail=(
                f"{subject.title} has to load {listed(missing)} (cuDNN{version}), which "
                f"{'is' if len(missing) == 1 else 'are'} neither in the environment nor on the machine"
                f"{instead}. {_without_cudnn(subject, linked)}"
            ),
            evidence=(
                *(f"not found: {each.file}" for each in missing),
                *(f"found: {described(each)}" for each in older),
            ),
            fixes=_install(subject, wanted, None),
        ),
        stops_import=linked,
    )


def cudnn_too_new(subject: Subject) -> Found | None:
    """Only a newer major release is there, or a newer minor one than an old build accepts."""
    loaded = _judged(subject)
    wanted = compiled(subject)
    if not matters(subject):
        return None
    if loaded is not None and unfit(subject, loaded) == "too-new":
        detail = (
            f"{subject.title} was compiled with cuDNN {wanted} and accepts no other minor release; "
            f"{described(loaded)} is what is loaded, so the first convolution fails."
        )
        return _found(subject, "cudnn-too-new", "is newer than this build accepts", loaded, detail, wanted)
    need = subject.stack.cudnn
    if need is None or not _only_newer(subject):
        return None
    newer = max(
        (each for each in subject.stack.others(need) if each.reachable),
        key=lambda each: numbers(each.version),
    )
    detail = (
        f"{subject.title} asks for {need.file}, and only {described(newer)} is there: cuDNN of another major "
        f"release has another file name and is not loaded in its place. {_without_cudnn(subject)}"
    )
    return _found(
        subject, "cudnn-too-new", "is of a newer major release than this build needs", newer, detail, wanted
    )


def cudnn_too_old(subject: Subject) -> Found | None:
    """The cuDNN that is loaded is of an older minor release than the build was compiled with."""
    loaded = _judged(subject)
    if loaded is None or unfit(subject, loaded) != "too-old" or not matters(subject):
        return None
    wanted = compiled(subject)
    detail = (
        f"{described(loaded)} is what {subject.title} loads, and it was compiled with cuDNN {wanted}: the "
        "one that is loaded has to be of the same major release and at least that minor one. The GPU is "
        "listed all the same, and the first convolution fails."
    )
    return _found(
        subject, "cudnn-too-old", f"is older than the {wanted} of this build", loaded, detail, wanted
    )


def cudnn_wrong_cuda(subject: Subject) -> Found | None:
    """The cuDNN that is loaded was built for another major release of CUDA than the framework."""
    loaded = _judged(subject)
    if loaded is None or unfit(subject, loaded) != "wrong-cuda" or not matters(subject):
        return None
    major = subject.stack.cuda_major
    detail = (
        f"{described(loaded)} was built for CUDA {loaded.cuda_major}, and {subject.title} for CUDA {major}. "
        f"It loads the libraries of CUDA {loaded.cuda_major} itself, so it fails at its first use."
    )
    return _found(
        subject,
        "cudnn-wrong-cuda",
        f"was built for CUDA {loaded.cuda_major}, not for CUDA {major}",
        loaded,
        detail,
        compiled(subject),
    )


def zlibwapi_missing(subject: Subject) -> Found | None:
    """Windows: cuDNN 8.3 and later loads zlibwapi.dll and does not bring it (cupy issue 6226, onnxruntime
    issue 17510). conda's packages of cuDNN bring it, as does PyTorch."""
    stack = subject.stack
    loaded = stack.loaded(stack.cudnn.file) if stack.cudnn else None
    if subject.host.os != "windows" or loaded is None or not stack.complete or not matters(subject):
        return None
    version = numbers(loaded.version)
    if not (8, 3) <= version[:2] < (9, 0) or loaded.origin in ("conda", "bundled"):
        return None
    zlib = [each for each in subject.libraries if each.file.lower() == "zlibwapi.dll"]
    if any(each.reachable is not False for each in zlib):
        return None
    path = zlib[0].path if zlib else None
    where = f"it lies at {path}, which PATH does not name" if path else "it is not on this machine"
    return Found(
        Finding(
            code="zlibwapi-missing",
            severity="error",
            framework=subject.name,
            title="cuDNN needs zlibwapi.dll, which is not found",
            detail=(
                f"cuDNN {loaded.version} on Windows loads zlibwapi.dll and does not bring it along; "
                f"{where}. The first convolution ends the kernel without a message."
            ),
            evidence=(f"loaded: {described(loaded)}", "not found: zlibwapi.dll"),
            fixes=(
                Fix(
                    title=(
                        "Take zlibwapi.dll (64 bit) from the zlib package that NVIDIA's cuDNN installation "
                        "guide for Windows names, and put it beside "
                        f"{loaded.path or loaded.file}, or into another folder on PATH; then restart the "
                        "kernel"
                    ),
                    where="host",
                ),
            ),
        )
    )


def _judged(subject: Subject) -> Library | None:
    """The copy that is loaded, unless another that does lies behind it; else the best of those on disk."""
    stack = subject.stack
    if stack.cudnn is None:
        return None
    loaded = stack.loaded(stack.cudnn.file)
    if loaded is not None:
        return loaded
    copies = stack.copies(stack.cudnn.file)
    if not copies or stack.states[stack.cudnn] != "out-of-reach":
        return None
    return next((each for each in copies if unfit(subject, each) is None), copies[0])


def _only_newer(subject: Subject) -> bool:
    """Whether the loader finds cuDNN, in newer major releases alone."""
    need = subject.stack.cudnn
    if need is None or subject.stack.states[need] != "other-version":
        return False
    others = subject.stack.others(need)
    newer = all(named(each.file).version > need.version for each in others)
    return newer and any(each.reachable for each in others)


def _without_cudnn(subject: Subject, linked: bool = False) -> str:
    if linked or subject.name == "mxnet":
        return "Without it the import fails."
    if subject.name == "torch":
        return "Without it the import or the first convolution fails."
    return f"Without it {subject.title} does not use the GPU."


def _install(subject: Subject, wanted: Compiled | None, instead: Library | None) -> tuple[Fix, ...]:
    need = subject.stack.cudnn
    version = wanted.version if wanted else (need.version if need else ())
    if not version:
        return (Fix(title="Install the cuDNN that this build was made for"),)
    exact = bool(wanted and wanted.exact_minor)
    return fixes.fitting_cudnn(subject, version, exact_minor=exact, instead=instead)


def _found(
    subject: Subject, code: str, what: str, library: Library, detail: str, wanted: Compiled | None
) -> Found:
    version = f" {library.version}" if library.version else ""
    build = f"{subject.title} was compiled with cuDNN {wanted}" if wanted else f"{subject.title} needs cuDNN"
    return Found(
        Finding(
            code=code,
            severity="error",
            framework=subject.name,
            title=f"cuDNN{version} {what}",
            detail=detail,
            evidence=(f"loaded: {described(library)}", build),
            fixes=_install(subject, wanted, library),
        )
    )


WORDS: dict[Unfit, str] = {
    "wrong-cuda": "for another CUDA",
    "too-old": "older than the build needs",
    "too-new": "newer than the build accepts",
}
"""Why a cuDNN does not do, for a sentence."""

RULES = (
    Rule("cudnn-wrong-cuda", "framework", cudnn_wrong_cuda),
    Rule("cudnn-missing", "framework", cudnn_missing),
    Rule("cudnn-too-new", "framework", cudnn_too_new),
    Rule("cudnn-too-old", "framework", cudnn_too_old),
    Rule("zlibwapi-missing", "framework", zlibwapi_missing),
)
