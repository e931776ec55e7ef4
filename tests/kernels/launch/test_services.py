"""Which machine, devices and pins a program works on, as our variables say."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_tfgpu.kernels import (
    LaunchServices,
    PinStore,
    Target,
    parse_pin,
    program_variables,
    services,
    set_services,
    surroundings,
)
from jupyter_tfgpu.kernels.launch.services import pins_path
from jupyter_tfgpu.machine import Machine


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


def test_a_program_without_a_server_shares_politely_where_the_user_s_settings_say_so(tmp_path: Path) -> None:
    settings = tmp_path / "data" / "tfgpu" / "settings.json"
    set_services(None)
    try:
        polite = services().polite
        assert not polite()
        settings.parent.mkdir(parents=True)
        settings.write_text('{"schema": "tfgpu.settings/1", "share_politely": true}')
        assert polite()
        settings.write_text("cut sho")
        assert not polite()
    finally:
        set_services(None)


def test_devices_are_named_by_uuid_by_setting_and_under_wsl2(tmp_path: Path) -> None:
    release = tmp_path / "proc" / "sys" / "kernel" / "osrelease"
    release.parent.mkdir(parents=True)
    release.write_text("6.1.0-25-amd64\n")
    served = LaunchServices(
        pins=PinStore(tmp_path / "p.json"), reading=lambda t: None, machine=Machine(root=tmp_path)
    )
    assert not served.names_by_uuid
    assert replace(served, by_uuid=True).names_by_uuid
    release.write_text("5.15.167.4-microsoft-standard-WSL2\n")
    assert replace(served).names_by_uuid


FORKS = """
import asyncio, os, sys
from pathlib import Path
from jupyter_tfgpu.kernels import services
path = Path(sys.argv[1])
made = services()
assert services() is made
asyncio.run(made.turns.take(path, lambda: None))  # its thread is there now, and will not be in the child
child = os.fork()
if child == 0:
    again = services()
    os._exit(0 if again is not made and asyncio.run(again.turns.take(path, lambda: 7)) == 7 else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_child_made_by_fork_has_services_of_its_own(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FORKS, str(tmp_path / "lock")], timeout=60)
    assert done.returncode == 0
