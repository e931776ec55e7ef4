"""What starts an explanation in a notebook goes with the messages that are known."""

from __future__ import annotations

import pytest

from jupyter_tfgpu.doctor.messages.starts import start_patterns
from jupyter_tfgpu.doctor.messages.table import Pattern, patterns

NO_CELLS = {
    "container-cli",
    "container-driver-old",
    "container-gpu-new",
    "container-no-driver",
    "container-nvml",
    "container-requirement",
    "container-toolkit-missing",
    "apptainer-no-driver",
    "conda-no-cuda",
    "crashed",
    "different-python",
    "gpu-package-removed",
    "illegal-instruction",
    "interpreter-gone",
    "ipykernel-missing",
    "kernel-died",
    "leftover-distribution",
    "long-paths",
    "no-gpu-node",
    "no-matching-distribution",
    "no-version",
    "pip-conflict",
    "small-gpu-ignored",
    "smi-failed",
    "smi-not-found",
    "uv-no-wheel",
    "wheel-not-supported",
}
"""Messages of installers, containers, servers and of processes that have ended."""
OTHERWISE = {"api mismatch: ", "env: cuda_visible_devices=", "render"}
"""Clues of further lines of a log in which another one starts the explanation."""
IN_A_CELL = "dll load failed with error code"
"""The one of its message that Python says itself."""

KNOWN = patterns()
SERIOUS = [each for each in KNOWN if each.message.weight != "harmless"]


def starts(text: str) -> bool:
    """As the in-kernel part looks for them."""
    every = start_patterns()
    none = [each[2:] for each in every if each.startswith("! ")]
    lines = [line for line in text.lower().split("\n") if not any(each in line for each in none)]
    flat = " ".join(" ".join(lines).split())
    return any(each in flat for each in every if not each.startswith("! "))


def example(pattern: Pattern) -> str:
    return pattern.example.translate(str.maketrans("\u2018\u2019", "''"))


def test_what_a_cell_may_say_starts_an_explanation_and_what_it_cannot_say_does_not() -> None:
    expected = {
        each: (each.message.id not in NO_CELLS and each.clue not in OTHERWISE) or each.clue == IN_A_CELL
        for each in SERIOUS
    }
    assert {each: starts(example(each)) for each in SERIOUS} == expected


def test_what_is_printed_where_nothing_is_wrong_starts_none() -> None:
    harmless = [each for each in KNOWN if each.message.weight == "harmless"]
    assert harmless
    assert [each for each in harmless if starts(example(each))] == []


@pytest.mark.parametrize(
    "text",
    [
        "AttributeError: 'NoneType' object has no attribute 'shape'",
        "ModuleNotFoundError: No module named 'seaborn'",
        "FileNotFoundError: [Errno 2] No such file or directory: 'data.csv'",
        "ValueError: Shapes (None, 1) and (None, 10) are incompatible",
        "KeyError: 'label'",
        "NameError: name 'tf' is not defined",
        "MemoryError: Unable to allocate 8.00 GiB for an array with shape (1073741824,)",
        "100%|##########| 938/938 [00:11<00:00, 83.21it/s, loss=0.31]",
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x784 and 512x10)",
    ],
)
def test_errors_of_the_program_itself_start_none(text: str) -> None:
    assert not starts(text)


def test_each_is_written_as_it_is_looked_for() -> None:
    found = [each.removeprefix("! ") for each in start_patterns()]
    assert len(found) == len(set(found))
    for each in found:
        assert each == " ".join(each.lower().split())


def test_none_is_there_for_nothing() -> None:
    """Each is found in a line that is known, or asks for a name that a known one leaves open."""
    flat = [" ".join(f"{example(each)} {each.clue}".lower().split()) for each in KNOWN]
    named = (
        "no module named '",
        "partially initialized module '",
        "' has no attribute '__version__'",
        ": lib",
    )
    for each in start_patterns():
        text = each.removeprefix("! ")
        assert any(text in line for line in flat) or any(name in text for name in named), text
