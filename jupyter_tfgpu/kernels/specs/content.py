"""What stands in a kernel.json of ours.

``metadata.tfgpu`` marks it as ours and holds the facts on its environment, for who lists kernels:
``environment`` (id), ``prefix``, ``name``, ``kind``, ``python``, ``frameworks``, ``kernel`` (an own kernel of
the environment instead of its Python), ``interpreter``; ``chosen_display_name``: the user chose it, so it
follows no label; ``activation``: the names in ``env`` that come from activating the environment, and
``activation_state``: of what its scripts were at that time; ``covered``, ``stated``: see
:class:`~.spec_env.SpecEnv`; ``written``: digests of what we wrote, by which we know what a user has changed
since. That stays as the user has it.
"""

from __future__ import annotations

import os
from typing import Any

import msgspec

from ...environments.activation import Activation
from ..command import is_python
from .document import mapping, owner_mark, text
from .env import digest, spec_env
from .start import CONNECTION_FILE, Start


def spec_document(
    start: Start,
    label: str,
    before: dict[str, Any],
    *,
    display_name: str | None = None,
    activation: Activation | None = None,
    activation_state: str | None = None,
) -> dict[str, Any]:
    """The kernel.json in place of the one ``before``, which may be empty.

    ``display_name``: chosen by the user; "" goes back to the label, None leaves it as it is. ``activation``
    None: what an earlier one set stays. What a user added or changed stays.
    """
    mark = owner_mark(before) or {}
    written = mapping(mark.get("written"))
    shown, chosen = _display_name(label, display_name, before, mark, written)
    env = spec_env(start.env, activation, before.get("env"), mark)
    argv = list(start.argv)
    facts = {
        "owned": True,
        **_facts(start),
        "chosen_display_name": chosen,
        "activation": list(env.activation),
        "activation_state": mark.get("activation_state") if activation is None else activation_state,
        **({"covered": env.covered} if env.covered else {}),
        **({"stated": env.stated} if env.stated else {}),
        "written": {
            "argv": digest(argv),
            "display_name": digest(shown),
            "debugger": digest(start.debugger),
            "env": {name: digest(value) for name, value in env.ours.items()},
        },
    }
    made = {
        **start.document,
        **before,
        "argv": _argv(argv, start.program, before, mark, written),
        "display_name": shown,
        "language": start.language,
        "env": env.all,
        "metadata": {**start.metadata, **mapping(before.get("metadata")), "tfgpu": facts},
    }
    if not made["env"]:
        del made["env"]
    if start.debugger is not None and not _is_users("debugger", mapping(before.get("metadata")), written):
        made["metadata"]["debugger"] = start.debugger
    return made


def renamed(before: dict[str, Any], label: str, display_name: str) -> dict[str, Any]:
    """The kernel.json with another display name; "" goes back to the label."""
    mark = owner_mark(before) or {}
    shown = display_name or label
    written = {**mapping(mark.get("written")), "display_name": digest(shown)}
    facts = {**mark, "chosen_display_name": bool(display_name), "written": written}
    return {**before, "display_name": shown, "metadata": {**mapping(before.get("metadata")), "tfgpu": facts}}


def _facts(start: Start) -> dict[str, Any]:
    environment = start.environment
    return {
        "environment": environment.id,
        "prefix": environment.prefix,
        "name": environment.name,
        "kind": environment.kind,
        "python": environment.python,
        "frameworks": [msgspec.to_builtins(each) for each in environment.frameworks],
        "kernel": start.kernel,
        "interpreter": start.program,
    }


def _display_name(
    label: str, wanted: str | None, before: dict[str, Any], mark: dict[str, Any], written: dict[str, Any]
) -> tuple[str, bool]:
    if wanted is not None:
        return wanted or label, bool(wanted)
    earlier = text(before.get("display_name"))
    if earlier and (mark.get("chosen_display_name") or _is_users("display_name", before, written)):
        return earlier, True
    return label, False


def _argv(
    ours: list[str], program: str, before: dict[str, Any], mark: dict[str, Any], written: dict[str, Any]
) -> list[str]:
    """Our command, or the user's: with other arguments, or with another program as long as that is there."""
    argv = before.get("argv")
    if not _is_users("argv", before, written) or not isinstance(argv, list):
        return ours
    if not all(isinstance(word, str) for word in argv) or not any(
        CONNECTION_FILE in word for word in argv[1:]
    ):
        return ours
    first = argv[0]
    gone = os.path.isabs(first) and not os.path.isfile(first)  # noqa: PTH113, PTH117 - rubbish is no file
    if first == mark.get("interpreter") or (gone and is_python(first)):
        return [program, *argv[1:]]
    return ours if gone else argv


def _is_users(field: str, values: dict[str, Any], written: dict[str, Any]) -> bool:
    return field in values and field in written and digest(values[field]) != written[field]
