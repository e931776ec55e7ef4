"""How a virtual environment's ``activate`` activates it, and how its ``deactivate`` undoes that.

Sources: ``Lib/venv/scripts/common/activate`` of CPython 3.7 to 3.14, virtualenv's and uv's of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ...machine import Machine
from .. import files
from .plain import is_plain, read_plain
from .plan import Plan, Run, Set, Step, Unset, same_folder

_PKG_CONFIG = "PKG_CONFIG_PATH"
_TCL = re.compile(r"^\s*(TCL_LIBRARY|TK_LIBRARY)='([^'\n]+)'$", re.MULTILINE)
_PROMPT = re.compile(r"^\s*(?:export\s+)?VIRTUAL_ENV_PROMPT=(.*)$", re.MULTILINE)


_END = re.compile(r"^\s*hash -r\b.*$(?:\n\s*fi\b)?", re.MULTILINE)
"""The tools' last command; what stands behind it, somebody has put there."""


def is_venv(prefix: Path) -> bool:
    """Whether venv, virtualenv or uv made this prefix."""
    return files.is_file(prefix / "pyvenv.cfg")


def activation_plan(machine: Machine, prefix: Path, base: Mapping[str, str]) -> Plan:
    """As its ``activate`` run where ``base`` are the variables; nothing where it is active there.

    The script itself has to be run only where its user has put lines behind those of the tool that are not
    plain.
    """
    active = base.get("VIRTUAL_ENV") or None
    if active is not None and same_folder(active, prefix):
        return Plan()
    script = prefix / "bin" / "activate"
    text = files.read_text(script)
    prompt = _prompt(prefix, text)
    steps: list[Step] = [Unset("PYTHONHOME"), Set("VIRTUAL_ENV", str(prefix))]
    steps.append(Unset("VIRTUAL_ENV_PROMPT") if prompt is None else Set("VIRTUAL_ENV_PROMPT", prompt))
    steps += _virtualenv_s(prefix, text or "", base)
    behind = _END.split(text or "")[-1] if _END.search(text or "") else ""
    own = read_plain(behind)
    steps += [Set(name, value) for name, value in own.variables.items()]
    sources = (prefix / "pyvenv.cfg", script)
    told = Plan(
        steps=tuple(steps),
        path=(path_folder(machine, prefix),),
        removed=(path_folder(machine, Path(active)),) if active is not None else (),
        sources=sources,
        unknown=own.unknown | {name for name in own.assigned if name in base},
    )
    # In an environment that was moved the script leads to where it was.
    if is_plain(behind) or str(prefix) not in (text or ""):
        return told
    before = deactivation_plan(machine, base)
    return before + Plan(steps=(Unset("PYTHONHOME"), Run(script)), sources=sources, told=told)


def deactivation_plan(machine: Machine, base: Mapping[str, str]) -> Plan:
    """As the ``deactivate`` of the virtual environment that is active; nothing where none is."""
    active = base.get("VIRTUAL_ENV") or None
    if active is None:
        return Plan()
    steps: list[Step] = [Unset("VIRTUAL_ENV"), Unset("VIRTUAL_ENV_PROMPT")]
    before = _pkg_config_before(base)
    if before != base.get(_PKG_CONFIG, ""):
        steps.append(Set(_PKG_CONFIG, before) if before else Unset(_PKG_CONFIG))
    return Plan(
        steps=tuple(steps),
        removed=(path_folder(machine, Path(active)),),
    )


def _virtualenv_s(prefix: Path, text: str, base: Mapping[str, str]) -> list[Step]:
    """What virtualenv's script sets beside: where its packages' C libraries are described (21.x), and Tcl's
    folders where its Python has them."""
    steps: list[Step] = [Set(name, value) for name, value in _TCL.findall(text)]
    if f'{_PKG_CONFIG}="${{VIRTUAL_ENV}}/lib/pkgconfig' in text:
        before = _pkg_config_before(base)
        steps.append(Set(_PKG_CONFIG, f"{prefix}/lib/pkgconfig" + (f":{before}" if before else "")))
    return steps


def _pkg_config_before(base: Mapping[str, str]) -> str:
    """PKG_CONFIG_PATH without what the virtual environment that is active put before it."""
    stated = base.get(_PKG_CONFIG, "")
    put = f"{base.get('VIRTUAL_ENV')}/lib/pkgconfig"
    if stated == put:
        return ""
    return stated.removeprefix(put + ":")


def path_folder(machine: Machine, prefix: Path) -> str:
    """The folder that a virtual environment has on PATH."""
    return f"{prefix}\\Scripts" if machine.platform == "win32" else f"{prefix}/bin"


def _prompt(prefix: Path, text: str | None) -> str | None:
    """What ``activate`` says of its prompt: ``(tf2) `` up to Python 3.11, ``tf2`` later, nothing up to 3.9.

    virtualenv and uv leave it to the shell to take the folder's name where none was chosen.
    """
    stated = _PROMPT.findall(text or "")
    if not stated:
        return None
    for value in stated:
        plain = read_plain(f"export VIRTUAL_ENV_PROMPT={value}").variables.get("VIRTUAL_ENV_PROMPT")
        if plain:
            return plain
    return prefix.name
