"""What users set for all kernels."""

from __future__ import annotations

from typing import Literal

import msgspec

SyncWhen = Literal["off", "suggest", "on"]
"""Whether kernelspecs are kept in step with the environments by themselves."""


class KernelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How kernelspecs are named and kept, and what kernels start with: ``GET/PUT settings``. None in a PUT:
    back to the default.

    ``label``: the template of the labels, with the fields of ``environments.label``. ``share_politely``:
    kernels are told to take a GPU's memory as they need it, not all of it at once.
    """

    label: str | None = None
    sync: SyncWhen | None = None
    share_politely: bool | None = None
