"""Does the kernel lack variables that activation, or the login shell, would have set?"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..fixes.libraries import variables_fix, with_current
from ..fixes.tool import quoted
from ..report import Finding, Fix
from ..stack import Need, folder_of
from ..subject import Subject
from .fitness import unfit
from .loading import links_cuda, matters, shortened
from .rule import Found, Rule

_PATHS = ("LD_LIBRARY_PATH", "PATH")
_ABOUT_CUDA = re.compile(r"cuda|cudnn|nvidia|/lib(64)?/?$", re.IGNORECASE)
_SCRIPTS_ABOUT_CUDA = re.compile(r"cuda|cudnn|nvidia|env_vars|ld_library|tensorflow|xla|gpu", re.IGNORECASE)


class _Source(NamedTuple):
    """Where the variables would come from. ``who``: in words."""

    who: str
    variables: Mapping[str, Any]


class _Cure(NamedTuple):
    """What a source would set (``sets``) and why the kernel needs it. ``sure``: it names the very folder."""

    source: _Source
    sets: dict[str, str]
    lacking: str
    serious: bool
    sure: bool


def activation_missing(subject: Subject) -> Found | None:
    """What the build has to load, or XLA to find, is there, and the variables of the environment's activation
    or of the login shell would lead to it; the kernel was started without them.

    Silent where nothing is out of reach: then the build does without those variables.
    """
    if subject.framework is None or not matters(subject):
        return None
    cure = next((cure for source in _sources(subject) if (cure := _cure(subject, source))), None)
    if cure is None:
        return _by_script(subject)
    names = " and ".join(cure.sets)
    will = "It has" if cure.sure else "It probably has"
    linked = links_cuda(subject) and cure.serious
    return Found(
        Finding(
            code="activation-missing",
            severity="error" if cure.serious else "warning",
            framework=subject.name,
            title=f"The kernel lacks {names}, which {cure.source.who} sets",
            detail=(
                f"{subject.title} does not find {cure.lacking}. {will} what is needed in "
                f"{names} of {cure.source.who}, but the kernel was started without that: a kernelspec starts "
                "the interpreter alone, and a hub or a service passes on only what it is told to."
            ),
            evidence=tuple(_compared(subject, cure, name) for name in cure.sets),
            fixes=_fixes(subject, cure),
        ),
        stops_import=linked,
    )


def _compared(subject: Subject, cure: _Cure, name: str) -> str:
    theirs = shortened(str(cure.source.variables.get(name)))
    return f"{name} of {cure.source.who}: {theirs}; of the kernel: {_kernels(subject, name)}"


def _sources(subject: Subject) -> Iterator[_Source]:
    activation = subject.environment.activation
    known = subject.snapshot.variables is not None
    lacking = activation is not None and (activation.applied is False or (known and not activation.applied))
    if activation is not None and activation.variables and lacking:
        yield _Source("the environment's activation", activation.variables)
    if subject.snapshot.shell_variables and known:
        yield _Source("the login shell", subject.snapshot.shell_variables)


def _cure(subject: Subject, source: _Source) -> _Cure | None:
    extra = {name: _extra(subject, source, name) for name in _PATHS}
    return (
        _for_libraries(subject, source, extra)
        or _for_tools(subject, source, extra)
        or _for_what_the_log_lacks(subject, source, extra)
    )


def _extra(subject: Subject, source: _Source, name: str) -> tuple[str, ...]:
    """The folders that the source has in this variable and the kernel has not."""
    separator = ";" if subject.host.os == "windows" else ":"
    kernel = {_plain(each) for each in str(_kernel(subject).get(name) or "").split(separator)}
    prefix = subject.environment.prefix or ""
    stated = re.sub(r"\$\{?CONDA_PREFIX\}?", lambda _: prefix, str(source.variables.get(name) or ""))
    theirs = stated.split(separator)
    return tuple(
        each for each in dict.fromkeys(theirs) if each and "$" not in each and _plain(each) not in kernel
    )


def _for_libraries(subject: Subject, source: _Source, extra: Mapping[str, tuple[str, ...]]) -> _Cure | None:
    name = "PATH" if subject.host.os == "windows" else "LD_LIBRARY_PATH"
    folders = [folder for folder in extra[name] if _leads_to(subject, folder)]
    if not folders:
        return None
    lacking = [each.file for each in _lacking(subject)]
    return _Cure(
        source,
        {name: with_current(subject, name, extra[name])},
        ", ".join(lacking[:4]) + (" and others" if len(lacking) > 4 else ""),
        serious=True,
        sure=True,
    )


def _lacking(subject: Subject) -> list[Need]:
    """What is out of reach, or is there in a wrong copy while a right one lies on disk."""
    stack = subject.stack
    wrong = [
        need
        for need in stack.in_state("reached", cudnn=True)
        if need.role == "cudnn" and (loaded := stack.loaded(need.file)) and unfit(subject, loaded)
    ]
    return [*stack.in_state("out-of-reach"), *wrong]


def _leads_to(subject: Subject, folder: str) -> bool:
    stack = subject.stack
    for need in _lacking(subject):
        for copy in stack.copies(need.file):
            lies = folder_of(copy)
            if lies is None and copy.reachable is False and _ABOUT_CUDA.search(folder):
                return True
            if lies and _same_place(folder, lies) and not (need.is_cudnn and unfit(subject, copy)):
                return True
    return False


def _same_place(folder: str, lies: str) -> bool:
    """Whether a library's folder is the one that is named, links of toolkits considered:
    ``/usr/local/cuda/lib64`` leads to ``/usr/local/cuda-12.4/targets/x86_64-linux/lib``."""
    if _plain(folder) == _plain(lies):
        return True
    root = re.match(r"(?P<base>.*/cuda)(?P<release>-[\d.]+)?/(?:lib|lib64|targets/)", _plain(folder) + "/")
    other = re.match(r"(?P<base>.*/cuda)(?P<release>-[\d.]+)?/(?:lib|lib64|targets/)", _plain(lies) + "/")
    if root is None or other is None or root["base"] != other["base"]:
        return False
    return root["release"] in (None, other["release"]) or other["release"] is None


def _plain(folder: str) -> str:
    return posixpath.normpath(folder) if folder.startswith("/") else folder.rstrip("\\").lower()


def _for_tools(subject: Subject, source: _Source, extra: Mapping[str, tuple[str, ...]]) -> _Cure | None:
    """ptxas on PATH, or the folder that XLA_FLAGS names."""
    tools = subject.environment.tools
    if subject.name not in ("tensorflow", "jax") or tools is None or not tools.searched:
        return None
    ptxas, jax = tools.ptxas, subject.name == "jax"
    if ptxas is not None and ptxas.reachable is False and ptxas.path and subject.host.os != "windows":
        folder = posixpath.dirname(ptxas.path)
        if any(_same_bin(each, folder) for each in extra["PATH"]) and (
            jax or (subject.release or (0, 0)) >= (2, 11)
        ):
            sets = {"PATH": with_current(subject, "PATH", extra["PATH"])}
            return _Cure(source, sets, f"ptxas, at {ptxas.path}", serious=jax, sure=True)
    flags = str(source.variables.get("XLA_FLAGS") or "")
    present = "xla_gpu_cuda_data_dir" in str(_kernel(subject).get("XLA_FLAGS") or "")
    lost = tools.libdevice is None or tools.libdevice.reachable is False
    if lost and not present and "xla_gpu_cuda_data_dir" in flags and "$" not in flags:
        return _Cure(source, {"XLA_FLAGS": flags}, "libdevice, which XLA needs", serious=False, sure=False)
    return None


def _same_bin(folder: str, lies: str) -> bool:
    return _plain(folder) == _plain(lies) or _plain(folder) == re.sub(
        r"/cuda-[\d.]+/", "/cuda/", _plain(lies)
    )


def _for_what_the_log_lacks(
    subject: Subject, source: _Source, extra: Mapping[str, tuple[str, ...]]
) -> _Cure | None:
    """Nobody listed the libraries, a log names one that was not found, and the source names CUDA's folder."""
    stack = subject.stack
    log = subject.snapshot.log or ""
    unmet = [
        need for need in stack.needs if need.file.lower() in stack.unopened and not stack.copies(need.file)
    ]
    summary = "Cannot dlopen some GPU libraries" in log
    if stack.complete or not (unmet or summary):
        return None
    name = "PATH" if subject.host.os == "windows" else "LD_LIBRARY_PATH"
    if not any(_ABOUT_CUDA.search(folder) for folder in extra[name]):
        return None
    what = unmet[0].file if unmet else "libraries of CUDA"
    return _Cure(source, {name: with_current(subject, name, extra[name])}, what, serious=True, sure=False)


