"""Does the notebook run where the framework is?"""

from __future__ import annotations

import ntpath
import posixpath
import re
from collections.abc import Sequence

from ..fixes.environments import add_kernel, install_ipykernel, repair_kernelspec
from ..report import Finding
from ..snapshot import OtherEnvironment
from ..stack import DRIVER_LIBRARIES
from ..subject import Subject
from ..wanted import PACKAGES, is_absent
from .build import expects_gpu
from .rule import Found, Rule

_JUPYTER = ("notebook", "jupyterlab", "jupyter-server", "jupyter-client", "ipython")
_ANY_NAME = frozenset({"base", "root", "python", "python2", "python3", "env", "venv", ".venv"})
"""Names of environments that a kernel's name may hold by chance."""


def stale_kernelspec(subject: Subject) -> Found | None:
    """The kernelspec's interpreter does not exist any more."""
    spec = subject.snapshot.kernelspec
    if spec is None or spec.executable_exists is not False:
        return None
    name = spec.display_name or spec.name
    return Found(
        Finding(
            code="stale-kernelspec",
            severity="error",
            title="The kernel's interpreter does not exist any more",
            detail=(
                f"The kernelspec{f' {name!r}' if name else ''} starts {spec.executable or 'an interpreter'}, "
                "which is not there: its environment, or that Python, was moved, renamed, upgraded or "
                "removed. The kernel cannot start."
            ),
            evidence=(f"does not exist: {spec.executable or spec.prefix or 'the interpreter'}",),
            fixes=repair_kernelspec(subject),
        ),
        stops_import=True,
    )


def ipykernel_missing(subject: Subject) -> Found | None:
    """The environment cannot be a kernel: it has no ipykernel, or no kernelspec while it holds what is
    wanted here.

    Silent on an environment without ipykernel that no notebook is known to use.
    """
    facts = subject.environment
    missing = facts.ipykernel_checked and not facts.ipykernel and subject.distribution("ipykernel") is None
    notebook = subject.snapshot.kernelspec is not None or any(
        subject.distribution(each) is not None for each in _JUPYTER
    )
    if not (missing and notebook):
        return None
    where = facts.name or facts.prefix
    return Found(
        Finding(
            code="ipykernel-missing",
            severity="error",
            title="ipykernel is not installed in this environment",
            detail=(
                f"{f'The environment {where}' if where else 'This environment'} has no ipykernel, so no "
                "kernel can start in it and a notebook cannot use what is installed there."
            ),
            evidence=("not installed: ipykernel",),
            fixes=install_ipykernel(subject),
        ),
        stops_import=True,
    )


def not_a_kernel(subject: Subject) -> Found | None:
    """The environment that holds the framework has no kernelspec, so the notebook runs in this one."""
    best = _better(subject)
    if best is None or best.has_kernelspec is not False or _claims(subject, best):
        return None
    where = _name(best)
    return Found(
        Finding(
            code="ipykernel-missing",
            severity="error",
            framework=subject.name,
            title=f"The environment {where} has no kernel, so the notebook runs in another one",
            detail=(
                f"{_what(subject, best)} is in the environment {where}, for which no kernelspec exists: no "
                f"notebook can be run in it. This kernel runs in {_here(subject)}, {_instead(subject)}."
            ),
            evidence=(f"{where}: {_held(best)}; no kernelspec", f"here: {frameworks_here(subject)}"),
            fixes=add_kernel(subject, best),
        ),
        stops_import=subject.framework is None,
    )


def wrong_environment(subject: Subject) -> Found | None:
    """Another environment that is known holds the framework, its GPU build or its CUDA libraries; or one is
    activated that the kernel does not run in."""
    best, choose = _better(subject), f"The kernel runs in {_here(subject)}, {_instead(subject)}."
    if best is not None:
        where = _name(best)
        title = f"{_what(subject, best)} is in the environment {where}, not in this one"
        why = f"{choose} Choose a kernel of {where} for the notebook."
        return _elsewhere(subject, best, title, why, (f"{where}: {_held(best)}",))
    beside = _with_libraries(subject)
    if beside is not None:
        where = _name(beside)
        title = f"This {subject.title} is not the one of the environment {where}, which has its libraries"
        why = f"{choose} The CUDA libraries that it needs are only in {where}, which has "
        why += f"{subject.proper_name} too. Choose a kernel of {where} for the notebook."
        return _elsewhere(subject, beside, title, why, (f"{where}: {_held(beside)}, and the CUDA libraries",))
    activated = _activated(subject)
    if activated is None:
        return None
    variable, prefix = activated
    other = OtherEnvironment(name=_last(prefix), prefix=prefix)
    title = f"The kernel does not run in the activated environment {other.name}"
    why = f"{choose} {variable} names another one, {prefix}. If {subject.proper_name} is there, the notebook "
    return _elsewhere(subject, other, title, f"{why}needs a kernel of it.", (f"{variable}={prefix}",))


def _better(subject: Subject) -> OtherEnvironment | None:
    """The environment to use instead of this one, if any.

    It holds the framework, and this one does not; or it holds a GPU build of it, and this one a CPU build;
    or the kernel bears its name and runs elsewhere.
    """
    if not subject.asked or (subject.environment.frameworks is None and not is_absent(subject)):
        return None
    held = holding(subject, subject.snapshot.other_environments or ())
    named = next((each for each in held if _claims(subject, each)), None)
    with_gpu = [each for each in held if each.gpu_build]
    build = subject.framework
    if build is None:
        return named or next(iter(with_gpu or held), None)
    if build.cuda_build is False and not build.rocm_build and with_gpu and expects_gpu(subject):
        return named if named in with_gpu else with_gpu[0]
    return named


