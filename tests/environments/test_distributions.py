"""What is installed is read from the names of folders and records."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tfgpu.environments import conda_packages, installed
from jupyter_tfgpu.environments.distributions import split_info_name, split_record_name
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import a_machine, conda, distribution, venv


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("nvidia_cudnn_cu12-9.10.2.21.dist-info", ("nvidia-cudnn-cu12", "9.10.2.21")),
        ("torch-2.7.0+cu126.dist-info", ("torch", "2.7.0+cu126")),
        ("ruamel.yaml-0.18.6.dist-info", ("ruamel-yaml", "0.18.6")),
        ("Keras_Preprocessing-1.1.2.dist-info", ("keras-preprocessing", "1.1.2")),
        ("old-name-1.0.dist-info", ("old-name", "1.0")),
        ("six-1.16.0.egg-info", ("six", "1.16.0")),
        ("PyYAML-6.0-py3.9.egg-info", ("pyyaml", "6.0")),
        ("python_apt.egg-info", ("python-apt", None)),
        ("~ensorflow-2.10.0.dist-info", None),
        ("tensorflow", None),
        ("-1.0.dist-info", None),
        (".dist-info", None),
    ],
)
def test_names_of_dist_info(folder: str, expected: tuple[str, str | None] | None) -> None:
    assert split_info_name(folder) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("tensorflow-base-2.19.1-cuda128py312h1_202.json",
         ("tensorflow-base", "2.19.1", "cuda128py312h1_202")),
        ("_libgcc_mutex-0.1-conda_forge.json", ("_libgcc_mutex", "0.1", "conda_forge")),
        ("history", None),
        ("pixi", None),
        ("nonsense.json", None),
        ("--.json", None),
    ],
)  # fmt: skip
def test_names_of_records(record: str, expected: tuple[str, str, str] | None) -> None:
    assert split_record_name(record) == expected


def test_real_distributions_of_the_interpreter_that_runs_this() -> None:
    import importlib.metadata
    import sys

    found = installed(Machine(), Path(sys.prefix))
    expected = {(each.name.lower().replace("_", "-").replace(".", "-"), each.version)
                for each in importlib.metadata.distributions()}  # fmt: skip
    assert {(each.name, each.version) for each in found} >= {
        pair for pair in expected if not pair[0].startswith("jupyter-tfgpu")
    }


def test_a_conda_package_gives_its_build_to_the_distribution_of_its_name(tmp_path: Path) -> None:
    site = conda(tmp_path / "env", ["numpy-1.26.4-py311h64a7726_0", "cudatoolkit-11.8.0-h4ba93d1_13"])
    distribution(site, "numpy", "1.26.4")
    distribution(site, "keras", "3.5.0")
    found = {each.name: each for each in installed(a_machine(tmp_path), tmp_path / "env")}
    assert set(found) == {"numpy", "keras"}
    assert found["numpy"].build == "py311h64a7726_0"
    assert found["keras"].build is None
    names = [package.name for package in conda_packages(tmp_path / "env")]
    assert names == ["cudatoolkit", "numpy", "python"]


def test_path_order_is_kept_so_that_the_first_of_a_name_is_the_imported_one(tmp_path: Path) -> None:
    distribution(conda(tmp_path / "base"), "numpy", "1.26.4")
    site = venv(tmp_path / "env")
    text = f"home = {tmp_path}/base/bin\ninclude-system-site-packages = true\nversion = 3.11.7\n"
    (tmp_path / "env" / "pyvenv.cfg").write_text(text, "utf-8")
    distribution(site, "numpy", "2.1.0")
    found = installed(a_machine(tmp_path), tmp_path / "env")
    assert [(each.name, each.version, each.location) for each in found] == [
        ("numpy", "2.1.0", "site"),
        ("numpy", "1.26.4", "system"),
    ]
