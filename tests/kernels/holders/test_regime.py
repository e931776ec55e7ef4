"""Whose memory it is, in containers of drivers of each time, and where the driver does not say.

The processes are real; the tree says that it is a container, and which device files they have open.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tfgpu.devices.reading import Device, Memory, Process, Reading
from jupyter_tfgpu.devices.simulated import SCENARIOS, SimulatedSource
from jupyter_tfgpu.kernels import (
    ALL,
    Allocation,
    DeviceHolders,
    Holder,
    Joined,
    Joiner,
    StartedKernel,
    born,
)
from jupyter_tfgpu.kernels.holders.open_devices import OpenDevices, devices_open
from jupyter_tfgpu.kernels.holders.regime import Place, are_foreign, attribution
from jupyter_tfgpu.machine import Machine
from tests.kernels.readings import FIRST, GIB, MIG, SECOND, device, process, reading
from tests.standin import driver

ELSEWHERE = 4_999_999
"""A process outside the container: above any pid that Linux gives."""


@pytest.fixture
def kernel() -> Iterator[int]:
    """A process that leads a session, as kernels do; its only child too."""
    code = (
        "import subprocess, sys; subprocess.Popen(['sleep', '600']); print('.', flush=True); sys.stdin.read()"
    )
    made = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert made.stdout is not None and made.stdout.read(1)
    yield made.pid
    os.killpg(made.pid, 9)
    made.communicate()


@pytest.fixture
def container(tmp_path: Path) -> Path:
    return driver.write_machine_tree(tmp_path / "machine", container="docker")


def started(pid: int, *given: str, kernel_id: str = "k1") -> StartedKernel:
    return StartedKernel(
        kernel_id=kernel_id,
        pin=ALL,
        pin_from="default",
        allocation=Allocation(uuids=given or None),
        pid=pid,
        born=born(pid),
        notebook="/n/a.ipynb",
    )


def joined(root: Path, seen: Reading, *kernels: StartedKernel) -> Joined:
    return Joiner(Machine(root=root, environ={})).join(seen, kernels)


def listing(kernel: int, regime: driver.Regime) -> Reading:
    """Ours with 3 GiB on the first device; somebody else's container with 4 on each."""
    here = {kernel}
    true = [
        [driver.Process(kernel, 3 * GIB), driver.Process(ELSEWHERE, 4 * GIB)],
        [driver.Process(ELSEWHERE, 4 * GIB)],
    ]
    lists = [driver.seen_in_a_container(each, here, regime) for each in true]
    devices = [
        device(
            number,
            uuid,
            used=used,
            minor=number,
            processes=tuple(Process(pid=p.pid, memory=p.memory) for p in each),
        )
        for number, (uuid, used, each) in enumerate(zip((FIRST, SECOND), (7, 4), lists, strict=True))
    ]
    return reading(*devices, taken_at=time.time() + 1)


def test_where_the_hosts_ids_are_the_containers_too_every_process_is_known(
    container: Path, kernel: int
) -> None:
    driver.write_open_devices(container, kernel, "nvidiactl", "nvidia0")
    seen = joined(container, listing(kernel, "every-process"), started(kernel))
    assert seen.attribution is not None
    assert (seen.attribution.regime, seen.attribution.message) == ("every-process", None)
    assert [(one.pid, one.kernel_id) for one in seen.held[FIRST].holders] == [
        (ELSEWHERE, None),
        (kernel, "k1"),
    ]


def test_memory_that_belongs_to_nobody_here_is_said_to_be_outside_the_container(
    container: Path, kernel: int
) -> None:
    driver.write_open_devices(container, kernel, "nvidiactl", "nvidia0")
    seen = joined(container, listing(kernel, "this-container"), started(kernel))
    assert seen.attribution is not None and seen.attribution.regime == "this-container"
    assert "outside" in (seen.attribution.message or "")
    [holder] = seen.held[FIRST].holders
    assert (holder.kernel_id, holder.memory) == ("k1", 3 * GIB), "listed twice, counted once"
    assert [seen.held[uuid].unattributed for uuid in (FIRST, SECOND)] == [4 * GIB, 4 * GIB]


def test_the_middle_stage_knows_who_but_not_how_much(container: Path, kernel: int) -> None:
    driver.write_open_devices(container, kernel, "nvidiactl", "nvidia0", "nvidia1")
    seen = joined(container, listing(kernel, "without-memory"), started(kernel))
    assert seen.attribution is not None and seen.attribution.regime == "without-memory"
    assert [(one.kernel_id, one.memory) for one in seen.held[FIRST].holders] == [("k1", None)]
    assert seen.held[FIRST].unattributed is None
    assert seen.held[SECOND].holders == (), "what the driver lists goes before what is merely open"


