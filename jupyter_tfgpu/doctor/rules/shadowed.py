"""Does a wrong copy of a library come before the right one?"""

from __future__ import annotations

import re

import msgspec

from ..fixes import shadowed as fixes
from ..report import Finding
from ..snapshot import Library
from ..stack import Stack, folder_of, named
from ..subject import Subject
from ..versions import numbers
from .cudnn import WORDS
from .fitness import compiled, refused, unfit
from .loading import described, matters
from .rule import Found, Rule

_OWN_PARTS = {"nvjitlink": ("cusparse", "cusolver"), "cublaslt": ("cublas",)}
"""A library to those that ask it for functions of their own release: libcusparse of CUDA 12.4 wants
``__nvJitLinkComplete_12_4`` (pytorch issue 141063), libcublas of 11.7 ``cublasLtGetStatusString``."""


def library_shadowed(subject: Subject) -> Found | None:
    """A copy that does not do is loaded, and one that does lies behind it on the loader's way."""
    if not matters(subject):
        return None
    return (
        _cudnn(subject)
        or _parts_of_cudnn(subject)
        or _own_part(subject)
        or _older_than_its_own(subject)
        or _by_the_log(subject)
    )


def _cudnn(subject: Subject) -> Found | None:
    stack = subject.stack
    loaded = stack.loaded(stack.cudnn.file) if stack.cudnn else None
    if loaded is None or (why := unfit(subject, loaded)) is None:
        return None
    right = _behind(subject, stack, loaded)
    if right is None:
        return None
    wanted = compiled(subject)
    reason = f"it is {WORDS[why]}" + (f" (cuDNN {wanted})" if wanted and why != "wrong-cuda" else "")
    return _found(subject, loaded, right, reason, "The GPU is listed, and the first convolution fails.")


def _behind(subject: Subject, stack: Stack, loaded: Library) -> Library | None:
    later = [each for each in stack.copies(loaded.file) if each is not loaded and each.reachable is not False]
    wanted = compiled(subject)
    for each in later:
        known = bool(numbers(each.version)) or (each.cuda_major is not None and wanted is None)
        if known and unfit(subject, each) is None:
            return each
    return None


def _parts_of_cudnn(subject: Subject) -> Found | None:
    """From cuDNN 8 on it consists of several libraries, which have to be of one release."""
    stack = subject.stack
    main = stack.loaded(stack.cudnn.file) if stack.cudnn else None
    if main is None or not numbers(main.version):
        return None
    for file in stack.several:
        name = named(file)
        part = stack.loaded(file) if name.role.startswith("cudnn_") else None
        if part is None or name.version != named(main.file).version or not numbers(part.version):
            continue
        if numbers(part.version)[:3] != numbers(main.version)[:3]:
            right = _of_release(stack, part, numbers(main.version)[:3])
            if right is not None:
                reason = f"cuDNN's main library is {main.version}, and its parts have to be of that release"
                return _found(subject, part, right, reason, "cuDNN fails at its first use.")
    return None


def _of_release(stack: Stack, wrong: Library, release: tuple[int, ...]) -> Library | None:
    return next(
        (
            each
            for each in stack.copies(wrong.file)
            if each is not wrong and each.reachable is not False and numbers(each.version)[:3] == release
        ),
        None,
    )


def _own_part(subject: Subject) -> Found | None:
    """A part of an older CUDA release than the library that asks it for functions of its own release."""
    stack = subject.stack
    if not any(named(file).role in _OWN_PARTS for file in stack.several):
        return None
    loaded = {
        named(file).role: copy
        for file in dict.fromkeys(each.file for each in subject.libraries)
        if (copy := stack.loaded(file)) is not None
        and (stack.cuda_major is None or _of_this_cuda(stack, copy))
    }
    for part, users in _OWN_PARTS.items():
        copy = loaded.get(part)
        have = numbers(copy.version if copy else None)[:2]
        for user in users:
            other = loaded.get(user)
            want = numbers(other.version if other else None)[:2]
            if copy is None or other is None or len(have) < 2 or len(want) < 2 or have >= want:
                continue
            later = [
                each for each in stack.copies(copy.file) if each is not copy and each.reachable is not False
            ]
            right = next((each for each in later if numbers(each.version)[:2] >= want), None)
            if right is not None:
                reason = f"{other.file} of CUDA {other.version} asks it for functions of its own release"
                return _found(subject, copy, right, reason, "Loading it fails with an undefined symbol.")
    return None


