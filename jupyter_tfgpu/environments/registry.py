"""All environments on this machine, kept as long as nothing in them changes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from ..machine import Machine
from .describe import NotAnEnvironment, describe
from .environment import Environment
from .look import Look, Remembered


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
    ``problems`` and left alone until the call that hangs in it has come back.
    """

    def __init__(self, machine: Machine, *, limit: float = 3.0) -> None:
        self._machine = machine
        self._limit = limit
        self._lock = threading.Lock()
        self._remembered: dict[str, Remembered] = {}
        self._hanging: dict[str, threading.Thread] = {}
        self._problems: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each place that could not be looked at the last time."""
        return self._problems

    def environments(self, refresh: bool = False) -> tuple[Environment, ...]:
        """The environments, by name and prefix. ``refresh``: describe all anew, whatever the times say.

        Reads the disk: call it off an event loop.
        """
        with self._lock:
            if refresh:
                self._remembered = {}
            look = self._look()
            self._remembered = look.remembered
            hanging = (f"{place} has not answered for {self._limit:g} s." for place in self._hanging)
            self._problems = (*hanging, *look.problems)
            return tuple(sorted(look.environments, key=lambda each: (each.name.lower(), each.prefix)))

    def find(self, text: str) -> Environment:
        """The environment with this id, name or prefix; a path may lead to one that is listed nowhere.

        Raises :class:`EnvironmentNotFound`, :class:`AmbiguousEnvironment`, and for a path
        :class:`NotAnEnvironment`.
        """
        if _is_path(text):
            if text[0] == "~":
                text = f"{self._machine.home}{text[1:]}"
            return describe(self._machine, Path(text))
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
            self._hanging = {place: thread for place, thread in self._hanging.items() if thread.is_alive()}
            look = Look(self._machine, self._remembered, frozenset(self._hanging))
            thread = threading.Thread(target=look.run, name="tfgpu-environments", daemon=True)
            thread.start()
            place = look.wait(self._limit)
            if place is None:
                return look
            self._hanging[place] = thread


def _is_path(text: str) -> bool:
    separators = [separator for separator in (os.sep, os.altsep) if separator]
    return any(separator in text for separator in separators) or text in (".", "..") or text == "~"


__all__ = ["AmbiguousEnvironment", "EnvironmentNotFound", "NotAnEnvironment", "Registry"]
