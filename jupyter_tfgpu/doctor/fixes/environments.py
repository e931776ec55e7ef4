"""The environment, its kernel, and a new environment where this one cannot do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..knowledge.wheels import Wheels, wheels
from ..report import Fix
from ..snapshot import Distribution, OtherEnvironment
from ..subject import Subject
from ..wanted import PLUGINS, Wanted, within
from . import automatic
from .frameworks import gpu_build, requirement
from .plugins import METAL_STACK, fitting_plugin
from .requirement import Requirement, with_python
from .tensorflow import companions
from .tool import (
    conda_install,
    made_by_conda,
    new_environment,
    pip_install,
    pip_uninstall,
    quoted,
    wheel_platform,
)

_ENOUGH = 3
"""Releases that have a wheel for a Python which is recommended: not the newest Python, which the next
package that is needed may not have."""

_BESIDE = frozenset(package for packages in PLUGINS.values() for package in packages)


def repair_kernelspec(subject: Subject) -> tuple[Fix, ...]:
    """Ours is written anew; one that somebody else wrote is removed by Jupyter's own command."""
    spec = subject.snapshot.kernelspec
    name = spec.name if spec else None
    title = "Let the kernelspec start the environment's interpreter again"
    commands = (f"jupyter tfgpu specs repair {quoted(subject, name)}",) if name else ()
    mend = automatic.repair(subject, "stale-kernelspec", title, "kernelspec", commands)
    if not name:
        return (mend,)
    remove = Fix(
        title="Or, where that environment is gone, remove the kernelspec and choose another kernel",
        commands=(f"jupyter kernelspec remove {quoted(subject, name)}",),
    )
    return (mend, remove)


def install_ipykernel(subject: Subject) -> tuple[Fix, ...]:
    """By the tool that made the environment."""
    if subject.environment.kind in ("conda", "pixi"):
        command = conda_install(subject, "ipykernel", channel=_channel(subject))
    else:
        command = pip_install(subject, "ipykernel")
    title = "Install ipykernel into this environment"
    return (automatic.repair(subject, "ipykernel-missing", title, "ipykernel", (command,)),)


def _channel(subject: Subject) -> str | None:
    """The channel that the environment's packages come from, where they come from one."""
    channels = {each.channel for each in subject.distributions if each.channel and made_by_conda(each)}
    return channels.pop() if len(channels) == 1 else None


def add_kernel(subject: Subject, environment: OtherEnvironment) -> tuple[Fix, ...]:
    """A kernel of another environment, to be chosen in the notebook."""
    target = environment.prefix or environment.name
    where = environment.name or environment.prefix or "that environment"
    if subject.host.os == "windows" and (environment.prefix or "").startswith("/"):
        title = (
            f"Start Jupyter inside WSL2, where {where} is: the jupyter of Windows runs Windows' own Python"
        )
        return (Fix(title=title),)
    if environment.has_kernelspec:
        return (Fix(title=f"Choose the kernel of {where} in the notebook's kernel picker", where="notebook"),)
    return (
        Fix(
            title=(
                f"Add a kernel for {where}, where ipykernel has to be installed, then choose it in the "
                "notebook's kernel picker"
            ),
            commands=(f"jupyter tfgpu specs add {quoted(subject, target)}",) if target else (),
        ),
    )


def unshadow(subject: Subject, place: str, names: Sequence[str]) -> tuple[Fix, ...]:
    """Without what comes before: by a variable for this kernel, or by removing those copies."""
    code = "shadowed-packages"
    if place == "pythonpath":
        title = "Start the kernel without PYTHONPATH"
        return (automatic.unset_variables(subject, code, title, "PYTHONPATH"),)
    if place != "user":
        title = "Make the environment anew without the system's packages (no --system-site-packages)"
        return (Fix(title=title),)
    ipykernel = subject.distribution("ipykernel")
    keeps = ipykernel is not None and ipykernel.location == "user"
    if keeps:
        title = "Install ipykernel into this environment: the kernel's own comes from the user site too"
        commands = (pip_install(subject, "ipykernel", options="--ignore-installed"),)
        first: tuple[Fix, ...] = (Fix(title=title, commands=commands),)
    else:
        title = "Let the kernel leave out the user site"
        first = (automatic.set_variables(subject, code, title, {"PYTHONNOUSERSITE": "1"}),)
    remove = pip_uninstall(subject, dict.fromkeys(names))
    where = " (pip takes the copies that Python finds first)"
    return (*first, Fix(title=f"Or remove those copies from the user site{where}", commands=remove))


