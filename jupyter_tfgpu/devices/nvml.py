"""Readings from NVIDIA's driver, through nvidia-ml-py. Nothing is loaded before the first reading."""

from __future__ import annotations

import time
from types import ModuleType
from typing import Any

from ..machine import Machine
from . import driver
from .calls import NvmlCalls
from .device import Identity, identify, identify_instance, read_device, without_processes_of
from .host import driver_files
from .processes import ProcessLists
from .reading import Device, DriverState, Reading

_RETRY = 10.0
"""Seconds between two attempts to open a driver that failed. Each may start nvidia-modprobe, and
repeated initialisation troubles some drivers (https://github.com/NVIDIA/cuCascade/pull/138)."""


class NvmlSource:
    """A Source over NVML. ``retry``: seconds after which a driver that failed is opened anew.

    One thread at a time may call it, and it need not always be the same.
    """

    def __init__(self, machine: Machine, *, retry: float = _RETRY) -> None:
        self._machine = machine
        self._retry = retry
        self._session: _Session | None = None
        self._failure: tuple[float, DriverState] | None = None

    def read(self) -> Reading:
        """All devices now. What went wrong stands in ``driver``; with no driver there are no devices."""
        taken_at = time.time()
        if self._session is None and not self._open():
            assert self._failure is not None
            return Reading(taken_at=taken_at, driver=self._failure[1])
        assert self._session is not None
        devices, state = self._session.read()
        if state.status not in ("ok", "gpu-lost"):
            self.close()
            self._failure = (time.monotonic(), state)
        return Reading(taken_at=taken_at, driver=state, devices=devices)

    def close(self) -> None:
        """Shuts NVML down. A later ``read`` opens it again."""
        session, self._session, self._failure = self._session, None, None
        if session is not None:
            session.close()

    def _open(self) -> bool:
        if self._failure is not None and time.monotonic() - self._failure[0] < self._retry:
            return False
        try:
            import pynvml
        except ImportError:
            self._failure = (time.monotonic(), driver.without_binding(self._machine))
            return False
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            self._failure = (time.monotonic(), driver.from_init_error(error.value, self._machine))
            return False
        self._failure = None
        self._session = _Session(pynvml, self._machine)
        return True


class _Session:
    """NVML from its initialisation to its shutdown: what of it stays the same is asked once."""

    def __init__(self, pynvml: ModuleType, machine: Machine) -> None:
        self._pynvml = pynvml
        self._machine = machine
        self._calls = NvmlCalls(pynvml)
        self._lists = ProcessLists(pynvml.nvmlLib)
        self._version = self._calls.text("nvmlSystemGetDriverVersion")
        self._cuda_version = self._ask_cuda_version()
        self._opened: dict[int, tuple[Any, Identity]] = {}

    def close(self) -> None:
        try:
            self._pynvml.nvmlShutdown()
        except self._pynvml.NVMLError:
            pass  # somebody else in this process has shut it down, or the driver is gone

    def read(self) -> tuple[tuple[Device, ...], DriverState]:
        """The devices in NVML's order, each followed by its MIG instances; and how the driver answered."""
        self._calls.codes.clear()
        count = self._calls.ask("nvmlDeviceGetCount")
        if count is None:
            return (), self._failed(self._calls.codes)
        devices: list[Device] = []
        refused: list[int] = []
        for index in range(count):
            self._calls.codes.clear()
            found = self._open_device(index)
            if found is not None:
                devices += self._read_gpu(*found)
            else:
                refused += self._calls.codes
        return tuple(devices), self._state(devices, refused)

    def _open_device(self, index: int) -> tuple[Any, Identity] | None:
        """Handle and identity, asked once a session: indices do not change within one."""
        if index not in self._opened:
            handle = self._calls.ask("nvmlDeviceGetHandleByIndex", index)
            identity = None if handle is None else identify(self._calls, handle, index)
            if identity is None:
                return None
            self._opened[index] = handle, identity
        return self._opened[index]

    def _read_gpu(self, handle: Any, identity: Identity) -> list[Device]:
        gpu = read_device(self._calls, self._lists, handle, identity, self._machine)
        if not gpu.mig:
            return [gpu]
        instances = []
        for number in range(self._calls.ask("nvmlDeviceGetMaxMigDeviceCount", handle) or 0):
            instance = self._calls.ask("nvmlDeviceGetMigDeviceHandleByIndex", handle, number)
            who = None if instance is None else identify_instance(self._calls, instance, identity)
            if who is not None:
                instances.append(read_device(self._calls, self._lists, instance, who, self._machine))
        return [without_processes_of(gpu, instances), *instances]

    def _state(self, devices: list[Device], refused: list[int]) -> DriverState:
        """The driver's state from that of its devices; ``refused``: codes of those never opened."""
        unseen = sum(code in (driver.GPU_IS_LOST, driver.RESET_REQUIRED) for code in refused)
        if unseen or any(device.state in ("lost", "reset-required") for device in devices):
            return driver.lost(devices, unseen, self._version, self._cuda_version)
        if devices and all(device.state == "error" for device in devices):
            return self._failed(self._calls.codes)
        if not devices and refused:
            return self._failed(refused)
        return driver.ok(self._version, self._cuda_version)

    def _failed(self, codes: list[int]) -> DriverState:
        """An error of the driver as a whole, after it was opened."""
        files = driver_files(self._machine)
        code = codes[-1] if codes else driver.UNKNOWN
        if files.kernel_module and self._version and files.kernel_module != self._version and not files.wsl:
            return driver.mismatch(files, loaded=self._version)
        if code == driver.LIBRARY_MISMATCH:
            return driver.mismatch(files, loaded=self._version)
        if code in (driver.NO_PERMISSION, driver.OPERATING_SYSTEM):
            return driver.no_permission(files)
        return driver.failed(code, files, self._version)

    def _ask_cuda_version(self) -> str | None:
        """The newest CUDA that the driver supports: 12040 means 12.4."""
        number = self._calls.ask("nvmlSystemGetCudaDriverVersion_v2")
        if number is None:
            number = self._calls.ask("nvmlSystemGetCudaDriverVersion")
        return f"{number // 1000}.{number % 1000 // 10}" if number else None
