"""How often a server asks the driver while nobody looks: never, unless a kernel of ours holds memory.

A minute after the start with a kernel that holds none, a minute after a page was closed, and a minute after
one was closed while the kernel holds memory; the reference is a minute with a page open at its usual
interval. ``make bench ARGS=bench_quiet`` (5 minutes). The aim: no call in the first two.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks._serving import Server, open_pages, server
from tests.standin import driver

DEVICES, SECONDS = 8, 60.0
PAGE = {"interval": 2}


def calls_in_a_minute(served: Server) -> int:
    before = served.calls
    time.sleep(SECONDS)
    return served.calls - before


def open_and_close(served: Server) -> None:
    with open_pages(1, [served.socket("tfgpu/live")], PAGE):
        time.sleep(5)
    time.sleep(3)  # a reading may be under way


def write_scenario(folder: Path, *pids: int) -> None:
    running = [driver.Process(pid) for pid in pids]
    devices = [driver.device(index, processes=running) for index in range(DEVICES)]
    driver.write_scenario(folder / "scenario.txt", devices=devices)


def main() -> int:
    stranger = subprocess.Popen(["sleep", "900"])
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name, "server")
            write_scenario(folder, stranger.pid)
            with server(sys.executable, "jupyter_tfgpu", folder, DEVICES) as served:
                kernel = served.start_kernel("n.ipynb")
                time.sleep(5)  # a report is made on it, with a reading
                quiet = {"nothing was ever open": calls_in_a_minute(served)}
                open_and_close(served)
                quiet["a page was closed"] = calls_in_a_minute(served)
                write_scenario(folder, stranger.pid, kernel)
                open_and_close(served)
                watched = calls_in_a_minute(served)
                with open_pages(1, [served.socket("tfgpu/live")], PAGE):
                    reference = calls_in_a_minute(served)
    finally:
        stranger.kill()
        stranger.wait()
    print(f"a page is open: {reference} calls of the driver in a minute")
    for what, calls in quiet.items():
        print(f"{what}, no kernel holds memory: {calls} calls; ratio {calls / reference:.3f}")
    print(f"a page was closed, a kernel holds memory: {watched} calls; ratio {watched / reference:.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
