"""Files that several programs write: one writer at a time, and a reader sees the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def locked(path: Path, timeout: float) -> Iterator[None]:
    """Holds the lock file ``path`` (mode 0600), whose folder is made where it is missing.

    Raises TimeoutError where another program holds it for longer than ``timeout`` seconds (the text says
    which file it is and what can be done), and OSError.
    """
    import filelock  # here, for it takes long to load and a server's start needs no lock

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock: filelock.BaseFileLock = filelock.FileLock(path, timeout=timeout, mode=0o600)
    try:
        try:
            lock.acquire()
        except filelock.Timeout:  # an OSError too
            raise
        except (OSError, NotImplementedError):
            # Some network file systems know no locks: a file's existence has to do there. One whose program
            # ended on this host without removing it is taken over by the library (filelock 3.22 and later).
            path = Path(f"{path}.soft")
            lock = filelock.SoftFileLock(path, timeout=timeout, mode=0o600)
            lock.acquire()
    except filelock.Timeout:
        raise TimeoutError(_held(path, timeout)) from None
    try:
        yield
    finally:
        lock.release()


def _held(path: Path, timeout: float) -> str:
    """Who holds a lock file, and what can be done.

    One that holds by its existence names its program (filelock writes the process id and the host, a line
    each), and stays behind where that is killed on another host.
    """
    try:
        record = path.read_text("utf-8", "replace").splitlines()[:2]
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(path.stat().st_mtime))
    except OSError:
        record, since = [], ""
    if len(record) == 2:
        who = f"According to {path}, process {record[0]} on {record[1]} has held it since {since}."
    elif path.suffix == ".soft" and since:
        who = f"{path} has been there since {since}."
    else:
        return f"Another program has held {path} for more than {timeout:g} s. Try again when it is done."
    return f"{who} Where no such program runs any more, remove that file."


def replace_file(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Puts the file in place as a whole; the umask narrows ``mode``. Raises OSError, and nothing has changed.

    A program that is killed meanwhile leaves a draft behind, called ``.<name>.<8 hex digits>``.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    # O_EXCL: neither a link nor a file that somebody put there is written to.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def private_mode(path: Path) -> int:
    """The mode for a file of the user's that may hold passwords, for :func:`replace_file`.

    For its owner alone, where the folder is this user's and not a group's (by its setgid bit); what somebody
    has opened to others stays so. Not for root, who writes into folders that are handed to others later (the
    image of a container), nor in another user's folder, whom it would be kept from.
    """
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        folder = path.parent.stat()
    user = os.geteuid() if sys.platform != "win32" else 0
    own = user != 0 and folder.st_uid == user and not folder.st_mode & stat.S_ISGID
    return 0o600 if own else 0o666


def drafts(path: Path) -> list[Path]:
    """What programs that were killed while they wrote this file have left behind."""
    return list(path.parent.glob(f".{path.name}.????????"))
