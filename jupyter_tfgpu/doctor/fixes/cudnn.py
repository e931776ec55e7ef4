"""cuDNN: a release that the build accepts and that has code for this machine's GPUs, from where the present
one comes from."""

from __future__ import annotations

from ..knowledge.gpus import cudnn_releases
from ..report import Fix
from ..snapshot import Library
from ..stack import folder_of
from ..subject import Subject
from ..versions import numbers
from .automatic import set_variables
from .libraries import cuda_libraries, with_current
from .releases import serves
from .tool import conda_install, made_by_conda, pip_install, wheel_platform


def fitting_cudnn(
    subject: Subject, version: tuple[int, ...], *, exact_minor: bool = False
) -> tuple[Fix, ...]:
    """How to get a cuDNN that does. ``version``: that the build was compiled with; the major one at least."""
    if subject.host.jetson:
        return cuda_libraries(subject)
    release = ".".join(str(part) for part in version)
    package = subject.distribution("cudnn")
    if made_by_conda(package):
        spec = (
            f"cudnn={release}.*" if exact_minor or len(version) < 2 else f"cudnn>={release},<{version[0] + 1}"
        )
        channel = (package.channel if package else None) or "conda-forge"
        command = conda_install(subject, spec, channel=channel)
        return (Fix(title=f"Let conda install cuDNN {release} into this environment", commands=(command,)),)
    requirement = wheel_requirement(subject, version)
    if requirement is None or wheel_platform(subject) != "linux_x86_64":
        return (_by_hand(subject, release, exact_minor),)
    command = pip_install(subject, requirement)
    by_pip = Fix(title="Install a cuDNN that this build accepts", commands=(command,))
    if subject.name == "tensorflow" and (subject.release or (9, 9)) < (2, 14):
        return (by_pip, *_on_path(subject, version), _by_hand(subject, release, exact_minor))
    if subject.name == "mxnet":
        return (_by_hand(subject, release, exact_minor),)
    return (by_pip, _by_hand(subject, release, exact_minor))


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


def _on_path(subject: Subject, version: tuple[int, ...]) -> tuple[Fix, ...]:
    """TensorFlow before 2.14 does not search NVIDIA's wheels by itself."""
    facts = subject.environment
    if not facts.prefix or not facts.python or facts.kind == "system":
        return (Fix(title="Then put site-packages/nvidia/cudnn/lib first on LD_LIBRARY_PATH"),)
    minor = ".".join(facts.python.split(".")[:2])
    folder = f"{facts.prefix}/lib/python{minor}/site-packages/nvidia/cudnn/lib"
    return (
        Fix(
            title="Then put its folder first on LD_LIBRARY_PATH, in the kernelspec or before Jupyter starts: "
            "this release does not search it by itself",
            commands=(f'export LD_LIBRARY_PATH="{folder}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"',),
        ),
    )


def _by_hand(subject: Subject, release: str, exact_minor: bool) -> Fix:
    major = subject.stack.cuda_major
    for_cuda = f" for CUDA {major}" if major else ""
    newer = "" if exact_minor or "." not in release else f" (or a newer {release.split('.')[0]}.x)"
    return Fix(
        title=f"Install cuDNN {release}{newer}{for_cuda} in place of the one on this machine", where="host"
    )


def without(subject: Subject, wrong: Library, right: Library, folder: str | None) -> tuple[Fix, ...]:
    """How the right copy comes before the wrong one. ``folder``: that of the wrong one."""
    fixes: list[Fix] = []
    variables = subject.snapshot.variables or {}
    entries = [each for each in str(variables.get("LD_LIBRARY_PATH") or "").split(":") if each]
    good = folder_of(right)
    if subject.host.os != "windows" and folder and folder in entries:
        rest = [each for each in entries if each != folder]
        order = [good, *[each for each in rest if each != good]] if good else rest
        if good and right.origin != "wheel":
            order = [*order, folder]
        fixes.append(
            set_variables(
                subject,
                "library-shadowed",
                "Put the right folder first in LD_LIBRARY_PATH, in the kernelspec, then restart the kernel",
                {"LD_LIBRARY_PATH": ":".join(order)},
            )
        )
        fixes.append(
            Fix(
                title=f"Or take {folder} out of LD_LIBRARY_PATH where it is set (module, .bashrc, activate.d)"
            )
        )
        return tuple(fixes)
    if wrong.origin == "conda" and made_by_conda(subject.distribution("cudnn")) and "cudnn" in wrong.file:
        version = ".".join((right.version or "").split(".")[:2])
        if version:
            channel = getattr(subject.distribution("cudnn"), "channel", None) or "conda-forge"
            command = conda_install(subject, f"cudnn={version}.*", channel=channel)
            fixes.append(
                Fix(title=f"Let conda install cuDNN {version} in place of its own", commands=(command,))
            )
    if subject.host.os != "windows" and good:
        fixes.append(
            set_variables(
                subject,
                "library-shadowed",
                "Put the right folder first: LD_LIBRARY_PATH in the kernelspec, then restart the kernel",
                {"LD_LIBRARY_PATH": with_current(subject, "LD_LIBRARY_PATH", (good,))},
            )
        )
    return tuple(fixes) or (Fix(title=f"Remove {wrong.path or wrong.file}, or put it after the right one"),)
