"""All that a terminal shows of a reading: its driver, what is wrong, the devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from ..api.wire import ReadingAnswer
from .bars import ASCII
from .device_table import device_lines


@dataclass(frozen=True)
class Paper:
    """What a page is written on. ``width``: columns; ``height``: lines; None: as many as it takes."""

    console: Console
    width: int | None = None
    height: int | None = None

    def wrapped(self, text: Text) -> list[Text]:
        return [text] if self.width is None else list(text.wrap(self.console, self.width))


def page(
    answer: ReadingAnswer, paper: Paper, *, top: Text | None = None, minutes: Mapping[str, str] | None = None
) -> Text:
    """The whole page. ``top``: its first line. ``minutes``: sparklines by UUID.

    Where it is higher than the paper the holders are left out, and then the last devices, with their
    number in the last line.
    """
    head = [line for text in _head(answer, top) for line in paper.wrapped(text)]
    lines = head + _devices(answer, paper, minutes, holders=True)
    if paper.height is not None and len(lines) > paper.height:
        lines = _cut(head + _devices(answer, paper, minutes, holders=False), paper.height)
    made = Text("\n", overflow="ignore", no_wrap=True).join(lines)
    if paper.console.options.ascii_only:
        made.plain = made.plain.translate(ASCII)
    return made


def _head(answer: ReadingAnswer, top: Text | None) -> list[Text]:
    parts = [] if top is None else [top]
    if answer.simulated:
        parts.append(Text("SIMULATED devices, not this machine's.", style="bold yellow"))
    driver = answer.driver
    if driver.status == "ok":
        parts.append(Text(f"Driver {driver.version or '–'}, up to CUDA {driver.cuda_version or '–'}"))
    if driver.message or driver.status != "ok":
        parts.append(Text(driver.message or f"The driver is in the state {driver.status}.", style="bold"))
    if driver.advice:
        parts.append(Text(driver.advice))
    if answer.attribution and answer.attribution.message:
        parts.append(Text(answer.attribution.message))
    if not answer.devices and driver.status == "ok":
        parts.append(Text("The driver lists no device."))
    return parts


def _devices(
    answer: ReadingAnswer, paper: Paper, minutes: Mapping[str, str] | None, *, holders: bool
) -> list[Text]:
    if not answer.devices:
        return []
    return [Text(), *device_lines(answer.devices, paper.width, minutes=minutes, holders=holders)]


def _cut(lines: list[Text], height: int) -> list[Text]:
    if len(lines) <= height:
        return lines
    kept = max(0, height - 1)
    return [*lines[:kept], Text(f"… {len(lines) - kept} more lines; a higher terminal shows them", "dim")]
