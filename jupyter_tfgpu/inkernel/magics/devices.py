"""``%tfgpu``: the devices, and this kernel's pin."""

from typing import Any, Dict, List, Optional

from .. import render
from . import sentences
from .visible import ours


def run(part: Any, _words: List[str]) -> None:
    """Shows the devices as our program reads them."""
    answer = part.launch.ask(["devices"])
    driver = answer["driver"]
    uuids = {device["uuid"] for device in ours(part, answer["devices"])}
    rows = [_row(device, device["uuid"] in uuids) for device in answer["devices"]]
    if rows:
        columns = ["GPU", "name", "memory", "use", "this kernel"]
        part.shell.display_pub.publish(render.table(columns, rows), {})
    else:
        text = " ".join(one for one in (driver.get("message"), driver.get("advice")) if one)
        print(text or "The driver lists no GPU.")
    if answer.get("simulated"):
        print("The devices are simulated.")
    print(sentences.started(part.launch))


def _row(device: Dict[str, Any], own: bool) -> List[str]:
    memory = device.get("memory") or {}
    used = (device.get("utilization") or {}).get("gpu")
    return [
        name(device),
        device.get("name") or device["uuid"],
        "{} of {}".format(gib(memory.get("used")), gib(memory.get("total"))),
        percent(used),
        "yes" if own else "no",
    ]


def name(device: Dict[str, Any]) -> str:
    """How a device is called in a table: its index; a MIG instance by the beginning of its UUID."""
    index = device.get("index")
    return str(device["uuid"])[:12] if index is None else str(index)


def gib(size: Optional[int]) -> str:
    """Bytes for a person; a dash where they are not known."""
    return "–" if size is None else "{:.1f} GiB".format(size / 1024.0**3)  # noqa: RUF001


def percent(fraction: Optional[float]) -> str:
    """A fraction for a person; a dash where it is not known."""
    return "–" if fraction is None else "{:.0f} %".format(100 * fraction)  # noqa: RUF001
