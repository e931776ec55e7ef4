"""What an error message or a log means."""

from __future__ import annotations

import msgspec


class ExplainText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST explain``: a traceback or a log, and the kernel that printed it. ``text`` has at most
    1 MB; without a kernel the environment counts that the server runs in."""

    text: str
    kernel_id: str | None = None