def _older_than_its_own(subject: Subject) -> Found | None:
    """PyTorch and JAX are built and released with one exact set of libraries; one of an older release in
    place of their own lacks functions (libnccl before libtorch_cuda: ``undefined symbol: ncclCommRegister``).
    TensorFlow, which asks for less, runs with older minor releases of CUDA."""
    if subject.name not in ("torch", "jax"):
        return None
    stack = subject.stack
    for need in stack.in_state("reached"):
        copies = [each for each in stack.copies(need.file) if each.reachable]
        loaded, behind = copies[0], copies[1:]
        have = numbers(loaded.version)[:2]
        if len(have) < 2 or loaded.origin in ("wheel", "bundled"):
            continue
        for own in behind:
            want = numbers(own.version)[:2]
            if own.origin in ("wheel", "bundled") and have[:1] == want[:1] and have < want:
                reason = f"{subject.title} was built and installed with its own, which is newer"
                return _found(subject, loaded, own, reason, "Its import or its first use of the GPU fails.")
    return None


def _of_this_cuda(stack: Stack, copy: Library) -> bool:
    return numbers(copy.version)[:1] in ((), (stack.cuda_major,))


def _by_the_log(subject: Subject) -> Found | None:
    """The log says that another cuDNN was loaded than the loader takes first: one that a package of its own
    brings along, which loads it before the framework does."""
    said, need = refused(subject), subject.stack.cudnn
    right = subject.stack.loaded(need.file) if need else None
    if said is None or need is None or right is None or unfit(subject, right) is not None:
        return None
    for each in subject.libraries:
        same = named(each.file) == named(need.file) and numbers(each.version)[:3] == said.loaded
        if same and each is not right and owner_of(subject, each) not in (None, *_frameworks(subject)):
            reason = (
                f"the package {owner_of(subject, each)} loads its own copy before {subject.proper_name} does"
            )
            found = _found(subject, each, right, reason, "The first convolution fails.")
            package = owner_of(subject, each) or ""
            finding = msgspec.structs.replace(found.finding, fixes=fixes.preloaded(subject, package))
            return found._replace(finding=finding)
    return None


def owner_of(subject: Subject, library: Library) -> str | None:
    """The package in whose folder the library lies: ``torch``, ``cupy``. None: none's, or not known."""
    match = re.search(r"(?:site|dist)-packages[/\\]([\w\-]+)[/\\]", library.path or "")
    return match[1] if match and match[1] != "nvidia" else None


def _frameworks(subject: Subject) -> tuple[str, ...]:
    found = tuple(each.name for each in subject.environment.frameworks or ())
    return (*found, "jaxlib") if "jax" in found else found


def _found(subject: Subject, wrong: Library, right: Library, reason: str, consequence: str) -> Found:
    before = _source(subject, wrong)
    return Found(
        Finding(
            code="library-shadowed",
            severity="error",
            framework=subject.name,
            title=f"A wrong copy of {wrong.file} comes before the right one",
            detail=(
                f"{subject.title} gets {described(wrong)}{before}, which does not do: {reason}. The right "
                f"one, {described(right)}, comes after it. {consequence}"
            ),
            evidence=(f"loaded: {described(wrong)}", f"behind it: {described(right)}"),
            fixes=fixes.without(subject, wrong, right),
        )
    )


def _source(subject: Subject, wrong: Library) -> str:
    entries = str((subject.snapshot.variables or {}).get("LD_LIBRARY_PATH") or "").split(":")
    if folder_of(wrong) in entries:
        return " by LD_LIBRARY_PATH"
    return " of the conda environment" if wrong.origin == "conda" else ""


RULES = (Rule("library-shadowed", "framework", library_shadowed),)
