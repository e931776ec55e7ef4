"""After a cell that failed: what it comes from, in real kernels."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.doctor.messages.starts import start_patterns
from tests.environments import trees
from tests.inkernel.conftest import StartKernel
from tests.inkernel.samples import NO_GPU, finding, report
from tests.inkernel.test_in_kernels import MIME, OLD, python
from tests.kernels.kernels_here import PLAIN, Cell, Kernel, kernel
from tests.made import venv_with_ipykernel

GPUS = {"JUPYTER_TFGPU_SIMULATE": "default"}
NO_CUDART = (
    "Could not find 'cudart64_100.dll'. TensorFlow requires that this DLL be installed in a directory that "
    "is named in your %PATH% environment variable. Download and install CUDA 10.0 from this URL: "
    "https://developer.nvidia.com/cuda-10.0-download-archive"
)
"""TensorFlow 1.13 to 2.0, tensorflow/python/platform/self_check.py."""

SKIPPED = (
    "2021-05-10 10:00:00.000000: W tensorflow/core/common_runtime/gpu/gpu_device.cc:1960] Cannot dlopen some "
    "GPU libraries. Please make sure the missing libraries mentioned above are installed properly\n"
    "Skipping registering GPU devices...\n"
)
CAUSES = {"cuda-missing", "cuda-version-mismatch"}
"""Of that, on a machine without CUDA 12: it may have another release."""
PRINTS = f"import os\nos.write(2, {SKIPPED.encode()!r});"
"""As compiled code prints, past Python."""

OUT_OF_MEMORY = "raise RuntimeError('CUDA out of memory. Tried to allocate 2.00 GiB')"
NEVER_ASK = """
asked = []
get_ipython()._jupyter_tfgpu.launch.explain = lambda *more: asked.append(more)
"""


@pytest.fixture
def captured(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """To be called in the test: under pytest ipykernel leaves what compiled code prints to that."""
    return lambda: monkeypatch.delenv("PYTEST_CURRENT_TEST")


def write_keras(folder: Path) -> None:
    """A Keras whose import fails as it does where TensorFlow misses a DLL."""
    (folder / "keras.py").write_text("import tensorflow\n")
    (folder / "tensorflow.py").write_text(
        f"try:\n    raise OSError('not found')\nexcept OSError:\n    raise ImportError({NO_CUDART!r})\n"
    )


def explained(cell: Cell) -> str:
    """The text under the traceback, which stands first."""
    assert cell.status == "error", cell
    assert next(kind for kind, _ in cell.outputs) == "error"
    return "\n".join(display["text/plain"] for display in cell.displays)


@pytest.fixture(scope="module")
def with_tensorflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the files of TensorFlow 2.20.0, without its CUDA libraries."""
    prefix = venv_with_ipykernel(tmp_path_factory.mktemp("envs") / "tf")
    [site] = prefix.glob("lib/python3.*/site-packages")
    trees.distribution(site, "tensorflow", "2.20.0")
    trees.tensorflow(site, "2.20.0")
    return prefix / "bin" / "python"


def codes(display: dict[str, Any]) -> set[str]:
    return {each["code"] for each in display[MIME]["findings"]}


@pytest.mark.parametrize("version", ["3.11", *OLD])
def test_in_a_kernel_of_any_python_a_keras_that_misses_a_dll_is_explained(
    kernel_with: StartKernel, version: str, tmp_path: Path
) -> None:
    write_keras(tmp_path)
    with kernel_with(report(), python(version), env=GPUS) as running:
        running.run(
            "import sys\nsys.modules.pop('keras')\nget_ipython().run_line_magic('tfgpu', 'watch off')"
        )
        cell = running.run("import keras")
        assert running.value("get_ipython()._jupyter_tfgpu.launch.patterns") == repr(list(start_patterns()))
        assert cell.error == f"ImportError: {NO_CUDART}"
        text = explained(cell)
        assert text.startswith("What this error comes from:\n✖ ")
        assert "[cuda-missing]" in text
        assert "→ Install CUDA 10.0 and the cuDNN for it" in text
        assert 'export LD_LIBRARY_PATH="/usr/local/cuda-10.0/lib64' in text
        (display,) = cell.displays
        assert codes(display) == {"cuda-missing"}
        assert display[MIME]["kernel_id"] == running.id
        assert "usr/local/cuda-10.0/lib64" in display["text/html"]


