"""Who holds what."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil
import pytest

from jupyter_tfgpu.devices import Reading
from jupyter_tfgpu.kernels import (
    ALL,
    Allocation,
    Holder,
    Joiner,
    StartedKernel,
    StartedKernels,
    born,
)
from jupyter_tfgpu.kernels.holders.holders import attribute
from jupyter_tfgpu.kernels.running.processes import ProcessFacts, Relative
from jupyter_tfgpu.machine import Machine
from tests.kernels.readings import FIRST, GIB, SECOND, device, process, reading


def joiner(root: Path) -> Joiner:
    """On a machine without marks of a container; processes are this one's all the same."""
    return Joiner(Machine(root=root, environ={}))


def started(
    pid: int | None,
    kernel_id: str = "k1",
    notebook: str | None = "/n/a.ipynb",
    born: float | None = None,
) -> StartedKernel:
    return StartedKernel(
        kernel_id=kernel_id,
        pin=ALL,
        pin_from="default",
        allocation=Allocation(),
        pid=pid,
        born=born,
        notebook=notebook,
    )


def above(*pids: int, born: float | None = None) -> tuple[Relative, ...]:
    return tuple(Relative(pid, born) for pid in pids)


def test_a_kernel_its_session_and_its_children_hold_memory_under_its_name() -> None:
    seen = reading(device(0, FIRST, used=10, processes=(process(100, 1), process(101, 2), process(102, 3))))
    facts = {
        100: ProcessFacts(pid=100, lineage=above(100), user="me", command="python"),
        101: ProcessFacts(pid=101, lineage=above(100), user="me", command="python"),
        102: ProcessFacts(pid=102, lineage=above(102, 101, 100, 1), user="me", command="worker"),
    }
    held = attribute(seen, [started(100)], facts)[FIRST]
    assert held.holders[0] == Holder(
        pid=102, memory=3 * GIB, command="worker", kernel_id="k1", notebook="/n/a.ipynb", user="me"
    )
    assert [one.kernel_id for one in held.holders] == ["k1", "k1", "k1"]
    assert held.unattributed == 4 * GIB


def test_the_nearest_kernel_counts_where_one_was_started_from_another() -> None:
    seen = reading(device(0, FIRST, processes=(process(300, 1),)))
    facts = {300: ProcessFacts(pid=300, lineage=above(200, 200, 100))}
    held = attribute(seen, [started(100, "outer"), started(200, "inner")], facts)[FIRST]
    assert held.holders[0].kernel_id == "inner"


def test_a_process_of_somebody_else_belongs_to_no_kernel() -> None:
    seen = reading(device(0, FIRST, processes=(process(7, 1), process(8, 1))))
    facts = {7: ProcessFacts(pid=7, lineage=above(7), user="other")}
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
    facts = {100: ProcessFacts(pid=100, lineage=above(100), user="me", command="vim", began=1001.0)}
    assert attribute(seen, [started(100)], facts)[FIRST].holders == (Holder(pid=100, memory=GIB),)


def test_memory_of_a_later_process_of_a_kernels_pid_is_not_the_kernels() -> None:
    """The kernel has died; somebody else's process has its pid now, and a child and a session of its own."""
    seen = reading(device(0, FIRST, processes=(process(100, 3), process(101, 2), process(102, 1))))
    facts = {
        100: ProcessFacts(pid=100, born=900.0, lineage=above(100, born=900.0), user="me", command="other"),
        101: ProcessFacts(pid=101, born=950.0, lineage=above(100, born=900.0), user="me", command="other"),
        102: ProcessFacts(pid=102, born=960.0, lineage=(Relative(100, None),), user="me", command="other"),
    }
    held = attribute(seen, [started(100, born=500.0)], facts)[FIRST]
    assert [(one.pid, one.kernel_id) for one in held.holders] == [(100, None), (101, None), (102, None)]
    facts |= {101: ProcessFacts(pid=101, born=600.0, lineage=above(100, born=500.0))}
    held = attribute(seen, [started(100, born=500.0)], facts)[FIRST]
    assert [one.pid for one in held.holders if one.kernel_id] == [101], "its own child, which outlived it"


def test_a_kernel_that_had_ended_when_it_was_recorded_never_holds_what_has_its_pid_later() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    table = StartedKernels()
    table.put(started(ended.pid))
    seen = reading(device(0, FIRST, processes=(process(ended.pid, 1),)))
    facts = {ended.pid: ProcessFacts(pid=ended.pid, born=1e9, user="me")}
    assert attribute(seen, table.all(), facts)[FIRST].holders[0].kernel_id is None


TREE = """
import subprocess, sys, time
sleep = "import time; time.sleep(600)"
middle = (
    "import subprocess, sys\\n"
    f"command = [sys.executable, '-c', {sleep!r}]\\n"
    "child = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)\\n"
    "print(child.pid, flush=True)\\n"
    "sys.stdin.read()\\n"
)
between = subprocess.Popen(
    [sys.executable, "-c", middle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)
print(between.pid, between.stdout.readline().strip(), flush=True)
sys.stdin.readline()
between.communicate("")
print("ended", flush=True)
sys.stdin.read()
"""
"""A kernel, a process that it starts, and one more that leads a session of its own."""


