"""How long the server takes to say of a cell, before it runs, what stands in its way.

A notebook of 100 cells of 20 lines: its last cell while nothing is known of the others (``first``), each
cell after the one above it as Run All asks (``in turn``), the last cell changed and run again (``again``),
all with the question read and the answer written. Milliseconds of CPU, which other programs do not change,
and as a ratio to ``ast.parse`` of the whole notebook in this run; beside them the import of the recogniser,
which the page's first look waits for. Exit code 1: one of them takes over 100 ms, after which the page does
not wait any more and the cell runs unasked.
"""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import msgspec

from jupyter_tfgpu.api.preflight import Preflight
from jupyter_tfgpu.api.wire import AskPreflight
from jupyter_tfgpu.doctor import Finding, Report
from jupyter_tfgpu.kernels import StartedKernel, parse_pin
from jupyter_tfgpu.kernels.pins.resolve import Allocation

GOAL = 100.0
CELLS, REPEATS = 100, 3

HEAD = "import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras"
CELL = """\
def build_{n}(width=64, depth=3):
    layers = [keras.layers.Dense(width, activation="relu") for _ in range(depth)]
    model = keras.Sequential([*layers, keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="adam")
    return model


def batches_{n}(x, y, size=32):
    for start in range(0, len(x), size):
        stop = min(start + size, len(x))
        yield x[start:stop], y[start:stop]


x_{n} = np.random.normal(size=(256, 8))
y_{n} = x_{n}.sum(axis=1, keepdims=True)
model_{n} = build_{n}(depth={n} % 4 + 1)
history_{n} = model_{n}.fit(x_{n}, y_{n}, epochs=3, batch_size=32, verbose=0)
for name, values in history_{n}.history.items():
    print(name, "%.4f" % values[-1], len(values))
print(sum(len(batch) for batch, _ in batches_{n}(x_{n}, y_{n})))
"""

REPORT = Report(
    verdict="broken",
    summary="",
    findings=tuple(
        Finding(code=f"code-{n}", severity="error", framework="tensorflow", title="Title", detail="Detail.")
        for n in range(10)
    ),
)


def main() -> int:
    notebook = [HEAD, *(CELL.format(n=n) for n in range(CELLS - 1))]
    parse = median(lambda: [ast.parse(source) for source in notebook])
    first, again, in_turn = [], [], []
    for _ in range(REPEATS):
        preflight = new()
        first.append(asked(preflight, notebook, CELLS - 1))
        changed = [*notebook[:-1], notebook[-1] + "print()\n"]
        again.append(asked(preflight, changed, CELLS - 1))
        preflight = new()
        in_turn.append(statistics.median(asked(preflight, notebook, n) for n in range(CELLS)))
    figures = {"first": first, "in turn": in_turn, "again": again}
    lines = sum(source.count("\n") for source in notebook)
    print(f"{CELLS} cells, {lines} lines; ast.parse of all: {parse:.1f} ms; import: {imported():.1f} ms")
    for name, values in figures.items():
        value = statistics.median(values)
        ratio = value / parse
        print(f"{name:8} {value:7.1f} ms  {ratio:5.2f} times the parse  (worst {max(values):.1f} ms)")
    return int(any(statistics.median(values) > GOAL for values in figures.values()))


def new() -> Preflight:
    start = StartedKernel(kernel_id="k", pin=parse_pin("all"), pin_from="default", allocation=Allocation())
    return Preflight(lambda _: start, lambda _: REPORT, None)


def asked(preflight: Preflight, notebook: list[str], cell: int) -> float:
    """Milliseconds of one question, from its bytes to those of the answer."""
    question = AskPreflight(kernel_id="k", code=notebook[cell], earlier=tuple(notebook[:cell]))
    body = msgspec.json.encode(question)
    began = time.thread_time()
    answer = preflight.ask(msgspec.json.decode(body, type=AskPreflight))
    msgspec.json.encode(answer)
    took = (time.thread_time() - began) * 1000
    if cell and not (answer.trains and answer.findings):
        raise AssertionError(f"cell {cell} was not recognised")
    return took


def median(act: Callable[[], object]) -> float:
    """Milliseconds."""
    times = []
    for _ in range(REPEATS):
        began = time.thread_time()
        act()
        times.append((time.thread_time() - began) * 1000)
    return statistics.median(times)


def imported() -> float:
    """Milliseconds that the module takes to load where the server's are there."""
    program = (
        "import time, jupyter_tfgpu.server.app, jupyter_tfgpu.doctor\n"
        "began = time.thread_time()\n"
        "import jupyter_tfgpu.api.preflight\n"
        "print((time.thread_time() - began) * 1000)"
    )
    times = [
        float(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
