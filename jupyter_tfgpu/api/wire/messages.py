"""What ``WS live`` pushes."""

from __future__ import annotations

from typing import Literal

import msgspec

from .devices import ReadingAnswer
from .environments import EnvironmentsAnswer
from .running import KernelsAnswer
from .tasks import TaskAnswer


class ReadingMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="reading"):
    data: ReadingAnswer


class KernelsMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="kernels"):
    data: KernelsAnswer


class EnvironmentsMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="environments"):
    data: EnvironmentsAnswer


class TaskMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="task"):
    data: TaskAnswer


class NoticeMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="notice"):
    """A sentence for the user of this page, such as an interval that was refused."""

    message: str
    level: Literal["info", "warning", "error"] = "info"


LiveMessage = ReadingMessage | KernelsMessage | EnvironmentsMessage | TaskMessage | NoticeMessage
"""What ``WS live`` pushes."""
