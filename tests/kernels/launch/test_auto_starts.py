"""Many kernels on ``auto`` at once, through the real provisioner, over eight devices of a stand-in driver."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from jupyter_tfgpu.kernels import PinStore, Target, parse_pin
from jupyter_tfgpu.machine import Machine
from tests.kernels.starter import starter
from tests.standin import driver

DEVICES = 8
STARTS = 50


@pytest.fixture
def variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Of programs on a machine with eight equal devices, whose kernelspec ``small`` is pinned to ``auto``."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    equal = [driver.device(index, memory_used=4 * driver.GIB) for index in range(DEVICES)]
    scenario = driver.write_scenario(tmp_path / "scenario", devices=equal)
    root = driver.write_machine_tree(tmp_path / "machine", pci_devices=DEVICES)
    store = PinStore(tmp_path / "pins.json", Machine(root=root))
    store.set(Target(kernelspec="small"), parse_pin("auto"))
    return {
        **driver.environment(scenario),
        "JUPYTER_TFGPU_MACHINE_ROOT": str(root),
        "JUPYTER_TFGPU_PINS": str(store.path),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
    }


@pytest.mark.parametrize("programs", [1, 2])
def test_fifty_at_once_are_six_or_seven_on_each_device(
    variables: dict[str, str], programs: int, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        each = STARTS // programs
        running = [stack.enter_context(starter(f"p{n}", each, variables)) for n in range(programs)]
        for one in running:
            one.go()
        visible = [entry for one in running for entry in one.started().values()]
        assert len(visible) == STARTS
        assert sorted(Counter(visible).values()) == [6] * 6 + [7] * 2
        assert len(list((tmp_path / "runtime").glob("tfgpu-launch-*"))) == STARTS
    assert list((tmp_path / "runtime").glob("tfgpu-*")) == []


def test_kernels_that_started_long_ago_and_hold_nothing_still_count(
    variables: dict[str, str], tmp_path: Path
) -> None:
    with starter("first", 3, variables) as first, starter("second", 5, variables) as second:
        first.go()
        before = first.started()
        for launch in (tmp_path / "runtime").glob("tfgpu-launch-*"):
            os.utime(launch, (0, 0))
        second.go()
        assert sorted([*before.values(), *second.started().values()]) == [str(n) for n in range(DEVICES)]


def test_as_many_as_there_are_devices_get_one_each_whichever_program_starts_them(
    variables: dict[str, str],
) -> None:
    with starter("a", DEVICES // 2, variables) as one, starter("b", DEVICES // 2, variables) as other:
        one.go()
        other.go()
        assert sorted([*one.started().values(), *other.started().values()]) == [
            str(n) for n in range(DEVICES)
        ]


def test_devices_of_kernels_whose_program_was_killed_are_free_again(
    variables: dict[str, str], tmp_path: Path
) -> None:
    with starter("gone", 8, variables) as gone:
        gone.go()
        gone.started()
        gone.kill()
    with starter("next", 1, variables) as following:
        following.go()
        assert following.started() == {"next-0": "0"}
