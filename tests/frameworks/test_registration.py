"""The doctor's word on whether TensorFlow will register a GPU, held against TensorFlow's own.

Every library missing in turn, orders of LD_LIBRARY_PATH, compute capabilities; wheels of five generations,
unmodified. See registration.py.
"""

from __future__ import annotations

import platform
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_tfgpu.doctor.scan.ldcache import cached
from jupyter_tfgpu.machine import Machine
from tests.frameworks.registration import Cell, Laid, Wheel, disagreements
from tests.tools import real_environment, require

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="TensorFlow's wheels with CUDA code"
)

WHEELS = {
    "2.12.1": Wheel("gpu212", 11, 8, "8.6.0.163"),
    "2.15.1": Wheel("gpu215", 12, 8, "8.9.4.25"),
    "2.16.1": Wheel("gpu2161", 12, 8, "8.9.7.29"),
    "2.20.0": Wheel("gpu220", 12, 9, "9.5.1.17"),
    "2.21.0": Wheel("gpu221", 12, 9, "9.5.1.17"),
}
LIBRARIES = ("cudart", "cublas", "cublasLt", "cufft", "curand", "cusolver", "cusparse", "cudnn")
CAPABILITIES = (
    *("3.0", "3.5", "3.7", "5.0", "5.2", "6.0", "6.1", "7.0", "7.5"),
    *("8.0", "8.6", "8.9", "9.0", "10.0", "10.3", "12.0", "12.1"),
)

FEW = (
    Cell("as the extra installs it"),
    Cell("no library at all", wheels=False),
    *(Cell(f"all within reach but {name}", without=(name,), path=("wheels",)) for name in LIBRARIES),
    Cell("all within reach", path=("wheels",), capabilities=CAPABILITIES),
    Cell("cusolver's folder alone named", path=("wheels:cusolver",)),
    Cell("no driver", path=("wheels",), driver=False),
    Cell("a text file before cuDNN", path=("text", "wheels")),
)
"""For every run of the tests: what differs between the releases, and each library."""

MORE = (
    *(Cell(f"as the extra installs it, without {name}", without=(name,)) for name in LIBRARIES),
    Cell("a toolkit", wheels=False, path=("toolkit",)),
    Cell("a toolkit without cuDNN", wheels=False, without=("cudnn",), path=("toolkit",)),
    Cell("a toolkit of another CUDA", wheels=False, path=("other",)),
    Cell("a toolkit of another CUDA before the wheels", path=("other", "wheels")),
    Cell("a toolkit of another CUDA, the wheels not named", path=("other",)),
    Cell("a toolkit before the wheels", path=("toolkit", "wheels")),
    Cell("a toolkit that is not named", wheels=False, on_disk=("toolkit",)),
    Cell("a text file behind cuDNN", path=("wheels", "text")),
    Cell("a 32-bit cuDNN before the right one", path=("narrow", "wheels")),
    Cell("a 32-bit cuDNN alone", without=("cudnn",), path=("narrow", "wheels")),
    Cell("what a library needs in its turn is there", path=("wheels",), linked=True),
    Cell("what a library needs in its turn is missing", path=("wheels",), linked=False),
    Cell(
        "four of five folders",
        path=tuple(f"wheels:{each}" for each in ("cublas", "cudnn", "cufft", "cusparse")),
    ),
    Cell(
        "the folders that 2.16.1 lacks",
        path=tuple(f"wheels:{each}" for each in ("cublas", "cudnn", "cufft", "cusolver", "cusparse")),
    ),
    *(Cell(f"one GPU of {each}", path=("wheels",), capabilities=(each,)) for each in ("3.0", "5.2", "12.0")),
)


@pytest.mark.parametrize(
    ("version", "cells"),
    [
        pytest.param("2.21.0", FEW, id="2.21.0"),
        *(
            pytest.param(
                version,
                (*FEW, *MORE) if version != "2.21.0" else MORE,
                id=f"{version}, all",
                marks=pytest.mark.slow,
            )
            for version in WHEELS
        ),
    ],
)
def test_the_doctor_says_whether_tensorflow_will_register_a_gpu(
    version: str, cells: tuple[Cell, ...], tmp_path: Path
) -> None:
    require("gcc")
    wheel = WHEELS[version]
    environment = real_environment(wheel.environment)
    here = set(cached(Machine())) & {"libcuda.so.1", *wheel.sonames().values()}
    if here:
        pytest.skip(f"this machine's loader has {', '.join(sorted(here))} of its own")

    def said(cell: Cell) -> tuple[str, tuple[frozenset[str], frozenset[str]]]:
        folder = tmp_path / cell.name
        laid = Laid(cell, wheel, environment, folder)
        answers = laid.tensorflow_says(), laid.doctor_says()
        shutil.rmtree(folder)
        return cell.name, answers

    # Two at a time: a TensorFlow that starts keeps one processor busy.
    with ThreadPoolExecutor(2) as pool:
        answers = dict(pool.map(said, cells))
    assert len(answers) == len(cells)
    assert disagreements(answers) == {}
    # Neither says the same of every machine.
    assert {bool(theirs) for theirs, _ in answers.values()} == {True, False}
