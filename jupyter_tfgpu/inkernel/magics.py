"""``%tfgpu``: devices and this kernel's pin, the report, a new pin, what happens before a training cell."""

import os
from typing import Any, Dict, List, Optional

from . import render, reports
from .launch import Launch, ProgramError
from .watcher import MODES

USAGE = """\
%tfgpu                       devices and this kernel's pin
%tfgpu check                 why a framework would not use the GPU here
%tfgpu pin                   this kernel's pin, and the one at its next start
%tfgpu pin PIN               another pin: all, none, auto, auto:2, 0, 0,2, GPU-8932f937
%tfgpu watch off|warn|block  what happens before a training cell
%tfgpu allow                 let the next training cell run"""


def run(part: Any, line: str) -> None:
    """Runs the magic with these words. Raises IPython's ``UsageError``, shown without a traceback."""
    from IPython.core.error import UsageError

    words = line.split()
    command = COMMANDS.get(words[0] if words else "")
    try:
        if command is None:
            raise ProgramError("%tfgpu does not know “{}”.\n{}".format(words[0][:60], USAGE))
        command(part, words[1:])
    except ProgramError as error:
        raise UsageError(str(error)) from None


def _devices(part: Any, _words: List[str]) -> None:
    answer = part.launch.ask(["devices"])
    driver = answer["driver"]
    rows = [_row(device, part.launch.given) for device in answer["devices"]]
    if rows:
        _publish(part, render.table(["GPU", "name", "memory", "use", "this kernel"], rows))
    else:
        text = " ".join(one for one in (driver.get("message"), driver.get("advice")) if one)
        print(text or "The driver lists no GPU.")
    if answer.get("simulated"):
        print("The devices are simulated.")
    print(_pin_sentence(part.launch))


def _row(device: Dict[str, Any], given: Optional[List[str]]) -> List[str]:
    index = device.get("index")
    memory = device.get("memory") or {}
    used = (device.get("utilization") or {}).get("gpu")
    ours = given is None or device["uuid"] in given or device.get("parent") in given
    return [
        device["uuid"][:12] if index is None else str(index),
        device.get("name") or device["uuid"],
        "{} of {}".format(_gib(memory.get("used")), _gib(memory.get("total"))),
        "not known" if used is None else "{:.0f} %".format(100 * used),
        "yes" if ours and device.get("allotted", True) else "no",
    ]


def _gib(size: Optional[int]) -> str:
    return "?" if size is None else "{:.1f} GiB".format(size / 1024.0**3)


def _pin_sentence(launch: Launch) -> str:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    seen = "CUDA_VISIBLE_DEVICES is " + ("not set" if visible is None else repr(visible))
    if launch.pin is None:
        return "This kernel was not started with a pin; {}.".format(seen)
    by = _chooser(launch.pin_from)
    note = " " + launch.note if launch.note else ""
    return "Started with {} ({}); {}.{}".format(launch.pin, by, seen, note)


def _chooser(pin_from: Optional[str]) -> str:
    return "the default" if pin_from == "default" else "the pin of the {}".format(pin_from)


def _next_sentence(launch: Launch) -> str:
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
    return "At the next start: {} ({}).".format(kernel["pin"], _chooser(kernel["pin_from"]))


def _check(part: Any, _words: List[str]) -> None:
    report = part.watcher.reports.read()
    if report is None:
        report = reports.checked(part.launch.report())
    if report is None:
        raise ProgramError("jupyter tfgpu gave no report that can be shown.")
    _publish(part, render.bundle(report, report["summary"] if report["findings"] else ""))


def _pin(part: Any, words: List[str]) -> None:
    if not words:
        print(_pin_sentence(part.launch))
        coming = _next_sentence(part.launch)
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


def _watch(part: Any, words: List[str]) -> None:
    if not words:
        print("Before a training cell: {}.".format(part.watcher.mode))
        return
    if len(words) != 1 or words[0] not in MODES:
        raise ProgramError("Usage: %tfgpu watch {}".format("|".join(MODES)))
    part.watcher.mode = words[0]


def _allow(part: Any, _words: List[str]) -> None:
    part.watcher.allowed = True
    print("The next training cell runs.")


def _help(_part: Any, _words: List[str]) -> None:
    print(USAGE)


def _publish(part: Any, display: Dict[str, Any]) -> None:
    part.shell.display_pub.publish(display, {})


COMMANDS = {
    "": _devices,
    "check": _check,
    "pin": _pin,
    "watch": _watch,
    "allow": _allow,
    "help": _help,
}
"""By the first word."""
