"""Kernelspecs, and what is done to them."""

from __future__ import annotations

from typing import Literal

import msgspec


class KernelspecAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec. ``owned``: we wrote it, and may change or remove it. ``environment``: that one's id.

    ``kernel``: the one of the environment's own kernels that it starts, None where it starts its Python.
    ``problem``: why it cannot start. ``repair``: what ``repair`` would do about it: write the kernel.json
    again, or install ipykernel; None where there is nothing to repair, or nothing that could.
    """

    name: str
    display_name: str
    owned: bool
    language: str | None = None
    environment: str | None = None
    interpreter: str | None = None
    kernel: str | None = None
    problem: str | None = None
    repair: Literal["rewrite", "install-ipykernel"] | None = None


class KernelspecsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["tfgpu.kernelspecs/1"] = "tfgpu.kernelspecs/1"
    kernelspecs: tuple[KernelspecAnswer, ...]


class KernelspecChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a sync does, or would do, to one kernelspec of ours. ``why``: a sentence for a person."""

    action: Literal["add", "update", "remove"]
    name: str
    display_name: str
    environment: str | None
    why: str


class SyncAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``changes``: what was done, or with ``dry_run`` what would be. ``problems``: what could not be."""

    schema: Literal["tfgpu.sync/1"] = "tfgpu.sync/1"
    dry_run: bool
    changes: tuple[KernelspecChange, ...]
    problems: tuple[str, ...] = ()


class AddKernelspec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST kernelspecs``. ``environment``: an id, a name or a prefix. ``kernel``: the name of one
    of its own kernels (R, Julia, …) instead of its Python."""

    environment: str
    kernel: str | None = None
    name: str | None = None
    display_name: str | None = None


class ChangeKernelspec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``PATCH kernelspecs/{name}``. ``display_name``: "" goes back to the label."""

    name: str | None = None
    display_name: str | None = None


class Sync(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST kernelspecs/sync``, which may be empty."""

    dry_run: bool = False
