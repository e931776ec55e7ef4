"""Runs activation scripts in bash, or in sh where there is no bash, and takes the variables they leave.

Without profile files, never interactive, nothing on standard input, in a session of their own that is
ended as a whole. The command's text is the same for every environment: paths and values are its arguments.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ...machine import Machine
from .capture import LIMIT, Captured, Output, ended, environment_of, hung, not_run, printed
from .plan import Plan, Run, Set, Step, Unset

_DRIVER = r"""
exec 9>&1
_tfgpu_dump=$1 _tfgpu_how=$2 _tfgpu_code=$3 _tfgpu_to=$4 _tfgpu_mark=$5
shift 5
for _tfgpu_step in "$@"; do
    set --
    case $_tfgpu_step in
        unset:*) unset "${_tfgpu_step#unset:}" ;;
        set:*) export "${_tfgpu_step#set:}" ;;
        run:*)
            command printf %s "$_tfgpu_mark" >&9
            . "${_tfgpu_step#run:}"
            set +eu
            ;;
    esac
done
\command exec "$_tfgpu_dump" "$_tfgpu_how" ${_tfgpu_code:+"$_tfgpu_code"} >|"$_tfgpu_to"
"""
"""Descriptor 9 keeps the way out for the marks: a script may close or redirect its standard output. It may
also put functions and aliases in place of commands, which ``\\command`` passes over."""

_PYTHON_DUMP = (
    "import os, sys; sys.stdout.buffer.write(b''.join(b'%s=%s\\0' % one for one in os.environb.items()))"
)
_STARTUP = ("BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS")
"""What would have a shell read a file, or set options, before our text."""
_OWN = "_tfgpu_"
_PAUSE = 0.02
"""Seconds between looks at whether the shell has ended, where a child of it keeps its output open."""


def capture(machine: Machine, plan: Plan, base: Mapping[str, str], limit: float = LIMIT) -> Captured:
    """Carries out the plan's steps in one shell that is started with ``base``; its folders are in ``base``.

    Takes ``limit`` seconds at most, and a moment to end what hangs.
    """
    start = {name: value for name, value in base.items() if name not in _STARTUP}
    shell = _shell(base.get("PATH"))
    if shell is None:
        return Captured(None, not_run("there is neither bash nor sh here"))
    mark = secrets.token_hex(8)
    output = Output(mark.encode())
    try:
        with tempfile.TemporaryDirectory(prefix="tfgpu-", ignore_cleanup_errors=True) as folder:
            dump = Path(folder) / "variables"
            dumper = _dumper(machine)
            command = [*shell, *dumper, str(dump), mark, *_arguments(plan.steps)]
            with _started(command, start, plan.folder or machine.home) as process:
                in_time = _follow(process, output, time.monotonic() + limit)
            if not in_time:
                return Captured(None, hung(output.running(plan.scripts)))
            data = dump.read_bytes() if process.returncode == 0 and dump.exists() else b""
    except (OSError, ValueError) as error:  # no such shell, too many arguments, a NUL among them
        return Captured(None, not_run(error))
    if not data.endswith(b"\0"):  # it may be what a function of the script's wrote in place of ours
        last = output.running(plan.scripts)
        return Captured(None, ended(last, output.said(plan.scripts.index(last), last)))
    found = environment_of(data)
    if dumper[0] == sys.executable and "LC_CTYPE" not in start:
        found.pop("LC_CTYPE", None)  # Python sets it for itself (PEP 538)
    kept = {name: base[name] for name in _STARTUP if name in base}  # a kernel may start shells of its own
    kept.update({name: value for name, value in found.items() if not name.startswith(_OWN)})
    return Captured(kept, printed(plan.scripts, output))


def _shell(path: str | None) -> list[str] | None:
    """The shell with what keeps it from reading files of the user's, up to where our text begins."""
    bash = shutil.which("bash", path=path)
    if bash is not None:
        return [bash, "--noprofile", "--norc", "-c", _DRIVER, "bash"]
    sh = shutil.which("sh", path=path) or shutil.which("sh", path=os.defpath)
    return [sh, "-c", _DRIVER, "sh"] if sh is not None else None


def _dumper(machine: Machine) -> tuple[str, str, str]:
    """The program that writes the variables, and its arguments. macOS takes DYLD_* away from programs of
    its own, ``env`` too."""
    env = shutil.which("env", path=os.defpath)
    if machine.platform == "darwin" or env is None:
        return sys.executable, "-ISc", _PYTHON_DUMP
    return env, "-0", ""


def _arguments(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, Run):
            yield f"run:{step.script}"
        elif isinstance(step, Set):
            yield f"set:{step.name}={step.value}"
        elif isinstance(step, Unset):
            yield f"unset:{step.name}"


@contextmanager
def _started(
    command: Sequence[str], variables: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """The process in a session of its own; at the end all that it left in it is ended too."""
    process = subprocess.Popen(
        command,
        env=dict(variables),
        cwd=folder if folder.is_dir() else "/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        # Before it is waited for: until then nobody else can have its number.
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)  # one that hangs in the system is left behind
        if process.stdout is not None:
            process.stdout.close()


def _follow(process: subprocess.Popen[bytes], output: Output, deadline: float) -> bool:
    """Reads what it prints until it ends. False: the time was over first."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            gone = _has_ended(process)
            open_still = _read(process.stdout.fileno(), output)
            if gone:
                output.close()
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                output.close()
                return False
            if open_still:
                selector.select(min(left, _PAUSE))
            else:  # it closed its output, usually because it ends this moment
                time.sleep(min(left, 0.001))


def _read(descriptor: int, output: Output) -> bool:
    """Takes what is there now, no more than a pipe holds; False where the output is closed."""
    try:
        data = os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return True
    output.feed(data)
    return bool(data)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended. It is not waited for, where the system can tell without."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
