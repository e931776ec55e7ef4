"""Files that several programs write: one writer at a time, and a reader sees the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def locked(path: Path, timeout: float) -> Iterator[None]:
    """Holds the lock file ``path`` (mode 0600), whose folder is made where it is missing.

    Raises TimeoutError where another program holds it for longer than ``timeout`` seconds, and OSError.
    """
    import filelock  # here, for it takes long to load and a server's start needs no lock

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock: filelock.BaseFileLock = filelock.FileLock(path, timeout=timeout, mode=0o600)
    try:
        lock.acquire()
    except filelock.Timeout:  # a TimeoutError
        raise
    except (OSError, NotImplementedError):
        # Some network file systems know no locks: a file's existence has to do there.
        lock = filelock.SoftFileLock(f"{path}.soft", timeout=timeout)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


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


def drafts(path: Path) -> list[Path]:
    """What programs that were killed while they wrote this file have left behind."""
    return list(path.parent.glob(f".{path.name}.????????"))
