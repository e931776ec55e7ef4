"""Whether a cuDNN does for a build: the version rule of the frameworks, and the CUDA it was built for."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from ..fixes.tool import made_by_conda
from ..knowledge.libraries import jax_cudnn, tensorflow_cudnn, torch_cudnn
from ..snapshot import Library
from ..subject import Subject
from ..versions import numbers

Unfit = Literal["wrong-cuda", "too-old", "too-new"]

_JAXLIB = re.compile(r"\+cuda\d+\.cudnn(?P<major>\d)(?P<minor>\d+)$")

_REFUSED = (
    re.compile(
        r"Loaded runtime CuDNN library:? (?P<loaded>[\d.]+).{0,60}? but source was compiled with:? "
        r"(?P<compiled>[\d.]+)",
        re.DOTALL,
    ),
    re.compile(
        r"Found cuDNN version (?P<loaded>[\d.]+), but JAX was built against version (?P<compiled>[\d.]+)"
    ),
    re.compile(
        r"compiled\s+against \(?(?P<compiled>\d[\d., ]*)\)? but found runtime version "
        r"\(?(?P<loaded>\d[\d., ]*)"
    ),
)
"""What TensorFlow, JAX and PyTorch print when they refuse a cuDNN."""


class Compiled(NamedTuple):
    """The cuDNN that a build was compiled with: major and, as far as known, minor version."""

    version: tuple[int, ...]
    exact_minor: bool = False

    def __str__(self) -> str:
        return ".".join(str(part) for part in self.version)


class Refused(NamedTuple):
    """The cuDNN release that was loaded and refused, and the one that the build was compiled with."""

    loaded: tuple[int, ...]
    compiled: tuple[int, ...]


def refused(subject: Subject) -> Refused | None:
    """What the log says of a cuDNN that this framework refused. None: nothing."""
    for pattern in _REFUSED:
        match = pattern.search(subject.snapshot.log or "")
        if match:
            return Refused(_release(match["loaded"]), _release(match["compiled"]))
    return None


def _release(text: str) -> tuple[int, ...]:
    """``7.1.2``; in cuDNN's own number ``7102`` or ``90100``; ``8, 9, 2``."""
    found = numbers(re.sub(r"[, ]+", ".", text.strip()))
    if len(found) == 1 and found[0] >= 90000:
        return (found[0] // 10000, found[0] // 100 % 100, found[0] % 100)
    if len(found) == 1 and found[0] >= 1000:
        return (found[0] // 1000, found[0] // 100 % 10, found[0] % 100)
    return found[:3]


def compiled(subject: Subject) -> Compiled | None:
    """What the build's files state; else what the framework itself has printed; else, for the package
    index's own wheels, what is known of the release.

    None: not known, or the framework does not compare (MXNet only warns).
    """
    build, need = subject.framework, subject.stack.cudnn
    if build is None or need is None or subject.name == "mxnet":
        return None
    stated = numbers(build.cudnn)[:2]
    release = subject.release or (9999, 0)
    exact = (
        release <= (1, 7) if subject.name == "tensorflow" else subject.name == "torch" and release < (1, 0)
    )
    if len(stated) == 2:
        return Compiled(stated, exact)
    said = refused(subject)
    if said is not None and said.compiled[:1] == need.version[:1] and len(said.compiled) >= 2:
        return Compiled(said.compiled[:2], exact)
    known = _of_release(subject)
    if known is not None and known.version[:1] == need.version[:1]:
        return known
    return Compiled(stated, exact) if stated else None


def _of_release(subject: Subject) -> Compiled | None:
    version = subject.framework.version if subject.framework else None
    if version and "dev" in version:
        return None  # a nightly build is of no release
    if subject.name == "tensorflow" and subject.release and not _by_conda(subject, "tensorflow"):
        row = tensorflow_cudnn(subject.release)
        return Compiled(row.version, row.exact_minor) if row else None
    if subject.name == "torch" and not _by_conda(subject, "pytorch"):
        pin = torch_cudnn((version or "").split("+")[0])
        return Compiled(pin[1][:2]) if pin and pin[0] == subject.stack.cuda_major else None
    if subject.name == "jax":
        return _of_jax(subject)
    return None


def _of_jax(subject: Subject) -> Compiled | None:
    jaxlib = subject.distribution("jaxlib")
    match = _JAXLIB.search((jaxlib.version if jaxlib else None) or "")
    if match:
        return Compiled((int(match["major"]), int(match["minor"])))
    for each in subject.distributions:
        oldest = jax_cudnn(each.name, each.version or "") if each.name.startswith("jax-cuda") else None
        if oldest:
            return Compiled(oldest[:2])
    return None


def _by_conda(subject: Subject, name: str) -> bool:
    return made_by_conda(subject.distribution(name)) or made_by_conda(subject.distribution(f"{name}-base"))


def unfit(subject: Subject, cudnn: Library) -> Unfit | None:
    """Why this cuDNN does not do for the build. None: it does, or that is not known.

    The same major version and at least the minor one that the build was compiled with (TensorFlow's
    cuda_dnn.cc, PyTorch's torch/backends/cudnn, JAX's plug-in); up to TensorFlow 1.7 exactly that minor.
    """
    if cudnn.origin == "bundled" and cudnn.reachable:
        return None  # the framework's own: what it was released with
    major = subject.stack.cuda_major
    if cudnn.cuda_major and major and cudnn.cuda_major != major:
        return "wrong-cuda"
    wanted, have = compiled(subject), numbers(cudnn.version)[:2]
    if wanted is None or len(wanted.version) < 2 or len(have) < 2 or have[0] != wanted.version[0]:
        return None
    if have < wanted.version:
        return "too-old"
    return "too-new" if wanted.exact_minor and have > wanted.version else None
