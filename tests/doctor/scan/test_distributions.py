"""What is installed, in path order, and what is wrong with its files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_tfgpu.doctor.scan.distributions import distributions
from jupyter_tfgpu.doctor.scan.sites import import_path
from jupyter_tfgpu.doctor.snapshot import Distribution
from jupyter_tfgpu.environments import conda_packages, describe
from jupyter_tfgpu.machine import Machine
from tests.doctor.scan import made
from tests.environments.trees import a_machine, conda, standalone, venv


def listed(machine: Machine, prefix: Path, **variables: str) -> list[Distribution]:
    return list(distributions(import_path(machine, prefix, "3.12.4", variables), conda_packages(prefix)))


def installed(site: Path, name: str, version: str, files: Mapping[str, bytes]) -> Path:
    """A distribution as pip leaves it: these files, and a RECORD that lists them. Returns its dist-info."""
    made.distribution(site, name, version)
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    lines = []
    for path, content in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)
        lines.append(f"{path},sha256=x,{len(content)}")
    lines += [f"{info.name}/METADATA,sha256=x,1", f"{info.name}/RECORD,,", "../../../bin/tool,sha256=x,9"]
    (info / "RECORD").write_text("\n".join(lines) + "\n")
    return info


TENSORFLOW = {
    "tensorflow/__init__.py": b"",
    "tensorflow/python/_pywrap.so": b"\x7fELF",
    "tensorflow/libtensorflow_framework.so.2": b"\x7fELF",
    "tensorflow/include/a/b.py": b"",
    "tensorflow/python/tests/test_a.py": b"",
}


class Setting:
    """A venv with TensorFlow 2.20.0 in it, as its RECORD says."""

    def __init__(self, folder: Path) -> None:
        self.machine = a_machine(folder)
        self.prefix = folder / "env"
        self.site = venv(self.prefix)
        self.info = installed(self.site, "tensorflow", "2.20.0", TENSORFLOW)

    def problem(self) -> str | None:
        [one] = [each for each in listed(self.machine, self.prefix) if each.name == "tensorflow"]
        return one.problem


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


def test_files_as_record_lists_them_are_no_problem(setting: Setting) -> None:
    assert setting.problem() is None


def test_missing_modules_and_libraries_are_counted_and_named(setting: Setting) -> None:
    (setting.site / "tensorflow/__init__.py").unlink()
    assert setting.problem() == "1 of its files is missing: tensorflow/__init__.py"
    (setting.site / "tensorflow/python/_pywrap.so").unlink()
    assert setting.problem() == (
        "2 of its files are missing: tensorflow/__init__.py, tensorflow/python/_pywrap.so"
    )


@pytest.mark.parametrize("name", ["tensorflow/include/a/b.py", "tensorflow/python/tests/test_a.py"])
def test_headers_and_tests_may_be_missing(setting: Setting, name: str) -> None:
    (setting.site / name).unlink()
    assert setting.problem() is None


OVERWRITTEN = "1 of its files does not match RECORD: tensorflow/python/_pywrap.so"


def test_a_library_that_another_distribution_overwrote_is_not_the_one_that_was_installed(
    setting: Setting,
) -> None:
    installed(setting.site, "tensorflow-gpu", "2.20.0", {"tensorflow/python/_pywrap.so": b"\x7fELF another"})
    assert setting.problem() == OVERWRITTEN


def test_a_library_that_is_cut_short_or_empty_is_not_the_one_that_was_installed(setting: Setting) -> None:
    library = setting.site / "tensorflow/python/_pywrap.so"
    whole = made.shared_object(setting.site / "whole.so").read_bytes()
    for content in (whole[:-100], whole[:40], b""):
        library.write_bytes(content)
        assert setting.problem() == OVERWRITTEN


def test_a_library_that_was_patched_or_stripped_works_as_before(setting: Setting) -> None:
    made.shared_object(setting.site / "tensorflow/python/_pywrap.so", runpath=["/cvmfs/lib"])
    assert setting.problem() is None


def test_a_dll_of_another_size_is_another_one(tmp_path: Path) -> None:
    site = venv(tmp_path / "env")
    installed(site, "torch", "2.3.1", {"torch/lib/torch_cuda.dll": b"MZ"})
    (site / "torch/lib/torch_cuda.dll").write_bytes(b"MZ of another")
    [one] = listed(a_machine(tmp_path), tmp_path / "env")
    assert one.problem == "1 of its files does not match RECORD: torch/lib/torch_cuda.dll"


def test_a_module_that_somebody_edited_is_no_problem(setting: Setting) -> None:
    (setting.site / "tensorflow/__init__.py").write_text("print()")
    assert setting.problem() is None


def test_modules_of_another_release_are_left_over_and_a_few_put_there_by_hand_are_not(
    setting: Setting,
) -> None:
    for number in range(9):
        (setting.site / f"tensorflow/mine_{number}.py").touch()
    assert setting.problem() is None
    for number in range(50):
        (setting.site / f"tensorflow/old_{number}.py").touch()
    problem = setting.problem()
    assert problem is not None and problem.startswith("59 of its files are left over from another version")


def test_what_another_distribution_lists_is_not_left_over(setting: Setting) -> None:
    files = {f"tensorflow/other_{number}.py": b"" for number in range(50)}
    installed(setting.site, "tensorflow-gpu", "2.20.0", {**TENSORFLOW, **files})
    assert setting.problem() is None


def test_the_files_of_another_version_are_told_by_their_own_header(setting: Setting) -> None:
    header = setting.site / "tensorflow/include/tensorflow/core/public/version.h"
    header.parent.mkdir(parents=True)
    numbers = zip(("MAJOR", "MINOR", "PATCH"), (2, 9, 1), strict=True)
    header.write_text("\n".join(f"#define TF_{part}_VERSION {number}" for part, number in numbers))
    assert setting.problem() == "its files are left over from another version: they say 2.9.1"


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("numpy", "numpy/version.py", 'short_version = "1.26.4"\nversion = "1.26.4"\n'),
        ("numpy", "numpy/_version.py", 'version_json = """\n{\n "dirty": false,\n "version": "1.24.1"\n}"""'),
        ("keras", "keras/src/version.py", '__version__ = "3.5.0"\n'),
        ("keras", "keras/__init__.py", '__version__ = "2.10.0"\n'),
        ("protobuf", "google/protobuf/__init__.py", "__version__ = '3.20.3'\n"),
        ("torch", "torch/version.py", "__version__ = '2.3.1+cu121'\n"),
        ("jax", "jax/version.py", '_version = "0.4.30"\n'),
    ],
)
def test_each_package_says_its_version_in_its_own_way(
    tmp_path: Path, name: str, path: str, text: str
) -> None:
    site = venv(tmp_path / "env")
    (site / path).parent.mkdir(parents=True)
    (site / path).write_text(text)
    made.distribution(site, name, "9.9.9")
    [one] = listed(a_machine(tmp_path), tmp_path / "env")
    assert one.problem is not None and one.problem.startswith("its files are left over from another version")
    (site / f"{name}-9.9.9.dist-info").rename(site / f"{name}-{_stated(text)}.dist-info")
    assert listed(a_machine(tmp_path), tmp_path / "env")[0].problem is None


@pytest.mark.parametrize(
    ("name", "version", "problem"),
    [
        ("intel-tensorflow", "2.20.dev202542", False),
        ("tensorflow-rocm", "2.20.0.600", False),
        ("tensorflow", "2.20.0.post1", False),
        ("tf-nightly", "2.20.0.dev20250601", False),
        ("tensorflow-directml", "1.15.8", False),  # a numbering of its own
        ("tensorflow-cpu", "2.2.0", True),
    ],
)
def test_a_version_with_more_or_fewer_numbers_is_the_same(
    tmp_path: Path, name: str, version: str, problem: bool
) -> None:
    site = venv(tmp_path / "env")
    made.distribution(site, name, version)
    header = site / "tensorflow/include/tensorflow/core/public/version.h"
    header.parent.mkdir(parents=True)
    numbers = zip(("MAJOR", "MINOR", "PATCH"), (2, 20, 0), strict=True)
    header.write_text("\n".join(f"#define TF_{part}_VERSION {number}" for part, number in numbers))
    [one] = listed(a_machine(tmp_path), tmp_path / "env")
    assert (one.problem is not None) is problem


def _stated(text: str) -> str:
    return next(word for word in text.replace('"', "'").split("'") if word[:1].isdigit()).partition("+")[0]


@pytest.mark.parametrize(
    "name", ["~ensorflow", "~-nsorflow", "~~nsorflow", "~ensorflow-2.19.0.dist-info", "~0nsorflow"]
)
def test_what_pip_moved_aside_and_left_is_named(setting: Setting, name: str) -> None:
    (setting.site / name).mkdir()
    assert setting.problem() == f"the leftover folder {name} of an earlier copy lies beside it"


@pytest.mark.parametrize("name", ["~", "~ensorflow-io", "~low", "~~~ensorflow", "ensorflow", "~umpy"])
def test_other_names_with_a_tilde_are_nothing_of_it(setting: Setting, name: str) -> None:
    (setting.site / name).mkdir()
    assert setting.problem() is None


def test_two_dist_infos_of_one_name_are_listed_that_of_the_files_first(setting: Setting) -> None:
    made.distribution(setting.site, "tensorflow", "2.21.0")
    header = setting.site / "tensorflow/include/tensorflow/core/public/release_version.h"
    header.parent.mkdir(parents=True)
    numbers = zip(("MAJOR", "MINOR", "PATCH"), (2, 20, 0), strict=True)
    header.write_text("\n".join(f"#define TF_{part}_VERSION {number}" for part, number in numbers))
    found = listed(setting.machine, setting.prefix)
    assert [(each.version, each.problem is None) for each in found] == [("2.20.0", True), ("2.21.0", False)]


def test_the_remains_of_an_uninstallation_are_no_second_distribution(setting: Setting) -> None:
    (setting.site / "tensorflow-2.21.0.dist-info").mkdir()
    assert [(each.version, each.problem) for each in listed(setting.machine, setting.prefix)] == [
        ("2.20.0", None)
    ]


def test_a_dist_info_without_metadata_is_a_problem_where_it_is_all_there_is(setting: Setting) -> None:
    (setting.info / "METADATA").unlink()
    [found] = listed(setting.machine, setting.prefix)
    assert (found.version, found.requires) == ("2.20.0", None)
    assert found.problem == "tensorflow-2.20.0.dist-info has no METADATA"


def test_only_the_framework_and_what_it_stands_on_are_held_against_record(tmp_path: Path) -> None:
    site = venv(tmp_path / "env")
    for name in ("requests", "numpy", "nvidia-cudnn-cu12", "jax-cuda12-plugin"):
        installed(site, name, "1.0", {f"{name}.py": b""})
        (site / f"{name}.py").unlink()
    problems = {each.name: each.problem for each in listed(a_machine(tmp_path), tmp_path / "env")}
    assert problems.pop("requests") is None
    assert all(problem and "missing" in problem for problem in problems.values()) and len(problems) == 3


def test_what_conda_installed_is_not_held_against_record(tmp_path: Path) -> None:
    site = conda(tmp_path / "env", ["numpy-1.26.4-py311h64a7726_0"])
    info = installed(site, "numpy", "1.26.4", {"numpy/core.so": b"123"})
    (info / "INSTALLER").write_text("conda\n")
    (site / "numpy/core.so").write_bytes(b"relinked")
    [one] = [each for each in listed(a_machine(tmp_path), tmp_path / "env") if each.name == "numpy"]
    assert (one.installer, one.build, one.problem) == ("conda", "py311h64a7726_0", None)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\0,,\n", b'"a,b.py",x,1\n', b"a.py\n", b"a.py,x,1", b"/a.py,,"]
)
def test_a_record_of_another_kind_does_no_harm(setting: Setting, content: bytes) -> None:
    (setting.info / "RECORD").write_bytes(content)
    assert setting.problem() in (None, "1 of its files is missing: a.py")


def test_a_record_that_is_no_file_is_not_known(setting: Setting) -> None:
    (setting.info / "RECORD").unlink()
    os.mkfifo(setting.info / "RECORD")
    assert setting.problem() is None
    (setting.info / "METADATA").unlink()
    (setting.info / "METADATA").mkdir()
    assert setting.problem() == "tensorflow-2.20.0.dist-info has no METADATA"


def test_record_is_read_by_a_scan_and_not_where_environments_are_listed(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = os.open

    def noted(path: object, *arguments: int, **more: int) -> int:
        opened.append(str(path))
        return real(path, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", noted)
    describe(setting.machine, setting.prefix)
    assert opened and not any(path.endswith("RECORD") for path in opened)
    setting.problem()
    assert str(setting.info / "RECORD") in opened


def test_lines_may_end_as_on_windows(setting: Setting) -> None:
    for name in ("METADATA", "WHEEL", "RECORD"):
        path = setting.info / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (setting.site / "tensorflow/__init__.py").unlink()
    text = b"Name: x\r\nVersion: 1\r\nRequires-Dist: numpy (<2)\r\n\r\nRequires-Dist: keras\r\n"
    (setting.info / "METADATA").write_bytes(text)
    [found] = listed(setting.machine, setting.prefix)
    assert (found.requires, found.wheel_tag) == (("numpy (<2)",), "cp311-cp311-manylinux_2_17_x86_64")
    assert found.problem == "1 of its files is missing: tensorflow/__init__.py"


def test_eggs_and_egg_infos_are_listed_with_their_requirements(tmp_path: Path) -> None:
    site = venv(tmp_path / "env")
    egg = site / "tensorflow_gpu-1.13.1-py3.6-linux-x86_64.egg"
    (egg / "EGG-INFO").mkdir(parents=True)
    (egg / "EGG-INFO/PKG-INFO").write_text("Metadata-Version: 1.2\nName: tensorflow-gpu\nVersion: 1.13.1\n")
    (egg / "EGG-INFO/requires.txt").write_text("numpy>=1.13\nabsl-py\n\n[extra]\nkeras\n")
    (site / "easy-install.pth").write_text(f"import sys; x=1\n./{egg.name}\n#comment\n/no/such/folder\n")
    (site / "keras_own.egg-info").mkdir()
    (site / "keras_own.egg-info/PKG-INFO").write_text("Metadata-Version: 1.2\nVersion: 0.1\n")
    (site / "old-2.0-py3.6.egg-info").write_text("Metadata-Version: 1.1\nName: old\nVersion: 2.0\n")
    found = {each.name: each for each in listed(a_machine(tmp_path), tmp_path / "env")}
    assert (found["tensorflow-gpu"].version, found["tensorflow-gpu"].requires) == ("1.13.1", ("numpy>=1.13",))
    assert found["keras-own"].version == "0.1" and found["old"].version == "2.0"


def test_the_path_is_that_of_the_interpreter(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    site = standalone(tmp_path / "python")
    user = machine.home / ".local/lib/python3.12/site-packages"
    extra = tmp_path / "extra"
    for folder in (user, extra, tmp_path / "linked"):
        folder.mkdir(parents=True)
    (site / "links.pth").write_text(f"{tmp_path / 'linked'}\n{extra}\n")
    path = import_path(machine, tmp_path / "python", "3.12.4", {"PYTHONPATH": f":relative:{extra}:/none"})
    assert [(place.folder, location) for place, location in path] == [
        (extra, "pythonpath"),
        (user, "user"),
        (site, "site"),
        (tmp_path / "linked", "site"),
    ]


def test_the_kernel_s_variables_decide_on_the_user_s_folder(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    standalone(tmp_path / "python")
    (machine.home / ".local/lib/python3.12/site-packages").mkdir(parents=True)
    other = tmp_path / "base/lib/python3.12/site-packages"
    other.mkdir(parents=True)

    def users(variables: dict[str, str] | None) -> list[Path]:
        path = import_path(machine, tmp_path / "python", "3.12.4", variables)
        return [place.folder for place, location in path if location == "user"]

    assert users({"PYTHONNOUSERSITE": "1"}) == []
    assert users({"PYTHONNOUSERSITE": ""}) == users(None) != []
    assert users({"PYTHONUSERBASE": str(tmp_path / "base")}) == [other]


@pytest.mark.parametrize(
    ("platform", "prefix", "user"),
    [
        ("win32", "python", "data/Python/Python312/site-packages"),
        ("darwin", "Python.framework", "home/Library/Python/3.12/lib/python/site-packages"),
    ],
)
def test_other_systems_have_the_user_s_folder_elsewhere(
    tmp_path: Path, platform: str, prefix: str, user: str
) -> None:
    machine = a_machine(tmp_path, platform)
    standalone(tmp_path / prefix, platform=platform, name="python.exe" if platform == "win32" else "python3")
    (tmp_path / user).mkdir(parents=True)
    path = import_path(machine, tmp_path / prefix, "3.12.4", {"APPDATA": str(tmp_path / "data")})
    assert [location for _, location in path] == ["user", "site"]
    assert path[0][0].folder == tmp_path / user


@pytest.mark.parametrize(
    ("stated", "channel"),
    [
        ("https://conda.anaconda.org/conda-forge/linux-64", "conda-forge"),
        ("https://repo.anaconda.com/pkgs/main/noarch", "defaults"),
        ("pkgs/main", "defaults"),
        ("nvidia/label/cuda-11.8.0", "cuda-11.8.0"),
        ("https://conda.anaconda.org/pytorch/", "pytorch"),
    ],
)
def test_a_channel_is_named_as_conda_names_it_wherever_its_record_says_it(
    tmp_path: Path, stated: str, channel: str
) -> None:
    conda(tmp_path / "env")
    record = {"build": "h_0", "depends": ["x" * 90] * 100, "channel": stated, "files": []}
    (tmp_path / "env/conda-meta/cudatoolkit-11.8.0-h_0.json").write_text(json.dumps(record))
    [one] = [each for each in listed(a_machine(tmp_path), tmp_path / "env") if each.name == "cudatoolkit"]
    assert one.channel == channel
