"""What kernels have been given and do not hold yet, whichever program started them."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from jupyter_tfgpu.kernels import Allocation, LaunchFile, StartedKernel, born, parse_pin
from jupyter_tfgpu.kernels.launch.claims import Claim, as_if_ended, pending, running_claims
from jupyter_tfgpu.kernels.pins.freest import Pending
from jupyter_tfgpu.kernels.running.launchfile import launch_path, write_launch_file
from tests.kernels.readings import FIRST, GIB, SECOND, device, process, reading

HERE = os.getpid()


def launch(kernel_id: str, **more: object) -> LaunchFile:
    """A launch file of a kernel that runs, as this process, on the first device."""
    content = LaunchFile(
        kernel_id=kernel_id,
        module=None,
        report=None,
        interpreter="",
        program={},
        pin="auto",
        pin_from="default",
        given=(FIRST,),
        note=None,
        notebook=None,
        kernelspec=None,
        machine="m",
        pid=HERE,
        born=born(HERE),
        starter=HERE,
        starter_born=born(HERE),
        chosen_at=time.time(),
    )
    return msgspec.structs.replace(content, **more)


def started(kernel_id: str, **more: object) -> StartedKernel:
    kernel = StartedKernel(
        kernel_id=kernel_id,
        pin=parse_pin("auto:1,8GiB"),
        pin_from="default",
        allocation=Allocation(uuids=(SECOND,)),
        pid=HERE,
        born=born(HERE),
    )
    return dataclasses.replace(kernel, **more)  # type: ignore[arg-type]


@pytest.fixture
def ended() -> Iterator[tuple[int, float | None]]:
    """Pid and birth of a process that has ended, and is not waited for before the test is over."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        birth = born(process.pid)
        assert process.stdin is not None
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        yield process.pid, birth


def found(folder: Path, *own: StartedKernel, but: str = "me") -> dict[str, Claim]:
    return {claim.kernel_id: claim for claim in running_claims(own, folder, "m", but)}


def test_kernels_of_every_program_count_and_the_one_that_asks_does_not(tmp_path: Path) -> None:
    for name in ("me", "theirs", "mine"):
        write_launch_file(tmp_path, launch(name))
    write_launch_file(tmp_path, launch("all", given=None))
    write_launch_file(tmp_path, launch("none", given=()))
    write_launch_file(tmp_path, launch("elsewhere", machine="another"))
    own = (started("me"), started("mine"), started("free", allocation=Allocation()))
    assert found(tmp_path, *own) == {
        "mine": Claim(kernel_id="mine", uuids=(SECOND,), need=8 * GIB, pid=HERE),
        "theirs": Claim(kernel_id="theirs", uuids=(FIRST,), pid=HERE),
    }
    assert set(found(tmp_path, *own, but="mine")) == {"me", "theirs"}
    assert {one.kernel_id for one in running_claims(own, None, "m", "me")} == {"mine"}


def test_a_kernel_that_is_gone_does_not_count(tmp_path: Path, ended: tuple[int, float | None]) -> None:
    pid, birth = ended
    write_launch_file(tmp_path, launch("ended", pid=pid, born=birth))
    write_launch_file(tmp_path, launch("pid-used-again", born=(born(HERE) or 0) - 100))
    assert found(tmp_path, started("mine", pid=pid, born=birth), started("reused", born=1.0)) == {}
    # Written before births were: there is no more to go by than the pid.
    write_launch_file(tmp_path, launch("older", born=None))
    assert set(found(tmp_path)) == {"older"}


def test_a_start_counts_from_the_choice_on_while_its_program_is_there(
    tmp_path: Path, ended: tuple[int, float | None]
) -> None:
    chosen = launch("chosen", pid=None, born=None)
    write_launch_file(tmp_path, chosen)
    pid, birth = ended
    write_launch_file(tmp_path, launch("killed", pid=None, starter=pid, starter_born=birth))
    write_launch_file(tmp_path, launch("broken-off", pid=None, chosen_at=time.time() - 3600))
    write_launch_file(tmp_path, launch("older", pid=None, chosen_at=None))
    own = (started("mine", pid=None), started("lost", pid=None, started_at=time.time() - 3600))
    assert set(found(tmp_path, *own)) == {"chosen", "mine"}


def test_files_that_are_no_launch_files_are_passed_over(tmp_path: Path) -> None:
    assert found(tmp_path / "not-there") == {}
    write_launch_file(tmp_path, launch("k", pin="of another release"))
    for name, data in (
        ("a", b""),
        ("b", b"\xff"),
        ("c", b"[" * 200_000),
        ("d", launch_path(tmp_path, "k").read_bytes()[:-9]),
        ("e", b'{"kernel_id": "e", "more": ' + b'{"a":' * 100_000),
    ):
        (tmp_path / f"tfgpu-launch-{name}.json").write_bytes(data)
    (tmp_path / "tfgpu-launch-folder.json").mkdir()
    assert found(tmp_path) == {"k": Claim(kernel_id="k", uuids=(FIRST,), pid=HERE)}


def claim(kernel_id: str, *uuids: str, **more: object) -> Claim:
    return Claim(kernel_id=kernel_id, uuids=uuids, **more)  # type: ignore[arg-type]


def test_a_kernel_waits_for_a_device_until_its_memory_shows_there() -> None:
    claims = [
        claim("a", FIRST, SECOND, pid=50),
        claim("b", FIRST, pid=60, need=8 * GIB),
        claim("c", FIRST, need=2 * GIB),
        claim("d", "GPU-of-no-reading", pid=70),
    ]
    empty = reading(device(0, FIRST), device(1, SECOND))
    assert pending(claims, empty) == {FIRST: Pending(3, 10 * GIB, 1), SECOND: Pending(1, 0, 1)}
    shown = reading(device(0, FIRST, processes=(process(50, 1), process(60, None))), device(1, SECOND))
    assert pending(claims, shown) == {FIRST: Pending(1, 2 * GIB, 0), SECOND: Pending(1, 0, 1)}


def test_the_memory_of_a_kernel_s_child_is_the_kernel_s() -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'input()']).wait()"
    with subprocess.Popen(
        [sys.executable, "-c", f"import os; print(os.getpid(), flush=True); {code}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as kernel:
        child = None
        while child is None:
            listed = subprocess.run(
                ["ps", "-o", "pid=", "--ppid", str(kernel.pid)], capture_output=True, text=True
            ).stdout.split()
            child = int(listed[0]) if listed else None
        held = reading(device(0, FIRST, processes=(process(child, 1),)))
        assert pending([claim("k", FIRST, pid=kernel.pid)], held) == {FIRST: Pending()}
        invented = msgspec.structs.replace(held, simulated=True)  # its pids are not of this machine
        assert pending([claim("k", FIRST, pid=kernel.pid)], invented) == {FIRST: Pending(1, 0, 1)}
        assert kernel.stdin is not None
        kernel.stdin.close()


def test_what_a_kernel_held_before_its_restart_is_free_again() -> None:
    before = reading(
        device(0, FIRST, free=10, processes=(process(50, 20), process(50, 20), process(51, 5))),
        device(1, SECOND, free=20),
    )
    after = as_if_ended(before, 50)
    first = after.devices[0]
    assert first.memory is not None
    assert first.memory.free == 30 * GIB
    assert first.processes == (process(51, 5),)
    assert after.devices[1] == before.devices[1]
    assert as_if_ended(before, None) is before
