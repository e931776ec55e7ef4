"""nvidia-ml-py, function by function: an answer, or None where there is none.

Drivers, devices and releases of nvidia-ml-py differ in what they know. Here that is a missing value,
not an exception; which errors there were stands in ``codes``.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from .driver import FUNCTION_NOT_FOUND, NOT_FOUND, NOT_SUPPORTED

MEMORY_V2 = "nvmlDeviceGetMemoryInfo_v2"
_MEMORY_V2_LAYOUT = 0x02000028
_ORDINARY = (NOT_SUPPORTED, NOT_FOUND)
"""Errors that only mean "there is no such figure on this device"."""


class NvmlCalls:
    """Asks an initialised ``pynvml``. A function that library or binding lack is not asked again."""

    def __init__(self, pynvml: ModuleType) -> None:
        self._pynvml = pynvml
        self._functions: dict[str, Any] = {
            # nvidia-ml-py has one function for two of NVML's; a driver may lack the second.
            MEMORY_V2: lambda handle: pynvml.nvmlDeviceGetMemoryInfo(handle, _MEMORY_V2_LAYOUT)
        }
        # NVMLLibraryMismatchError is what releases from 11.495 raise for process lists that the
        # driver does not export; it is no NVMLError.
        self._absent: type[Exception] = getattr(pynvml, "NVMLLibraryMismatchError", AttributeError)
        self._error: type[Exception] = pynvml.NVMLError
        self.codes: list[int] = []
        """NVML's error codes since the caller last cleared the list, but for what is merely not supported."""
        self.supported = True
        """False after an answer that was "not supported" (or "no such function")."""

    def ask(self, name: str, *arguments: Any) -> Any:
        """What ``pynvml.<name>(*arguments)`` returns, None where it fails."""
        try:
            function = self._functions[name]
        except KeyError:
            function = self._functions[name] = getattr(self._pynvml, name, None)
        self.supported = True
        if function is None:
            self.supported = False
            return None
        try:
            return function(*arguments)
        except self._error as error:
            self._note(name, error.value)  # type: ignore[attr-defined]
        except self._absent:
            self._note(name, FUNCTION_NOT_FOUND)
        return None

    def text(self, name: str, *arguments: Any) -> str | None:
        """The same for a text, which some releases give as bytes."""
        answer = self.ask(name, *arguments)
        return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer

    def _note(self, name: str, code: int) -> None:
        if code == FUNCTION_NOT_FOUND:
            self._functions[name] = None
            self.supported = False
        elif code in _ORDINARY:
            self.supported = False
        else:
            self.codes.append(code)
