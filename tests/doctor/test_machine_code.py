"""Which GPU runs which code: NVIDIA's rules of binary compatibility, over the lists that builds have."""

from __future__ import annotations

import pytest

from jupyter_tfgpu.doctor import machine_code
from jupyter_tfgpu.doctor.knowledge.gpus import TEGRA, capability_of, generation
from jupyter_tfgpu.doctor.machine_code import compiles, entries, parsed, runs

ALL = [
    (5, 0),
    (5, 2),
    (6, 0),
    (6, 1),
    (7, 0),
    (7, 5),
    (8, 0),
    (8, 6),
    (8, 9),
    (9, 0),
    (10, 0),
    (12, 0),
    (12, 1),
]


@pytest.mark.parametrize("gpu", ALL)
@pytest.mark.parametrize("compiled", ALL)
def test_machine_code_runs_on_the_same_major_capability_from_its_minor_on(
    gpu: tuple[int, int], compiled: tuple[int, int]
) -> None:
    code = entries([f"sm_{compiled[0]}{compiled[1]}"])
    assert runs(code, gpu) is (gpu[0] == compiled[0] and gpu >= compiled)
    assert not compiles(code, gpu)


@pytest.mark.parametrize("gpu", ALL)
@pytest.mark.parametrize("compiled", ALL)
def test_ptx_is_compiled_for_its_own_capability_and_newer_ones(
    gpu: tuple[int, int], compiled: tuple[int, int]
) -> None:
    code = entries([f"compute_{compiled[0]}{compiled[1]}"])
    assert compiles(code, gpu) is (gpu >= compiled)
    assert not runs(code, gpu)


@pytest.mark.parametrize("board", sorted(TEGRA))
def test_a_jetson_runs_its_own_machine_code_alone(board: tuple[int, int]) -> None:
    own = entries([f"sm_{board[0]}{board[1]}"])
    assert runs(own, board)
    assert not any(runs(own, gpu) for gpu in ALL)
    assert not runs(entries([f"sm_{each[0]}{each[1]}" for each in ALL]), board)
    assert compiles(entries(["compute_30"]), board)


def test_code_for_one_capability_alone_runs_on_no_other() -> None:
    assert runs(entries(["sm_90a"]), (9, 0))
    assert not runs(entries(["sm_120a"]), (12, 1)) and runs(entries(["sm_120f"]), (12, 1))
    assert not compiles(entries(["compute_90a"]), (12, 0))


def test_tensorflows_highest_entry_is_both() -> None:
    assert runs(entries(["sm_60", "compute_90"], highest_is_both=True), (9, 0))
    assert not runs(entries(["sm_60", "compute_90"]), (9, 0))


def test_what_is_no_gpu_of_nvidia_is_left_out() -> None:
    assert entries(["gfx1030", "sm_", "compute", ""]) == ()
    assert parsed("8.6") == (8, 6) and parsed(None) is None and parsed("8") is None


def test_the_ends_of_a_list() -> None:
    code = entries(["sm_70", "sm_60", "compute_70"])
    assert machine_code.oldest(code) == (6, 0) and machine_code.newest(code) == (7, 0)
    assert machine_code.newest(()) is None


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("NVIDIA GeForce RTX 3060 Laptop GPU", "8.6"),
        ("GeForce GTX 1070 with Max-Q Design", "6.1"),
        ("Tesla V100-SXM2-16GB", "7.0"),
        ("NVIDIA A100-SXM4-80GB", "8.0"),
        ("NVIDIA H100 80GB HBM3", "9.0"),
        ("Quadro RTX 6000", "7.5"),
        ("NVIDIA(R) GeForce RTX 5090", "12.0"),
        ("GeForce GTX TITAN X", "5.2"),
        ("TITAN X (Pascal)", "6.1"),
        ("Orin (nvgpu)", "8.7"),
        ("GeForce GTX 860M", None),  # two chips had this name
        ("GeForce GTX 750 Ti", None),
        ("A card of tomorrow", None),
        ("", None),
    ],
)
def test_a_name_tells_the_capability_where_it_stands_for_one_chip(name: str, capability: str | None) -> None:
    assert capability_of(name) == capability


def test_a_generation_knows_the_toolkits_that_can_have_made_code_for_it() -> None:
    turing, ada, fermi = generation("7.5"), generation("8.9"), generation("2.1")
    assert turing and (turing.first_cuda, turing.family, turing.last_cuda) == ((10, 0), (9, 0), None)
    assert ada and ada.family == (11, 0) and ada.last_branch is None
    assert fermi and (fermi.last_cuda, fermi.last_branch) == (8, 390)
    assert generation("99.0") is None and generation("") is None and generation("8.7") is None
