"""What a kernelspec of ours is called."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from ...environments import Environment
from .errors import BadName

NAME_PREFIX = "tfgpu-"
_KERNEL_NAME = re.compile(r"[a-z0-9._-]+")  # jupyter_client's rule for names, in lower case
_SLUG_LENGTH = 40
LONGEST_NAME = 100
"""Characters, our prefix among them: it is a folder's name, and part of paths of limited length."""


def candidates(environment: Environment, kernel: str | None) -> tuple[str, str]:
    """The names for a kernel of an environment, the better one first: the same on every machine where the
    environment has the same name. ``kernel``: one of its own, None for its Python."""
    plain = NAME_PREFIX + slug(environment.name)
    if kernel is not None:
        plain += f"-{slug(kernel)}"
    return plain, f"{plain}-{environment.id[:6]}"


def slug(name: str) -> str:
    """An environment's name as part of a kernel's: lower case, letters, digits, ``.``, ``_`` and ``-``.

    The same on every machine. A name of which nothing is left (한글) becomes ``env-`` and a hash of it.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"[^a-z0-9._]+", "-", plain)[:_SLUG_LENGTH].strip("-._")
    return text or "env-" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def checked_name(name: str) -> str:
    """A name that a user asks for, with our prefix and in lower case. Raises BadName."""
    lowered = name.lower()
    named = lowered if lowered.startswith(NAME_PREFIX) else NAME_PREFIX + lowered
    if len(named) > LONGEST_NAME:
        raise BadName(
            f"A kernel's name has no more than {LONGEST_NAME} characters, {NAME_PREFIX!r} among them; "
            f"this one has {len(named)}.",
            {"field": "name", "name": name[:LONGEST_NAME]},
        )
    if not _KERNEL_NAME.fullmatch(lowered) or lowered.strip("._-") == "":
        raise BadName(
            f"{name!r} cannot be a kernel's name: letters a-z, digits, '.', '_' and '-' are allowed.",
            {"field": "name", "name": name},
        )
    return named
