"""All environments on this machine, kept as long as nothing in them changes."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path

from msgspec.structs import replace

from ..machine import Machine
from .describe import NotAnEnvironment, describe
from .environment import Environment
from .hanging import Hanging
from .look import THREAD, Key, Look, Remembered, Seen


class EnvironmentNotFound(LookupError):
    """No environment has this id, name or prefix. The message names those that there are."""


class AmbiguousEnvironment(LookupError):
    """Several environments have this name. The message lists their prefixes; ``matches`` holds them."""

    def __init__(self, text: str, matches: tuple[Environment, ...]) -> None:
        prefixes = ", ".join(environment.prefix for environment in matches)
        super().__init__(
            f"{len(matches)} environments are called {text!r}; name one by its prefix: {prefixes}."
        )
        self.matches = matches


class Registry:
    """Finds environments and describes them; what was described is kept until its folders change.

    May be used from several threads; one looks at the disk at a time. ``limit``: seconds that one
    place may take to answer. One that does not (a network folder whose server is gone) is told in
    ``problems`` and left alone until the call that hangs in it has come back; the environments that were
    found in it before stay listed, with a ``problem``. ``patience``: seconds after which a look is ended,
    however many places there are.
    """

    def __init__(self, machine: Machine, *, limit: float = 3.0, patience: float = 20.0) -> None:
        self._machine = machine
        self._limit = limit
        self._patience = patience
        self._lock = threading.Lock()
        self._remembered: dict[Key, Remembered] = {}
        self._seen: Seen | None = None
        self._hanging = Hanging(machine)
        self._looked: tuple[Environment, ...] = ()
        self._found: tuple[Environment, ...] = ()
        self._problems: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each place that could not be looked at the last time."""
        return self._problems

    @property
    def known(self) -> tuple[Environment, ...]:
        """What :meth:`environments` answered the last time; the disk is looked at only where it never was."""
        return self._found or self.environments()

    def environments(self, refresh: bool = False) -> tuple[Environment, ...]:
        """The environments, by name and prefix. ``refresh``: describe all anew, whatever the times say.

        The same tuple as the last time where nothing has changed. Reads the disk: call it off an event loop.
        """
        with self._lock:
            if refresh:
                unsettled = {key: replace(was, settled=False) for key, was in self._remembered.items()}
                self._remembered, self._seen = unsettled, None
            self._hanging.forget_answered()
            if self._hanging.full:
                stuck = "So many places do not answer that no other is looked at until one of them does."
                self._problems = (*self._hanging.sentences(self._limit), stuck)
                return self._found
            before = self._remembered
            look = self._look()
            self._problems = (*self._hanging.sentences(self._limit), *look.problems)
            looked = (*look.environments, *self._not_looked_at(before, look))
            if looked != self._looked:
                self._looked = looked
                self._found = tuple(sorted(looked, key=lambda each: (each.name.lower(), each.prefix)))
            return self._found

    def find(self, text: str) -> Environment:
        """The environment with this id, name or prefix; a path may lead to one that is listed nowhere.

        Raises :class:`EnvironmentNotFound`, :class:`AmbiguousEnvironment`, and for a path
        :class:`NotAnEnvironment`.
        """
        if _is_path(text):
            if text[0] == "~":
                text = f"{self._machine.home}{text[1:]}"
            return self._described(text)
        listed = self.environments()
        for environment in listed:
            if environment.id == text:
                return environment
        matches = tuple(environment for environment in listed if environment.name == text)
        if len(matches) > 1:
            raise AmbiguousEnvironment(text, matches)
        if not matches:
            known = ", ".join(dict.fromkeys(environment.name for environment in listed)) or "none"
            raise EnvironmentNotFound(f"No environment is called {text!r}. There are: {known}.")
        return matches[0]

    def _look(self) -> Look:
        """One look at the disk, in a thread that may be left behind where it hangs, and begun again
        without the place that it hangs in."""
        while True:
            look = Look(self._machine, self._remembered, self._hanging, self._patience, self._seen)
            self._seen = None
            thread = threading.Thread(target=look.run, name=THREAD, daemon=True)
            thread.start()
            place = look.wait(self._limit)
            if place is None and look.complete:
                self._remembered, self._seen = look.remembered, look.seen
                return look
            self._remembered = {**self._remembered, **look.remembered}
            if place is None:
                return look
            self._hanging.add(place, thread)
            if self._hanging.full:
                return look

    def _not_looked_at(self, before: Mapping[Key, Remembered], look: Look) -> list[Environment]:
        """The environments that were known and that this look did not come to, which stay listed; of those
        on a disk that does not answer it is said."""
        if look.complete and not self._hanging:
            return []
        listed = {each.id for each in look.environments}
        kept = []
        for key, known in before.items():
            environment = known.environment
            if environment is None or environment.id in listed:
                continue
            hidden = self._hanging.hides(key[1]) or self._hanging.hides(environment.prefix)
            if hidden or not (look.complete or key in look.reached):
                listed.add(environment.id)
                self._remembered[key] = known
                kept.append(_without_answer(environment) if hidden else environment)
        return kept

    def _described(self, prefix: str) -> Environment:
        """One prefix, which need not be listed, in a thread of its own for the same reason."""
        with self._lock:
            self._hanging.forget_answered()
            if prefix in self._hanging or self._hanging.full:
                raise NotAnEnvironment(f"{prefix} cannot be looked at now: its disk does not answer.")
            work: Future[Environment] = Future()
            thread = threading.Thread(
                target=_describe_into, args=(work, self._machine, prefix), name=THREAD, daemon=True
            )
            thread.start()
            try:
                return work.result(self._limit)
            except FutureTimeout:
                self._hanging.add(prefix, thread)
                raise NotAnEnvironment(f"{prefix} has not answered for {self._limit:g} s.") from None


def _without_answer(environment: Environment) -> Environment:
    """What is listed of an environment whose disk does not answer."""
    return replace(
        environment,
        interpreter=None,
        own_kernels=(),
        problem=f"{environment.prefix} does not answer, so that what is listed is what was known before.",
        answers=False,
    )


def _describe_into(work: Future[Environment], machine: Machine, prefix: str) -> None:
    try:
        work.set_result(describe(machine, Path(prefix)))
    except Exception as error:
        work.set_exception(error)


def _is_path(text: str) -> bool:
    separators = [separator for separator in (os.sep, os.altsep) if separator]
    return any(separator in text for separator in separators) or text in (".", "..") or text == "~"


__all__ = ["AmbiguousEnvironment", "EnvironmentNotFound", "NotAnEnvironment", "Registry"]
