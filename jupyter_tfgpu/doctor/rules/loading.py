"""What the rules about libraries share: whether CUDA matters here, which copy is the best, words."""

from __future__ import annotations

from collections.abc import Sequence

from ..snapshot import Library
from ..stack import Need, folder_of
from ..subject import Subject
from .fitness import unfit


def links_cuda(subject: Subject) -> bool:
    """Whether the build cannot even be imported without CUDA: TensorFlow's GPU wheels up to 1.14 and
    MXNet's are linked against it, later TensorFlow opens it when it needs it (read from the wheels)."""
    build = subject.framework
    if build is None or build.cuda_build is False:
        return False
    release = subject.release
    return subject.name == "mxnet" or (
        subject.name == "tensorflow" and release is not None and release <= (1, 14)
    )


def matters(subject: Subject) -> bool:
    """Whether CUDA is used at all: the driver is in order, or the import fails without it, GPU or not."""
    if subject.driver.status not in ("ok", None):
        return links_cuda(subject) and subject.nvidia_gpu is False
    if subject.other_gpu and not subject.nvidia_gpu:
        return False
    return subject.nvidia_gpu is not False or links_cuda(subject)


def best_copy(subject: Subject, need: Need) -> Library:
    """Of the copies of a library that is out of reach: one that does, of the build's own CUDA release, of
    the environment before the system's."""
    build = subject.framework
    release = (build.cuda or "").split(".")[:2] if build else []

    def merit(copy: Library) -> tuple[bool, bool, bool]:
        return (
            not need.is_cudnn or unfit(subject, copy) is None,
            (copy.version or "").split(".")[:2] == release,
            copy.origin in ("wheel", "conda"),
        )

    return max(subject.stack.usable(need), key=merit)


def cuda_of(subject: Subject) -> str:
    """The build's CUDA release for a sentence."""
    build = subject.framework
    return f"CUDA {build.cuda}" if build and build.cuda else "CUDA"


def listed(needs: Sequence[Need]) -> str:
    """The file names for a sentence."""
    names = [need.file for need in needs]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def shortened(value: str, limit: int = 240) -> str:
    """A variable's value as evidence: its beginning, where it is long."""
    return value if len(value) <= limit else f"{value[:limit]}…"


def described(library: Library) -> str:
    version = f" {library.version}" if library.version else ""
    return f"{library.file}{version}" + (f" in {folder}" if (folder := folder_of(library)) else "")