def test_ids_of_the_host_are_of_no_use_and_open_files_say_which_kernel_has_a_device(
    container: Path, kernel: int
) -> None:
    driver.write_open_devices(container, kernel, "nvidiactl", "nvidia0", "nvidia1")
    seen = joined(container, listing(kernel, "foreign-ids"), started(kernel, FIRST))
    assert seen.attribution is not None and seen.attribution.regime == "foreign-ids"
    message = seen.attribution.message or ""
    assert "--pid" not in message and "ask" in message
    [*strangers, ours] = seen.held[FIRST].holders
    assert [(one.memory, one.kernel_id, one.command, one.user) for one in strangers] == [
        (4 * GIB, None, None, None),
        (3 * GIB, None, None, None),
    ]
    assert ours == Holder(pid=kernel, kernel_id="k1", notebook="/n/a.ipynb", user="me")
    assert [one.kernel_id for one in seen.held[SECOND].holders] == [None], "not among those it was given"


def test_a_pid_that_is_a_hosts_and_a_kernels_by_accident_is_not_the_kernels(
    container: Path, kernel: int
) -> None:
    """The kernel does not use a GPU; somewhere on the host a process has its number and 30 GiB."""
    driver.write_open_devices(container, kernel)
    lists = (process(kernel, 30), process(ELSEWHERE, 1))
    seen = joined(
        container,
        reading(device(0, FIRST, used=31, minor=0, processes=lists), taken_at=time.time() + 1),
        started(kernel),
    )
    assert seen.attribution is not None and seen.attribution.regime == "foreign-ids"
    assert [(one.kernel_id, one.command) for one in seen.held[FIRST].holders] == [(None, None), (None, None)]


def test_a_kernel_that_ended_since_the_reading_does_not_make_ids_foreign(
    container: Path, kernel: int
) -> None:
    driver.write_open_devices(container, kernel, "nvidia0")
    one = Joiner(Machine(root=container, environ={}))
    ended = subprocess.Popen(["sleep", "600"])
    driver.write_open_devices(container, ended.pid, "nvidia0")
    first = reading(device(0, FIRST, processes=(process(ended.pid, 10),)), taken_at=time.time() + 1)
    assert one.join(first, []).attribution == one.join(first, []).attribution
    ended.kill()
    ended.wait()
    after = one.join(first, []).attribution
    assert after is not None and after.regime == "every-process"


def test_under_wsl2_a_kernel_is_shown_on_the_only_device(tmp_path: Path, kernel: int) -> None:
    root = driver.write_machine_tree(tmp_path / "wsl", wsl=True)
    driver.write_open_devices(root, kernel, "dxg")
    for processes in ((), None):
        one = reading(device(0, FIRST, used=10, processes=processes), taken_at=time.time() + 1)
        seen = joined(root, one, started(kernel))
        assert seen.attribution is not None and seen.attribution.regime == "without-memory"
        assert "WSL2" in (seen.attribution.message or "")
        assert [(each.kernel_id, each.memory) for each in seen.held[FIRST].holders] == [("k1", None)]
        assert seen.held[FIRST].unattributed is None, "it may be the kernel's"
    two = reading(device(0, FIRST, processes=()), device(1, SECOND, processes=()), taken_at=time.time() + 1)
    assert joined(root, two, started(kernel)).held[FIRST].holders == ()
    assert len(joined(root, two, started(kernel, SECOND)).held[SECOND].holders) == 1


def test_in_a_container_under_wsl2_no_driver_is_to_blame() -> None:
    """Docker Desktop: what is listed there may be of Windows, and a newer driver would change nothing."""
    lists = reading(device(0, FIRST, processes=(process(1, None),)))
    worth = attribution(lists, Place(container=True, wsl=True), True, {})
    assert worth is not None and worth.regime == "without-memory"
    assert "WSL2" in (worth.message or "") and "newer" not in (worth.message or "")


def test_on_a_plain_machine_nothing_is_said_and_no_open_file_is_looked_for(
    tmp_path: Path, kernel: int
) -> None:
    root = driver.write_machine_tree(tmp_path / "machine")
    driver.write_open_devices(root, kernel, "nvidia0")
    lists = (process(ELSEWHERE, 1),)
    seen = joined(
        root, reading(device(0, FIRST, used=9, processes=lists), taken_at=time.time() + 1), started(kernel)
    )
    assert seen.attribution is not None
    assert (seen.attribution.regime, seen.attribution.message) == ("every-process", None)
    assert [one.kernel_id for one in seen.held[FIRST].holders] == [None]


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_a_simulated_machine_is_judged_by_itself_wherever_this_is(container: Path, scenario: str) -> None:
    seen = SimulatedSource(scenario, clock=lambda: 1000.0, wait=lambda seconds: None).read()
    worth = joined(container, seen).attribution
    if scenario == "wsl2":
        assert worth is not None and "WSL2" in (worth.message or "")
    else:
        assert worth is None or (worth.regime, worth.message) == ("every-process", None)


