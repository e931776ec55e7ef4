"""Whether an environment can be used as it is, and if not, why: a sentence for a person."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..machine import Machine
from .layout import SiteFolder, interpreters


def problem(
    machine: Machine,
    prefix: Path,
    executable: Path | None,
    sites: Sequence[tuple[SiteFolder, Sequence[str]]],
) -> str | None:
    """What is wrong with a prefix whose interpreter is this one (None: it has none) and whose site-packages
    hold these names. None: nothing."""
    if executable is None:
        return _unreadable(prefix) or _missing_interpreter(interpreters(machine, prefix))
    if not os.access(executable, os.X_OK):
        return _unreadable(prefix) or f"The interpreter {executable} may not be run by this user."
    if sites and all(listing for _, listing in sites):  # the usual case, in which all could be read
        return None
    return _unreadable(prefix) or _without_packages(prefix, sites)


def _unreadable(prefix: Path) -> str | None:
    return None if _readable(prefix) else f"{prefix} may not be read by this user."


def _without_packages(prefix: Path, sites: Sequence[tuple[SiteFolder, Sequence[str]]]) -> str | None:
    """Why nothing is known of what is installed, where that is not because nothing is."""
    libs = [prefix / name for name in ("lib", "Lib")]
    if any(os.path.lexists(lib) and not _readable(lib) for lib in libs):
        return f"The libraries of {prefix} may not be read by this user, so what is installed is not known."
    if not sites:
        return f"{prefix} has no site-packages folder, so nothing can be installed in it."
    for site, listing in sites:
        if not listing and not _readable(site.folder):
            return f"{site.folder} may not be read by this user, so what is installed is not known."
    return None


def _readable(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK)


def _missing_interpreter(candidates: tuple[Path, ...]) -> str:
    for path in candidates:
        if path.is_symlink():
            return f"The interpreter {path} is a link to {_where_it_ends(path)}."
    return f"There is no interpreter at {candidates[0]}."


def _where_it_ends(link: Path) -> str:
    """A link that leads to no file, in words."""
    try:
        link.stat()
    except FileNotFoundError:
        return f"{os.path.realpath(link)}, which does not exist any more"
    except PermissionError:
        return f"{link.readlink()}, which this user may not reach"
    except OSError:
        return f"{link.readlink()}, which leads back to itself"
    return f"{link.readlink()}, which is no file"
