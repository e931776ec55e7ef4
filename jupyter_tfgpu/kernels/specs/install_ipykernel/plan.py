"""Which programs put ipykernel into an environment: a pure function of what the machine has."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from ....environments import Environment
from ..errors import SpecError
from .failures import without_credentials

PACKAGE = "ipykernel"


class NotInstalled(SpecError):
    """ipykernel could not be installed. The text says why, and what to do."""

    reason = "not-installed"


class ServerPip(msgspec.Struct, frozen=True):
    """The pip of the Python that we run in. ``requires``: the Pythons that it runs in."""

    python: str
    requires: str


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine has to install with.

    ``conda``: the conda, mamba or micromamba for this environment. ``channel``: where the environment's
    Python came from. ``rattler``: py-rattler is at hand. ``own_pip``: the environment has a pip.
    """

    conda: str | None = None
    channel: str | None = None
    rattler: bool = False
    uv: str | None = None
    own_pip: bool = False
    server_pip: ServerPip | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """``fetch`` changes nothing but the temporary folder and the tool's cache; ``install`` is short.

    ``channel``: a conda channel with a token or password in its address. It goes into a variable: every user
    of the machine may read a command line.
    """

    tool: str
    fetch: tuple[tuple[str, ...], ...]
    install: tuple[str, ...]
    channel: str | None = None


def plan(environment: Environment, tools: Tools, folder: Path) -> Plan:
    """How ipykernel gets into an environment, by way of a temporary folder.

    A conda environment: by a conda program, else by py-rattler, else by pip. One of uv's: by uv. Any other:
    by its own pip, else by ours, else by uv. Raises NotInstalled.
    """
    if environment.kind == "pixi":
        raise NotInstalled(
            f"{environment.name!r} belongs to a pixi project, which says what is in it. "
            "Type in the project's folder: pixi add ipykernel",
            {"command": "pixi add ipykernel"},
        )
    if environment.interpreter is None:
        raise NotInstalled(f"{environment.name!r} has no Python to install ipykernel for.")
    if environment.kind == "conda" and tools.conda is not None:
        return _by_conda(tools.conda, tools.channel, environment.prefix)
    if environment.kind == "conda" and tools.rattler:
        return _by_rattler(environment.prefix, folder)
    if environment.kind == "uv" and tools.uv is not None:
        return _by_uv(tools.uv, environment.interpreter, folder)
    if tools.own_pip:
        return _by_pip((environment.interpreter, "-m", "pip"), "pip", folder)
    if tools.server_pip is not None:
        return _by_server_pip(tools.server_pip, environment.interpreter, environment.python, folder)
    if tools.uv is not None:
        return _by_uv(tools.uv, environment.interpreter, folder)
    raise NotInstalled(
        f"{environment.name!r} has no pip, and neither pip nor uv is at hand here. "
        f"Type: {environment.interpreter} -m ensurepip"
    )


def _by_conda(program: str, channel: str | None, prefix: str) -> Plan:
    common = [program, "install", "--prefix", prefix, "--yes", "--quiet", "--freeze-installed"]
    secret = channel is not None and without_credentials(channel) != channel
    if channel is not None and not secret:
        common += ["--channel", channel]
    return Plan(
        tool=Path(program).stem.lower(),
        fetch=((*common, "--download-only", PACKAGE),),
        install=(*common, "--offline", PACKAGE),
        channel=channel if secret else None,
    )


def _by_rattler(prefix: str, folder: Path) -> Plan:
    program = (sys.executable, "-m", "jupyter_tfgpu.kernels.specs.install_ipykernel.with_rattler")
    return Plan(
        tool="py-rattler",
        fetch=((*program, "fetch", prefix, str(folder)),),
        install=(*program, "install", prefix, str(folder)),
    )


def _by_uv(uv: str, interpreter: str, folder: Path) -> Plan:
    # uv has no "download": what is laid out in the folder fills its cache, from which the next step links.
    common = (uv, "pip", "install", "--python", interpreter)
    return Plan(
        tool="uv",
        fetch=((*common, "--target", str(folder / "fetched"), PACKAGE),),
        install=(*common, PACKAGE),
    )


def _by_pip(pip: tuple[str, ...], tool: str, folder: Path, first: tuple[tuple[str, ...], ...] = ()) -> Plan:
    wheels = str(folder / "wheels")
    # "wheel", not "download": what has to be built is built here, and not while it is installed.
    return Plan(
        tool=tool,
        fetch=(*first, (*pip, "wheel", "--prefer-binary", "--wheel-dir", wheels, PACKAGE)),
        install=(*pip, "install", "--no-index", "--find-links", wheels, PACKAGE),
    )


def _by_server_pip(server: ServerPip, interpreter: str, python: str | None, folder: Path) -> Plan:
    if python is None or _runs_in(server, python):
        return _by_pip((server.python, "-m", "pip", "--python", interpreter), "pip", folder)
    # Ours is too new for that Python: it fetches the last one that is not.
    own = folder / "pip"
    wanted = (server.python, "-m", "pip", "install", "--target", str(own), "--no-deps")
    fitting = ("--only-binary=:all:", "--python-version", python, "pip")
    return _by_pip((interpreter, str(own / "pip")), "pip", folder, first=((*wanted, *fitting),))


def _runs_in(server: ServerPip, python: str) -> bool:
    # Here, for it takes long to load, and every server loads this module.
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(server.requires).contains(python, prereleases=True)
    except InvalidSpecifier:
        return True
