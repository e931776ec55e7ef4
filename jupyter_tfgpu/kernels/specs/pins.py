"""The pins of kernelspecs, which go where these go."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from ..pins.pin import Pin, PinError
from ..pins.store import PinStore
from ..pins.targets import Target
from .errors import SpecNotWritten


class SpecPins:
    """What the store says of kernelspecs, by their names."""

    def __init__(self, store: PinStore) -> None:
        self._store = store

    def get(self, name: str) -> Pin | None:
        """The pin of the kernelspec of this name."""
        return self._store.get(Target(kernelspec=name))

    @contextlib.contextmanager
    def changed(self, pins: Mapping[str, Pin | None]) -> Iterator[None]:
        """With these pins from here on (None: without); as they were where what is done under it fails.

        Raises SpecNotWritten, and nothing is done under it, where they cannot be stored.
        """
        before = {name: self.get(name) for name in pins}
        try:
            self._put(pins)
            yield
        except BaseException:
            with contextlib.suppress(SpecNotWritten):
                self._put(before)
            raise

    def _put(self, pins: Mapping[str, Pin | None]) -> None:
        try:
            for name, pin in pins.items():
                if pin is None:
                    self._store.clear(Target(kernelspec=name))
                elif pin != self.get(name):
                    self._store.set(Target(kernelspec=name), pin)
        except PinError as error:
            raise SpecNotWritten(
                f"The kernelspec was left as it is, for its pin would not follow. {error}"
            ) from None
