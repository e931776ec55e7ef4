"""Whether an unmodified TensorFlow wheel registers a GPU, on machines that are laid out with stand-ins: what
TensorFlow says of each, and what the doctor says.

A machine is a folder: the stand-in driver, an environment in which the wheel's files are links, and empty
shared objects where the nvidia-* wheels and toolkits have the CUDA libraries. TensorFlow runs in a process of
its own for each machine: the loader reads LD_LIBRARY_PATH once, at the start.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyter_tfgpu.devices.reading import Device, DriverState, Reading
from jupyter_tfgpu.doctor import Report, diagnose, scan
from jupyter_tfgpu.machine import Machine
from tests.doctor.scan import made
from tests.standin import driver
from tests.standin.library import build, build_cuda

DRIVER = "570.124.06"
A100 = ("8.0",)

SONAMES = {
    11: {
        "cudart": "libcudart.so.11.0",
        "cublas": "libcublas.so.11",
        "cublasLt": "libcublasLt.so.11",
        "cufft": "libcufft.so.10",
        "curand": "libcurand.so.10",
        "cusolver": "libcusolver.so.11",
        "cusparse": "libcusparse.so.11",
    },
    12: {
        "cudart": "libcudart.so.12",
        "cublas": "libcublas.so.12",
        "cublasLt": "libcublasLt.so.12",
        "cufft": "libcufft.so.11",
        "curand": "libcurand.so.10",
        "cusolver": "libcusolver.so.11",
        "cusparse": "libcusparse.so.12",
    },
}
"""CUDA's major to its libraries' names."""

FOLDERS = {"cudart": "cuda_runtime", "cublasLt": "cublas"}
"""Where a library lies below ``site-packages/nvidia``, where that is not its own name."""


@dataclass(frozen=True)
class Wheel:
    """A TensorFlow: its environment's name in scripts/real_environments.py, and what it is built for."""

    environment: str
    cuda: int
    cudnn: int
    cudnn_release: str
    """A release that the build accepts."""

    def sonames(self, cuda: int | None = None) -> dict[str, str]:
        return {**SONAMES[cuda or self.cuda], "cudnn": f"libcudnn.so.{self.cudnn}"}


@dataclass(frozen=True)
class Cell:
    """One machine.

    ``without``: libraries that are nowhere. ``wheels``: whether the others lie where the nvidia-* wheels put
    them. ``path``: what LD_LIBRARY_PATH names, in order: ``wheels`` (all their folders) or ``wheels:NAME``
    (one of them), ``toolkit`` (CUDA and cuDNN below /usr/local), ``other`` (CUDA of another major there),
    ``text`` (a cuDNN that is no shared object), ``narrow`` (one for 32 bits). ``on_disk``: those of the
    toolkits that are there, named or not. ``linked``: cusparse needs nvJitLink; it is there, or not.
    """

    name: str
    without: tuple[str, ...] = ()
    wheels: bool = True
    path: tuple[str, ...] = ()
    on_disk: tuple[str, ...] = ()
    driver: bool = True
    linked: bool | None = None
    capabilities: tuple[str, ...] = A100