@pytest.mark.slow
def test_beside_a_tensorflow_of_that_time_its_own_cuda_is_named(
    kernel_with: StartKernel, tmp_path: Path
) -> None:
    """Python 3.7 with the files of TensorFlow 1.15.0, which is built for CUDA 10.0."""
    prefix = tmp_path / "env"
    old = python("3.7").parents[1]
    subprocess.run([old / "bin/python", "-m", "venv", "--without-pip", prefix], check=True)
    [theirs], [site] = (list(each.glob("lib/python3.*/site-packages")) for each in (old, prefix))
    for package in theirs.iterdir():
        (site / package.name).symlink_to(package)
    trees.distribution(site, "tensorflow-gpu", "1.15.0")
    folder = trees.tensorflow(site, "1.15.0")
    (folder / "__init__.py").write_text(f"raise ImportError({NO_CUDART!r})\n")
    trees.distribution(site, "keras", "2.2.4")
    trees.package(site, "keras").joinpath("__init__.py").write_text("import tensorflow\n")
    with kernel_with(report(), prefix / "bin" / "python", env=GPUS) as running:
        running.run("import sys\nsys.modules.pop('keras')")
        cell = running.run("import keras")
        text = explained(cell)
        assert codes(cell.displays[0]) <= CAUSES
        assert "TensorFlow 1.15.0 needs" in text
        assert "Install CUDA 10.0 and cuDNN 7" in text
        assert "Probably" not in text


def test_what_compiled_code_prints_is_explained_once(
    kernel_with: StartKernel, with_tensorflow: Path, captured: Callable[[], None]
) -> None:
    captured()
    with kernel_with(report(), with_tensorflow, env=GPUS) as running:
        cell = running.run(PRINTS)
        assert (cell.status, cell.text) == ("ok", SKIPPED)
        (display,) = cell.displays
        assert display["text/plain"].startswith("What this cell printed comes from:\n✖ ")
        assert codes(display) <= CAUSES
        assert running.run(PRINTS).displays == []


@pytest.mark.slow
def test_ipykernel_5_captures_nothing_of_it(kernel_with: StartKernel, captured: Callable[[], None]) -> None:
    captured()
    with kernel_with(report(), python("3.6"), env=GPUS) as running:
        running.run(NEVER_ASK)
        assert running.run(PRINTS).outputs == []
        assert running.value("asked") == "[]"
        running.run(f"raise RuntimeError({SKIPPED!r})")
        assert running.value("len(asked)") == "1"


def test_what_was_printed_belongs_to_the_error_that_follows_it(
    kernel_with: StartKernel, captured: Callable[[], None]
) -> None:
    captured()
    with kernel_with(report()) as running:
        running.run(NEVER_ASK)
        running.run(f"{PRINTS}\nraise RuntimeError('/device:GPU:0 unknown device.')")
        text = running.value("asked[0][0]")
        assert 0 < text.index("Cannot dlopen some GPU libraries") < text.index("RuntimeError: /device:GPU:0")


def test_what_the_report_has_shown_before_is_not_said_again(
    kernel_with: StartKernel, with_tensorflow: Path, captured: Callable[[], None]
) -> None:
    captured()
    shown = [finding(code) for code in CAUSES]
    with kernel_with(report(*shown), with_tensorflow, env=GPUS) as running:
        assert codes(running.run("model.fit()").displays[0]) == CAUSES
        cell = running.run(PRINTS)
        assert (cell.text, cell.displays) == (SKIPPED, [])


def test_without_a_gpu_in_the_machine_what_frameworks_print_of_it_starts_nothing(
    kernel_with: StartKernel, captured: Callable[[], None]
) -> None:
    captured()
    with kernel_with(report(NO_GPU, verdict="cpu")) as running:
        running.run(NEVER_ASK)
        assert running.run(PRINTS).text == SKIPPED
        assert running.value("asked") == "[]"


def test_where_no_fact_tells_the_cause_it_is_said_what_was_printed(kernel_with: StartKernel) -> None:
    """Python's own text is heard whatever the ipykernel."""
    printing = f"import sys\nprint({SKIPPED!r}, file=sys.stderr)"
    with kernel_with(report(), env=GPUS) as running:
        (display,) = running.run(printing).displays
        assert display["text/plain"].startswith("What this cell printed means:\n  TensorFlow could not open")
        assert running.run(printing).displays == []


def test_out_of_memory_says_who_holds_it_and_what_to_do(kernel_with: StartKernel, tmp_path: Path) -> None:
    other = {**GPUS, "JPY_SESSION_NAME": str(tmp_path / "other.ipynb")}
    visible = {**GPUS, "CUDA_VISIBLE_DEVICES": "1"}
    with kernel_with(None, env=other), kernel_with(None, env=visible) as running:
        cell = running.run(OUT_OF_MEMORY)
        text = explained(cell)
        assert "What this error means:\n  The GPU's memory did not suffice" in text
        rows = [line.split() for line in text.splitlines()]
        assert ["1", "other.ipynb", "2.0", "GiB"] in rows
        assert ["1", "this", "kernel", "2.0", "GiB"] in rows
        assert not any("process" in row for row in rows if row[:1] == ["0"])
        assert "→ Nobody else holds much of it" in text or "other.ipynb holds 2.0 GiB of GPU 1" in text


