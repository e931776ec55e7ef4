"""What an installer was asked for, as people and installers write it."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor.subject import Subject
from jupyter_tfgpu.doctor.wanted import Wanted, wanted, within
from tests.doctor.made import snapshot

NONE = "ERROR: Could not find a version that satisfies the requirement {} (from versions: none)"
SOME = "ERROR: Could not find a version that satisfies the requirement {} (from versions: {})"


def asked(text: str | None = None, name: str = "tensorflow", **changes: Any) -> Wanted | None:
    requested = {"requested": {"requirement": text}} if text else {}
    return wanted(Subject(snapshot(**requested, **changes), name, True))


@pytest.mark.parametrize(
    ("text", "package", "version", "taken"),
    [
        ("tensorflow==2.4.1", "tensorflow", "2.4.1", True),
        ("tensorflow-gpu=2.4", "tensorflow-gpu", "2.4.1", True),
        ("tensorflow_gpu >= 1.12, <2", "tensorflow-gpu", "2.0.0", False),
        ("pip install 'tensorflow[and-cuda]<2.16' keras", "tensorflow", "2.15.1", True),
        ("tensorflow", "tensorflow", "1.0.0", True),
        ("tensorflow==2.4=gpu_py39*", "tensorflow", "2.5.0", False),
    ],
)
def test_what_was_asked_for_is_read_as_pip_and_conda_write_it(
    text: str, package: str, version: str, taken: bool
) -> None:
    request = asked(text)
    assert request is not None and request.package == package
    assert within(request.limits, version) is taken


@pytest.mark.parametrize(
    ("log", "text", "available", "refused"),
    [
        (NONE.format("tensorflow"), "tensorflow", (), False),
        (SOME.format("tensorflow==1.15", "2.2.0, 2.3.0"), "tensorflow==1.15", ("2.2.0", "2.3.0"), False),
        (
            SOME.format("tensorflow==1.15 (from -r r.txt (line 3))", "2.2.0"),
            "tensorflow==1.15",
            ("2.2.0",),
            False,
        ),
        ("No matching distribution found for tensorflow==2.1.0", "tensorflow==2.1.0", None, False),
        ("Retrying (Retry(total=4\n" + NONE.format("tensorflow"), "tensorflow", None, False),
        (
            "Because tensorflow==2.15.0 has no wheels with a matching Python ABI tag (e.g., `cp313`)",
            "tensorflow==2.15.0",
            None,
            True,
        ),
        ("  - tensorflow==2.1.0 -> python[version='2.7.*|3.7.*']", "tensorflow==2.1.0", None, True),
        ("  - tensorflow==2.1.0 -> python[version='3.11.*|3.7.*']", "tensorflow==2.1.0", None, False),
    ],
)
def test_the_installers_own_words_tell_it_too(
    log: str, text: str, available: tuple[str, ...] | None, refused: bool
) -> None:
    request = asked(log=log)
    assert request is not None
    assert (request.text, request.available, request.python_refused) == (text, available, refused)


@pytest.mark.parametrize("log", ["No matching distribution found for tensorflow-hub", "", "No module 'x'"])
def test_words_about_another_package_are_not_about_the_framework(log: str) -> None:
    assert asked(log=log) is None


@pytest.mark.parametrize("filler", ["a" * 200_000, "a-" * 100_000, "a " * 100_000, "a==1" * 50_000])
def test_a_long_line_does_not_hold_it_up(filler: str) -> None:
    """Each pattern is bounded: what a line costs grows with its length, not with its square."""
    log = f"{filler}\n{filler} has no wheel\n{filler} -> python[version=\n{NONE.format('tensorflow')}"
    request = asked(log=log)
    assert request is not None and request.available == ()
