"""Does the build have code for this GPU?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..capability import Judgement, compiled_for, cudnn_without_code, described, judge, text
from ..cuda_release import cuda_in_use
from ..fixes import builds, devices
from ..knowledge.gpus import generation
from ..report import Finding
from ..snapshot import Gpu
from ..subject import Subject, capability
from ..visibility import gpus_in_use
from .rule import Found, Rule


class _Judged(NamedTuple):
    gpu: Gpu
    capability: str
    judgement: Judgement

    @property
    def label(self) -> str:
        return f"{self.gpu.name or 'GPU'} (compute capability {self.capability})"


def _judged(subject: Subject) -> Sequence[_Judged]:
    """The GPUs that the framework is given and what the build can do with each. Empty: not known of one of
    them, or the build has no CUDA code."""
    build = subject.framework
    if build is None or build.cuda_build is False or build.rocm_build or subject.host.os == "macos":
        return ()
    found = []
    for gpu in gpus_in_use(subject):
        known = capability(gpu)
        if known is None:
            return ()
        found.append(_Judged(gpu, known, judge(subject, known)))
    return found


def _none_fits(subject: Subject) -> Sequence[_Judged]:
    """All of them, where the build serves none: beside one that it serves, another that it does not (an old
    card for the screen) is passed over."""
    judged = _judged(subject)
    bad = all(each.judgement.fit in ("too-old", "too-new") for each in judged)
    return judged if bad else ()


def gpu_too_old(subject: Subject) -> Found | None:
    """Nothing in the build runs on the GPU, because it is older than what was compiled or lies in a gap of
    it; or the cuDNN that is loaded has no code for it any more."""
    judged = _none_fits(subject)
    if judged and judged[0].judgement.fit == "too-old":
        first = judged[0]
        return Found(
            Finding(
                code="gpu-too-old",
                severity="error",
                framework=subject.name,
                title=f"The GPU is too old for this {subject.title}",
                detail=(
                    f"Nothing in this build runs on {first.label}. {first.judgement.why} "
                    f"{_seen_all_the_same(subject)}"
                ),
                evidence=_evidence(subject, judged),
                fixes=builds.build_for_gpu(subject),
            )
        )
    return _cudnn_too_new_for_gpu(subject)


def _seen_all_the_same(subject: Subject) -> str:
    if subject.name == "tensorflow":
        return "TensorFlow may list the GPU all the same; the first operation on it fails."
    if subject.name == "torch":
        return "torch.cuda.is_available() may be True all the same; the first operation on it fails."
    return "The first operation on it fails."


def _cudnn_too_new_for_gpu(subject: Subject) -> Found | None:
    judged = _judged(subject)
    versions = [cudnn_without_code(subject, each.capability) for each in judged]
    if not judged or not all(versions):
        return None
    version, first = versions[0], judged[0]
    return Found(
        Finding(
            code="gpu-too-old",
            severity="error",
            framework=subject.name,
            title=f"cuDNN {version} no longer serves this GPU",
            detail=(
                f"{subject.title} itself can use {first.label}, but the cuDNN {version} that it loads holds "
                "no code for GPUs that old: convolutions and recurrent layers fail."
            ),
            evidence=(f"cuDNN {version} has no code for compute capability {first.capability}",),
            fixes=devices.older_cudnn(subject, [each.capability for each in judged]),
        )
    )


def gpu_too_new(subject: Subject) -> Found | None:
    """The GPU is newer than the build: no machine code runs on it, and its PTX cannot be used, or CUDA's
    libraries of that release do not know it."""
    judged = _none_fits(subject)
    if not judged or judged[0].judgement.fit != "too-new":
        return None
    first = judged[0]
    return Found(
        Finding(
            code="gpu-too-new",
            severity="error",
            framework=subject.name,
            title=f"The GPU is too new for this {subject.title}",
            detail=(
                f"This build does not work on {first.label}. {first.judgement.why} "
                f"{_seen_all_the_same(subject)}"
            ),
            evidence=_evidence(subject, judged),
            fixes=builds.build_for_gpu(subject),
        )
    )


def gpu_needs_jit(subject: Subject) -> Found | None:
    """Newer than the build's machine code, but its PTX can be compiled: the first start takes minutes."""
    judged = _judged(subject)
    waiting = [each for each in judged if each.judgement.fit == "compiled"]
    if not waiting or any(each.judgement.fit in ("native", "unknown") for each in judged):
        return None
    first = waiting[0]
    return Found(
        Finding(
            code="gpu-needs-jit",
            severity="warning",
            framework=subject.name,
            title=f"This {subject.title} has no machine code for the GPU yet",
            detail=(
                f"{first.judgement.why} The driver does that for each kernel at its first use on "
                f"{first.label}, which can take half an hour. It keeps the result, in ~/.nv/ComputeCache, "
                "for the next start."
            ),
            evidence=_evidence(subject, judged),
            fixes=(*builds.build_for_gpu(subject), *devices.larger_cache(subject)),
        )
    )


def _evidence(subject: Subject, judged: Sequence[_Judged]) -> tuple[str, ...]:
    lines = [each.label for each in judged]
    code, cuda = compiled_for(subject), cuda_in_use(subject)
    if code:
        lines.append(f"compiled for: {described(code)}")
    facts = generation(judged[0].capability)
    if cuda and facts is not None and judged[0].judgement.fit != "too-old":
        lines.append(f"built with CUDA {text(cuda)}; CUDA {text(facts.first_cuda)} is the first for this GPU")
    return tuple(dict.fromkeys(lines))


RULES = (
    Rule("gpu-too-old", "framework", gpu_too_old),
    Rule("gpu-too-new", "framework", gpu_too_new),
    Rule("gpu-needs-jit", "framework", gpu_needs_jit),
)
