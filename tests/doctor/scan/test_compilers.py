"""ptxas and libdevice, by the order in which XLA looks for them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.doctor.scan.compilers import ptxas_version, tools
from jupyter_tfgpu.doctor.snapshot import Distribution, Tools
from jupyter_tfgpu.environments import FrameworkBuild
from jupyter_tfgpu.machine import Machine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs by their permissions")

TEXT = b"\x7fELF" + bytes(5000) + b"Cuda compilation tools, release 12.5, V12.5.82\nBuild cuda_12.5.r12.5/x\0"
"""What a ptxas holds among much else (read from nvidia-cuda-nvcc-cu12 12.5.82)."""


class Setting:
    """A machine with an environment in which a framework is installed."""

    def __init__(self, folder: Path) -> None:
        self.machine = Machine(root=folder, environ={}, home=folder, platform="linux")
        self.prefix = folder / "home/env"
        self.site = self.prefix / "lib/python3.11/site-packages"
        self.site.mkdir(parents=True)

    def program(self, folder: str, version: str = "12.5.82") -> str:
        path = self.machine.path(f"{folder}/ptxas")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(TEXT.replace(b"12.5.82", version.encode()))
        path.chmod(0o755)
        return str(path)

    def device(self, root: str) -> str:
        path = self.machine.path(f"{root}/nvvm/libdevice/libdevice.10.bc")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return str(path)

    def wheel(self) -> str:
        """Where the wheel of nvcc lies."""
        return f"/{(self.site / 'nvidia/cuda_nvcc').relative_to(self.machine.root)}"

    def found(
        self,
        version: str = "2.20.0",
        name: str = "tensorflow",
        variables: dict[str, str] | None = None,
        distributions: tuple[Distribution, ...] = (),
        **facts: Any,
    ) -> Tools | None:
        build = FrameworkBuild(
            name=name,  # type: ignore[arg-type]
            version=version,
            cuda_build=facts.get("cuda_build", True),
            rocm_build=None,
            cuda="12",
            cudnn=None,
            compute_capabilities=None,
            folder=self.site / name,
            location="site",
        )
        return tools(self.machine, self.prefix, [self.site], build, variables or {}, distributions)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


def first(found: Tools | None) -> tuple[str | None, bool | None]:
    assert found is not None
    return (found.ptxas.path, found.ptxas.reachable) if found.ptxas else (None, None)


def test_of_others_the_folders_name_will_do(setting: Setting) -> None:
    setting.program("/usr/local/cuda/bin", "12.2.140")
    Path(setting.program("/usr/local/cuda-11.8/bin")).write_bytes(b"")
    found = setting.found()
    assert found and found.ptxas and found.ptxas.version == "12.2.140"
    assert found.other_ptxas and [each["version"] for each in found.other_ptxas] == ["11.8"]


def test_nothing_there_was_searched_for_and_is_missing(setting: Setting) -> None:
    found = setting.found()
    assert found == Tools(searched=True)


def test_the_order_is_that_of_xla(setting: Setting) -> None:
    wheel = setting.program(f"{setting.wheel()}/bin", "12.9.86")
    assert first(setting.found()) == (wheel, True)
    system = setting.program("/usr/local/cuda/bin", "12.2.140")
    assert first(setting.found()) == (system, True)
    on_path = setting.program("/opt/tools", "11.8.89")
    variables = {"PATH": "relative:/nowhere:/opt/tools"}
    assert first(setting.found(variables=variables)) == (on_path, True)
    named = setting.program("/opt/mine/bin", "12.3.107")
    variables |= {"XLA_FLAGS": "--xla_x=1 --xla_gpu_cuda_data_dir=/opt/mine"}
    found = setting.found(variables=variables)
    assert first(found) == (named, True)
    assert found and found.other_ptxas == (
        {"path": on_path, "version": "11.8.89"},
        {"path": system, "version": "12.2.140"},
        {"path": wheel, "version": "12.9.86"},
    )


@pytest.mark.parametrize(("version", "reachable"), [("2.12.1", False), ("2.14.0", None), ("2.15.0", True)])
def test_the_wheel_of_nvcc_is_searched_from_a_release_on(
    setting: Setting, version: str, reachable: bool | None
) -> None:
    path = setting.program(f"{setting.wheel()}/bin")
    device = setting.device(setting.wheel())
    found = setting.found(version)
    assert first(found) == (path, reachable)
    assert found and found.libdevice and found.libdevice.path == device
    assert found.libdevice.reachable is reachable


@pytest.mark.parametrize(("version", "reachable"), [("2.16.1", False), ("2.18.0", None), ("2.20.0", True)])
def test_condas_prefix_is_searched_from_a_release_on(
    setting: Setting, version: str, reachable: bool | None
) -> None:
    setting.device(f"/{setting.prefix.relative_to(setting.machine.root)}")
    found = setting.found(version)
    assert found and found.libdevice and found.libdevice.reachable is reachable


def test_the_toolkit_that_the_build_was_made_with_comes_before_the_usual_one(setting: Setting) -> None:
    config = setting.site / "tensorflow/include/third_party/gpus/cuda/cuda_config.h"
    config.parent.mkdir(parents=True)
    config.write_text('#define TF_CUDA_TOOLKIT_PATH "/usr/local/cuda-12.2"\n')
    setting.device("/usr/local/cuda")
    own = setting.device("/usr/local/cuda-12.2")
    found = setting.found("2.15.1")
    assert found and found.libdevice and (found.libdevice.path, found.libdevice.reachable) == (own, True)


def test_libdevice_is_not_looked_for_on_path_nor_in_condas_lib(setting: Setting) -> None:
    path = setting.prefix / "lib/libdevice.10.bc"
    path.touch()
    setting.device("/opt/tools")
    found = setting.found(variables={"PATH": "/opt/tools/bin"})
    assert (
        found and found.libdevice and (found.libdevice.path, found.libdevice.reachable) == (str(path), False)
    )


def test_jax_names_the_wheels_folder_itself(setting: Setting) -> None:
    setting.program("/opt/tools")
    wheel = setting.program(f"{setting.wheel()}/bin")
    found = setting.found("0.5.0", "jax", {"PATH": "/opt/tools"})
    assert first(found) == (wheel, True)


def test_a_file_that_nobody_may_run_is_no_ptxas(setting: Setting) -> None:
    Path(setting.program("/usr/local/cuda/bin")).chmod(0o644)
    assert first(setting.found()) == (None, None)


def test_the_wheel_that_brought_it_tells_the_version_without_reading_the_file(setting: Setting) -> None:
    path = Path(setting.program(f"{setting.wheel()}/bin"))
    path.write_bytes(b"")
    wheel = Distribution(name="nvidia-cuda-nvcc-cu12", version="12.5.82")
    found = setting.found(distributions=(wheel,))
    assert found and found.ptxas and found.ptxas.version == "12.5.82"


@pytest.mark.parametrize(
    "change",
    [{"name": "torch"}, {"cuda_build": False}, {"cuda_build": None}],
    ids=["no-xla", "cpu-build", "unknown"],
)
def test_what_needs_no_compiler_has_no_tools(setting: Setting, change: dict[str, Any]) -> None:
    assert setting.found(**change) is None


def test_the_version_is_found_where_it_lies_across_two_pieces(tmp_path: Path) -> None:
    path = tmp_path / "ptxas"
    for before in range((1 << 20) - 60, (1 << 20) + 5, 5):
        path.write_bytes(bytes(before) + TEXT[5004:])
        assert ptxas_version(path) == "12.5.82"


def test_a_program_that_says_nothing_has_no_version(tmp_path: Path) -> None:
    empty, huge, folder = tmp_path / "empty", tmp_path / "huge", tmp_path / "folder"
    empty.touch()
    folder.mkdir()
    with huge.open("wb") as file:
        file.truncate(2 << 30)
    (tmp_path / "loop").symlink_to("loop")
    places = (empty, huge, folder, tmp_path / "loop", tmp_path / "nothing")
    assert [ptxas_version(path) for path in places] == [None] * 5
