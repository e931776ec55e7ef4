"""Automatic fixes: what one changes, applied or only shown, and taken back."""

from __future__ import annotations

from typing import Literal

import msgspec

from .tasks import TaskAnswer


class ApplyFix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST fixes``: the code of a finding, and one of ``kernel_id``, ``environment`` (an id, a name
    or a prefix) and ``kernelspec``, whose report it is in.

    ``framework``: the finding's, where several have this code. ``dry_run``: only shows what would change.
    ``shown``: the ``state`` that was shown; where another one has come since, nothing is done.
    """

    code: str
    kernel_id: str | None = None
    environment: str | None = None
    kernelspec: str | None = None
    framework: str | None = None
    dry_run: bool = False
    shown: str | None = None


class FixChange(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a fix changes; ``before``, ``after`` None: none.

    ``variable``: ``name`` in the ``env`` of the kernelspec ``target``, as it stands there. ``pin``: that of
    the ``target``, which is the notebook, kernel or kernelspec that ``name`` says. ``kernelspec``: ``target``
    is written anew. ``ipykernel``: it is installed in the environment at ``target``. ``why``: a sentence.
    """

    what: Literal["variable", "pin", "kernelspec", "ipykernel"]
    target: str
    name: str | None = None
    before: str | None = None
    after: str | None = None
    why: str | None = None


class FixAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a fix has changed, would change (``dry_run``), or what taking it back has (``undone``).

    ``id``: by which it can be taken back; None: it cannot (yet: a ``task`` does it, and tells when it is
    done). ``title``: the fix's. ``state``: names these changes, for ``shown``. ``restart_needed``: a running
    kernel has it only after its next start. ``message``: a sentence on that, or on what remains.
    """

    schema: Literal["tfgpu.fix/1"] = "tfgpu.fix/1"
    code: str
    title: str
    changes: tuple[FixChange, ...]
    id: str | None = None
    dry_run: bool = False
    undone: bool = False
    state: str
    restart_needed: bool = False
    message: str | None = None
    task: TaskAnswer | None = None
