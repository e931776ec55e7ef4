"""A program that watches devices, driven by JSON lines: the tests start one for each driver they need.

A process loads one management library for good, so a test of a driver needs a process of its own.
Run by tests/devices/conftest.py; takes the machine tree's folder, the keywords of NvmlSource and those of
Monitor, both as JSON.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from jupyter_tfgpu.devices import Monitor, NvmlSource, Reading, Subscription
from jupyter_tfgpu.devices.calls import NvmlCalls
from jupyter_tfgpu.devices.history import HistoryStore
from jupyter_tfgpu.machine import Machine

TIME_OF_DAY = time.time


class Program:
    def __init__(self, root: Path, source: dict[str, float], monitor: dict[str, float]) -> None:
        self.machine = Machine(root=root, environ={})
        self.source = NvmlSource(self.machine, **source)
        self.monitor = Monitor(lambda: NvmlSource(self.machine, **source), **monitor)
        self.subscriptions: dict[str, Subscription] = {}
        self.received: dict[str, list[Reading]] = {}

    def read(self) -> Reading:
        return self.source.read()

    def subscribe(self, name: str, interval: float | None = None) -> float:
        self.received[name] = []
        self.subscriptions[name] = self.monitor.subscribe(self.received[name].append, interval)
        return self.subscriptions[name].interval

    def subscribe_broken(self) -> None:
        def fail(reading: Reading) -> None:
            raise RuntimeError("this page is broken")

        self.subscriptions["broken"] = self.monitor.subscribe(fail)

    def set_interval(self, name: str, interval: float | None) -> float:
        return self.subscriptions[name].set_interval(interval)

    def unsubscribe(self, name: str) -> None:
        self.subscriptions[name].close()

    def got(self, name: str) -> list[Reading]:
        return self.received[name]

    def latest(self) -> Reading | None:
        return self.monitor.latest

    def reading(self, timeout: float, max_age: float) -> Reading | None:
        return self.monitor.reading(timeout, max_age)

    def history(self, seconds: float) -> Any:
        return self.monitor.history(seconds)

    def close(self) -> float:
        began = time.monotonic()
        self.monitor.close()
        return time.monotonic() - began

    def blocks_after(self, readings: list[int]) -> list[int]:
        """Blocks of memory that this process holds after so many readings, a history of them among these."""
        store, held = HistoryStore(0.5), []
        for number in range(1, max(readings) + 1):
            reading = self.source.read()
            store.add(msgspec.structs.replace(reading, taken_at=number / 2))
            if number in readings:
                gc.collect()
                held.append(sys.getallocatedblocks())
        return held

    def threads(self) -> list[str]:
        return sorted(each.name for each in threading.enumerate() if each.name.startswith("tfgpu"))

    def calls(self, name: str) -> int:
        """How often this process called a function of NVML, as the stand-in counted."""
        counter = ctypes.CDLL("libnvidia-ml.so.1").nvmlStandinCalls
        counter.restype = ctypes.c_ulonglong
        return int(counter(name.encode()))

    def set_clock(self, ahead: float) -> None:
        """Sets this program's time of day, so many seconds from the right one."""
        time.time = lambda: TIME_OF_DAY() + ahead

    def ask(self, name: str) -> Any:
        """What our wrapper of nvidia-ml-py answers for the first device, and what nvidia-ml-py raised."""
        import pynvml

        self.source.read()
        handle = pynvml.nvmlDeviceGetHandleByIndex(0)
        raised = None
        try:
            getattr(pynvml, name)(handle)
        except Exception as error:
            raised = type(error).__name__
        return [NvmlCalls(pynvml).ask(name, handle), raised]

    def binding_loaded(self) -> bool:
        return "pynvml" in sys.modules


def main() -> None:
    program = Program(Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3]))
    for line in sys.stdin:
        name, arguments = json.loads(line)
        answer = getattr(program, name)(**arguments)
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
