"""Whatever lies where a scan reads: the fact is not known, and nothing else happens."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from jupyter_tfgpu.doctor import Snapshot, decode_snapshot, diagnose, redact, scan
from jupyter_tfgpu.machine import Machine
from tests.doctor.scan import made
from tests.environments.trees import a_machine, conda, package
from tests.standin.tree import write_machine_tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the loader is glibc's")


def folder(path: Path) -> None:
    path.mkdir()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def link_to_nothing(path: Path) -> None:
    path.symlink_to("nothing/there")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def empty(path: Path) -> None:
    path.touch()


def noise(path: Path) -> None:
    path.write_bytes(random.Random(path.name).randbytes(3000))


def zeros(path: Path) -> None:
    path.touch()
    os.truncate(path, 2 << 30)  # 2 GB that take no room on the disk


def nested(path: Path) -> None:
    path.write_bytes(b"[" * 50_000)


Mischief = Callable[[Path], None]
MISCHIEF = (folder, fifo, link_to_nothing, loop, empty, noise, zeros, nested)


class Setting:
    """A conda environment with a framework of each kind, on a machine with a driver."""

    def __init__(self, folder: Path) -> None:
        made_here = a_machine(folder)
        write_machine_tree(made_here.root, pci_devices=1, container="docker")
        self.machine = Machine(
            root=made_here.root, home=made_here.home, environ={"SHELL": "/bin/bash"}, platform="linux"
        )
        (self.machine.home / ".bashrc").write_text("export CUDA_HOME=/usr/local/cuda\n")
        (self.machine.root / "etc/environment").write_text("CUDA_HOME=/x\n")
        self.prefix = folder / "env"
        site = conda(self.prefix, ["cudatoolkit-11.8.0-h_0", "libmxnet-1.9.1-cuda112_0"])
        made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
        made.cuda_wheels(site)
        for name, version in (("torch", "2.3.1"), ("jax", "0.7.2"), ("mxnet", "1.9.1"), ("numpy", "2.0.0")):
            made.distribution(site, name, version)
            package(site, name, version=f'__version__ = "{version}"\n')
        made.distribution(site, "jax-cuda12-plugin", "0.7.2")
        for name in ("mxnet/libmxnet.so", "torch/lib/libtorch_cuda.so", "torch/lib/libtorch_python.so"):
            (site / name).parent.mkdir(exist_ok=True)
            made.shared_object(site / name)
        [info] = site.glob("tensorflow-*.dist-info")
        (info / "RECORD").write_text("tensorflow/__init__.py,sha256=x,1\n")
        (site / "old-1.0.egg-info").write_text("Version: 1.0\n")
        (site / "more.pth").write_text("/nowhere\n")

    def snapshot(self) -> Snapshot:
        variables = {"PATH": f"{self.prefix}/bin", "LD_LIBRARY_PATH": f"{self.prefix}/lib"}
        return scan(self.machine, self.prefix, reading=None, variables=variables)

    def is_answered(self) -> Snapshot:
        """Scanned, judged, redacted and written, whatever it says."""
        snapshot = self.snapshot()
        diagnose(snapshot)
        return decode_snapshot(msgspec.json.encode(redact(snapshot)))


def files(*roots: Path) -> list[Path]:
    return [path for root in roots for path in sorted(root.rglob("*")) if path.is_file() or path.is_symlink()]


def put(path: Path, what: Mischief) -> None:
    path.unlink()
    what(path)


def test_the_whole_of_it_is_known_as_long_as_it_is_whole(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    facts = setting.is_answered()
    assert facts.environment is not None and facts.environment.frameworks is not None
    assert [each.name for each in facts.environment.frameworks] == ["tensorflow", "torch", "jax", "mxnet"]
    assert facts.shell_variables == {"CUDA_HOME": "/usr/local/cuda"}
    assert len(files(setting.prefix)) > 60


@pytest.mark.parametrize("what", MISCHIEF, ids=lambda what: str(what.__name__))
def test_every_file_of_an_environment_is_something_else(tmp_path: Path, what: Mischief) -> None:
    setting = Setting(tmp_path)
    for path in files(setting.prefix):
        put(path, what)
    setting.is_answered()


@pytest.mark.parametrize("what", MISCHIEF, ids=lambda what: str(what.__name__))
def test_every_file_that_a_framework_is_told_by_is_something_else(tmp_path: Path, what: Mischief) -> None:
    setting = Setting(tmp_path)
    for path in files(setting.prefix / "lib", setting.prefix / "conda-meta"):
        put(path, what)
    facts = setting.is_answered().environment
    assert facts is not None
    assert all(
        build.cuda is None for build in facts.frameworks or () if build.name in ("tensorflow", "torch")
    )


@pytest.mark.parametrize("what", [folder, link_to_nothing, loop, empty, noise, nested])
def test_every_file_of_the_user_s_is_something_else(tmp_path: Path, what: Mischief) -> None:
    setting = Setting(tmp_path)
    for path in files(setting.machine.home, setting.machine.root / "etc", setting.machine.root / "sys"):
        put(path, what)
    setting.is_answered()


def test_a_few_files_at_a_time_are_something_else(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    chance = random.Random(6)
    paths = [path.relative_to(setting.prefix) for path in files(setting.prefix)]
    kept = tmp_path / "kept"
    setting.prefix.rename(kept)
    for _ in range(25):
        shutil.copytree(kept, setting.prefix, symlinks=True)
        for path in chance.sample(paths, 6):
            put(setting.prefix / path, chance.choice(MISCHIEF))
        setting.is_answered()
        shutil.rmtree(setting.prefix)


@pytest.mark.parametrize("what", [empty, noise, fifo, loop])
def test_a_folder_is_something_else(tmp_path: Path, what: Mischief) -> None:
    setting = Setting(tmp_path)
    [site] = setting.prefix.glob("lib/python*/site-packages")
    for name in ("tensorflow/python", "torch/lib", "nvidia", "numpy", "tensorflow-2.20.0.dist-info"):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(site / name)
        what(site / name)
    setting.is_answered()


def test_files_that_may_not_be_read_are_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = Setting(tmp_path)
    real = os.open

    def refused(path: object, *arguments: int, **more: int) -> int:
        if str(path).startswith(str(setting.prefix)):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **more)  # type: ignore[arg-type]

    # The user that runs the tests may be root, who may read everything.
    monkeypatch.setattr(os, "open", refused)
    facts = setting.is_answered().environment
    assert facts is not None and facts.distributions is not None
    assert {each.requires for each in facts.distributions} == {None}
