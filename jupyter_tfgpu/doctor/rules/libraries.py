"""Does the loader find the CUDA libraries that the build has to load? (cuDNN itself: ``cudnn``; which of
several copies is taken: ``shadowed``.)"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..fixes import cuda_libraries
from ..fixes.libraries import other_cuda, within_reach
from ..report import Finding
from ..snapshot import Library
from ..stack import folder_of
from ..subject import Subject
from .fitness import unfit
from .loading import best_copy, cuda_of, described, links_cuda, listed, matters, shortened
from .rule import Found, Rule


def cuda_missing(subject: Subject) -> Found | None:
    """CUDA libraries that the build must load are nowhere on the machine.

    Silent where another release of CUDA stands in their place, and where only cuDNN is missing: those are
    other causes. Silent too where the driver is not in order, which comes before.
    """
    stack = subject.stack
    missing = stack.in_state("nowhere", "other-version", cudnn=False)
    if not missing or stack.runtime_elsewhere or not matters(subject):
        return None
    linked = links_cuda(subject)
    named = [*missing, *stack.in_state("nowhere", cudnn=True)]
    consequence = (
        "its import fails" if linked or subject.name == "torch" else f"{subject.title} does not use the GPU"
    )
    return Found(
        Finding(
            code="cuda-missing",
            severity="error",
            framework=subject.name,
            title=f"CUDA libraries that {subject.title} needs are not installed",
            detail=(
                f"{subject.title} is built for {cuda_of(subject)} and has to load {listed(named)}, which "
                f"{'is' if len(named) == 1 else 'are'} neither in the environment nor on the machine. "
                f"Without {'it' if len(named) == 1 else 'them'} {consequence}."
            ),
            evidence=tuple(f"not found: {need.file}" for need in named),
            fixes=cuda_libraries(subject),
        ),
        stops_import=linked,
    )


def cuda_version_mismatch(subject: Subject) -> Found | None:
    """CUDA is there, of a release whose libraries have other file names than the build asks for."""
    stack = subject.stack
    if not stack.runtime_elsewhere or not matters(subject):
        return None
    wrong = stack.in_state("other-version", "nowhere", cudnn=False)
    others = _most_seen(copy for need in wrong for copy in stack.others(need))
    there = others or stack.reached_toolkit
    linked = links_cuda(subject)
    found = _releases(there)
    name = found or "the CUDA release there"
    wanted = cuda_of(subject) if _build_states(subject) else "another release of CUDA"
    instead = f"{name} has {', '.join(dict.fromkeys(each.file for each in others))} instead"
    return Found(
        Finding(
            code="cuda-version-mismatch",
            severity="error",
            framework=subject.name,
            title=f"{subject.title} needs {wanted}; what is there is {found or 'not that one'}",
            detail=(
                f"{subject.title} is built for {cuda_of(subject)} and asks for {listed(wrong)}. Files of "
                f"that name {'are not on this machine' if stack.complete else 'were not found'}: "
                f"{instead if others else f'{name} has no such file'}. The file name says which CUDA "
                "release a library belongs to, and no other one is taken in its place."
            ),
            evidence=(
                *(f"not found: {need.file}" for need in wrong),
                *(f"found: {described(each)}" for each in there),
            ),
            fixes=other_cuda(subject),
        ),
        stops_import=linked,
    )


def cuda_not_on_path(subject: Subject) -> Found | None:
    """What the build must load is on disk, of the right release, where its loader does not look.

    Silent where some of it is nowhere: then it is not this release that is installed. A cuDNN that would not
    do if it were found is no reason to show the loader the way to it.
    """
    stack = subject.stack
    out = [need for need in stack.in_state("out-of-reach") if not need.is_cudnn or _cudnn_would_do(subject)]
    if not out or stack.in_state("nowhere", "other-version", cudnn=False) or not matters(subject):
        return None
    copies = {need: best_copy(subject, need) for need in out}
    # cuDNN's first: the others may lie beside a cuDNN that does not do.
    order = sorted(copies, key=lambda need: not need.is_cudnn)
    folders = tuple(dict.fromkeys(folder for need in order if (folder := folder_of(copies[need]))))
    variable = "PATH" if subject.host.os == "windows" else "LD_LIBRARY_PATH"
    linked = links_cuda(subject)
    return Found(
        Finding(
            code="cuda-not-on-path",
            severity="error",
            framework=subject.name,
            title=f"CUDA libraries are installed where {subject.title} does not find them",
            detail=(
                f"{subject.title} has to load {listed(out)}. "
                f"{'It lies' if len(out) == 1 else 'They lie'} on this machine"
                + (f", in {_few(folders)}" if folders else "")
                + f", but the kernel's loader does not look there: {_why_not(subject, copies.values())}. "
                f"{variable} has to be set before the kernel starts; setting it in a cell is too late."
            ),
            evidence=(
                *(
                    f"out of reach: {need.file}" + (f" in {where}" if (where := folder_of(each)) else "")
                    for need, each in copies.items()
                ),
                *_variable(subject, variable),
            ),
            fixes=within_reach(subject, folders),
        ),
        stops_import=linked,
    )


def _build_states(subject: Subject) -> bool:
    """Whether the build says which CUDA it was made for."""
    return bool(subject.framework and subject.framework.cuda)


def _cudnn_would_do(subject: Subject) -> bool:
    need = subject.stack.cudnn
    copies = subject.stack.copies(need.file) if need else ()
    return any(unfit(subject, copy) is None for copy in copies)


def _few(folders: Sequence[str]) -> str:
    more = f" and {len(folders) - 2} more folders" if len(folders) > 3 else ""
    return ", ".join(folders[:2] if more else folders) + more


def _why_not(subject: Subject, copies: Iterable[Library]) -> str:
    origins = {each.origin for each in copies}
    if subject.host.os == "windows":
        return "PATH does not name the folder"
    if "wheel" in origins and subject.name == "tensorflow":
        return (
            "neither the search path that is built into this installation nor LD_LIBRARY_PATH leads to these "
            "folders of NVIDIA's wheels"
        )
    if "conda" in origins:
        return (
            "this build was not made by conda, so it does not search the environment's lib folder, and "
            "LD_LIBRARY_PATH does not name it"
        )
    return "LD_LIBRARY_PATH does not name the folder, nor does the system's loader configuration"


def _variable(subject: Subject, name: str) -> tuple[str, ...]:
    variables = subject.snapshot.variables
    if variables is None:
        return ()
    value = variables.get(name)
    if not value:
        return (f"{name} is not set in the kernel",)
    return (f"{name} of the kernel: {shortened(str(value))}",)


def _most_seen(copies: Iterable[Library]) -> tuple[Library, ...]:
    """Those within reach where there are any, else all; a file once."""
    found = list(copies)
    reached = [each for each in found if each.reachable] or found
    return tuple({each.file: each for each in reached}.values())


def _releases(copies: Iterable[Library]) -> str:
    versions = {each.version for each in copies if each.version}
    return f"CUDA {', '.join(sorted(versions))}" if versions else ""


RULES = (
    Rule("cuda-version-mismatch", "framework", cuda_version_mismatch),
    Rule("cuda-not-on-path", "framework", cuda_not_on_path),
    Rule("cuda-missing", "framework", cuda_missing),
)
