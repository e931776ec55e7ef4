"""The figures of a cell as they are shown."""

import os
from html import escape
from typing import Any, Dict, List, Optional

from .. import render
from ..launch import Launch
from .devices import gib, name, percent
from .figures import DeviceFigures, Figures, Holder
from .visible import ours

COLUMNS = ["GPU", "name", "peak, this kernel", "peak, all", "mean use", "energy"]
UNKNOWN = "–"  # noqa: RUF001


def figures_of(launch: Launch) -> Figures:
    """Empty ones, for this kernel."""
    return Figures(lambda holder: _is_own(holder, launch.kernel_id))


def _is_own(holder: Holder, kernel_id: Optional[str]) -> bool:
    if kernel_id is not None and holder.get("kernel_id") is not None:
        return bool(holder["kernel_id"] == kernel_id)
    # A kernel, or IPython on a terminal, leads a group of processes, which its children are in.
    try:
        return os.getpgid(holder["pid"]) == os.getpgrp()
    except (OSError, AttributeError):  # it has ended, or belongs to a container that is not this; Windows
        return bool(holder["pid"] == os.getpid())


def display(figures: Figures, begun: float, ended: float, part: Any) -> Dict[str, Any]:
    """The figures between two moments (epoch seconds)."""
    time = "Time: " + duration(ended - begun)
    answer = figures.answer
    if answer is None:
        return _text(time + ". Nothing is known of the devices.")
    shown = [one for one in _shown(answer["devices"], figures, part) if one["uuid"] in figures.devices]
    if not shown:
        return _text("{}. {}".format(time, _no_gpu(answer)))
    rows = [_row(one, figures.devices[one["uuid"]], begun, ended) for one in shown]
    made = render.table(COLUMNS, rows)
    simulated = ". The devices are simulated." if answer.get("simulated") else ""
    return {
        "text/plain": "{}\n{}{}".format(made["text/plain"], time, simulated),
        "text/html": "{}<div>{}{}</div>".format(made["text/html"], escape(time), simulated),
    }


def _shown(devices: List[Dict[str, Any]], figures: Figures, part: Any) -> List[Dict[str, Any]]:
    """The devices that this kernel has, and those on which it holds memory all the same.

    A GPU that is split is left out where one of its instances is shown.
    """
    uuids = {one["uuid"] for one in ours(part, devices)}
    uuids |= {uuid for uuid, one in figures.devices.items() if one.own}
    own = [one for one in devices if one["uuid"] in uuids]
    split = {one.get("parent") for one in own}
    return [one for one in own if one["uuid"] not in split]


def _no_gpu(answer: Dict[str, Any]) -> str:
    if answer["devices"]:
        return "This kernel has no GPU."
    driver = answer.get("driver") or {}
    return driver.get("message") or "The driver lists no GPU."


def _row(device: Dict[str, Any], figures: DeviceFigures, begun: float, ended: float) -> List[str]:
    total = (device.get("memory") or {}).get("total")
    return [
        name(device),
        device.get("name") or device["uuid"],
        gib(figures.own),
        UNKNOWN if figures.used is None else "{} of {}".format(gib(figures.used), gib(total)),
        percent(figures.load),
        energy(figures.joules(begun, ended)),
    ]


def energy(joules: Optional[float]) -> str:
    """Joules for a person, in watt-hours where there are many."""
    if joules is None:
        return UNKNOWN
    if joules < 3600:
        return "{:.1f} J".format(joules) if joules < 100 else "{:.0f} J".format(joules)
    return "{:.3g} Wh".format(joules / 3600)


def duration(seconds: float) -> str:
    """Seconds for a person."""
    if seconds < 60:
        return "{:.2f} s".format(seconds)
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return "{} h {} min {} s".format(hours, minutes, rest) if hours else "{} min {} s".format(minutes, rest)


def _text(text: str) -> Dict[str, Any]:
    return {"text/plain": text, "text/html": "<div>{}</div>".format(escape(text))}
