"""Readings from NVIDIA's driver, through nvidia-ml-py. Nothing is loaded before the first reading."""

from __future__ import annotations

import time
from types import ModuleType

from ..machine import Machine
from . import binding, driver
from .host import Surroundings, driver_files, library_path, surroundings
from .reading import Device, DriverState, Reading
from .session import Session

_RETRY = 10.0
"""Seconds between two attempts to open a driver that failed. Each may start nvidia-modprobe, and
repeated initialisation troubles some drivers (https://github.com/NVIDIA/cuCascade/pull/138)."""
_SLOW = 10.0
"""Seconds between two looks at a device's limits, error counters, MIG mode and links."""
_WATCH = 30.0
"""Seconds between two looks at the files that tell of a GPU or a driver that came or went."""
_REOPEN = 60.0
"""Seconds after which a driver with a lost GPU is opened anew: NVML lists devices when it is opened, and
does not find one again that was reset since."""
_GONE = 10
"""So many times longer it takes for a lost GPU that is not listed any more: it is seldom coming back, and
the kernel module's files tell of most that do."""


class NvmlSource:
    """A Source over NVML. Seconds: ``retry`` after which a driver that failed is opened anew, ``slow``
    between two looks at what seldom changes on a device, ``watch`` between two at the driver's files,
    ``reopen`` after which a driver with a lost GPU is opened anew.

    One thread at a time may call it, and it need not always be the same.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        retry: float = _RETRY,
        slow: float = _SLOW,
        watch: float = _WATCH,
        reopen: float = _REOPEN,
    ) -> None:
        self._machine = machine
        self._retry, self._slow, self._watch, self._reopen = retry, slow, watch, reopen
        self._session: Session | None = None
        self._failure: tuple[float, DriverState] | None = None
        self._module: ModuleType | None = None
        self._refused: set[str] = set()
        """Versions of the library that were loaded beside the first, and did not help either."""
        self._opened_at = self._watched_at = 0.0
        self._around: Surroundings | None = None
        self._updated_to: str | None = None
        self._worked = False
        self._lost: dict[str, str] = {}
        """Names by UUID of devices that were lost and have not come back, listed or not."""
        self._lost_since: float | None = None
        """From when on NVML, as it is open now, has listed a lost device; None: it lists none."""

    def read(self) -> Reading:
        """All devices now. What went wrong stands in ``driver``; with no driver there are no devices."""
        taken_at = time.time()
        if self._session is not None and self._is_outdated():
            self._end_session()
        if self._session is None and not self._open():
            assert self._failure is not None
            return Reading(taken_at=taken_at, driver=self._failure[1])
        assert self._session is not None
        devices, state = self._session.read()
        if state.status not in ("ok", "gpu-lost"):
            if self._worked and driver.is_cut_off(self._session.code, state):
                state = driver.cut_off(self._session.code, driver_files(self._machine), state)
            self._end_session()
            self._failure = (time.monotonic(), state)
        else:
            self._worked = self._worked or bool(devices)
            self._note_lost(state.status == "gpu-lost")
            state = self._with_notices(devices, state)
        return Reading(taken_at=taken_at, driver=state, devices=devices)

    def close(self) -> None:
        """Shuts NVML down. A later ``read`` opens it again."""
        self._end_session()
        self._failure = None

    # ------------------------------------------------------------------ opening

    def _open(self) -> bool:
        """Whether NVML is open now; if not, ``_failure`` says why."""
        if self._failure is not None and time.monotonic() - self._failure[0] < self._retry:
            return False
        try:
            import pynvml
        except ImportError:
            self._failure = (time.monotonic(), driver.without_binding(self._machine))
            return False
        module = self._module or pynvml
        code = _initialise(module)
        if code == driver.LIBRARY_MISMATCH:
            module, code = self._open_update(module)
        if code is not None:
            self._failure = (time.monotonic(), self._init_failure(code))
            return False
        self._module, self._failure = module, None
        self._session = Session(module, self._machine, self._slow)
        self._opened_at = self._watched_at = time.monotonic()
        self._lost_since = None
        self._around, self._updated_to = surroundings(self._machine), None
        return True

    def _open_update(self, module: ModuleType) -> tuple[ModuleType, int | None]:
        """After an update of the driver: the library that is on the disk now, if it is the module's."""
        found = surroundings(self._machine)
        version = found.library
        if version is None or version != found.kernel_module or version in self._refused:
            return module, driver.LIBRARY_MISMATCH
        self._refused.add(version)
        path = library_path(self._machine, version)
        newer = None if path is None else binding.beside(path)
        if newer is None or (code := _initialise(newer)) is not None:
            return module, driver.LIBRARY_MISMATCH if newer is None else code
        self._refused.discard(version)
        return newer, None

    def _init_failure(self, code: int) -> DriverState:
        state = driver.from_init_error(code, self._machine)
        if self._worked and driver.is_cut_off(code, state):
            return driver.cut_off(code, driver_files(self._machine), state)
        return state

    def _end_session(self) -> None:
        session, self._session, self._failure = self._session, None, None
        if session is not None:
            session.close()

    # ------------------------------------------------------------------ what changes around it

    def _is_outdated(self) -> bool:
        """Whether NVML has to be opened anew to see what is there."""
        now = time.monotonic()
        if self._lost_since is not None and now - self._lost_since >= self._reopen:
            return True
        if self._lost and now - self._opened_at >= self._reopen * _GONE:
            return True
        if now - self._watched_at < self._watch:
            return False
        self._watched_at = now
        found, before = surroundings(self._machine), self._around
        assert before is not None
        if (found.kernel_module, found.gpus) != (before.kernel_module, before.gpus):
            return True
        changed = found.library != before.library and found.library != found.kernel_module
        self._updated_to = found.library if changed else None
        return False

    def _note_lost(self, lost: bool) -> None:
        """Counts from the loss, or from the last opening: a device that is lost is shown for a while."""
        if not lost:
            self._lost_since = None
        elif self._lost_since is None:
            self._lost_since = time.monotonic()

    def _with_notices(self, devices: tuple[Device, ...], state: DriverState) -> DriverState:
        """The state with what NVML does not say: a lost device that is not even listed any more, and an
        update of the driver that this process is not yet touched by."""
        for device in devices:
            if device.state in ("lost", "reset-required") and device.parent is None:
                self._lost[device.uuid] = device.name or device.uuid
            else:
                self._lost.pop(device.uuid, None)
        listed = {device.uuid for device in devices}
        gone = [f"{name} ({uuid})" for uuid, name in self._lost.items() if uuid not in listed]
        if gone and state.status == "ok":
            return driver.vanished(gone, state)
        if self._updated_to is not None and state.status == "ok":
            return driver.updated(self._updated_to, state)
        return state


def _initialise(module: ModuleType) -> int | None:
    """NVML's error code, None where it is open now."""
    try:
        module.nvmlInit()
    except module.NVMLError as error:
        code: int = error.value
        return code
    return None