@pytest.mark.parametrize(
    ("seen", "foreign"),
    [
        ({}, True),
        ({1: True}, False),
        ({1: None, 2: None}, False),
        ({1: None}, True),
        ({1: False, 2: None}, True),
        ({1: False, 2: True}, False),
    ],
)
def test_ids_are_foreign_where_none_is_certain_and_one_is_nobodys(
    seen: dict[int, bool | None], foreign: bool
) -> None:
    assert are_foreign([1, 2], seen) is foreign
    assert not are_foreign([], seen)


def test_what_a_driver_uses_itself_hides_nobody() -> None:
    small = device(0, FIRST, used=1, processes=())
    for unattributed, regime in (
        (None, "every-process"),
        (GIB // 2, "every-process"),
        (GIB, "this-container"),
    ):
        held = {FIRST: DeviceHolders(unattributed=unattributed)}
        worth = attribution(reading(small), Place(container=True), False, held)
        assert worth is not None and worth.regime == regime
        outside = attribution(reading(small), Place(), False, held)
        assert outside is not None and outside.regime == "every-process"


def test_a_driver_that_does_not_answer_or_has_lost_all_is_judged_by_nothing() -> None:
    gone = Device(uuid=FIRST, state="lost")
    assert attribution(reading(gone), Place(container=True), False, {}) is None
    assert attribution(reading(status="not-answering"), Place(), False, {}) is None


@pytest.mark.parametrize(
    ("place", "processes", "word"),
    [
        (Place(windows=True), (process(1, None),), "WDDM"),
        (Place(container=True), (process(1, None),), "container"),
        (Place(container=True, wsl=True), (process(1, None),), "WSL2"),
        (Place(), (process(1, None),), "how much memory each"),
        (Place(), None, "does not list"),
        (Place(container=True), None, "does not list"),
    ],
)
def test_each_place_without_memory_has_its_own_words(
    place: Place, processes: tuple[Process, ...] | None, word: str
) -> None:
    worth = attribution(reading(device(0, FIRST, processes=processes)), place, False, {})
    assert worth is not None and worth.regime == "without-memory"
    assert word in (worth.message or "")


def test_a_kernels_children_count_and_are_looked_at_once_in_a_while(container: Path, kernel: int) -> None:
    [child] = [pid for pid in _session(kernel) if pid != kernel]
    now = [100.0]
    found = OpenDevices(Machine(root=container, environ={}), lambda: now[0])
    ours = started(kernel)
    assert found.of_kernels([ours]) == {}
    driver.write_open_devices(container, child, "nvidia1")
    now[0] += 4.9
    assert found.of_kernels([ours]) == {}, "too soon"
    now[0] += 0.2
    assert found.of_kernels([ours]) == {"k1": ((child, frozenset({"nvidia1"})),)}
    driver.write_open_devices(container, kernel, "nvidia0")
    now[0] += 5
    assert [one.pid for one in found.of_kernels([ours])["k1"]] == [kernel, child]
    assert found.of_kernels([started(os.getpid())]) == {}, "started anew: another process"


def test_a_later_process_of_a_kernels_pid_opens_nothing_for_it(container: Path, kernel: int) -> None:
    driver.write_open_devices(container, kernel, "nvidia0")
    other = StartedKernel(
        kernel_id="k1", pin=ALL, pin_from="default", allocation=Allocation(), pid=kernel, born=1.0
    )
    assert OpenDevices(Machine(root=container, environ={})).of_kernels([other]) == {}


def _session(leader: int) -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _sid(int(name)) == leader]


def _sid(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def test_files_are_devices_by_their_number_and_instances_by_what_was_given() -> None:
    gpu = device(0, FIRST, minor=3, mig=True)
    instance = Device(uuid=MIG, parent=FIRST, minor=3, memory=Memory())
    other = device(1, SECOND, minor=0)
    unnumbered = device(2, "GPU-x")
    everything = (gpu, instance, other, unnumbered)
    opened = frozenset({"nvidiactl", "nvidia3"})
    assert devices_open(opened, everything, None) == (gpu,)
    assert devices_open(opened, everything, [MIG]) == (instance,)
    assert devices_open(opened, everything, [SECOND]) == ()
    assert devices_open(opened, everything, ["0", "GPU-gone"]) == (gpu,)
    assert devices_open(frozenset({"nvidia0", "nvidia3"}), everything, None) == (other, gpu)
