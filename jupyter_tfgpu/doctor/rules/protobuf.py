"""Is protobuf one that TensorFlow's generated code can be loaded by?"""

from __future__ import annotations

from ..fixes.packages import another_release, slower_protobuf
from ..knowledge.packages import Limit, protobuf_limits
from ..packages import conda_build, described, one_solver, owners, version
from ..report import Finding
from ..snapshot import Distribution
from ..subject import Subject
from ..versions import numbers
from .rule import Found, Rule

IMPLEMENTATION = "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"
"""With the value ``python`` protobuf 4 loads code that was generated for protobuf 3, only slower."""


def protobuf_incompatible(subject: Subject) -> Found | None:
    """protobuf is too new for TensorFlow's generated code, or older than what generated it.

    Above that the metadata's upper limits are not looked at: protobuf 5 to 7 load the code of TensorFlow
    2.12 to 2.20 all the same (measured). Silent where conda chose both, and about conda's TensorFlow from
    2.10 on: it is compiled with conda's own, newer protobuf (conda-forge/tensorflow-feedstock).
    """
    protobuf = subject.distribution("protobuf")
    if subject.name != "tensorflow" or protobuf is None or one_solver(subject, protobuf):
        return None
    release, found = version(subject), numbers(protobuf.version)
    if not release or not found or (conda_build(subject) and release >= (2, 10)):
        return None
    for limit in protobuf_limits():
        if not limit.versions.holds(release):
            continue
        if limit.at_least and found < numbers(limit.at_least):
            return _finding(subject, protobuf, limit, f"protobuf>={limit.at_least}")
        if limit.below and found >= numbers(limit.below) and not _in_python(subject):
            return _finding(subject, protobuf, limit, "protobuf>=3.20,<3.21")
    return None


def _in_python(subject: Subject) -> bool:
    variables = subject.snapshot.variables or {}
    return str(variables.get(IMPLEMENTATION) or "").lower() == "python"


def _finding(subject: Subject, protobuf: Distribution, limit: Limit, wanted: str) -> Found:
    too_new = limit.below is not None and numbers(protobuf.version) >= numbers(limit.below)
    fixes = another_release(subject, protobuf, _fitting(subject, wanted))
    return Found(
        Finding(
            code="protobuf-incompatible",
            severity="error",
            framework="tensorflow",
            title=f"{subject.title} cannot be imported with protobuf {protobuf.version}",
            detail=f"{subject.title} needs protobuf {_words(limit)}, and {protobuf.version} is installed: "
            f"{limit.why}. The import fails.",
            evidence=(described(protobuf), *(described(each) for each in owners(subject)[:3])),
            fixes=(*fixes, *slower_protobuf(IMPLEMENTATION)) if too_new else fixes,
        ),
        stops_import=True,
    )


def _words(limit: Limit) -> str:
    return f"{limit.at_least} or newer" if limit.at_least else f"older than {limit.below}"


def _fitting(subject: Subject, wanted: str) -> str:
    """With the upper limit that the release's own metadata have, where they have one. protobuf 3.20 is the
    last that all of TensorFlow up to 2.11 load; Python 3.6 has none newer than 3.19."""
    if "<" in wanted:
        return "protobuf<3.21"
    release = version(subject)
    if release < (2, 12):
        return f"{wanted},<3.21"
    if release < (2, 18):
        return "protobuf>=3.20.3,<5"
    return f"{wanted},<6" if release < (2, 20) else f"{wanted},<8"


RULES = (Rule("protobuf-incompatible", "framework", protobuf_incompatible),)
