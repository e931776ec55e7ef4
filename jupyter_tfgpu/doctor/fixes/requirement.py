"""What an installer is told: the words, and its options."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from ..subject import Subject


class Requirement(NamedTuple):
    """``words``: requirements for pip, the framework's own first. ``options``: pip's own, such as another
    index. ``title``: what it is, for a sentence."""

    title: str
    words: tuple[str, ...]
    options: str = ""


def in_wsl(subject: Subject) -> Subject:
    """The same machine's WSL2, with a new environment of Python 3.12."""
    assumed = with_python(subject, "3.12")
    host = msgspec.structs.replace(subject.host, os="linux", wsl=True)
    snapshot = msgspec.structs.replace(assumed.snapshot, host=host)
    return Subject(snapshot, subject.name, subject.asked)


def with_python(subject: Subject, python: str) -> Subject:
    """The same machine with a new, empty environment of this Python (``3.12``)."""
    environment = msgspec.structs.replace(
        subject.environment,
        python=f"{python}.0",
        bits=64,
        python_arch=subject.host.arch,
        prefix=None,
        distributions=(),
        frameworks=(),
    )
    snapshot = msgspec.structs.replace(subject.snapshot, environment=environment)
    return Subject(snapshot, subject.name, subject.asked)
