"""Does the loader find what the build has to load?"""

from __future__ import annotations

import re

from ..fixes import cuda_libraries
from ..report import Finding
from ..stack import DRIVER_LIBRARIES
from ..subject import Subject
from .rule import Found, Rule

_CUDNN = re.compile(r"(lib)?cudnn", re.IGNORECASE)
_STEM = re.compile(r"(?P<stem>lib[A-Za-z_]+)(?:-[0-9a-f]+)?\.so|(?P<dll>[A-Za-z_]+?)(?:64)?_\d")


def cuda_missing(subject: Subject) -> Found | None:
    """CUDA libraries that the build must load are nowhere on the machine, in no version.

    Where another version of one is there, or only cuDNN is missing, the cause is another one. Silent
    unless the list of libraries is complete and the driver is in order, which comes before.
    """
    build = subject.framework
    complete = subject.environment.libraries_complete and subject.environment.libraries is not None
    if build is None or not build.cuda_build or not build.needs or not complete:
        return None
    linked = links_cuda(subject)
    if subject.driver.status not in ("ok", None) and not (linked and subject.nvidia_gpu is False):
        return None
    present = {each.file.lower() for each in subject.libraries}
    missing = [name for name in build.needs if _is_cuda(name) and name.lower() not in present]
    runtime = [name for name in missing if not _CUDNN.match(name)]
    stems = {stem(each.file) for each in subject.libraries}
    if not runtime or any(stem(name) in stems for name in missing):
        return None
    cuda = f"CUDA {build.cuda}" if build.cuda else "CUDA"
    consequence = "its import fails" if linked else "no GPU is registered"
    return Found(
        Finding(
            code="cuda-missing",
            severity="error",
            framework=subject.name,
            title=f"CUDA libraries that {subject.title} needs are not installed",
            detail=(
                f"{subject.title} is built for {cuda} and has to load {_listed(missing)}, which "
                f"{'is' if len(missing) == 1 else 'are'} neither in the environment nor on the machine. "
                f"Without {'it' if len(missing) == 1 else 'them'} {consequence}."
            ),
            evidence=tuple(f"not found: {name}" for name in missing),
            fixes=cuda_libraries(subject),
        ),
        stops_import=linked,
    )


def links_cuda(subject: Subject) -> bool:
    """Whether the build cannot even be imported without CUDA: TensorFlow's GPU wheels up to 1.14 and
    MXNet's are linked against it, later TensorFlow opens it when it needs it (read from the wheels)."""
    release = subject.release
    if subject.name == "mxnet":
        return any(each.name.startswith("mxnet-cu") for each in subject.distributions)
    return subject.name == "tensorflow" and release is not None and release <= (1, 14)


def _is_cuda(name: str) -> bool:
    return not name.lower().startswith((*DRIVER_LIBRARIES, "msvcp", "vcruntime", "zlibwapi"))


def stem(name: str) -> str:
    """A library's name without its version: ``libcusolver.so.10`` and ``.11`` have one, as have
    ``cudart64_101.dll`` and ``cudart64_110.dll``."""
    match = _STEM.match(name)
    return (match["stem"] or match["dll"] or name).lower() if match else name.lower()


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


RULES = (Rule("cuda-missing", "framework", cuda_missing),)