def test_real_processes_keep_the_kernel_that_started_them_when_their_parent_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TREE]
    kernel = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    child = None
    try:
        assert kernel.stdout is not None and kernel.stdin is not None
        between, child = (int(text) for text in kernel.stdout.readline().split())
        joined, ours = joiner(tmp_path), started(kernel.pid, born=born(kernel.pid))
        held = joined.join(now(kernel.pid, between, child, os.getpid()), [ours]).held[FIRST].holders
        assert {one.pid: one.kernel_id for one in held} == {
            kernel.pid: "k1",
            between: "k1",
            child: "k1",
            os.getpid(): None,
        }
        assert {one.user for one in held} == {"me"}
        assert all((one.command or "").startswith("python") for one in held if one.kernel_id)
        kernel.stdin.write("go on\n")
        kernel.stdin.flush()
        assert kernel.stdout.readline() == "ended\n"
        held = joined.join(now(child), [ours]).held[FIRST].holders
        assert [(one.pid, one.kernel_id) for one in held] == [(child, "k1")]
    finally:
        if child is not None:
            os.kill(child, signal.SIGKILL)
        kernel.communicate("")
    held = joined.join(now(kernel.pid), [ours]).held[FIRST].holders
    assert held == (Holder(pid=kernel.pid, memory=GIB),)


DAEMON = """
import os, subprocess, sys
if os.fork() == 0:
    os.setsid()
    command = ["sleep", "600"]
    child = subprocess.Popen(command, start_new_session=sys.argv[1] == "session", stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
    os._exit(0)
os.wait()
print("parted", flush=True)
sys.stdin.read()
"""
"""A kernel that forks twice: it says when the process in between has ended."""


@contextmanager
def daemon(mode: str, name: str) -> Iterator[tuple[int, int]]:
    """The pids of such a kernel, of a session of this name, and of its daemon."""
    made = subprocess.Popen(
        [sys.executable, "-c", DAEMON, mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "JPY_SESSION_NAME": name},
    )
    assert made.stdout is not None
    child = int(made.stdout.readline())
    try:
        assert made.stdout.readline() == "parted\n"
        while not psutil.Process(child).environ():
            time.sleep(0.01)  # between its start and the system's laying out its environment
        yield made.pid, child
    finally:
        os.kill(child, signal.SIGKILL)
        made.communicate("")


@pytest.mark.parametrize("mode", ["session", "group"])
def test_a_daemon_that_was_never_seen_with_its_parents_is_its_notebooks(tmp_path: Path, mode: str) -> None:
    notebook = str(tmp_path / "a.ipynb")
    with daemon(mode, notebook) as (kernel, child):
        ours = started(kernel, notebook=notebook, born=born(kernel))
        one = joiner(tmp_path)
        for _ in range(2):
            held = one.join(now(child, os.getpid()), [ours]).held[FIRST].holders
            assert {each.pid: each.kernel_id for each in held} == {child: "k1", os.getpid(): None}


def test_an_environment_that_is_not_there_yet_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = str(tmp_path / "a.ipynb")
    with daemon("session", notebook) as (kernel, child):
        ours, one = started(kernel, notebook=notebook, born=born(kernel)), joiner(tmp_path)
        with monkeypatch.context() as starting:
            starting.setattr(psutil.Process, "environ", lambda _: {})
            assert one.join(now(child), [ours]).held[FIRST].holders[0].kernel_id is None
        assert one.join(now(child), [ours]).held[FIRST].holders[0].kernel_id == "k1"


def test_a_daemon_is_not_that_of_another_notebook_nor_of_one_of_two_nor_of_a_later_kernel(
    tmp_path: Path,
) -> None:
    notebook = str(tmp_path / "a.ipynb")
    with daemon("session", notebook) as (kernel, child):
        ours = started(kernel, notebook=notebook, born=born(kernel))
        other = started(os.getpid(), "k2", notebook=notebook, born=born(os.getpid()))
        elsewhere = started(kernel, notebook=str(tmp_path / "b.ipynb"), born=born(kernel))
        later = started(kernel, notebook=notebook, born=(born(child) or 0) + 1)
        for kernels in ([ours, other], [elsewhere], [later], []):
            held = joiner(tmp_path).join(now(child), kernels).held[FIRST].holders
            assert [each.kernel_id for each in held] == [None]


def test_a_process_of_mine_has_its_name_and_one_of_others_has_none(tmp_path: Path) -> None:
    """A command line may hold a password: the program's name is enough."""
    secret = ["sleep", "600.1"]
    with subprocess.Popen(secret) as mine:
        [held] = joiner(tmp_path).join(now(mine.pid), []).held[FIRST].holders
        assert (held.command, held.user, held.kernel_id) == ("sleep", "me", None)
        mine.kill()
    if os.getuid() != 0:
        pytest.skip("only root can start a process of another user")
    with subprocess.Popen(secret, user=65534) as theirs:
        [held] = joiner(tmp_path).join(now(theirs.pid), []).held[FIRST].holders
        assert (held.command, held.user, held.kernel_id) == (None, "other", None)
        theirs.kill()


def now(*pids: int) -> Reading:
    """A reading of this moment with these processes."""
    return reading(device(0, FIRST, processes=tuple(process(pid, 1) for pid in pids)), taken_at=time.time())


def test_a_simulated_pid_is_not_looked_up_here(tmp_path: Path) -> None:
    seen = msgspec.structs.replace(
        reading(device(0, FIRST, processes=(process(os.getpid(), 1),))), simulated=True
    )
    held = joiner(tmp_path).join(seen, []).held[FIRST].holders
    assert held == (Holder(pid=os.getpid(), memory=GIB),)
