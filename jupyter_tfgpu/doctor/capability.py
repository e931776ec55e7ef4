"""How well a build serves a GPU: as it is, after compiling PTX, or not at all, because either is too old.

Three things have to hold: the build's own code runs on the GPU, CUDA's libraries of the release it was built
with know the GPU, and the cuDNN that is loaded has code for it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from packaging.version import InvalidVersion, Version

from . import machine_code
from .cuda_release import cuda_in_use
from .knowledge import gpu_wheels
from .knowledge.gpus import TEGRA, Generation, cudnn_code, failures, generation, torch_code
from .machine_code import Capability, Entry
from .subject import Subject
from .versions import numbers

Fit = Literal["native", "compiled", "too-old", "too-new", "unknown"]

TENSORFLOW_FLOOR: Capability = (3, 5)
"""No GPU below is used by any wheel of TensorFlow: the list {3.5, 5.2} is in its code (``gpu_device.cc``)."""

TENSORFLOW_PTX_OF_ONE = (2, 3)
"""From this release on TensorFlow holds PTX for the highest entry of its list alone; before, for every one
(``third_party/gpus/crosstool``, ``crosstool_wrapper_driver_is_not_gcc.tpl``: ``code=sm_NN,compute_NN`` for
each)."""


class Judgement(NamedTuple):
    """``why``: a sentence on what the verdict rests on."""

    fit: Fit
    why: str = ""


UNKNOWN = Judgement("unknown")
NATIVE = Judgement("native")


def judge(subject: Subject, capability: str) -> Judgement:
    """How the build serves a GPU of this compute capability."""
    gpu, build = machine_code.parsed(capability), subject.framework
    if gpu is None or build is None:
        return UNKNOWN
    cuda, facts = cuda_in_use(subject), generation(capability)
    name = subject.title
    if facts is not None and cuda and facts.last_cuda is not None and cuda[0] > facts.last_cuda:
        return Judgement(
            "too-old",
            f"CUDA {facts.last_cuda} was the last release that serves it, and {name} is built with "
            f"CUDA {text(cuda)}.",
        )
    code = compiled_for(subject)
    if code:
        return _by_code(subject, gpu, code, cuda, facts)
    if subject.name == "jax":
        return _of_xla(subject, gpu, cuda, facts)
    if subject.name == "tensorflow" and gpu < TENSORFLOW_FLOOR:
        return Judgement("too-old", "TensorFlow's wheels use no GPU below 3.5.")
    return _by_cuda(subject, cuda, facts)


def compiled_for(subject: Subject) -> tuple[Entry, ...]:
    """What the build was compiled for: as its files say, else as the tables say of its release. Empty: not
    known. ``CUDA_FORCE_PTX_JIT=1`` makes the driver leave machine code aside."""
    build = subject.framework
    if build is None:
        return ()
    listed = build.compute_capabilities or _by_release(subject)
    code = machine_code.entries(listed, highest_is_both=subject.name == "tensorflow")
    if subject.name == "tensorflow" and (subject.release or (9, 9)) < TENSORFLOW_PTX_OF_ONE:
        code = machine_code.with_ptx(code)
    if (subject.snapshot.variables or {}).get("CUDA_FORCE_PTX_JIT") == "1":
        return tuple(each for each in code if not each.machine) or code
    return code


def _by_release(subject: Subject) -> tuple[str, ...]:
    build = subject.framework
    if build is None or not build.version:
        return ()
    windows = subject.host.os == "windows"
    arch = subject.environment.python_arch or subject.host.arch
    if subject.name == "torch" and subject.distribution("pytorch") is None and not subject.host.jetson:
        platform = f"{'win' if windows else 'linux'}_{arch or ''}"
        return torch_code(build.version.split("+")[0], platform, text(cuda_in_use(subject)))
    if subject.name == "tensorflow" and arch == "x86_64" and not _of_conda(subject):
        platform = "win_amd64" if windows else "linux_x86_64"
        cuda = cuda_in_use(subject)
        return next(
            (
                wheel.compute_capabilities
                for wheel in gpu_wheels()
                if wheel.version == build.version
                and wheel.platform == platform
                and numbers(wheel.cuda)[: len(cuda)] == cuda[: len(numbers(wheel.cuda))]
            ),
            (),
        )
    return ()


def _of_conda(subject: Subject) -> bool:
    owners = (subject.distribution(name) for name in ("tensorflow-base", "tensorflow", "tensorflow-gpu"))
    return any(each is not None and (each.installer == "conda" or each.build) for each in owners)


def _by_code(
    subject: Subject,
    gpu: Capability,
    code: tuple[Entry, ...],
    cuda: tuple[int, ...],
    facts: Generation | None,
) -> Judgement:
    listed = f"{subject.title} has code for {described(code)}"
    if machine_code.runs(code, gpu):
        return NATIVE
    newest = machine_code.newest(code)
    if subject.name == "jax" and newest is not None and gpu > newest:
        # XLA compiles for the GPU at hand; only a few kernels come ready-made, with PTX.
        return _of_xla(subject, gpu, cuda, facts)
    if machine_code.compiles(code, gpu):
        if newest is not None and gpu < newest:
            return NATIVE  # a gap of the list that older PTX fills: CUDA of that time knows the GPU
        return _by_ptx(subject, gpu, listed, cuda, facts)
    if newest is not None and (gpu > newest or (gpu in TEGRA and not _all_newer(code, gpu))):
        return Judgement("too-new", f"{listed}, and no PTX that could be compiled for it.")
    return Judgement("too-old", f"{listed}: no machine code that runs on it, and no PTX as old as it.")


def _of_xla(subject: Subject, gpu: Capability, cuda: tuple[int, ...], facts: Generation | None) -> Judgement:
    return _failure(subject, gpu, "On this GPU") or _by_cuda(subject, cuda, facts)


def _all_newer(code: tuple[Entry, ...], gpu: Capability) -> bool:
    return all(each.capability > gpu for each in code)


def _by_ptx(
    subject: Subject, gpu: Capability, listed: str, cuda: tuple[int, ...], facts: Generation | None
) -> Judgement:
    """The build's own kernels can be compiled; CUDA's libraries of that release may not know the GPU."""
    if (subject.snapshot.variables or {}).get("CUDA_DISABLE_PTX_JIT") == "1":
        return Judgement("too-new", f"{listed}, and CUDA_DISABLE_PTX_JIT=1 forbids to compile its PTX.")
    if cuda and facts is not None and facts.family[0] > cuda[0]:
        return Judgement(
            "too-new",
            f"{listed}. CUDA's own libraries of CUDA {text(cuda)}, which it uses, are older than this GPU: "
            f"CUDA {text(facts.family)} is the first that knows it.",
        )
    return _failure(subject, gpu, f"{listed}; on this GPU") or Judgement(
        "compiled", f"{listed}, and its PTX can be compiled for this GPU."
    )


def _failure(subject: Subject, gpu: Capability, words: str) -> Judgement | None:
    """That this release is known to fail on such GPUs; UNKNOWN where the release is not known."""
    for failure in failures():
        if failure.framework == subject.name and gpu[0] in failure.majors:
            before = _before(subject, failure.before)
            if before is None:
                return UNKNOWN
            if before:
                return Judgement("too-new", f"{words} {failure.what}.")
    return None


def _before(subject: Subject, release: str) -> bool | None:
    """Whether the build is older than a release, previews of it included. None: its version is not known."""
    version = subject.framework.version if subject.framework else None
    if not version:
        return None
    try:
        return Version(version.split("+")[0]) < Version(release)
    except InvalidVersion:
        return numbers(version)[:2] < numbers(release)[:2]


def _by_cuda(subject: Subject, cuda: tuple[int, ...], facts: Generation | None) -> Judgement:
    """Where the list is not known, or does not decide: a toolkit older than a GPU's generation cannot have
    made machine code for it."""
    if facts is None or not cuda or facts.family[: len(cuda)] <= cuda:
        return UNKNOWN
    why = (
        f"{subject.title} is built with CUDA {text(cuda)}, and CUDA {text(facts.family)} is the first that "
        "knows this GPU."
    )
    if facts.family[0] > cuda[0] or subject.name == "torch":
        return Judgement("too-new", why)
    return UNKNOWN


def cudnn_without_code(subject: Subject, capability: str) -> str | None:
    """The version of the cuDNN that is loaded, where it holds no code for such a GPU because it is newer than
    those that did. None: it does, or it is not known."""
    gpu, need = machine_code.parsed(capability), subject.stack.cudnn
    if gpu is None or need is None or subject.host.os != "linux" or gpu in TEGRA:
        return None
    library = subject.stack.loaded(need.file)
    major = (library.cuda_major if library else None) or subject.stack.cuda_major
    if library is None or not library.version or major is None:
        return None
    code = machine_code.entries(cudnn_code(library.version, major))
    oldest = machine_code.oldest(code)
    if oldest is None or gpu >= oldest or machine_code.runs(code, gpu):
        return None
    return library.version


def described(code: tuple[Entry, ...]) -> str:
    """A list for a sentence: ``6.0, 7.0, 8.0 and PTX for 8.0``."""
    machine = sorted({each.capability for each in code if each.machine})
    ptx = sorted({each.capability for each in code if not each.machine})
    parts = [", ".join(text(each) for each in machine)] if machine else []
    if ptx == machine and len(ptx) > 1:
        parts.append("PTX for each")
    elif ptx:
        parts.append(f"PTX for {', '.join(text(each) for each in ptx)}")
    return " and ".join(parts)


def text(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
