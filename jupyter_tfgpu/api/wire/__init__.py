"""The documents that the command line, HTTP and the WebSocket answer with: each declared here once.

The OpenAPI document and the frontend's TypeScript types are generated from these (``make types``).
Bytes, bytes per second, fractions 0-1, °C, milliwatts, millijoules, MHz; times in ISO 8601 UTC or seconds.
``None`` means "not known" or "not supported", never 0 for that.
"""

from ...devices.history import History
from ...doctor.explanation import Explanation
from ...doctor.report import Report
from ...kernels.holders.holders import Holder
from ...kernels.holders.regime import Attribution
from .devices import DeviceAnswer, ReadingAnswer
from .environments import EnvironmentAnswer, EnvironmentsAnswer, OwnKernelAnswer
from .explain import ExplainText
from .failure import Failure
from .fixes import ApplyFix, FixAnswer, FixChange
from .kernelspecs import (
    AddKernelspec,
    ChangeKernelspec,
    KernelspecAnswer,
    KernelspecChange,
    KernelspecsAnswer,
    Sync,
    SyncAnswer,
)
from .messages import (
    EnvironmentsMessage,
    KernelsMessage,
    LiveMessage,
    NoticeMessage,
    ReadingMessage,
    TaskMessage,
)
from .pins import PinAnswer, PinnedNow, PinResolved, PinsAnswer, PinSet, SetPin
from .preflight import AskPreflight, PreflightAnswer, PreflightWords
from .running import KernelAnswer, KernelDevice, KernelsAnswer
from .settings import KernelSettings, SyncWhen
from .tasks import TaskAnswer, TasksAnswer

__all__ = [
    "AddKernelspec",
    "ApplyFix",
    "AskPreflight",
    "Attribution",
    "ChangeKernelspec",
    "DeviceAnswer",
    "EnvironmentAnswer",
    "EnvironmentsAnswer",
    "EnvironmentsMessage",
    "ExplainText",
    "Explanation",
    "Failure",
    "FixAnswer",
    "FixChange",
    "History",
    "Holder",
    "KernelAnswer",
    "KernelDevice",
    "KernelSettings",
    "KernelsAnswer",
    "KernelsMessage",
    "KernelspecAnswer",
    "KernelspecChange",
    "KernelspecsAnswer",
    "LiveMessage",
    "NoticeMessage",
    "OwnKernelAnswer",
    "PinAnswer",
    "PinResolved",
    "PinSet",
    "PinnedNow",
    "PinsAnswer",
    "PreflightAnswer",
    "PreflightWords",
    "ReadingAnswer",
    "ReadingMessage",
    "Report",
    "SetPin",
    "Sync",
    "SyncAnswer",
    "SyncWhen",
    "TaskAnswer",
    "TaskMessage",
    "TasksAnswer",
]
