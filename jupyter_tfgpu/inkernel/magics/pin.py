"""``%tfgpu pin``: this kernel's pin, shown and changed."""

from typing import Any, List

from ..launch import Launch, ProgramError
from .sentences import chooser, started


def run(part: Any, words: List[str]) -> None:
    """Says the pin, or sets another."""
    if not words:
        print(started(part.launch))
        coming = _next(part.launch)
        if coming:
            print(coming)
        return
    if part.launch.kernel_id is None:
        raise ProgramError("Only a kernel that was started with jupyter-tfgpu can be pinned from within.")
    answer = part.launch.ask(["pin", "set", "--kernel", part.launch.kernel_id, "".join(words)])
    when = (
        "it takes effect at the next restart" if answer.get("restart_needed", True) else "as it was started"
    )
    print("The pin of this kernel is now {}: {}.".format(answer["pin"], when))


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
