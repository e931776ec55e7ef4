"""Which cause a message stands for that tells it alone, with the facts at hand.

A fact always wins: a log may be old, or of another environment.
"""

from __future__ import annotations

import re

from ..messages import Match
from ..subject import Subject
from .likely import LIKELY, Choice, library_path, python_or_platform
from .refuted import refuted

NUMPY_2_FROM = {"tensorflow": (2, 18), "torch": (2, 3), "jax": (0, 4)}
"""The first releases whose own code runs with NumPy 2 (METADATA of the wheels; PyTorch's release notes)."""


def cause(subject: Subject, match: Match, *, sure: bool) -> str | None:
    """The code that a message tells. None: it does not tell one, or the facts speak against it.

    ``sure``: only what a message tells alone; else also what it makes likely.
    """
    if match.weight == "conclusive":
        choose = CHOICES.get(match.id)
        code = choose(subject, match) if choose else match.codes[0]
    else:
        guess = None if sure or match.weight == "harmless" else LIKELY.get(match.id)
        code = guess(subject, match) if guess else None
    return None if code is None or refuted(code, subject, match) else code


def release_of(text: str) -> tuple[int, ...]:
    """``7.2.1``; ``(8, 3, 2)`` as PyTorch writes it; ``7201`` and ``90100`` as cuDNN counts."""
    parts = tuple(int(part) for part in re.findall(r"\d+", text))
    if len(parts) != 1 or parts[0] < 1000:
        return parts
    whole = parts[0]
    thousands = 1000 if whole < 10_000 else 10_000
    return (whole // thousands, whole % thousands // 100, whole % 100)


def _cudnn(subject: Subject, match: Match) -> str | None:
    loaded, compiled = release_of(match.groups["loaded"]), release_of(match.groups["compiled"])
    if "torch" in match.frameworks:
        return "library-shadowed"  # PyTorch brings its own, so another copy comes before it
    if loaded[:1] > compiled[:1]:
        return "cudnn-too-new"
    return "cudnn-too-old" if loaded < compiled else "cudnn-too-new"


def _outdated(subject: Subject, match: Match) -> str | None:
    if match.groups["library"].lower() == "cudnn":
        return "cudnn-too-old"
    return "library-shadowed" if library_path(subject) else "cuda-version-mismatch"


def _other_libcuda(subject: Subject, match: Match) -> str | None:
    """A libcuda of another release: a package of its own in images, left by an update elsewhere."""
    packaged = any(each.origin == "compat" for each in subject.libraries) or "compat" in library_path(subject)
    return "libcuda-shadowed" if packaged or subject.host.container else "driver-library-mismatch"


def _container_host(subject: Subject, match: Match) -> str | None:
    return "driver-missing" if "load library failed" in match.groups["error"].lower() else "driver-not-loaded"


def _by_capability(subject: Subject, match: Match) -> str | None:
    """Newer than all that the build holds, or older. In a gap of it, PyTorch's list of exact targets means
    that nothing runs; its list of ranges (from 2.9 on) leaves out boards that work all the same."""
    said, supported = match.groups.get("capability"), match.groups.get("supported", "")
    build = subject.framework
    if not supported and build is not None:
        supported = " ".join(build.compute_capabilities or ())
    have = _capability(said or next(iter(subject.compute_capabilities), ""))
    held = [found for each in _TARGET.findall(supported) if (found := _capability(each)) is not None]
    if have is None or not held:
        return None
    if have > max(held):
        return "gpu-too-new"
    return "gpu-too-old" if have < min(held) or "which supports" not in supported else None


_TARGET = re.compile(r"(?:sm|compute)_(\d+)|(\d+\.\d+)(?: which supports|\))")
"""``sm_90``, ``9.0 which supports …``, ``(9.0)``."""


def _capability(text: str | tuple[str, ...]) -> int | None:
    """``120`` and ``12.0`` to 120, ``8.6`` to 86."""
    digits = "".join(re.findall(r"\d+", "".join(text)))
    return int(digits) if digits else None


def _numpy(subject: Subject, match: Match) -> str | None:
    """A framework that runs with NumPy 2 is not the package that fails with it."""
    first, release = NUMPY_2_FROM.get(subject.name or ""), subject.release
    runs = first is not None and release is not None and release >= first
    return None if runs else "numpy-incompatible"


CHOICES: dict[str, Choice] = {
    "cudnn-version": _cudnn,
    "jax-cudnn-outdated": _outdated,
    "forward-compatibility": _other_libcuda,
    "system-driver-mismatch": _other_libcuda,
    "container-nvml": _container_host,
    "capability-unsupported-torch": _by_capability,
    "wheel-not-supported": python_or_platform,
    "different-python": python_or_platform,
    "uv-no-wheel": python_or_platform,
    "numpy-abi": _numpy,
    "numpy-array-api": _numpy,
}
"""By message: which of its codes it is. Without a choice it is the first one, where it is conclusive."""