def removed_package(subject: Subject) -> tuple[Fix, ...]:
    """``tensorflow`` in the place of ``tensorflow-gpu``."""
    stub = pip_uninstall(subject, ["tensorflow-gpu"] if subject.distribution("tensorflow-gpu") else [])
    wanted = requirement(subject)
    if wanted is None:
        return other_python(subject, None)
    command = pip_install(subject, *wanted.words, options=wanted.options)
    note = Fix(
        title="Replace tensorflow-gpu by it in requirements files and environment files as well, and in the "
        "requirements of packages that ask for it"
    )
    return (Fix(title=f"Install {wanted.title}", commands=(*stub, command)), note)


def other_python(subject: Subject, request: Wanted | None) -> tuple[Fix, ...]:
    """A new environment with a Python that has wheels of what is wanted."""
    if request is not None and request.package in PLUGINS.get(subject.name or "", ()):
        return fitting_plugin(subject, Distribution(name=request.package, version=None))[:1]
    known = {row.package for row in wheels(subject.name or "")}
    if request is not None and known and request.package not in known:
        title = (
            f"Make a new environment with a Python that {request.package} has wheels for: its page on the "
        )
        return (Fix(title=f"{title}package index lists them"),)
    exact = request if request is not None and request.limits else None
    if subject.name == "tensorflow" and subject.host.os == "windows" and subject.nvidia_gpu and not exact:
        return _for_windows(subject)
    python = _fitting_python(subject, exact)
    if python is None:
        name = exact.text if exact else subject.proper_name
        return (Fix(title=f"No Python has a wheel of {name} for this platform: ask for another release"),)
    found = _exactly(subject, exact) if exact else requirement(with_python(subject, python))
    is_32_bit = subject.environment.bits == 32 or subject.environment.python_arch == "i686"
    title = f"Make a new environment with a {'64-bit ' if is_32_bit else ''}Python {python}"
    if found is None:
        return (Fix(title=title),)
    name = f"{subject.name}-py{python.replace('.', '')}"
    commands = new_environment(subject, name, python, *found.words, options=found.options)
    return (Fix(title=f"{title} for {found.title}", commands=commands),)


def _for_windows(subject: Subject) -> tuple[Fix, ...]:
    """WSL2 takes any release; native Windows the last with GPU code, and a Python of its time."""
    assumed = with_python(subject, "3.10")
    wsl = gpu_build(assumed)[0]
    found = requirement(assumed)
    if found is None:
        return (wsl,)
    commands = new_environment(subject, "tensorflow-py310", "3.10", *found.words, options=found.options)
    return (wsl, Fix(title=f"Make a new environment with Python 3.10 for {found.title}", commands=commands))


def _exactly(subject: Subject, request: Wanted) -> Requirement:
    """What was asked for, and the upper limits that an old TensorFlow lacks."""
    limits = ",".join(sorted(str(each) for each in request.limits))
    exact = [each.version for each in request.limits if each.operator == "=="]
    more = companions(exact[0]) if subject.name == "tensorflow" and exact else ()
    return Requirement(request.text, (f"{request.package}{limits}", *more))


def _fitting_python(subject: Subject, request: Wanted | None) -> str | None:
    """The newest Python that several releases have wheels for; with a request, the newest that has what is
    asked for. None: none has."""
    platform = wheel_platform(with_python(subject, "3"))
    rows = [
        row
        for row in wheels(subject.name or "")
        if row.platform == platform
        and (row.package == request.package if request else row.package not in _BESIDE)
    ]
    if request is not None:
        rows = [row for row in rows if any(within(request.limits, each) for each in row.versions)]
    counts = {tag: _releases(rows, tag) for tag in {row.python_tag for row in rows}}
    several = [tag for tag, count in counts.items() if request is not None or count >= _ENOUGH]
    best = max(several or counts, key=lambda tag: int(tag[3:]) + 100 * int(tag[2]), default=None)
    return f"{best[2]}.{best[3:]}" if best else None


def _releases(rows: Iterable[Wheels], tag: str) -> int:
    return len({version for row in rows if row.python_tag == tag for version in row.versions})


def native_python(subject: Subject) -> tuple[Fix, ...]:
    """An interpreter for this processor, where this one is for another. Empty: it is for this one."""
    if subject.environment.python_arch in (None, subject.host.arch) or subject.environment.bits == 32:
        return ()
    arch = subject.host.arch
    title = f"Make a new environment with a Python for this processor ({arch})"
    if subject.host.os != "macos" or subject.environment.kind != "conda":
        return (Fix(title=title),)
    python = _fitting_python(subject, None) or "3.12"
    name = f"{subject.name}-{arch}"
    words = METAL_STACK if subject.name == "tensorflow" else (subject.name or "",)
    create, *rest = new_environment(subject, name, python, *words)
    keep = f"conda run -n {name} conda config --env --set subdir osx-arm64"
    return (Fix(title=title, commands=(f"CONDA_SUBDIR=osx-arm64 {create}", keep, *rest)),)