def holding(subject: Subject, others: Sequence[OtherEnvironment]) -> list[OtherEnvironment]:
    """The other environments that hold the framework."""
    names = PACKAGES.get(subject.name or "", ())
    return [
        each
        for each in others
        if (each.prefix is None or each.prefix != subject.environment.prefix)
        and any(re.split(r"[ =]", text.lower(), maxsplit=1)[0] in names for text in each.frameworks or ())
    ]


def _claims(subject: Subject, environment: OtherEnvironment) -> bool:
    """Whether the kernelspec bears the other environment's name, as ``Python (tf)`` does that of ``tf``,
    although it starts another interpreter."""
    spec = subject.snapshot.kernelspec
    name = environment.name or _last(environment.prefix)
    if spec is None or not name or name.lower() in _ANY_NAME or name == subject.environment.name:
        return False
    if environment.prefix and (
        spec.prefix == environment.prefix or (spec.executable or "").startswith(environment.prefix)
    ):
        return False
    quoted = re.escape(name)
    kernel = re.compile(rf"(?:tfgpu-|conda-env-)?{quoted}(?:-py)?", re.IGNORECASE)
    shown = re.compile(rf"{quoted}|.*[(\[](?:conda env:\s*)?{quoted}[)\]].*", re.IGNORECASE)
    return bool(kernel.fullmatch(spec.name or "") or shown.fullmatch(spec.display_name or ""))


def _with_libraries(subject: Subject) -> OtherEnvironment | None:
    """Another environment with the framework, in whose folder lie the CUDA libraries that this build needs
    and does not reach."""
    build = subject.framework
    if build is None or not build.needs or not build.cuda_build:
        return None
    needs = {name.lower() for name in build.needs if not name.lower().startswith(DRIVER_LIBRARIES)}
    reached = {each.file.lower() for each in subject.libraries if each.reachable}
    away = [
        each.path or ""
        for each in subject.libraries
        if each.reachable is False and each.file.lower() in needs - reached
    ]
    for other in holding(subject, subject.snapshot.other_environments or ()):
        if away and other.prefix and all(path.startswith(other.prefix) for path in away):
            return other
    return None


def _activated(subject: Subject) -> tuple[str, str] | None:
    """The variable, and the prefix that it names, of an environment that is activated where the server or the
    shell was started, while the kernel runs in another. What that one holds is not known.

    conda's base does not count: it is activated wherever conda is set up.
    """
    prefix = subject.environment.prefix
    if not prefix or not subject.asked or not is_absent(subject):
        return None
    known = {_plain(each.prefix) for each in subject.snapshot.other_environments or () if each.prefix}
    named = [
        (variable, str(variables[variable]))
        for variables in (subject.snapshot.variables or {}, subject.snapshot.shell_variables or {})
        for variable in ("VIRTUAL_ENV", "CONDA_PREFIX")
        if variables.get(variable)
    ]
    if _plain(prefix) in {_plain(path) for _, path in named}:
        return None
    made = [each for each in named if each[0] == "VIRTUAL_ENV" or "/envs/" in _plain(each[1])]
    return next((each for each in made if _plain(each[1]) not in known), None)


def _elsewhere(
    subject: Subject, other: OtherEnvironment, title: str, why: str, evidence: tuple[str, ...]
) -> Found:
    return Found(
        Finding(
            code="wrong-environment",
            severity="error",
            framework=subject.name,
            title=title,
            detail=why,
            evidence=(*evidence, f"here, in {_here(subject)}: {frameworks_here(subject)}"),
            fixes=add_kernel(subject, other),
        ),
        stops_import=subject.framework is None,
    )


def _what(subject: Subject, other: OtherEnvironment) -> str:
    build = subject.framework
    if build is not None and other.gpu_build and build.cuda_build is False:
        return f"The GPU build of {subject.proper_name}"
    return f"The {subject.proper_name} that is meant" if build is not None else subject.proper_name


def _instead(subject: Subject) -> str:
    build = subject.framework
    if build is None:
        return f"which does not hold {subject.proper_name}"
    return f"which holds {'a CPU build of' if build.cuda_build is False else 'its own'} {subject.title}"


def _here(subject: Subject) -> str:
    return subject.environment.prefix or subject.environment.name or "another environment"


def frameworks_here(subject: Subject) -> str:
    """The frameworks of this environment for a sentence."""
    if subject.environment.frameworks is None:
        return "not known"
    held = [f"{each.name} {each.version or ''}".strip() for each in subject.environment.frameworks or ()]
    return ", ".join(held) or "none"


def _held(environment: OtherEnvironment) -> str:
    return ", ".join(environment.frameworks or ()) or "its frameworks are not known"


def _name(environment: OtherEnvironment) -> str:
    return environment.name or environment.prefix or "another environment"


def _last(path: str | None) -> str:
    return ntpath.basename((path or "").rstrip("\\/"))


def _plain(path: str) -> str:
    return posixpath.normpath(path.replace("\\", "/")).lower()


RULES = (
    Rule("stale-kernelspec", "machine", stale_kernelspec),
    Rule("ipykernel-missing", "machine", ipykernel_missing),
    Rule("ipykernel-missing", "framework", not_a_kernel),
    Rule("wrong-environment", "framework", wrong_environment),
)
