"""Who holds what."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from jupyter_tfgpu.kernels import (
    ALL,
    Allocation,
    Holder,
    StartedKernel,
    join,
)
from jupyter_tfgpu.kernels.holders import attribute
from jupyter_tfgpu.kernels.processes import ProcessFacts, read_processes
from tests.kernels.readings import FIRST, GIB, SECOND, device, process, reading


def started(pid: int | None, kernel_id: str = "k1", notebook: str | None = "/n/a.ipynb") -> StartedKernel:
    return StartedKernel(
        kernel_id=kernel_id, pin=ALL, pin_from="default", allocation=Allocation(), pid=pid, notebook=notebook
    )


def test_a_kernel_its_session_and_its_children_hold_memory_under_its_name() -> None:
    seen = reading(device(0, FIRST, used=10, processes=(process(100, 1), process(101, 2), process(102, 3))))
    facts = {
        100: ProcessFacts(pid=100, session=100, user="me", command="python"),
        101: ProcessFacts(pid=101, session=100, user="me", command="python"),
        102: ProcessFacts(pid=102, session=102, ancestors=(101, 100, 1), user="me", command="worker"),
    }
    held = attribute(seen, [started(100)], facts)[FIRST]
    assert held.holders[0] == Holder(
        pid=102, memory=3 * GIB, command="worker", kernel_id="k1", notebook="/n/a.ipynb", user="me"
    )
    assert [one.kernel_id for one in held.holders] == ["k1", "k1", "k1"]
    assert held.unattributed == 4 * GIB


def test_the_nearest_kernel_counts_where_one_was_started_from_another() -> None:
    seen = reading(device(0, FIRST, processes=(process(300, 1),)))
    facts = {300: ProcessFacts(pid=300, session=200, ancestors=(200, 100))}
    held = attribute(seen, [started(100, "outer"), started(200, "inner")], facts)[FIRST]
    assert held.holders[0].kernel_id == "inner"


def test_a_process_of_somebody_else_belongs_to_no_kernel() -> None:
    seen = reading(device(0, FIRST, processes=(process(7, 1), process(8, 1))))
    facts = {7: ProcessFacts(pid=7, session=7, user="other")}
    held = attribute(seen, [started(100)], facts)[FIRST]
    assert held.holders == (
        Holder(pid=7, memory=GIB, user="other"),
        Holder(pid=8, memory=GIB),
    )


def test_a_pid_listed_twice_is_counted_once() -> None:
    seen = reading(device(0, FIRST, used=10, processes=(process(7, 2), process(7, 3), process(7, None))))
    held = attribute(seen, [], {})[FIRST]
    assert [one.memory for one in held.holders] == [3 * GIB]
    assert held.unattributed == 7 * GIB


def test_what_belongs_to_nobody_is_not_known_where_a_process_does_not_say() -> None:
    seen = reading(
        device(0, FIRST, processes=(process(7, 2), process(8, None))),
        device(1, SECOND, processes=None),
    )
    held = attribute(seen, [], {})
    assert held[FIRST].unattributed is None
    assert held[SECOND].unattributed is None
    no_memory = msgspec.structs.replace(device(0, FIRST, processes=()), memory=None)
    assert attribute(reading(no_memory), [], {})[FIRST].unattributed is None


def test_a_pid_that_was_used_again_since_the_reading_is_nobodys() -> None:
    seen = reading(device(0, FIRST, processes=(process(100, 1),)), taken_at=1000.0)
    facts = {100: ProcessFacts(pid=100, session=100, user="me", command="vim", began=1001.0)}
    assert attribute(seen, [started(100)], facts)[FIRST].holders == (Holder(pid=100, memory=GIB),)


def test_real_processes_are_joined_with_the_kernel_that_forked_them() -> None:
    code = (
        "import os, subprocess, sys, time\n"
        "sleeper = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "child = subprocess.Popen(sleeper, start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read(); child.kill(); child.wait()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        seen = reading(
            device(0, FIRST, processes=(process(parent.pid, 1), process(child, 2), process(os.getpid(), 1))),
            taken_at=time.time(),
        )
        held = join(seen, [started(parent.pid)])[FIRST].holders
        assert {one.pid: one.kernel_id for one in held} == {parent.pid: "k1", child: "k1", os.getpid(): None}
        assert {one.user for one in held} == {"me"}
        assert all((one.command or "").startswith("python") for one in held if one.kernel_id)
    finally:
        parent.communicate("")
    assert read_processes([parent.pid]) == {}


def test_a_simulated_pid_is_not_looked_up_here() -> None:
    seen = msgspec.structs.replace(
        reading(device(0, FIRST, processes=(process(os.getpid(), 1),))), simulated=True
    )
    assert join(seen, [])[FIRST].holders == (Holder(pid=os.getpid(), memory=GIB),)


def test_other_users_command_lines_are_not_read() -> None:
    if os.getuid() != 0 or not Path("/proc/self").exists():
        first = next(iter(read_processes([1]).values()), None)
        assert first is None or first.command is None
        return
    sleeper = subprocess.Popen(["sleep", "60"], user=65534)
    try:
        facts = read_processes([sleeper.pid])[sleeper.pid]
        assert facts.user == "other"
        assert facts.command is None
    finally:
        sleeper.kill()
        sleeper.wait()
