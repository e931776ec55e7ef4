"""Which cells are recognised, and what it costs.

Precision and recall on the labelled notebooks (``tests/inkernel/notebooks``), each part for itself: of what
is said to train or to import a framework for the first time, and of what does. Times in milliseconds and as
a ratio to ``ast.parse`` of the same text, which IPython does for each cell anyhow: 100 lines without any of
the words, 100 lines that are judged (the tree is there), a cell of 1 MB.
"""

from __future__ import annotations

import argparse
import ast
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from jupyter_tfgpu.inkernel.recogniser.recognise import Judgement, Recogniser
from tests.inkernel.labelled import PARTS, Cell, notebooks

GOAL = 0.97
WITHOUT_WORDS, JUDGED = 0.2, 3.0
"""Milliseconds that 100 lines may take."""

PLAIN = "import pandas as pd\n" + "\n".join(
    f'frame_{n} = pd.read_csv("part_{n}.csv").dropna().groupby("day")["x"].mean()' for n in range(100)
)

LOOP = """\
class Net(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.first = nn.Linear(28 * 28, width)
        self.second = nn.Linear(width, 10)

    def forward(self, x):
        return self.second(torch.relu(self.first(x.flatten(1))))

def epoch(net, loader, optimizer=None):
    total = 0.0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        loss = F.cross_entropy(net(images), labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item()
    return total / len(loader)

net = Net().to(device)
optimizer = torch.optim.AdamW(net.parameters(), lr=3e-4, weight_decay=0.01)
history = {"train": [], "valid": []}
for number in range(10):
    history["train"].append(epoch(net, train_loader, optimizer))
    history["valid"].append(epoch(net, valid_loader))
    print(f"{number}: {history['train'][-1]:.3f} {history['valid'][-1]:.3f}")
fig, ax = plt.subplots(figsize=(8, 3))
ax.plot(history["train"], label="train")
ax.plot(history["valid"], label="valid")
ax.legend()
plt.show()
"""


@dataclass
class Count:
    """``wrong``: the cells that were judged wrongly, with what was said."""

    right: int = 0
    said: int = 0
    true: int = 0
    wrong: list[tuple[Cell, Judgement]] = field(default_factory=list)

    def add(self, cell: Cell, judgement: Judgement, said: bool, true: bool) -> None:
        self.right += said and true
        self.said += said
        self.true += true
        if said != true:
            self.wrong.append((cell, judgement))

    @property
    def precision(self) -> float:
        return self.right / self.said

    @property
    def recall(self) -> float:
        return self.right / self.true


def judge(part: str) -> tuple[int, Count, Count, Count]:
    """The number of cells; counts of cells that train, that are recognised, and with the right framework."""
    number, trains, recognised, named = 0, Count(), Count(), Count()
    for cells in notebooks(part):
        recogniser = Recogniser()
        for cell in cells:
            number += 1
            judged = recogniser.judge_source(cell.source)
            trains.add(cell, judged, judged.trains, cell.label == "trains")
            recognised.add(cell, judged, judged.recognised, cell.label != "no")
            said = judged.frameworks[:1] if judged.trains else tuple(sorted(judged.imports))
            right = not judged.recognised or said == tuple(sorted(cell.frameworks))
            named.add(cell, judged, judged.recognised and right, judged.recognised)
    return number, trains, recognised, named


def show(part: str, verbose: bool) -> bool:
    """Prints a part's figures and says whether they reach the goal."""
    number, trains, recognised, named = judge(part)
    print(f"{part}: {number} cells in {len(notebooks(part))} notebooks")
    for name, count in (("train", trains), ("recognised", recognised)):
        print(
            f"  {name}: precision {count.precision:.3f} ({count.right} of {count.said}), "
            f"recall {count.recall:.3f} ({count.right} of {count.true})"
        )
    print(f"  with the right framework: {named.right} of {named.true}")
    for cell, judged in dict.fromkeys((c, j) for c, j in trains.wrong + recognised.wrong + named.wrong):
        print(f"  wrong: {cell.notebook} {cell.number}, {cell.label} {' '.join(cell.frameworks)}: {judged}")
        if verbose:
            print("    " + cell.source.replace("\n", "\n    "))
    return min(trains.precision, trains.recall, recognised.precision, recognised.recall) > GOAL


def milliseconds(call: Callable[[], object], times: int) -> float:
    """The median of the processor time that a call takes."""
    values = []
    for _ in range(times):
        begun = time.process_time_ns()
        call()
        values.append((time.process_time_ns() - begun) / 1e6)
    return statistics.median(values)


def cost(name: str, source: str, call: Callable[[], object], limit: float | None, times: int) -> bool:
    """Prints what a call on this text costs, and says whether it keeps its limit."""
    taken = milliseconds(call, times)
    parse = milliseconds(lambda: ast.parse(source), times)
    allowed = f"; {taken / limit:.2f} of the {limit} ms allowed" if limit is not None else ""
    print(f"{name}: {taken:.3f} ms, {taken / parse:.3f} of ast.parse ({parse:.3f} ms){allowed}")
    return limit is None or taken < limit


def costs(times: int) -> bool:
    """Prints the times and says whether they keep their limits."""
    known = Recogniser()
    known.judge_source("import torch\nfrom torch import nn\nfrom torch.nn import functional as F")
    loop = LOOP * 3 + "history\n"
    lines = loop.count("\n")
    tree = ast.parse(loop)
    assert not known.may_train(PLAIN)
    assert known.judge(tree).trains
    large = "data = [\n" + "0.123456, 17, 'x',\n" * 55_000 + "]\nmodel.fit(data)"
    return all(
        [
            cost("100 lines without the words", PLAIN, lambda: known.may_train(PLAIN), WITHOUT_WORDS, times),
            cost(f"{lines} lines that are judged", loop, lambda: known.judge(tree), JUDGED, times),
            cost("a cell of 1 MB", large, lambda: known.may_train(large), None, 5),
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200, help="runs that the medians are of")
    parser.add_argument("--verbose", action="store_true", help="show the cells that are judged wrongly")
    arguments = parser.parse_args()
    reached = [show(part, arguments.verbose) for part in PARTS]
    kept = costs(arguments.times)
    return 0 if all(reached) and kept else 1


if __name__ == "__main__":
    sys.exit(main())
