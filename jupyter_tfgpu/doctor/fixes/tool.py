"""How an environment is changed: by pip of its own interpreter, by uv, conda or pixi."""

from __future__ import annotations

import ntpath
import posixpath
import shlex
from collections.abc import Iterable, Sequence

from ..snapshot import Distribution
from ..subject import Subject

Commands = tuple[str, ...]


def quoted(subject: Subject, text: str) -> str:
    """A word for this system's command line."""
    if subject.host.os != "windows":
        return shlex.quote(text)
    return f'"{text}"' if any(mark in text for mark in ' <>&|^[]=*"') else text


def put_first(name: str, folders: Sequence[str]) -> str:
    """The shell's line that puts folders before what a variable has; nothing in their names is run."""
    joined = ":".join(folders)
    word, rest = shlex.quote(joined), f"${{{name}:+:${name}}}"
    return f'export {name}="{joined}{rest}"' if word == joined else f'export {name}={word}"{rest}"'


def interpreter(subject: Subject) -> str:
    """The environment's interpreter, ready for a command line; ``python`` where the prefix is not known."""
    facts = subject.environment
    if not facts.prefix:
        return "python"
    if subject.host.os != "windows":
        return shlex.quote(
            posixpath.join(facts.prefix, "bin", "python" if facts.kind != "system" else "python3")
        )
    folder = () if facts.kind in ("conda", "pixi", "pyenv", "system", None) else ("Scripts",)
    return f'"{ntpath.join(facts.prefix, *folder, "python.exe")}"'


def pip_install(subject: Subject, *requirements: str, options: str = "") -> str:
    """One command that installs from the package index, with uv where uv made the environment."""
    words = " ".join(quoted(subject, each) for each in requirements)
    extra = f"{options} " if options else ""
    if subject.environment.kind == "uv":
        return f"uv pip install --python {interpreter(subject)} {extra}{words}"
    return f"{interpreter(subject)} -m pip install {extra}{words}"


def pip_uninstall(subject: Subject, names: Iterable[str]) -> Commands:
    """One command that removes these distributions; none for none."""
    words = " ".join(quoted(subject, each) for each in names)
    if not words:
        return ()
    if subject.environment.kind == "uv":
        return (f"uv pip uninstall --python {interpreter(subject)} {words}",)
    return (f"{interpreter(subject)} -m pip uninstall -y {words}",)


def conda_install(
    subject: Subject, *specs: str, channel: str | None = None, override: str | None = None
) -> str:
    """One conda command for this prefix, or pixi's for its project.

    ``override``: a CUDA release for ``CONDA_OVERRIDE_CUDA``, for a machine where conda sees no driver.
    """
    facts = subject.environment
    words = " ".join(quoted(subject, each) for each in specs)
    marker = "/.pixi/envs/"
    if facts.kind == "pixi" and facts.prefix and marker in facts.prefix:
        project = facts.prefix.split(marker)[0]
        return f"pixi add --manifest-path {quoted(subject, project)} {words}"
    where = f"-p {quoted(subject, facts.prefix)} " if facts.prefix else ""
    source = f"-c {channel} " if channel else ""
    variable = f"CONDA_OVERRIDE_CUDA={override} " if override else ""
    return f"{variable}conda install {where}{source}{words}"


def made_by_conda(distribution: Distribution | None) -> bool:
    """Whether conda installed it, as its installer or its build string says. conda's own list shows what pip
    installed too, as of the channel ``pypi``."""
    if distribution is None or distribution.installer == "pip" or distribution.channel == "pypi":
        return False
    return distribution.installer == "conda" or bool(distribution.build)


def python_tag(subject: Subject) -> str | None:
    """``cp311`` for Python 3.11.7. None: not known."""
    parts = (subject.environment.python or "").split(".")
    return (
        f"cp{parts[0]}{parts[1]}" if len(parts) >= 2 and parts[0].isdigit() and parts[1].isdigit() else None
    )


def wheel_platform(subject: Subject) -> str | None:
    """The platform in the tables' terms. None: not known, or one without wheels there."""
    arch = subject.environment.python_arch or subject.host.arch
    known = {
        ("linux", "x86_64"): "linux_x86_64",
        ("linux", "aarch64"): "linux_aarch64",
        ("windows", "x86_64"): "win_amd64",
        ("macos", "x86_64"): "macos_x86_64",
        ("macos", "arm64"): "macos_arm64",
    }
    return known.get((subject.host.os or "", arch or ""))


def new_environment(
    subject: Subject, name: str, python: str, *requirements: str, options: str = ""
) -> Commands:
    """Commands for a new environment with this Python (``3.12``) and a kernel of it.

    By conda where conda made this environment, by uv where uv did, else by venv of a Python that has to be
    installed.
    """
    words = " ".join(quoted(subject, each) for each in requirements)
    words = f"{options} {words}".strip()
    kind, windows = subject.environment.kind, subject.host.os == "windows"
    kernel = f"jupyter tfgpu specs add {name}"
    if kind == "conda":
        pip = f"conda run -n {name} python -m pip install"
        return (f"conda create -n {name} python={python} ipykernel", f"{pip} {words}", kernel)
    folder = f".\\{name}" if windows else f"./{name}"
    if kind == "uv":
        made, pip = f"uv venv --python {python} {name}", f"uv pip install --python {folder}"
    elif windows:
        made, pip = f"py -{python} -m venv {name}", f"{folder}\\Scripts\\python.exe -m pip install"
    else:
        made, pip = f"python{python} -m venv {name}", f"{folder}/bin/python -m pip install"
    return (made, f"{pip} ipykernel", f"{pip} {words}", f"{kernel.removesuffix(name)}{folder}")
