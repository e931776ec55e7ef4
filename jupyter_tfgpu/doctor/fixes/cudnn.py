"""cuDNN: a release that the build accepts and that has code for this machine's GPUs, from where the present
one comes from."""

from __future__ import annotations

from ..knowledge.gpus import cudnn_releases
from ..report import Fix
from ..snapshot import Library
from ..stack import folder_of
from ..subject import Subject
from ..versions import numbers
from .libraries import cuda_libraries
from .releases import serves
from .tool import conda_install, made_by_conda, pip_install, put_first, wheel_platform


def fitting_cudnn(
    subject: Subject, version: tuple[int, ...], *, exact_minor: bool = False, instead: Library | None = None
) -> tuple[Fix, ...]:
    """How to get a cuDNN that does. ``version``: that the build was compiled with; the major one at least.
    ``instead``: the one that is loaded now; None: none is."""
    if subject.host.jetson:
        return cuda_libraries(subject)
    release = ".".join(str(part) for part in version)
    package = subject.distribution("cudnn")
    if made_by_conda(package) or framework_by_conda(subject):
        floor = f"cudnn>={release},<{version[0] + 1}"
        spec = f"cudnn={release}.*" if exact_minor or len(version) < 2 else floor
        channel = (package.channel if package else None) or "conda-forge"
        command = conda_install(subject, spec, channel=channel)
        return (Fix(title=f"Let conda install cuDNN {release} into this environment", commands=(command,)),)
    by_hand = _by_hand(subject, release, exact_minor, instead)
    requirement = wheel_requirement(subject, version)
    if requirement is None or wheel_platform(subject) != "linux_x86_64" or subject.name == "mxnet":
        return (by_hand,)
    command = pip_install(subject, requirement)
    by_pip = Fix(title="Install a cuDNN that this build accepts", commands=(command,))
    return (by_pip, *_on_path(subject, instead), by_hand)


def framework_by_conda(subject: Subject) -> bool:
    """Whether conda made the framework's build: it then looks in the environment's own lib folder, not in
    NVIDIA's wheels."""
    begins = "pytorch" if subject.name == "torch" else subject.name or ""
    return any(each.name.startswith(begins) and made_by_conda(each) for each in subject.distributions)


def wheel_requirement(subject: Subject, version: tuple[int, ...]) -> str | None:
    """NVIDIA's wheel of cuDNN in a range that exists: of this major release, at least the minor one, with
    code for this machine's GPUs. None: there is none for this CUDA release."""
    major = subject.stack.cuda_major
    same = [
        (release, code)
        for release, code in cudnn_releases(major or 0)
        if numbers(release)[:1] == version[:1] and numbers(release)[: len(version)] >= version
    ]
    fits = [
        release for release, code in same if all(serves(code, each) for each in subject.compute_capabilities)
    ]
    if not fits:
        return None
    ceiling = f"<{version[0] + 1}" if fits[-1] == same[-1][0] else f"<={fits[-1]}"
    return f"nvidia-cudnn-cu{major}>={fits[0]},{ceiling}"


def _on_path(subject: Subject, instead: Library | None) -> tuple[Fix, ...]:
    """TensorFlow before 2.14 does not search NVIDIA's wheels by itself, and a folder that LD_LIBRARY_PATH
    names comes before those that later releases search."""
    variables = subject.snapshot.variables or {}
    entries = str(variables.get("LD_LIBRARY_PATH") or "").split(":")
    shadowed = instead is not None and folder_of(instead) in entries
    old = subject.name == "tensorflow" and (subject.release or (9, 9)) < (2, 14)
    if not old and not shadowed:
        return ()
    facts = subject.environment
    if not facts.prefix or not facts.python or facts.kind == "system":
        return (Fix(title="Then put site-packages/nvidia/cudnn/lib first on LD_LIBRARY_PATH"),)
    minor = ".".join(facts.python.split(".")[:2])
    folder = f"{facts.prefix}/lib/python{minor}/site-packages/nvidia/cudnn/lib"
    why = (
        "this release does not search it by itself" if old else "another cuDNN lies in a folder that it names"
    )
    return (
        Fix(
            title=f"Then put its folder first on LD_LIBRARY_PATH, before Jupyter starts: {why}",
            commands=(put_first("LD_LIBRARY_PATH", (folder,)),),
        ),
    )


def _by_hand(subject: Subject, release: str, exact_minor: bool, instead: Library | None) -> Fix:
    major = subject.stack.cuda_major
    for_cuda = f" for CUDA {major}" if major else ""
    newer = "" if exact_minor or "." not in release else f" (or a newer {release.split('.')[0]}.x)"
    variable = "PATH" if subject.host.os == "windows" else "LD_LIBRARY_PATH"
    there = folder_of(instead) if instead else None
    place = f"in place of the one in {there}" if there else f"and put its folder on {variable}"
    return Fix(title=f"Install cuDNN {release}{newer}{for_cuda} {place}", where="host")
