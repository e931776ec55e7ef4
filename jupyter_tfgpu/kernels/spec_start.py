"""What a kernelspec of ours is to start: an environment's Python, or one of its own kernels."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ..environments import Environment, OwnKernel, site_packages
from ..machine import Machine
from .spec_document import first_text, load_document, mapping, text
from .spec_errors import InterpreterGone, IpykernelMissing, NoSuchOwnKernel

LARGEST_RESOURCE = 1 << 20
"""Bytes of a file that is copied into a kernelspec's folder: logos and a kernel.js are far smaller."""

_LOGOS = ("logo-32x32.png", "logo-64x64.png", "logo-svg.svg")
_MOST_RESOURCES = 20


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """What is started. ``kernel``: the name of an own kernel, None for the Python.

    ``program``: the absolute path of what ``argv`` runs. ``env``: what an own kernel sets by itself, in
    kernel.json's notation. ``document``: the rest of an own kernel's kernel.json. ``debugger``: whether the
    kernel has one; None: an own kernel's document says it. ``resources``: files such as logos.
    """

    environment: Environment
    kernel: str | None
    program: str
    argv: tuple[str, ...]
    language: str
    env: dict[str, str] = {}
    document: dict[str, Any] = {}
    debugger: bool | None = None
    resources: tuple[Path, ...] = ()


def startable(machine: Machine, environment: Environment, kernel: str | None = None) -> Start:
    """What starts a kernel in this environment, looked at now.

    Raises :class:`SpecError`: InterpreterGone, IpykernelMissing, NoSuchOwnKernel.
    """
    if kernel is None:
        return _python(machine, environment)
    own = next((each for each in environment.own_kernels if each.name == kernel.lower()), None)
    if own is None:
        there = ", ".join(each.name for each in environment.own_kernels) or "none"
        raise NoSuchOwnKernel(
            f"{environment.name!r} has no kernel of its own called {kernel!r}; it has {there}.",
            {"environment": environment.name, "prefix": environment.prefix, "kernel": kernel},
        )
    return _own(environment, own)


def _python(machine: Machine, environment: Environment) -> Start:
    detail = {"environment": environment.name, "prefix": environment.prefix}
    interpreter = environment.interpreter
    if interpreter is None or not Path(interpreter).is_file():
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
        argv=(interpreter, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
        language="python",
        debugger=major.isdigit() and int(major) >= 6,  # ipykernel has one since 6.0
        resources=tuple(_ipykernels_logos(machine, Path(environment.prefix))),
    )


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
    folder = Path(own.folder)
    detail = {"environment": environment.name, "prefix": environment.prefix, "kernel": own.name}
    try:
        document = load_document(folder)
    except (OSError, ValueError, RecursionError) as error:
        raise NoSuchOwnKernel(f"{folder / 'kernel.json'} cannot be read: {error}.", detail) from None
    words = document.get("argv")
    argv = (
        [text(word).replace("{prefix}", environment.prefix) for word in words]
        if isinstance(words, list)
        else []
    )
    program = _program(Path(environment.prefix), first_text(argv))
    if program is None:
        raise InterpreterGone(
            f"The kernel {own.name!r} of {environment.name!r} starts {first_text(argv) or 'nothing'!r}, "
            f"which is not in {environment.prefix}.",
            detail,
        )
    return Start(
        environment=environment,
        kernel=own.name,
        program=program,
        argv=(program, *argv[1:]),
        language=own.language or text(document.get("language")) or own.display_name,
        env={name: value for name, value in mapping(document.get("env")).items() if isinstance(value, str)},
        document={
            key: value for key, value in document.items() if key not in ("argv", "env", "display_name")
        },
        resources=tuple(_resources(folder)),
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


def _resources(folder: Path) -> Iterator[Path]:
    names = sorted(os.listdir(folder))
    found = [folder / name for name in names if name != "kernel.json" and not name.startswith(".")]
    yield from [path for path in found if _is_small_file(path)][:_MOST_RESOURCES]


def _is_small_file(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST_RESOURCE
