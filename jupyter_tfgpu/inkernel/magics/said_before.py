"""The error before a magic's own refusal, which IPython keeps as the last error too."""

import sys

text = ""
"""As a traceback. Not the error itself: it would keep what its functions held, a GPU's memory among it."""


def keep() -> None:
    """Called before a magic of ours refuses."""
    global text
    from IPython.core.error import UsageError

    from ..explaining.said import traceback_text

    error = getattr(sys, "last_value", None)
    if error is not None and not isinstance(error, UsageError):
        text = traceback_text(error)
