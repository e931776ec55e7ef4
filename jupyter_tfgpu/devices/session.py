"""NVML from its initialisation to its shutdown, and the devices in between."""

from __future__ import annotations

import time
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import msgspec

from ..machine import Machine
from . import driver
from .calls import NvmlCalls
from .device import Identity, identify, identify_instance, read_device, without_processes_of
from .gpm import InstanceUse, supports_gpm
from .host import driver_files
from .process_use import ProcessUse
from .processes import ProcessLists
from .rates import Counters
from .reading import Device, DriverState, Utilization
from .slow import SlowFigures, read_slow


class _Opened:
    """A device's handle, and what is not asked for at each reading. ``instances``: its MIG instances."""

    def __init__(
        self,
        handle: Any,
        identity: Identity,
        counters: Counters | None = None,
        use: ProcessUse | None = None,
    ) -> None:
        self.handle = handle
        self.identity = identity
        self.counters = counters
        self.use = use
        self.instance_use: InstanceUse | None = None
        self.slow: SlowFigures | None = None
        self.slow_at = 0.0
        self.instances: list[_Opened] = []


class Session:
    """An initialised ``pynvml``. ``slow``: seconds between two looks at what seldom changes."""

    def __init__(self, pynvml: ModuleType, machine: Machine, slow: float) -> None:
        self._pynvml = pynvml
        self._machine = machine
        self._slow = slow
        self._calls = NvmlCalls(pynvml)
        self._lists = ProcessLists(pynvml.nvmlLib)
        self.version = self._calls.text("nvmlSystemGetDriverVersion")
        self._cuda_version = self._ask_cuda_version()
        self._opened: dict[int, _Opened] = {}
        self.code: int | None = None
        """NVML's error code behind the last state that was a failure of the driver as a whole."""

    def close(self) -> None:
        for opened in self._opened.values():
            _close_instances(opened.instances)
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
            opened = self._open_device(index)
            if opened is not None:
                devices += self._read_gpu(opened)
            else:
                refused += self._calls.codes
        return tuple(devices), self._state(devices, refused)

    def _open_device(self, index: int) -> _Opened | None:
        """Handle and identity, asked once a session: indices do not change within one."""
        if index not in self._opened:
            handle = self._calls.ask("nvmlDeviceGetHandleByIndex", index)
            identity = None if handle is None else identify(self._calls, handle, index)
            if identity is None:
                return None
            library = self._pynvml.nvmlLib
            self._opened[index] = _Opened(handle, identity, Counters(library), ProcessUse(library))
        return self._opened[index]

    def _read_gpu(self, opened: _Opened) -> list[Device]:
        gpu = self._read(opened)
        if not gpu.mig:
            return [gpu]
        instances = [self._read_instance(instance) for instance in opened.instances]
        if any(instance.state != "ok" for instance in instances):
            opened.slow = None  # one may have been taken away: list them anew at the next reading
            instances = [instance for instance in instances if instance.state != "error"]
        return [without_processes_of(gpu, instances), *instances]

    def _read_instance(self, opened: _Opened) -> Device:
        instance = self._read(opened)
        if opened.instance_use is None or instance.state != "ok" or instance.utilization is not None:
            return instance  # drivers from 550 on may say it of instances as of any device
        use = opened.instance_use.read()
        return msgspec.structs.replace(instance, utilization=None if use is None else Utilization(gpu=use))

    def _read(self, opened: _Opened) -> Device:
        return read_device(
            self._calls,
            self._lists,
            opened.handle,
            opened.identity,
            self._machine,
            lambda: self._slow_figures(opened),
            opened.counters,
            opened.use,
        )

    def _slow_figures(self, opened: _Opened) -> SlowFigures:
        """What was found not long ago, else what is found now."""
        now = time.monotonic()
        if opened.slow is not None and now - opened.slow_at < self._slow:
            return opened.slow
        slow = read_slow(self._calls, opened.handle, instance=opened.identity.parent is not None)
        if opened.counters is not None:
            opened.counters.probe(self._calls, opened.handle)
        instances = self._open_instances(opened) if slow.mig else []
        _close_instances(each for each in opened.instances if each not in instances)
        opened.instances = instances
        opened.slow, opened.slow_at = slow, now
        return slow

    def _open_instances(self, gpu: _Opened) -> list[_Opened]:
        """The MIG instances that there are; those of before with what is known of them."""
        before = {instance.identity.uuid: instance for instance in gpu.instances}
        found = []
        for number in range(self._calls.ask("nvmlDeviceGetMaxMigDeviceCount", gpu.handle) or 0):
            handle = self._calls.ask("nvmlDeviceGetMigDeviceHandleByIndex", gpu.handle, number)
            identity = None if handle is None else identify_instance(self._calls, handle, gpu.identity)
            if identity is not None:
                instance = before.get(identity.uuid) or _Opened(handle, identity)
                instance.handle = handle
                found.append(instance)
        self._watch_instances(gpu, found)
        return found

    def _watch_instances(self, gpu: _Opened, instances: list[_Opened]) -> None:
        """Sees to it that it is known how busy the instances are, where that can be said of each."""
        ids = [self._calls.ask("nvmlDeviceGetGpuInstanceId", each.handle) for each in instances]
        supported = any(number is not None for number in ids) and supports_gpm(self._calls, gpu.handle)
        for each, number in zip(instances, ids, strict=True):
            # Several compute instances in one GPU instance: there are counters of them together only.
            alone = supported and number is not None and ids.count(number) == 1
            if not alone:
                _close_instances([each])
            elif each.instance_use is None:
                each.instance_use = InstanceUse(self._pynvml, self._calls, gpu.handle, number)

    def _state(self, devices: list[Device], refused: list[int]) -> DriverState:
        """The driver's state from that of its devices; ``refused``: codes of those never opened."""
        unseen = sum(code in (driver.GPU_IS_LOST, driver.RESET_REQUIRED) for code in refused)
        if unseen or any(device.state in ("lost", "reset-required") for device in devices):
            return driver.lost(devices, unseen, self.version, self._cuda_version)
        if devices and all(device.state == "error" for device in devices):
            return self._failed(self._calls.codes)
        if not devices and refused:
            return self._failed(refused)
        return driver.ok(self.version, self._cuda_version)

    def _failed(self, codes: list[int]) -> DriverState:
        """An error of the driver as a whole, after it was opened."""
        files = driver_files(self._machine)
        code = self.code = codes[-1] if codes else driver.UNKNOWN
        if files.kernel_module and self.version and files.kernel_module != self.version and not files.wsl:
            return driver.mismatch(files, loaded=self.version)
        if code == driver.LIBRARY_MISMATCH:
            return driver.mismatch(files, loaded=self.version)
        if code in (driver.NO_PERMISSION, driver.OPERATING_SYSTEM):
            return driver.no_permission(files)
        return driver.failed(code, files, self.version)

    def _ask_cuda_version(self) -> str | None:
        """The newest CUDA that the driver supports: 12040 means 12.4."""
        number = self._calls.ask("nvmlSystemGetCudaDriverVersion_v2")
        if number is None:
            number = self._calls.ask("nvmlSystemGetCudaDriverVersion")
        return f"{number // 1000}.{number % 1000 // 10}" if number else None


def _close_instances(instances: Iterable[_Opened]) -> None:
    for each in instances:
        if each.instance_use is not None:
            each.instance_use.close()
            each.instance_use = None
