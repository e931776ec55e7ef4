"""``%tfgpu pin``: this kernel's pin, shown and changed."""

import os
from typing import Any, Dict, List, Optional

from ..launch import Launch, ProgramError
from ..touched import touched
from .sentences import chooser, label, started

VISIBLE = "CUDA_VISIBLE_DEVICES"


def run(part: Any, words: List[str]) -> None:
    """Says the pin, or sets another."""
    if not words:
        print(started(part.launch))
        coming = _next(part.launch)
        if coming:
            print(coming)
        return
    pin = "".join(words)
    if pin.startswith("-"):  # our program would take it for an option
        raise ProgramError("“{}” is no pin. No GPU: %tfgpu pin none".format(pin[:60]))
    holder = touched()
    if part.launch.kernel_id is None:
        _set_here(part, pin, holder)
    else:
        _set(part, pin, holder)


def _set(part: Any, pin: str, holder: Optional[str]) -> None:
    """Stores the pin of this kernel; takes it at once where nothing has touched a GPU (``holder``)."""
    now = [] if holder is not None else ["--now"]
    answer = part.launch.ask(["pin", "set", "--kernel", part.launch.kernel_id, pin] + now)
    variables = answer.get("variables")
    if variables is not None:
        launch = part.launch
        launch.pin, launch.pin_from, launch.note = answer["pin"], "kernel", answer.get("note")
        launch.given, launch.repinned = answer.get("given"), True
        when = "from now on, " + _take(variables)
    elif not answer.get("restart_needed", True):
        when = "as it was started"
    else:
        when = "it takes effect at the next restart" + _because(holder)
    print("The pin of this kernel is now {}: {}.".format(answer["pin"], when))
    for text in [answer.get("note")] + list(answer.get("warnings") or []):
        if text:
            print(text)


def _set_here(part: Any, pin: str, holder: Optional[str]) -> None:
    """Under ``%load_ext``: for this process alone, as nobody keeps a pin for it."""
    if holder is not None:
        raise ProgramError(
            "{} has begun to use the GPU here, and reads {} no more. Restart the kernel, and run "
            "%tfgpu pin before it.".format(label(holder), VISIBLE)
        )
    answer = part.launch.ask(["pin", "resolve", pin])
    if not answer["variables"]:
        print("{} comes to no choice here: {}.".format(answer["pin"], _seen()))
    else:
        print("From now on, until the next restart: {}.".format(_take(answer["variables"])))
    if answer.get("note"):
        print(answer["note"])


def _take(variables: Dict[str, Optional[str]]) -> str:
    """Sets the variables here, and says what they are."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    return _seen()


def _seen() -> str:
    value = os.environ.get(VISIBLE)
    return "{} is {}".format(VISIBLE, "not set" if value is None else repr(value))


def _because(holder: Optional[str]) -> str:
    return "" if holder is None else ", as {} has begun to use the GPU here".format(label(holder))


def _next(launch: Launch) -> str:
    """The pin that counts at the next start, where that is another; else nothing."""
    if launch.kernel_id is None:
        return ""
    kernels = launch.ask(["kernels"])["kernels"]
    kernel = next((one for one in kernels if one["id"] == launch.kernel_id), None)
    if kernel is None or not kernel["restart_needed"]:
        return ""
    if kernel["pin_from"] == "default":
        # Only the program that starts the kernel knows its default.
        return "" if launch.pin_from == "default" else "At the next start the default counts."
    return "At the next start: {} ({}).".format(kernel["pin"], chooser(kernel["pin_from"]))
