"""Which machine, devices and pins a program works on, as our variables say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_tfgpu.kernels import Target, parse_pin, program_variables, services, set_services, surroundings
from jupyter_tfgpu.kernels.services import pins_path


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))


def test_without_variables_it_is_this_machine_and_the_user_s_pins(tmp_path: Path) -> None:
    around = surroundings({"PATH": "/bin", "HOME": "/h"})
    assert (around.machine.real, around.simulate) == (True, None)
    assert around.pins == tmp_path / "data" / "tfgpu" / "pins.json"
    assert program_variables(around) == {"PATH": "/bin"}


def test_what_a_program_is_given_means_the_same_to_it(tmp_path: Path) -> None:
    variables = {
        "JUPYTER_TFGPU_MACHINE_ROOT": str(tmp_path),
        "JUPYTER_TFGPU_SIMULATE": "default",
        "JUPYTER_TFGPU_PINS": str(tmp_path / "p.json"),
        "CUDA_VISIBLE_DEVICES": "1",
    }
    around = surroundings(variables)
    assert (around.machine.root, around.simulate, around.pins) == (tmp_path, "default", tmp_path / "p.json")
    assert program_variables(around) == variables


def test_pins_of_simulated_devices_are_their_own_and_go_with_the_program(tmp_path: Path) -> None:
    around = surroundings({"JUPYTER_TFGPU_SIMULATE": "default"})
    assert not around.pins.is_relative_to(tmp_path)
    assert program_variables(around)["JUPYTER_TFGPU_PINS"] == str(around.pins)
    code = (
        "from pathlib import Path; from jupyter_tfgpu.kernels import pins_path\n"
        "path = pins_path(Path('.'), 'default'); assert path.parent.is_dir(); print(path.parent)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not Path(done.stdout.strip()).exists()
    assert pins_path(tmp_path, "default", tmp_path / "named") == tmp_path / "named"


def test_a_program_without_a_server_starts_kernels_on_what_the_variables_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_TFGPU_SIMULATE", "default")
    monkeypatch.setenv("JUPYTER_TFGPU_PINS", str(tmp_path / "p.json"))
    set_services(None)
    try:
        made = services()
        made.pins.set(Target(kernelspec="k"), parse_pin("none"))
        assert (tmp_path / "p.json").exists()
        seen = made.reading(10.0)
        assert seen is not None
        assert seen.simulated
        assert made.on_started is None
    finally:
        set_services(None)
