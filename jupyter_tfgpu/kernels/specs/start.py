"""What a kernelspec of ours is to start: an environment's Python, or one of its own kernels."""

from __future__ import annotations

import contextlib
import os
import shlex
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ...environments import Environment, OwnKernel, site_packages
from ...environments.own_kernels import UnreadableKernel, read_own_kernel
from ...machine import Machine
from .errors import InterpreterGone, IpykernelMissing, NoSuchOwnKernel

LARGEST_RESOURCE = 1 << 20
"""Bytes of a file that is copied into a kernelspec's folder: logos and a kernel.js are far smaller."""

CONNECTION_FILE = "{connection_file}"
"""What jupyter_client puts the path of the connection file for."""

_LOGOS = ("logo-32x32.png", "logo-64x64.png", "logo-svg.svg")


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """What is started. ``kernel``: the name of an own kernel, None for the Python.

    ``program``: the absolute path of what ``argv`` runs. ``env``: what an own kernel sets by itself, in
    kernel.json's notation; ``document``, ``metadata``: what else its kernel.json says. ``debugger``: whether
    the kernel has one; None: an own kernel's metadata says it.
    """

    environment: Environment
    kernel: str | None
    program: str
    argv: tuple[str, ...]
    language: str
    env: dict[str, str] = {}
    document: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    debugger: bool | None = None


def startable(environment: Environment, kernel: str | None = None) -> Start:
    """What starts a kernel in this environment, looked at now.

    Raises :class:`SpecError`: InterpreterGone, IpykernelMissing, NoSuchOwnKernel.
    """
    if kernel is None:
        return _python(environment)
    own = next((each for each in environment.own_kernels if each.name == kernel.lower()), None)
    if own is None:
        there = ", ".join(each.name for each in environment.own_kernels) or "none"
        raise NoSuchOwnKernel(
            f"{environment.name!r} has no kernel of its own called {kernel!r}; it has {there}.",
            {
                "field": "kernel",
                "environment": environment.name,
                "prefix": environment.prefix,
                "kernel": kernel,
            },
        )
    return _own(environment, own)


def _python(environment: Environment) -> Start:
    detail = {"environment": environment.name, "prefix": environment.prefix}
    interpreter = environment.interpreter
    if interpreter is None or not os.path.isfile(interpreter):  # noqa: PTH113 - Path's may raise
        why = environment.problem or _no_interpreter(environment)
        raise InterpreterGone(f"No kernel can start in {environment.name!r}. {why}", detail)
    if environment.ipykernel is None:
        command = install_command(environment)
        raise IpykernelMissing(
            f"ipykernel is not installed in {environment.name!r}, so no kernel can start there. "
            f"Install it with: {command}",
            {**detail, "command": command},
        )
    major = environment.ipykernel.partition(".")[0]
    return Start(
        environment=environment,
        kernel=None,
        # As the environment names it: a venv's interpreter is a link, and resolved it is another Python.
        program=interpreter,
        argv=(interpreter, "-m", "ipykernel_launcher", "-f", CONNECTION_FILE),
        language="python",
        debugger=major.isdigit() and int(major) >= 6,  # ipykernel has one since 6.0
    )


def resources(machine: Machine, start: Start) -> tuple[Path, ...]:
    """The files that go into the kernelspec's folder, such as logos."""
    if start.kernel is None:
        return tuple(_ipykernels_logos(machine, Path(start.environment.prefix)))
    own = next(each for each in start.environment.own_kernels if each.name == start.kernel)
    with contextlib.suppress(UnreadableKernel):
        return tuple(path for path in read_own_kernel(Path(own.folder)).resources if _is_small_file(path))
    return ()


def install_command(environment: Environment) -> str:
    """The line that installs ipykernel into this environment, fit to be typed into a terminal."""
    if environment.kind == "pixi":  # what stands in no manifest is removed at the next pixi run
        words = ["pixi", "add", "--manifest-path", str(Path(environment.prefix).parents[2]), "ipykernel"]
    elif environment.kind == "conda":
        words = ["conda", "install", "--prefix", environment.prefix, "ipykernel"]
    elif environment.kind == "uv":  # uv's environments come without pip
        python = environment.interpreter or environment.prefix
        words = ["uv", "pip", "install", "--python", python, "ipykernel"]
    else:
        words = [environment.interpreter or "python", "-m", "pip", "install", "ipykernel"]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _no_interpreter(environment: Environment) -> str:
    if environment.interpreter is None:
        return "It holds no Python."
    return f"The interpreter {environment.interpreter} no longer exists."


def _ipykernels_logos(machine: Machine, prefix: Path) -> Iterator[Path]:
    for site in site_packages(machine, prefix):
        folder = site / "ipykernel" / "resources"
        logos = [folder / name for name in _LOGOS if _is_small_file(folder / name)]
        if logos:
            yield from logos
            return


def _own(environment: Environment, own: OwnKernel) -> Start:
    """An own kernel with its program as an absolute path. ``{prefix}``, which jupyter_client would take for
    the server's, is the environment's; ``{resource_dir}`` stays, as its files are copied."""
    detail = {"environment": environment.name, "prefix": environment.prefix, "kernel": own.name}
    try:
        stated = read_own_kernel(Path(own.folder))
    except UnreadableKernel as error:
        raise NoSuchOwnKernel(str(error), detail) from None
    argv = [word.replace("{prefix}", environment.prefix) for word in stated.argv]
    program = _program(Path(environment.prefix), argv[0])
    if program is None:
        raise InterpreterGone(
            f"The kernel {own.name!r} of {environment.name!r} starts {argv[0]!r}, which is not in "
            f"{environment.prefix}.",
            detail,
        )
    return Start(
        environment=environment,
        kernel=own.name,
        program=program,
        argv=(program, *argv[1:]),
        language=stated.language or own.display_name,
        env=stated.env,
        document={"interrupt_mode": stated.interrupt_mode} if stated.interrupt_mode else {},
        metadata=stated.metadata,
    )


def _program(prefix: Path, word: str) -> str | None:
    """The program that an own kernel's command names, which is in its environment. None: not there."""
    if not word or "\0" in word:
        return None
    if os.path.isabs(word):  # noqa: PTH117
        return word if os.path.isfile(word) else None  # noqa: PTH113
    if word.startswith("{resource_dir}"):
        return word
    places = [prefix / "bin", prefix / "Scripts", prefix / "Library" / "bin", prefix]
    endings = ("", ".exe", ".bat") if os.name == "nt" else ("",)
    candidates = (str(place / f"{word}{ending}") for place in places for ending in endings)
    return next((each for each in candidates if os.path.isfile(each)), None)  # noqa: PTH113


def _is_small_file(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST_RESOURCE
