"""The activation of a kernel's environment in the variables that the kernel is started with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ...environments.activation import Activation, Activations, activated
from ..command import interpreter_of, prefix_of
from ..specs.document import owner_mark, read_document, text
from ..specs.env import own_entries, substituted


class Stated(msgspec.Struct, frozen=True):
    """What a kernel.json says on the variables of its kernels."""

    env: dict[str, str]
    metadata: dict[str, Any]


def stated_now(folder: str) -> Stated | None:
    """What the kernel.json in a folder says now. None: there is none, or not one that could be used."""
    document = read_document(Path(folder)) if folder else {}
    env, metadata = document.get("env", {}), document.get("metadata", {})
    if not document or not isinstance(env, dict) or not isinstance(metadata, dict):
        return None
    return Stated(env, metadata) if all(isinstance(value, str) for value in env.values()) else None


class StartVariables(msgspec.Struct, frozen=True, kw_only=True):
    """What a kernel is started with, taken apart.

    ``base``: without what its kernelspec sets; ``own``: what the kernelspec sets beside the activation, with
    references (``${PATH}``) unresolved. ``prefix``: what is to be activated; None: it lies in no environment.
    """

    base: dict[str, str]
    own: dict[str, str]
    prefix: Path | None


def taken_apart(
    cmd: list[str],
    variables: Mapping[str, str],
    before: Mapping[str, str],
    spec_env: Mapping[str, str],
    metadata: Mapping[str, Any],
) -> StartVariables:
    """The variables that jupyter_client built. ``before``: those that it built them on."""
    base = {name: value for name, value in variables.items() if name not in spec_env}
    base.update({name: before[name] for name in spec_env if name in before})
    mark = owner_mark({"metadata": dict(metadata)})
    interpreter = interpreter_of(cmd, variables)
    stated = text((mark or {}).get("prefix"))  # of an R or Julia in an environment
    return StartVariables(
        base=base,
        own=own_entries(spec_env, mark),
        prefix=prefix_of(interpreter) if interpreter else Path(stated) if stated else None,
    )


def put_together(start: StartVariables, activation: Activation) -> dict[str, str]:
    """The variables with the activation; what the user has put into the kernelspec counts before it, and
    its references see it."""
    variables = activated(activation, start.base)
    return {**variables, **substituted(start.own, variables)}


def with_activation(start: StartVariables, activations: Activations) -> tuple[dict[str, str], str | None]:
    """The variables with the activation of the kernel's environment, and what was wrong with it. May run
    its scripts: never called on an event loop."""
    if start.prefix is None:
        return put_together(start, Activation()), None
    activation = activations.run(start.prefix, start.base)
    return put_together(start, activation), activation.problem
