"""How a framework was built is read from its own files: those of published wheels, and broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tfgpu.environments import FrameworkBuild, builds, describe
from tests.environments.trees import BUILD_FILES, a_machine, conda, distribution, package, tensorflow, venv

OLD = ("sm_35", "sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "compute_80")
NEW = ("sm_60", "sm_70", "sm_80", "sm_89", "sm_90", "compute_90")
FIRST = ("sm_35", "sm_37", "sm_52", "sm_60", "sm_61", "sm_70", "compute_70")


def the_build(tmp_path: Path) -> FrameworkBuild:
    [build] = builds.read(a_machine(tmp_path), tmp_path / "env")
    return build


@pytest.mark.parametrize(
    ("release", "package_name", "cuda_build", "cuda", "cudnn", "capabilities"),
    [
        ("1.13.1", "tensorflow", False, None, None, None),
        ("1.15.0", "tensorflow_core", True, "10.0", "7", FIRST),
        ("2.3.0", "tensorflow", True, "10.1", "7", FIRST),
        ("2.10.1", "tensorflow", True, "11.2", "8", OLD),
        ("2.10.1-windows", "tensorflow", True, "11.2", "8", OLD),
        ("2.20.0", "tensorflow", True, "12.5.1", "9", NEW),
        ("2.21.0-cpu", "tensorflow", False, None, None, None),
        ("2.22.0rc0", "tensorflow", True, "12.5.1", "9", NEW),
    ],
)
def test_tensorflow_wheels(
    tmp_path: Path,
    release: str,
    package_name: str,
    cuda_build: bool,
    cuda: str | None,
    cudnn: str | None,
    capabilities: tuple[str, ...] | None,
) -> None:
    site = venv(tmp_path / "env")
    distribution(site, "tensorflow", release.partition("-")[0])
    folder = tensorflow(site, release, package=package_name)
    build = the_build(tmp_path)
    assert (build.name, build.version) == ("tensorflow", release.partition("-")[0])
    assert (build.cuda_build, build.cuda, build.cudnn) == (cuda_build, cuda, cudnn)
    assert build.compute_capabilities == capabilities
    assert (build.folder, build.location) == (folder, "site")


def test_without_the_header_a_build_info_with_all_facts_is_enough(tmp_path: Path) -> None:
    tensorflow(venv(tmp_path / "env"), "2.20.0", config=False)
    build = the_build(tmp_path)
    assert (build.version, build.cuda, build.compute_capabilities) == (None, "12.5.1", NEW)


@pytest.mark.parametrize(
    "text", ["", "build_info = {", "\x00\x01", "build_info = open('/etc/passwd')", "[" * 9999]
)
def test_a_build_info_that_is_no_python_leaves_the_header(tmp_path: Path, text: str) -> None:
    folder = tensorflow(venv(tmp_path / "env"), "2.20.0")
    (folder / "python/platform/build_info.py").write_text(text, "utf-8")
    assert (the_build(tmp_path).cuda_build, the_build(tmp_path).cuda) == (True, "12.5.1")


def test_with_neither_file_legible_nothing_is_known(tmp_path: Path) -> None:
    folder = tensorflow(venv(tmp_path / "env"), "2.20.0", config=False)
    (folder / "python/platform/build_info.py").write_text("build_info = {", "utf-8")
    build = the_build(tmp_path)
    assert (build.version, build.cuda_build, build.rocm_build, build.cuda) == (None, None, None, None)
    assert describe(a_machine(tmp_path), tmp_path / "env").frameworks[0].build == "unknown"


def test_nothing_in_build_info_is_run(tmp_path: Path) -> None:
    folder = tensorflow(venv(tmp_path / "env"), "2.20.0")
    trap = f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\nis_cuda_build = True\n"
    (folder / "python/platform/build_info.py").write_text(trap, "utf-8")
    assert the_build(tmp_path).cuda_build is True
    assert not (tmp_path / "ran").exists()


def test_a_copy_without_metadata_has_the_version_of_its_header(tmp_path: Path) -> None:
    folder = tensorflow(venv(tmp_path / "env"), "2.20.0")
    header = folder / "include/tensorflow/core/public/release_version.h"
    header.parent.mkdir(parents=True)
    defines = ("#define TF_MAJOR_VERSION 2", "#define TF_MINOR_VERSION 20", "#define TF_PATCH_VERSION 0")
    header.write_text("\n".join(defines), "utf-8")
    assert the_build(tmp_path).version == "2.20.0"


def test_a_folder_left_by_an_uninstall_is_no_tensorflow(tmp_path: Path) -> None:
    site = venv(tmp_path / "env")
    (site / "tensorflow" / "lite").mkdir(parents=True)
    assert builds.read(a_machine(tmp_path), tmp_path / "env") == ()


def test_a_rocm_build(tmp_path: Path) -> None:
    folder = tensorflow(venv(tmp_path / "env"), "2.20.0", config=False)
    text = "build_info = {'is_cuda_build': False, 'is_rocm_build': True, 'rocm_version': '6.0.0'}\n"
    (folder / "python/platform/build_info.py").write_text(text, "utf-8")
    build = the_build(tmp_path)
    assert (build.cuda_build, build.rocm_build, build.cuda) == (False, True, None)
    assert describe(a_machine(tmp_path), tmp_path / "env").frameworks[0].build == "gpu"


def test_the_variant_that_is_installed_gives_the_version(tmp_path: Path) -> None:
    site = venv(tmp_path / "env")
    tensorflow(site, "2.10.1")
    distribution(site, "tensorflow_gpu", "2.10.1")
    distribution(site, "tensorflow_estimator", "2.10.0")
    assert the_build(tmp_path).version == "2.10.1"


def test_nvidia_s_own_package_gives_the_version_too(tmp_path: Path) -> None:
    site = venv(tmp_path / "env")
    tensorflow(site, "1.15.0", package="tensorflow_core")
    distribution(site, "nvidia_tensorflow", "1.15.5+nv22.12")
    assert the_build(tmp_path).version == "1.15.5+nv22.12"


def test_a_tensorflow_core_left_over_from_1_15_is_not_the_one_that_is_imported(tmp_path: Path) -> None:
    site = venv(tmp_path / "env")
    tensorflow(site, "1.15.0", package="tensorflow_core")
    folder = tensorflow(site, "2.20.0")
    assert (the_build(tmp_path).folder, the_build(tmp_path).cuda) == (folder, "12.5.1")


def test_a_venv_hides_the_tensorflow_of_its_base(tmp_path: Path) -> None:
    base = conda(tmp_path / "base")
    tensorflow(base, "2.10.1")
    distribution(base, "tensorflow", "2.10.1")
    site = venv(tmp_path / "env")
    settings = f"home = {tmp_path}/base/bin\ninclude-system-site-packages = true\nversion = 3.11.7\n"
    (tmp_path / "env" / "pyvenv.cfg").write_text(settings, "utf-8")
    machine = a_machine(tmp_path)
    assert [each.cuda for each in describe(machine, tmp_path / "env").frameworks] == ["11.2"]
    tensorflow(site, "2.21.0-cpu")
    distribution(site, "tensorflow_cpu", "2.21.0")
    found = builds.read(machine, tmp_path / "env")
    assert [(each.version, each.location) for each in found] == [("2.21.0", "site"), ("2.10.1", "system")]
    [framework] = describe(machine, tmp_path / "env").frameworks
    assert (framework.version, framework.build) == ("2.21.0", "cpu")


def test_a_torch_wheel(tmp_path: Path) -> None:
    site = venv(tmp_path / "env")
    package(site, "torch", version=(BUILD_FILES / "torch/2.3.1/version.txt").read_text("utf-8"))
    build = the_build(tmp_path)
    assert (build.version, build.cuda_build, build.rocm_build, build.cuda) == (
        "2.3.1+cu121",
        True,
        False,
        "12.1",
    )
    distribution(site, "torch", "2.3.1")
    assert the_build(tmp_path).version == "2.3.1"


@pytest.mark.parametrize(
    ("text", "cuda_build", "rocm_build"),
    [
        ("__version__ = '2.7.0+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = None\n", False, False),
        ("__version__ = '2.7.0+rocm6.3'\ncuda = None\nhip = '6.3.42131-fa1d09cbd'\n", False, True),
        ("this is no Python", None, None),
    ],
)
def test_other_torches(tmp_path: Path, text: str, cuda_build: bool | None, rocm_build: bool | None) -> None:
    package(venv(tmp_path / "env"), "torch", version=text)
    assert (the_build(tmp_path).cuda_build, the_build(tmp_path).rocm_build) == (cuda_build, rocm_build)


@pytest.mark.parametrize(
    ("files", "cuda_build", "rocm_build"),
    [
        (["libtorch_cpu.so", "libtorch_cuda.so"], True, False),
        (["libtorch_cpu.so", "libtorch_hip.so"], False, True),
        (["torch_cpu.dll"], False, False),
        ([], None, None),
    ],
)
def test_a_torch_whose_version_file_is_silent_is_told_by_its_libraries(
    tmp_path: Path, files: list[str], cuda_build: bool | None, rocm_build: bool | None
) -> None:
    folder = package(venv(tmp_path / "env"), "torch", version="this is no Python")
    (folder / "lib").mkdir()
    for name in files:
        (folder / "lib" / name).touch()
    build = the_build(tmp_path)
    assert (build.cuda_build, build.rocm_build, build.cuda) == (cuda_build, rocm_build, None)


@pytest.mark.parametrize(
    ("names", "cuda_build", "cuda", "cudnn"),
    [
        (["jaxlib 0.7.2"], False, None, None),
        (["jaxlib 0.7.2", "jax_cuda12_plugin 0.7.2", "jax_cuda12_pjrt 0.7.2"], True, "12", None),
        (["jaxlib 0.4.13+cuda12.cudnn89"], True, "12", "8.9"),
        (["jaxlib 0.3.0+cuda11.cudnn805"], True, "11", "8.0.5"),
        (["jaxlib 0.1.69+cuda111"], True, "11.1", None),
        ([], None, None, None),
    ],
)
def test_jax(
    tmp_path: Path, names: list[str], cuda_build: bool | None, cuda: str | None, cudnn: str | None
) -> None:
    site = venv(tmp_path / "env")
    package(site, "jax")
    for name in ["jax 0.7.2", *names]:
        distribution(site, *name.split())
    build = the_build(tmp_path)
    assert (build.version, build.cuda_build, build.cuda, build.cudnn) == ("0.7.2", cuda_build, cuda, cudnn)


@pytest.mark.parametrize(
    ("record", "cuda_build", "cuda"),
    [("jaxlib-0.7.2-cuda129py312h1_200", True, "12.9"), ("jaxlib-0.7.2-cpu_py312h1_0", False, None)],
)
def test_jax_of_conda(tmp_path: Path, record: str, cuda_build: bool, cuda: str | None) -> None:
    site = conda(tmp_path / "env", [record])
    package(site, "jax")
    distribution(site, "jaxlib", "0.7.2")
    assert (the_build(tmp_path).cuda_build, the_build(tmp_path).cuda) == (cuda_build, cuda)


@pytest.mark.parametrize(
    ("name", "cuda_build", "cuda"),
    [("mxnet_cu112", True, "11.2"), ("mxnet_cu80", True, "8.0"), ("mxnet_cu101mkl", True, "10.1"),
     ("mxnet_mkl", False, None), ("mxnet", False, None)],
)  # fmt: skip
def test_mxnet(tmp_path: Path, name: str, cuda_build: bool, cuda: str | None) -> None:
    site = venv(tmp_path / "env")
    package(site, "mxnet")
    distribution(site, name, "1.9.1")
    build = the_build(tmp_path)
    assert (build.version, build.cuda_build, build.cuda) == ("1.9.1", cuda_build, cuda)


def test_a_real_tensorflow(tmp_path: Path, tensorflow_environment: Path) -> None:
    [build] = builds.read(a_machine(tmp_path), tensorflow_environment)
    assert build.name == "tensorflow"
    assert build.version is not None and build.version.startswith("2.")
    assert (build.cuda_build, build.cuda, build.compute_capabilities) == (False, None, None)
