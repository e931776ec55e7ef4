"""The notice in notebooks of real frameworks: at the cell where it belongs, and none where all is well.

nbclient and papermill run them with our provisioner as the default one. See notebooks.py and lessons.py.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from tests.frameworks import lessons
from tests.frameworks.gpu_kernels import WELL, WITHOUT_CUDNN, gpu_kernel, linked_kernel
from tests.frameworks.lessons import Lesson
from tests.notebooks import MIME, machine_with_gpus, machine_without_gpu, run_notebook
from tests.tools import real_environment, require

OTHERS = {
    "a tape under TensorFlow 2": lessons.TF2_TAPE,
    "TensorFlow 2.4": lessons.TF24,
    "TensorFlow 1.15": lessons.TF1_KERAS,
    "a session of TensorFlow 1.15": lessons.TF1_SESSION,
    "Keras on JAX": lessons.KERAS_ON_JAX,
    "JAX": lessons.JAX,
    "torch": lessons.TORCH,
    "Gluon": lessons.MXNET,
    "MXNet's Module": lessons.MXNET_MODULE,
}
LESSONS = pytest.mark.parametrize(
    "lesson",
    [
        pytest.param(lessons.TF2, id="TensorFlow 2"),
        *(pytest.param(each, id=name, marks=pytest.mark.slow) for name, each in OTHERS.items()),
    ],
)
CPU_BUILD = "cpu-only-build"


@LESSONS
def test_a_build_for_cpus_is_said_at_the_first_import_and_once(lesson: Lesson, tmp_path: Path) -> None:
    require("gcc")
    cells = ("print('nothing yet')", lesson.imports, lesson.prepares, lesson.trains, lesson.looks)
    variables = machine_with_gpus(tmp_path)
    ran = run_notebook(tmp_path, real_environment(lesson.environment), cells, variables, "papermill")
    assert [cell.codes for cell in ran] == [[], [(CPU_BUILD, lesson.framework)], [], [], []]
    assert ran[1].kinds[0] == "display_data"
    assert f"[{CPU_BUILD}]" in ran[1].notices[0]["text/plain"]
    assert ran[3].printed.endswith("trained\n")
    assert ran[4].printed


@LESSONS
def test_it_is_said_before_the_cell_that_trains_and_stops_it_where_wanted(
    lesson: Lesson, tmp_path: Path
) -> None:
    require("gcc")
    cells = (
        "%tfgpu watch off",
        lesson.imports,
        "%tfgpu watch warn",
        lesson.prepares,
        lesson.trains,
        "%tfgpu watch block",
        lesson.looks,
        lesson.trains,
        "%tfgpu allow",
        lesson.looks,
        lesson.trains,
        lesson.trains,
    )
    variables = machine_with_gpus(tmp_path)
    ran = run_notebook(tmp_path, real_environment(lesson.environment), cells, variables)
    assert [index for index, cell in enumerate(ran) if cell.notices] == [4]
    assert ran[4].codes == [(CPU_BUILD, lesson.framework)]
    assert ran[4].kinds[0] == "display_data"
    assert [index for index, cell in enumerate(ran) if cell.printed.endswith("trained\n")] == [4, 10]
    assert [index for index, cell in enumerate(ran) if cell.error] == [7, 11]
    assert "To run it all the same: %tfgpu allow" in ran[7].error


@LESSONS
def test_where_all_is_well_nothing_is_said(lesson: Lesson, tmp_path: Path) -> None:
    """A machine that has no GPU is no fault of the environment."""
    cells = ("%tfgpu watch block", lesson.imports, lesson.prepares, lesson.trains, lesson.looks)
    variables = machine_without_gpu(tmp_path)
    ran = run_notebook(tmp_path, real_environment(lesson.environment), cells, variables, "papermill")
    assert [cell.notices for cell in ran] == [[]] * 5
    assert ran[3].printed.endswith("trained\n")
    # Nor does anything of ours fail; its name is a folder of this environment's path too.
    assert "tfgpu: " not in "".join(cell.complained for cell in ran)


ON_THE_CPU = """\
tf.config.set_visible_devices([], "GPU")  # nothing runs on a stand-in
"""


def test_a_build_for_gpus_that_finds_its_libraries_trains_in_silence(tmp_path: Path) -> None:
    require("gcc")
    prefix, variables = gpu_kernel(WELL, tmp_path)
    cells = (
        "%tfgpu watch block\n%tfgpu check",
        lessons.TF2.imports,
        'print(len(tf.config.list_physical_devices("GPU")))',
        ON_THE_CPU + lessons.TF2.prepares,
        lessons.TF2.trains,
    )
    ran = run_notebook(tmp_path, prefix, cells, variables, "papermill")
    assert ran[2].printed == "1\n"
    assert ran[0].codes == []
    assert ran[0].notices[0][MIME]["verdict"] == "ok"
    assert [cell.notices for cell in ran[1:]] == [[]] * 4
    assert ran[4].printed == "trained\n"


@pytest.mark.slow
def test_a_build_for_gpus_without_cudnn_is_stopped_before_it_is_imported(tmp_path: Path) -> None:
    require("gcc")
    prefix, variables = gpu_kernel(WITHOUT_CUDNN, tmp_path)
    cells = ("%tfgpu watch block", lessons.TF2.imports, "%tfgpu allow", lessons.TF2.imports)
    ran = run_notebook(tmp_path, prefix, cells, variables)
    assert ran[1].codes[0] == ("cudnn-missing", "tensorflow")
    assert "[cudnn-missing]" in ran[1].error
    assert ran[3].error == ""


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="TensorFlow's wheels with CUDA code"
)
def test_a_keras_that_cannot_be_imported_for_want_of_cuda_is_explained(tmp_path: Path) -> None:
    """TensorFlow 1.12 looks for CUDA 9.0 when it is imported; its ImportError is all that a person sees."""
    require("gcc")
    prefix = linked_kernel("keras2", "3.6", tmp_path / "env")
    cells = ("%tfgpu watch off", "import keras", "print('goes on')")
    _, failed, after = run_notebook(tmp_path, prefix, cells, machine_with_gpus(tmp_path))
    assert failed.error.startswith("ImportError: ")
    assert "libcublas.so.9.0: cannot open shared object file" in failed.error
    assert failed.kinds[-2:] == ["error", "display_data"]
    assert failed.codes == [("cuda-missing", "tensorflow")]
    explanation = failed.notices[0]["text/plain"]
    assert "is built for CUDA 9.0" in explanation
    assert "libcublas.so.9.0" in explanation
    assert "LD_LIBRARY_PATH" in explanation
    assert after.printed == "goes on\n"
