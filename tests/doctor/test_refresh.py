"""The tables are brought up to date from an index: here a folder of wheels, asked by the real pip."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_tfgpu.doctor.knowledge.tables import FOLDER
from scripts.common import Stop
from scripts.knowledge import __main__ as program
from scripts.knowledge import index
from scripts.knowledge.tables import Table
from tests.doctor.scan.made import shared_object
from tests.index import pip_on

LINUX = "manylinux_2_28_x86_64"
BUILD_INFO = """
import collections
build_info = collections.OrderedDict([("cuda_version", "12.9"), ("cudnn_version", "9"),
    ("is_cuda_build", True), ("cuda_compute_capabilities", ["sm_75", "sm_90", "compute_120"])])
"""


def wheel(
    folder: Path, name: str, version: str, members: Mapping[str, str | bytes], requires: str = ""
) -> None:
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n{requires}\n"
    files = {
        **members,
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nTag: cp312-cp312-{LINUX}\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{name}-{version}-cp312-cp312-{LINUX}.whl", "w") as file:
        for path, content in files.items():
            file.writestr(path, content)


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tables, and an index with a newer TensorFlow, PyTorch and JAX plug-in."""
    copies = tmp_path / "tables"
    shutil.copytree(FOLDER, copies)
    wheels = tmp_path / "index"
    wheels.mkdir()
    framework = shared_object(
        tmp_path / "framework.so",
        runpath=("$ORIGIN/../nvidia/cudnn/lib", "$ORIGIN/../nvidia/cublas/lib"),
    )
    wheel(
        wheels,
        "tensorflow",
        "9.1.0",
        {
            "tensorflow/__init__.py": "",
            "tensorflow/python/platform/build_info.py": BUILD_INFO,
            "tensorflow/libtensorflow_framework.so.2": framework.read_bytes(),
            "tensorflow/libtensorflow_cc.so.2": "not read",
        },
        'Provides-Extra: and-cuda\nRequires-Dist: nvidia-cudnn-cu12<10.0,>=9.3; extra == "and-cuda"\n',
    )
    wheel(
        wheels,
        "torch",
        "9.2.0",
        {"torch/__init__.py": "", "torch/version.py": "__version__ = '9.2.0'\ncuda = '13.9'\nhip = None\n"},
        'Requires-Dist: nvidia-cudnn-cu13==9.30.0.1; platform_system == "Linux"\n',
    )
    wheel(
        wheels,
        "jax_cuda13_plugin",
        "9.3.0",
        {"jax_cuda13_plugin/__init__.py": ""},
        'Requires-Dist: nvidia-cudnn-cu13<10.0,>=9.20; extra == "with-cuda"\n',
    )
    for name, value in pip_on(wheels).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(program, "Table", lambda name: Table(name, copies))
    monkeypatch.setattr(program, "TAGS", ("cp312",))
    index.versions.cache_clear()
    return copies


def last(folder: Path, name: str) -> dict[str, str]:
    return Table(name, folder).rows[-1]


def test_a_new_release_is_read_from_its_wheel_and_written_with_its_source(tables: Path) -> None:
    program.refresh(["tensorflow", "torch", "jax-cuda13-plugin"], write=True)
    build = last(tables, "tf_gpu_wheels")
    assert (build["version"], build["python_tags"], build["and_cuda"]) == ("9.1.0", "cp312", "yes")
    assert (build["cuda"], build["cudnn"]) == ("12.9", "9")
    assert build["compute_capabilities"].split()[:2] == ["sm_75", "sm_90"]
    assert build["source"] == f"PyPI wheel tensorflow-9.1.0-cp312-cp312-{LINUX}.whl"
    assert last(tables, "tf_runpath")["folders"] == "nvidia/cudnn/lib nvidia/cublas/lib"
    assert last(tables, "torch_builds")["cuda"] == "13.9"
    assert last(tables, "torch_cudnn")["cudnn"] == "9.30.0.1"
    assert last(tables, "jax_cudnn")["cudnn"] == "9.20"
    pythons = Table("wheel_pythons", tables)
    assert "9.1.0" in pythons.known(
        "versions", package="tensorflow", python_tag="cp312", platform="linux_x86_64"
    )
    before = {path.name: path.read_bytes() for path in tables.glob("*.csv")}
    program.refresh(["tensorflow", "torch", "jax-cuda13-plugin"], write=True)
    assert before == {path.name: path.read_bytes() for path in tables.glob("*.csv")}


def test_without_write_it_says_what_is_new_and_leaves_the_tables(
    tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program.refresh(["tensorflow"], write=False)
    assert "tensorflow 9.1.0 (linux_x86_64, cp312): not in tf_gpu_wheels" in capsys.readouterr().out
    for path in tables.glob("*.csv"):
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()


def test_tables_that_are_written_back_unchanged_are_the_same_bytes(tables: Path) -> None:
    for path in sorted(tables.glob("*.csv")):
        Table(path.stem, tables).write()
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name


def test_an_index_that_cannot_be_asked_is_said(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(Stop, match="no wheel of tensorflow at all"):
        program.refresh(["tensorflow"], write=False)
