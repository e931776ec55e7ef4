"""What can be wrong with a request to write or remove a kernelspec."""

from __future__ import annotations

from collections.abc import Mapping


class SpecError(Exception):
    """A kernelspec could not be written or removed. The text is for a person.

    ``reason`` is a code for programs, ``detail`` the facts that belong to it.
    """

    reason = "spec-error"

    def __init__(self, message: str, detail: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.detail: dict[str, str] = dict(detail or {})


class SpecNotFound(SpecError):
    """There is no kernelspec of this name."""

    reason = "not-found"


class NotOwned(SpecError):
    """The kernelspec is not one that we wrote, so it is left alone."""

    reason = "not-owned"

    @classmethod
    def of(cls, name: str, folder: str) -> NotOwned:
        """Of one that bears no mark of ours."""
        return cls(
            f"The kernelspec {name!r} in {folder} was not written by this program, so it is left as it is.",
            {"name": name, "folder": folder},
        )


class NameTaken(SpecError):
    """Another kernelspec has this name."""

    reason = "name-taken"


class BadName(SpecError):
    """Jupyter allows no such kernel name."""

    reason = "bad-name"


class InterpreterGone(SpecError):
    """The environment has no interpreter that a kernel could run on."""

    reason = "interpreter-gone"


class IpykernelMissing(SpecError):
    """A kernel needs ipykernel in its environment. ``detail["command"]`` installs it."""

    reason = "ipykernel-missing"


class NoSuchOwnKernel(SpecError):
    """The environment has no kernel of its own of this name, or none that can be read."""

    reason = "no-such-kernel"


class NotRepairable(SpecError):
    """There is no environment that the kernelspec could be made to start. The message says what to do."""

    reason = "not-repairable"


class SpecChanged(SpecError):
    """The kernelspec is another than the one that was read."""

    reason = "changed-since"


class SpecNotWritten(SpecError):
    """The disk refused (no space, no permission)."""

    reason = "not-written"