@pytest.mark.parametrize(
    "cell",
    [
        "1 / 0",
        "import seaborn_of_nowhere",
        "model.fit(",
        "%tfgpu nonsense CUDA out of memory",
        "raise KeyboardInterrupt('CUDA out of memory')",
        "raise SystemExit('CUDA out of memory')",
        "class Mute(Exception):\n    def __str__(self):\n        raise ValueError\nraise Mute()",
        "print('CUDA out of memory')",
        "import sys\nprint('2021 W TF-TRT Warning: Could not find TensorRT', file=sys.stderr)",
    ],
)
def test_other_ends_of_a_cell_ask_nobody(kernel_with: StartKernel, cell: str) -> None:
    with kernel_with(report()) as running:
        running.run(NEVER_ASK)
        assert running.run(cell).displays == []
        assert running.value("asked") == "[]"


def test_an_error_behind_the_error_is_seen(kernel_with: StartKernel) -> None:
    with kernel_with(report()) as running:
        running.run(NEVER_ASK)
        running.run(
            "try:\n    raise RuntimeError('CUDA out of memory')\nexcept RuntimeError as error:\n"
            "    raise ValueError('the step failed') from error"
        )
        assert "CUDA out of memory" in running.value("asked[0][0]")
        assert "the step failed" in running.value("asked[0][0]")
        running.run(
            "try:\n    raise RuntimeError('CUDA out of memory')\nexcept RuntimeError:\n"
            "    raise ValueError('hidden') from None"
        )
        assert running.value("len(asked)") == "1"


def program(folder: Path, *lines: str) -> str:
    """A stand-in for the interpreter of our program."""
    path = folder / "interpreter"
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return f"get_ipython()._jupyter_tfgpu.launch.interpreter = {str(path)!r}"


@pytest.mark.parametrize(
    "line",
    [
        "exit 1",
        "echo '{'",
        "echo '[]'",
        """echo '{"schema": "tfgpu.explanation/1"}'""",
        """echo '{"schema": "tfgpu.explanation/1", "findings": [1, {"code": 2}], "lines": 3}'""",
        "head -c 3000000 /dev/zero",
        "kill -9 $$",
    ],
)
def test_a_program_that_answers_nonsense_is_passed_over(
    kernel_with: StartKernel, tmp_path: Path, line: str
) -> None:
    with kernel_with(report()) as running:
        running.run(program(tmp_path, "cat > /dev/null", line))
        cell = running.run(OUT_OF_MEMORY)
        assert (cell.status, [kind for kind, _ in cell.outputs]) == ("error", ["error"])
        assert running.run("print(1)").text == "1\n"


def test_nothing_of_an_answer_is_shown_unescaped(kernel_with: StartKernel, tmp_path: Path) -> None:
    bad = "<img src=x onerror=alert(1)>"
    answer = {
        "schema": "tfgpu.explanation/1",
        "summary": bad,
        "lines": [{"kind": "cause", "meaning": bad}],
        "memory": [{"index": 0, "holders": [{"notebook": bad, "memory": 1}]}],
        "advice": [bad],
    }
    with kernel_with(report()) as running:
        (tmp_path / "answer").write_text(json.dumps(answer))
        running.run(program(tmp_path, f"cat > /dev/null; cat '{tmp_path}/answer'"))
        cell = running.run(OUT_OF_MEMORY)
        assert len(cell.displays) == 2
        for display in cell.displays:
            assert "<img" not in display["text/html"]
            assert "&lt;img" in display["text/html"]


def test_who_does_not_wait_for_an_explanation_interrupts_it(kernel_with: StartKernel, tmp_path: Path) -> None:
    with kernel_with(report()) as running:
        running.run(program(tmp_path, f"echo $$ > '{tmp_path}/pid'", "exec sleep 60"))
        threading.Thread(target=interrupt, args=(running, tmp_path / "pid")).start()
        before = time.monotonic()
        cell = running.run(OUT_OF_MEMORY)
        assert time.monotonic() - before < 30
        assert [kind for kind, _ in cell.outputs] == ["error"]
        assert running.run("print(1)").text == "1\n"
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)


def interrupt(running: Kernel, when: Path) -> None:
    while not when.exists() or not when.read_text().strip():
        time.sleep(0.02)
    running.manager.interrupt_kernel()


def test_load_ext_explains_with_the_package_s_own_patterns() -> None:
    with kernel(provisioner=PLAIN, env=GPUS) as running:
        running.run("%load_ext jupyter_tfgpu")
        text = explained(running.run(OUT_OF_MEMORY))
        assert "process 4194305" in text
        assert "free" in text
