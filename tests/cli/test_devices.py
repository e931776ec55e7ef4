"""``devices`` and ``devices --watch``: the table, its fit to the terminal, the live view and its ends."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console
from rich.text import Text

from jupyter_tfgpu.api.devices import reading_answer
from jupyter_tfgpu.api.service import Service
from jupyter_tfgpu.api.wire import ReadingAnswer
from jupyter_tfgpu.cli.bars import Mark, bar, sparkline
from jupyter_tfgpu.cli.device_table import device_lines
from jupyter_tfgpu.cli.page import Paper, page
from jupyter_tfgpu.cli.watch import BEHIND, Watch
from jupyter_tfgpu.devices.simulated import SCENARIOS, SimulatedSource
from jupyter_tfgpu.kernels import DeviceHolders, Holder, Joined, Surroundings
from jupyter_tfgpu.kernels.holders.regime import Attribution
from jupyter_tfgpu.machine import Machine
from tests.cli.conftest import Program
from tests.cli.terminal import Terminal
from tests.standin import driver

GIB = 1 << 30
WIDE, NARROW = 140, 80


def answer(scenario: str, **holders: tuple[Holder, ...]) -> ReadingAnswer:
    """What a scenario answers at one moment; ``holders``: those of its first device (``first=…``)."""
    reading = SimulatedSource(scenario, clock=lambda: 1000.0, wait=lambda seconds: None).read()
    held = {device.uuid: DeviceHolders() for device in reading.devices}
    if holders:
        used = sum(each.memory or 0 for each in holders["first"])
        first = reading.devices[0]
        total = first.memory.used if first.memory else None
        held[first.uuid] = DeviceHolders(holders=holders["first"], unattributed=(total or 0) - used)
    return reading_answer(reading, Joined(held), {device.uuid for device in reading.devices}, 1000.0)


def lines(given: ReadingAnswer, width: int | None, **more: Any) -> list[str]:
    return [line.plain for line in device_lines(given.devices, width, **more)]


def test_what_cannot_be_told_of_whose_memory_it_is_stands_above_the_devices() -> None:
    said = Attribution(regime="foreign-ids", message="The ids mean nothing here: ask whoever runs this.")
    given = msgspec.structs.replace(answer("default"), attribution=said)
    shown = page(given, Paper(Console(file=io.StringIO(), width=60), 60)).plain
    assert " ".join(shown.split()).index("mean nothing here: ask") < shown.index("Memory")


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name not in ("none", "mismatch")])
@pytest.mark.parametrize("width", [NARROW, 100, WIDE])
def test_every_figure_fits_on_the_devices_line(scenario: str, width: int) -> None:
    given = answer(scenario)
    shown = lines(given, width)
    assert max(Text(line).cell_len for line in shown) <= width
    for device in given.devices:
        if device.memory and device.power and device.state == "ok":
            assert device.memory.used is not None and device.power.usage is not None
            [line] = [each for each in shown[1:] if each.split()[0] == str(device.index)]
            assert f"{device.memory.used / GIB:.1f}/" in line
            assert f"{device.temperature} °C" in line
            assert f"{device.power.usage / 1000:.0f}/" in line
            assert (device.name or "").removeprefix("NVIDIA ") in line
            assert "…" not in line


def test_holders_stand_below_their_device_with_what_they_use() -> None:
    mine = Holder(pid=11, memory=20 * GIB, utilization=0.5, notebook="/home/me/train.ipynb", user="me")
    tool = Holder(pid=12, memory=4 * GIB, command="python", user="me")
    theirs = Holder(pid=13, memory=7 * GIB, user="other")
    shown = lines(answer("default", first=(mine, theirs, tool)), NARROW)
    assert shown[2].split() == ["█", "train.ipynb", "(11)", "20.0", "GiB", "50%"]
    assert shown[3].split() == ["▓", "another", "user", "(13)", "7.0", "GiB", "–"]
    assert shown[4].split() == ["▒", "python", "(12)", "4.0", "GiB", "–"]
    assert "█" in shown[1] and "▓" in shown[1] and "▒" in shown[1]


def test_memory_of_no_visible_process_is_named_where_it_is_much() -> None:
    assert "not visible from here" in "\n".join(lines(answer("default", first=()), NARROW))
    held = Holder(pid=11, memory=31 * GIB, user="me")
    assert "not visible" not in "\n".join(lines(answer("default", first=(held,)), NARROW))


def test_a_long_notebooks_name_is_cut_in_a_terminal_and_its_pid_is_not() -> None:
    name = "a-very-long-name-of-a-notebook-" * 3 + ".ipynb"
    given = answer("default", first=(Holder(pid=4194000, memory=GIB, notebook=name, user="me"),))
    [line] = [each for each in lines(given, NARROW) if "a-very" in each]
    assert "… (4194000)" in line and Text(line).cell_len <= NARROW
    assert f"{name} (4194000)" in "\n".join(lines(given, None))


def test_a_name_cannot_give_orders_to_the_terminal() -> None:
    given = answer("default", first=(Holder(pid=1, memory=GIB, notebook="a\x1b[2J\nb.ipynb", user="me"),))
    assert "a?[2J?b.ipynb" in "\n".join(lines(given, WIDE))


def test_what_is_not_known_is_a_dash() -> None:
    given = answer("lost")
    [gone] = [line for line in lines(given, WIDE) if line.split()[0] == "1"]
    assert gone.split() == ["1", "NVIDIA", "A100-SXM4-40GB", *"––––––"]
    assert "lost" in lines(given, WIDE)[-1]


def test_instances_stand_indented_below_their_gpu_with_their_own_name() -> None:
    given = answer("mig")
    shuffled = msgspec.structs.replace(given, devices=given.devices[::-1])
    for shown in (lines(given, NARROW), lines(shuffled, NARROW)):
        at = next(number for number, line in enumerate(shown) if line.split()[0] == "0")
        assert sorted(line.split()[1] for line in shown[at + 1 : at + 4]) == ["1g.5gb", "2g.10gb", "3g.20gb"]
        assert all(line.startswith("      MIG") for line in shown[at + 1 : at + 4])


def test_reasons_of_slowness_and_memory_errors_are_named() -> None:
    shown = "\n".join(lines(answer("worn"), NARROW))
    assert "power, heat" in shown
    assert "memory errors not corrected: 2" in shown


def test_a_device_that_is_not_allotted_says_so() -> None:
    given = answer("default")
    other = msgspec.structs.replace(given.devices[1], allotted=False)
    assert lines(msgspec.structs.replace(given, devices=(given.devices[0], other)), NARROW)[-1].strip() == (
        "not allotted"
    )


def test_a_bar_is_filled_as_the_memory_is() -> None:
    made = bar([(10, Mark("█", "")), (5, Mark("▓", ""))], 20, 8)
    assert made.plain == "████▓▓··"
    assert bar([(30, Mark("█", ""))], 20, 8).plain == "████████"


def test_a_sparkline_shows_the_last_minute_and_no_more_than_is_known() -> None:
    times = [float(second) for second in range(60)]
    values = [None if second <= 30 else 0.0 if second <= 45 else 1.0 for second in range(60)]
    assert sparkline(times, values, 60.0, 2.0, 12) == "      ▁▁▁███"
    assert sparkline([30.0], [1.0], 60.0, 2.0, 12) == "     █      "
    assert sparkline([0.0, 60.0], [1.0, 0.0], 60.0, 60.0, 4) == "███▁"
    assert sparkline([], [], 60.0, 2.0, 4) == "    "


def test_the_last_minute_is_shown_where_there_is_room() -> None:
    given = answer("many")
    minutes = {device.uuid: "▁▂▃▄▅▆▇█▇▆▅▄" for device in given.devices}
    assert "▅▆▇█▇▆▅" in lines(given, WIDE, minutes=minutes)[1]
    assert "▅▆▇█▇▆▅" not in lines(given, NARROW, minutes=minutes)[1]


def on(width: int, height: int, encoding: str = "utf-8") -> Paper:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    return Paper(Console(file=file, width=width, height=height, force_terminal=True), width, height)


@pytest.mark.parametrize("height", [3, 10, 22, 24, 60])
def test_a_page_is_no_higher_than_the_terminal(height: int) -> None:
    held = Holder(pid=11, memory=20 * GIB, user="me")
    shown = page(answer("many", first=(held,)), on(NARROW, height)).plain.split("\n")
    assert len(shown) <= height
    assert ("more lines" in shown[-1]) == (height < 20)
    # Sixteen devices and their head come before the holders.
    assert ("(11)" in "\n".join(shown)) == (height >= 21)


def test_a_terminal_of_ascii_gets_a_page_of_ascii() -> None:
    shown = page(answer("worn"), on(NARROW, 24, "ascii")).plain
    assert shown.isascii() and ":" in shown and "A100" in shown


# ------------------------------------------------------------------ the program


def test_a_pipe_gets_every_name_whole_and_no_colour(program: Program) -> None:
    del program.environ["COLUMNS"]
    program.environ["JUPYTER_TFGPU_SIMULATE"] = "mismatch"
    done = program("devices")
    assert "\x1b" not in done.stdout
    assert "They only work together when they are the same.\n" in done.stdout
    program.environ["JUPYTER_TFGPU_SIMULATE"] = "server"
    assert "NVIDIA H100 80GB HBM3" in program("devices").stdout


@pytest.mark.parametrize(("variables", "colour"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals_that_want_them(
    program: Program, variables: dict[str, str], colour: bool
) -> None:
    terminal = Terminal(program.environ | variables, program.folder, "devices")
    assert terminal.ended() == 0
    assert "A100-SXM4-40GB" in terminal.text
    assert ("\x1b[90m" in terminal.raw) == colour


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_is_listed_and_judged(program: Program, scenario: str) -> None:
    program.environ["JUPYTER_TFGPU_SIMULATE"] = scenario
    found = program.answer("devices")
    assert found["simulated"] is True
    msgspec.convert(found, ReadingAnswer)
    done = program("doctor", "--json")
    assert done.returncode in (0, 1) and json.loads(done.stdout)["simulated"] is True
    assert done.stderr == ""


def test_lab_names_its_scenarios_each_with_a_line(program: Program) -> None:
    text = program("lab", "--help").stdout
    for name, what in SCENARIOS.items():
        assert f"{name} " in text and what in text


@pytest.mark.parametrize("given", ["0", "-1", "x", "nan", "inf", "1e9", ""])
def test_an_interval_that_is_none_is_one_line_and_code_2(program: Program, given: str) -> None:
    done = program("devices", "--watch", f"--interval={given}")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "from 0.5 to 60" in done.stderr


def test_an_interval_without_watch_is_refused(program: Program) -> None:
    done = program("devices", "--interval", "2")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--watch" in done.stderr


def watching(program: Program, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "jupyter_tfgpu", "devices", "--watch", "--interval=0.5", *arguments],
        env=program.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_watching_for_a_script_is_a_document_a_line_from_one_session(program: Program) -> None:
    with watching(program, "--json") as running:
        assert running.stdout is not None
        found = [json.loads(running.stdout.readline())]
        # Who opened the driver again would be refused.
        refused = ["error nvmlInit 9"]
        driver.write_scenario(program.folder / "scenario", devices=[driver.device(0)], lines=refused)
        while len(found[-1]["devices"]) == 2:
            found.append(json.loads(running.stdout.readline()))
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 130
    assert {each["driver"]["status"] for each in found} == {"ok"}
    taken = [each["taken_at"] for each in found]
    assert taken == sorted(set(taken))


def test_a_reader_who_stands_still_does_not_make_the_watch_grow(tmp_path: Path) -> None:
    around = Surroundings(machine=Machine(root=tmp_path, environ={}), simulate="none", pins=tmp_path / "p")
    asked = Service(around, data_dir=tmp_path, runtime_dir=tmp_path)
    watch = Watch(asked, 60)
    try:
        made = SimulatedSource("none").read()
        for _ in range(2 * BEHIND):
            watch._came(made)
        assert BEHIND <= watch._news.qsize() <= BEHIND + 1  # one may have come of itself meanwhile
    finally:
        asked.close()


def test_watching_into_a_file_writes_one_table_after_the_other(program: Program) -> None:
    with watching(program) as running:
        assert running.stdout is not None and running.stderr is not None
        seen: list[str] = []
        while sum(line.startswith("GPU ") for line in seen) < 2:
            seen.append(running.stdout.readline())
        running.stdout.close()
        assert running.wait(60) == 0
        assert running.stderr.read() == ""
    assert "\x1b" not in "".join(seen)


def test_the_live_view_keeps_the_devices_through_a_hang_and_ends_with_ctrl_c(program: Program) -> None:
    terminal = Terminal(program.environ, program.folder, "devices", "--watch", "--interval=0.5")
    terminal.shows("A100-SXM4-40GB")
    driver.write_scenario(program.folder / "scenario", lines=["hang nvmlDeviceGetUtilizationRates"])
    terminal.shows("The driver has not answered for 8 s.")
    assert any("A100-SXM4-40GB" in line for line in terminal.frame)
    driver.write_scenario(program.folder / "scenario", devices=[driver.device(0, temperature=83)])
    terminal.shows("83 °C")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.ended() == 130
    assert "Traceback" not in terminal.text
    left = terminal.raw.rpartition("\x1b[?1049l")[2]
    assert "83 °C" in left  # what was shown last stays on the terminal


def test_the_live_view_fits_a_terminal_whose_size_changes(program: Program) -> None:
    program.environ["JUPYTER_TFGPU_SIMULATE"] = "many"
    terminal = Terminal(program.environ, program.folder, "devices", "--watch", rows=50, columns=140)
    terminal.shows("NVIDIA A100-SXM4-40GB")
    assert "more lines" not in terminal.text
    terminal.resize(10, 80)
    terminal.process.send_signal(signal.SIGWINCH)
    terminal.shows("more lines; a higher terminal shows them")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.ended() == 128 + signal.SIGTERM
    assert "\x1b[?1049l" in terminal.raw and "\x1b[?25h" in terminal.raw
    assert "Traceback" not in terminal.text