class Laid:
    """A cell laid out on disk for a wheel."""

    def __init__(self, cell: Cell, wheel: Wheel, environment: Path, folder: Path) -> None:
        self.cell, self.wheel = cell, wheel
        # The module's release is left unknown, see report().
        self.root = driver.write_machine_tree(
            folder,
            pci_devices=1,
            driver=DRIVER if cell.driver else None,
            kernel_module=None,
            device_nodes=cell.driver,
        )
        self.prefix = self.root / "home" / "env"
        self.site = _linked_environment(environment, self.prefix)
        self._lay_libraries()

    def _lay_libraries(self) -> None:
        if self.cell.driver:
            for name, built in (("libcuda.so", build_cuda()), ("libnvidia-ml.so", build())):
                shutil.copy(built, self.driver_folder / f"{name}.{DRIVER}")
        if self.cell.wheels:
            self._lay_wheels()
        for name, cuda in (("toolkit", self.wheel.cuda), ("other", 23 - self.wheel.cuda)):
            for library, soname in self.wheel.sonames(cuda).items():
                present = library not in self.cell.without and not (name == "other" and library == "cudnn")
                if present and name in (*self.cell.path, *self.cell.on_disk):
                    _empty(self._folder(name) / soname)
        for name, content in (
            ("text", b"no shared object\n"),
            ("narrow", b"\x7fELF\x01\x01\x01" + bytes(57)),
        ):
            if name in self.cell.path:
                self._folder(name).mkdir(parents=True)
                (self._folder(name) / self.wheel.sonames()["cudnn"]).write_bytes(content)

    def _folder(self, name: str) -> Path:
        cuda = {"toolkit": self.wheel.cuda, "other": 23 - self.wheel.cuda}.get(name)
        return self.root / (f"usr/local/cuda-{cuda}.4/lib64" if cuda else f"opt/{name}")

    def _lay_wheels(self) -> None:
        present = {name: file for name, file in self.wheel.sonames().items() if name not in self.cell.without}
        for library, soname in present.items():
            folder = FOLDERS.get(library, library)
            needs: tuple[Path, ...] = ()
            if library == "cusparse" and self.cell.linked is not None:
                needs = (_empty(self.site / f"nvidia/nvjitlink/lib/libnvJitLink.so.{self.wheel.cuda}"),)
            runpath = ("$ORIGIN/../../nvjitlink/lib",) if needs else ()
            _empty(self.site / "nvidia" / folder / "lib" / soname, needs=needs, runpath=runpath)
            if needs and not self.cell.linked:
                needs[0].unlink()
            release = self.wheel.cudnn_release if library == "cudnn" else f"{self.wheel.cuda}.8.1"
            name = f"nvidia-{folder.replace('_', '-')}-cu{self.wheel.cuda}"
            if not list(self.site.glob(f"{name.replace('-', '_')}-*")):
                made.distribution(self.site, name, release)

    @property
    def driver_folder(self) -> Path:
        """Of the driver's libraries."""
        return self.root / "usr/lib/x86_64-linux-gnu"

    def library_path(self) -> list[Path]:
        """The folders that LD_LIBRARY_PATH names, in order."""
        found: list[Path] = []
        for word in self.cell.path:
            kind, _, name = word.partition(":")
            if kind != "wheels":
                found.append(self._folder(kind))
            elif name:
                found.append(self.site / "nvidia" / FOLDERS.get(name, name) / "lib")
            else:
                found += sorted((self.site / "nvidia").glob("*/lib"))
        return found

    def tensorflow_says(self) -> frozenset[str]:
        """The compute capabilities of the devices that it lists.

        The driver's folder comes last in LD_LIBRARY_PATH, where the cell's machine has it among the default
        ones; nothing else lies in it.
        """
        path = [*self.library_path(), *([self.driver_folder] if self.cell.driver else [])]
        variables = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.root / "home"),
            "LD_LIBRARY_PATH": os.pathsep.join(map(str, path)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TFGPU_STANDIN_CUDA": ",".join(self.cell.capabilities),
            "TFGPU_STANDIN_SCENARIO": str(
                driver.write_scenario(
                    self.root / "scenario.txt",
                    driver=DRIVER,
                    cuda=12080,
                    devices=[driver.device(index) for index in range(len(self.cell.capabilities))],
                )
            ),
        }
        done = subprocess.run(
            [self.prefix / "bin/python", "-c", _LIST],
            env=variables,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return frozenset(json.loads(done.stdout.splitlines()[-1]))

    def doctor_says(self) -> frozenset[str]:
        """The compute capabilities with which a GPU will be registered."""
        return frozenset(each for each in self.cell.capabilities if registers(self.report(each), each))

    def report(self, capability: str) -> Report:
        """Of this machine with one GPU of this compute capability. No driver serves both GPUs from before
        5.0 and CUDA 12: for them its release is left unknown."""
        known = _numbers(capability) >= (5, 0)
        state = DriverState(
            status="ok", version=DRIVER if known else None, cuda_version="12.8" if known else None
        )
        device = Device(uuid="GPU-1", index=0, name="Stand-in", compute_capability=capability)
        reading = Reading(taken_at=0, driver=state, devices=(device,))
        if not self.cell.driver:
            reading = Reading(taken_at=0, driver=DriverState(status="absent", message="no driver"))
        path = ":".join(f"/{folder.relative_to(self.root)}" for folder in self.library_path())
        variables = {"PATH": "/usr/bin:/bin", **({"LD_LIBRARY_PATH": path} if path else {})}
        machine = Machine(root=self.root, environ=variables, home=self.root / "home", platform="linux")
        return diagnose(
            scan(machine, self.prefix, reading=reading, variables=variables, framework="tensorflow")
        )


_LIST = """
import json, tensorflow as tf
details = tf.config.experimental.get_device_details
found = [details(each)["compute_capability"] for each in tf.config.list_physical_devices("GPU")]
print(json.dumps([f"{major}.{minor}" for major, minor in found]))
"""

NOTHING_REGISTERED = frozenset(
    {
        "activation-missing",
        "cpu-only-build",
        "cuda-missing",
        "cuda-not-on-path",
        "cuda-version-mismatch",
        "cudnn-missing",
        "driver-missing",
        "known-bug",
        "libcuda-not-on-path",
    }
)
"""Findings of severity error with which TensorFlow lists no GPU, of those that can come up here. With others
(a cuDNN that is too old) it lists the GPU and fails later."""


def registers(report: Report, capability: str) -> bool:
    """Whether the report means that TensorFlow lists the GPU.

    It lists GPUs that are too old for the build too: only those before 3.5 it leaves out itself.
    """
    errors = {finding.code for finding in report.findings if finding.severity == "error"}
    ignored = "gpu-too-old" in errors and _numbers(capability) < (3, 5)
    return not (errors & NOTHING_REGISTERED or ignored)


def _numbers(capability: str) -> tuple[int, ...]:
    return tuple(map(int, capability.split(".")))


def _linked_environment(real: Path, prefix: Path) -> Path:
    """An environment whose files are links to those of ``real``; returns its site-packages.

    Folders of TensorFlow in which shared objects lie are real ones: the loader takes ``$ORIGIN`` from the
    path by which an object was opened, and ``$ORIGIN/..`` of a link to a folder leads elsewhere.
    """
    [source] = real.glob("lib/python3*/site-packages")
    site = prefix / source.relative_to(real)
    objects = {path.parent.relative_to(source) for path in (source / "tensorflow").rglob("*.so*")}
    _links(source, site, {folder for each in objects for folder in (each, *each.parents)})
    (prefix / "bin").mkdir()
    (prefix / "bin/python").symlink_to((real / "bin/python").resolve())
    shutil.copy(real / "pyvenv.cfg", prefix)
    return site


def _links(source: Path, site: Path, real_folders: Iterable[Path]) -> None:
    """``real_folders``: relative to site-packages, with all that are above them."""
    for folder in sorted(real_folders):
        (site / folder).mkdir(parents=True, exist_ok=True)
    for folder in real_folders:
        for name in os.listdir(source / folder):
            if not (site / folder / name).exists():
                (site / folder / name).symlink_to(source / folder / name)


def _empty(path: Path, *, needs: Iterable[Path] = (), runpath: Iterable[str] = ()) -> Path:
    """A shared object without anything in it, of the SONAME that its file's name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return made.shared_object(path, needs=needs, runpath=runpath)


def disagreements(said: Mapping[str, tuple[frozenset[str], frozenset[str]]]) -> dict[str, str]:
    """Of cells by name, what TensorFlow and the doctor say: those where it differs, in words."""
    return {
        name: f"TensorFlow registers {sorted(theirs)}, the doctor says {sorted(ours)}"
        for name, (theirs, ours) in said.items()
        if theirs != ours
    }