def _by_script(subject: Subject) -> Found | None:
    """Activation scripts that were not run, about CUDA by their names, and libraries of this environment that
    are out of reach: what the scripts set is not known."""
    activation, prefix = subject.environment.activation, subject.environment.prefix
    if activation is None or activation.applied is not False or activation.variables or not prefix:
        return None
    scripts = [
        each for each in activation.scripts or () if _SCRIPTS_ABOUT_CUDA.search(posixpath.basename(each))
    ]
    out = [
        copy
        for need in subject.stack.in_state("out-of-reach")
        for copy in subject.stack.copies(need.file)
        if (copy.path or "").startswith(prefix)
    ]
    if not scripts or not out:
        return None
    return Found(
        Finding(
            code="activation-missing",
            severity="error",
            framework=subject.name,
            title="The kernel was started without the environment's activation",
            detail=(
                f"{subject.title} does not find {out[0].file} and others, which lie in this environment. Its "
                f"activation scripts ({', '.join(map(posixpath.basename, scripts))}) may set what "
                "leads to them, and the kernel was started without running them."
            ),
            evidence=tuple(f"not run: {each}" for each in scripts),
            fixes=(
                Fix(
                    title="Start the kernel in the activated environment, with a kernelspec of ours",
                    commands=(f"jupyter tfgpu specs add {quoted(subject, prefix)}",),
                ),
            ),
        ),
        stops_import=links_cuda(subject),
    )


def _fixes(subject: Subject, cure: _Cure) -> tuple[Fix, ...]:
    first = variables_fix(subject, "activation-missing", cure.sets)
    names = ", ".join(f"'{name}'" for name in cure.sets)
    if cure.source.who != "the login shell":
        return (first,)
    return (
        first,
        Fix(
            title=(
                "Or let the hub or service that starts Jupyter pass it on to all servers (JupyterHub: "
                f"c.Spawner.env_keep, with {names}, or c.Spawner.environment)"
            ),
            where="host",
        ),
    )


def _kernel(subject: Subject) -> Mapping[str, Any]:
    return subject.snapshot.variables or {}


def _kernels(subject: Subject, name: str) -> str:
    value = _kernel(subject).get(name)
    if value:
        return shortened(str(value))
    return "not set" if subject.snapshot.variables is not None else "not applied"


RULES = (Rule("activation-missing", "framework", activation_missing),)
