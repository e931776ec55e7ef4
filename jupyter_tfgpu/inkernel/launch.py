"""The launch file's content, and our own program run from a kernel."""

import os
import sys
from typing import Any, Dict, List, Optional

TIMEOUT = 30.0
"""Seconds that our program may take for an answer."""

PROGRAMS = ("PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")
"""Variables of which the kernel may have others than the program that started it."""


class ProgramError(Exception):
    """Our program could not be run or refused; the text is for a person."""


class Launch:
    """How this kernel was started. Under ``%load_ext`` nothing is known, and this Python runs our program."""

    def __init__(self, content: Optional[Dict[str, Any]] = None) -> None:
        content = content if isinstance(content, dict) else {}
        self.known = bool(content)
        self.prefix = _text(content.get("prefix")) or sys.prefix
        self.kernel_id = _text(content.get("kernel_id"))
        self.report_file = _text(content.get("report"))
        self.state_file = _text(content.get("state"))
        self.interpreter = _text(content.get("interpreter")) or sys.executable
        self.pin = _text(content.get("pin"))
        self.pin_from = _text(content.get("pin_from"))
        self.note = _text(content.get("note"))
        self.repinned = False
        """Whether the pin is one that the running kernel was given: pin, note and given are that one's."""
        patterns = content.get("patterns")
        self.patterns = [one for one in patterns if _text(one)] if isinstance(patterns, list) else None
        given = content.get("given")
        self.given = [str(uuid) for uuid in given] if isinstance(given, list) else None
        program = content.get("program")
        self.program = (
            {str(name): str(value) for name, value in program.items()} if isinstance(program, dict) else None
        )

    def variables(self, own: bool = False) -> Dict[str, str]:
        """This kernel's environment as our program needs it.

        Without PYTHON*, which are meant for the kernel's Python, and with what :data:`PROGRAMS` names as
        the program that started the kernel has it; ``own``: as this kernel has it.
        """
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        if self.program is None:
            return variables
        if own:
            variables.update((name, value) for name, value in self.program.items() if name not in PROGRAMS)
            return variables
        # The kernel's own CUDA_VISIBLE_DEVICES is what the pin made of what that program was given.
        for name in PROGRAMS:
            variables.pop(name, None)
        variables.update(self.program)
        return variables

    def report(self) -> Any:
        """A report on this kernel, made now: with the variables that it has. Raises :class:`ProgramError`."""
        return self._asked(["doctor", "--env", self.prefix], TIMEOUT, own=True)

    def explain(self, text: str, timeout: float = TIMEOUT) -> Any:
        """What a text that this kernel printed means here. Raises :class:`ProgramError`."""
        arguments = ["explain", "-", "--env", self.prefix, "--process", str(os.getpid())]
        return self._asked(arguments, timeout, own=True, text=text)

    def ask(self, arguments: List[str], timeout: float = TIMEOUT) -> Any:
        """The JSON that ``jupyter tfgpu ARGUMENTS --json`` answers. Raises :class:`ProgramError`."""
        return self._asked(arguments, timeout, own=False)

    def command(self, arguments: List[str], own: bool = False) -> Dict[str, Any]:
        """``jupyter tfgpu ARGUMENTS --json`` as :mod:`subprocess` takes it. ``own``: as :meth:`variables`."""
        return {
            "args": [self.interpreter, "-m", "jupyter_tfgpu"] + arguments + ["--json"],
            "env": self.variables(own),
            "cwd": _working_folder(self.report_file),
        }

    def _asked(self, arguments: List[str], timeout: float, own: bool, text: str = "") -> Any:
        import json
        import subprocess

        try:
            done = subprocess.run(
                input=text.encode("utf-8", "replace"),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **self.command(arguments, own),
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            raise ProgramError("No answer from jupyter tfgpu within {:.0f} s.".format(timeout)) from None
        except OSError as error:
            raise ProgramError(
                "jupyter tfgpu cannot be run with {}: {}.".format(self.interpreter, error.strerror)
            ) from None
        try:
            return json.loads(done.stdout.decode("utf-8"))
        except ValueError:
            raise ProgramError(_last_line(done.stderr) or "jupyter tfgpu gave no answer.") from None


def _working_folder(report: Optional[str]) -> Optional[str]:
    """A folder that holds no Python files: ``python -m`` looks into the working folder first."""
    folder = os.path.dirname(report) if report else os.path.dirname(sys.executable)
    return folder if folder and os.path.isdir(folder) else None


def _last_line(data: bytes) -> str:
    lines = data.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


def _text(value: Any) -> Optional[str]:
    return value if isinstance(value, str) and value else None
