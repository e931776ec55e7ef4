"""Which copy of a library a kernel would load, step by step, and what is known of each copy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from jupyter_tfgpu.doctor.scan.libraries import Listing, libraries
from jupyter_tfgpu.doctor.scan.loader import Asker, Loader
from jupyter_tfgpu.doctor.scan.needs import loading_objects, needed_files
from jupyter_tfgpu.doctor.snapshot import Distribution, Library
from jupyter_tfgpu.environments import FrameworkBuild
from jupyter_tfgpu.machine import Machine
from tests.doctor.scan import made
from tests.standin.tree import EMPTY_LIBRARY
from tests.tools import require

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the loader is glibc's")

ARCH = os.uname().machine
NARROW = b"\x7fELF\x01\x01\x01" + bytes(57)
"""The beginning of a shared object for 32 bits."""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "root").mkdir()
    return Machine(root=tmp_path / "root", environ={}, home=tmp_path, platform="linux")


def put(folder: Path, *names: str, content: bytes = EMPTY_LIBRARY) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(content)
    return folder


def build(
    folder: Path, name: str = "tensorflow", version: str = "2.20.0", **values: object
) -> FrameworkBuild:
    known: dict[str, object] = {"cuda_build": True, "cuda": "12", **values}
    return FrameworkBuild(
        name=name,  # type: ignore[arg-type]
        version=version,
        rocm_build=None,
        cudnn=None,
        compute_capabilities=None,
        folder=folder,
        location="site",
        **known,  # type: ignore[arg-type]
    )


def listing(
    machine: Machine,
    site: Path,
    made_of: FrameworkBuild | None,
    variables: Mapping[str, str] | None = None,
    distributions: Iterable[Distribution] = (),
    interpreter: Path | None = None,
) -> Listing:
    prefix = site.parents[2]
    found = libraries(
        machine, prefix, [site], made_of, variables or {}, tuple(distributions), ARCH, interpreter
    )
    assert found is not None
    return found


def copies(found: Listing, file: str) -> list[Library]:
    return [each for each in found.libraries if each.file == file]


def site_of(machine: Machine) -> Path:
    site = machine.root / "home/env/lib/python3.11/site-packages"
    site.mkdir(parents=True)
    return site


class TestTheLoader:
    """Held against the real one: what ``dlopen`` of this machine makes of the same folders."""

    PROGRAM = """
import ctypes, sys
asker, name = sys.argv[1:]
ctypes.CDLL(asker)
try:
    # Asked for from inside the object, as frameworks do: its loader entries are those that count.
    opened = ctypes.CDLL(asker).ask
    opened.restype = ctypes.c_char_p
    print(opened(name.encode()).decode())
except AttributeError:
    print("no ask")
"""
    SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
const char *ask(const char *name) {
    struct link_map *map;
    void *handle = dlopen(name, RTLD_LAZY);
    if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map)) return "-";
    return map->l_name;
}
"""

    @pytest.mark.parametrize("tag", ["runpath", "rpath"])
    @pytest.mark.parametrize(
        ("by_variable", "own"),
        [
            ({"good"}, {"good"}),
            ({"good"}, set()),
            (set(), {"good"}),
            (set(), set()),
            ({"text"}, {"good"}),
            ({"narrow"}, {"good"}),
            ({"good"}, {"text"}),
            ({"good"}, {"narrow"}),
            ({"folder"}, {"good"}),
            ({"dangling"}, {"good"}),
        ],
    )
    def test_it_finds_what_dlopen_finds(
        self, tmp_path: Path, tag: str, by_variable: set[str], own: set[str]
    ) -> None:
        gcc = require("gcc")
        name = "libtfgputried.so.1"
        for folder, kinds in (("variable", by_variable), ("own", own)):
            (tmp_path / folder).mkdir()
            for kind in kinds:
                self.make(tmp_path / folder / name, kind)
        source, asker = tmp_path / "ask.c", tmp_path / "libasker.so"
        source.write_text(self.SOURCE)
        flag = "--enable-new-dtags" if tag == "runpath" else "--disable-new-dtags"
        words = ["-shared", "-fPIC", "-o", str(asker), str(source), f"-Wl,-rpath,$ORIGIN/own,{flag}", "-ldl"]
        subprocess.run([gcc, *words], check=True)
        variables = {"LD_LIBRARY_PATH": str(tmp_path / "variable")}
        said = subprocess.run(
            [sys.executable, "-c", self.PROGRAM, asker, name],
            env=variables,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        loader = Loader(Machine(), variables, ARCH, Path(sys.executable))
        object_ = loader.asker(asker)
        assert object_ is not None
        hit = loader.find(name, object_)
        found = str(hit.path) if hit and hit.loadable else "-"
        assert Path(found).resolve() == Path(said).resolve()

    @staticmethod
    def make(path: Path, kind: str) -> None:
        if kind == "good":
            made.shared_object(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "dangling":
            path.symlink_to("nowhere")
        else:
            path.write_bytes(NARROW if kind == "narrow" else b"no shared object\n")

    def test_the_programs_own_rpath_counts_for_an_object_without_runpath(self, tmp_path: Path) -> None:
        """conda's Python has one: its environment's ``lib`` is searched for wheels up to TensorFlow 2.5."""
        put(tmp_path / "conda/lib", "libcudart.so.11.0")
        program = made.shared_object(put(tmp_path / "conda/bin") / "python", rpath=["$ORIGIN/../lib"])
        loader = Loader(Machine(root=tmp_path, environ={}), {}, ARCH, program)
        with_rpath = made.shared_object(tmp_path / "a.so", rpath=["$ORIGIN"])
        with_runpath = made.shared_object(tmp_path / "b.so", runpath=["$ORIGIN"])
        found = [
            loader.find("libcudart.so.11.0", asker)
            for asker in map(loader.asker, (with_rpath, with_runpath))
            if asker
        ]
        assert [hit and hit.path for hit in found] == [tmp_path / "conda/lib/libcudart.so.11.0", None]

    def test_a_library_in_a_loop_of_links_is_not_there(self, tmp_path: Path) -> None:
        (tmp_path / "libcudnn.so.9").symlink_to("libcudnn.so.9")
        loader = Loader(Machine(root=tmp_path, environ={}), {"LD_LIBRARY_PATH": "/"}, ARCH, None)
        assert loader.find("libcudnn.so.9", Asker(tmp_path, made.NOTHING)) is None


def test_a_copy_that_is_no_library_bars_the_way_to_the_right_one(machine: Machine) -> None:
    site = site_of(machine)
    folder = made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    made.cuda_wheels(site)
    put(machine.root / "opt/bad", "libcudnn.so.9", content=b"")
    found = listing(machine, site, build(folder), {"LD_LIBRARY_PATH": "/opt/bad"})
    assert [each.reachable for each in copies(found, "libcudnn.so.9")] == [False, False]
    assert copies(found, "libcudart.so.12")[0].reachable is True


def test_a_copy_for_another_processor_is_passed_over(machine: Machine) -> None:
    site = site_of(machine)
    folder = made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    made.cuda_wheels(site)
    put(machine.root / "opt/narrow", "libcudnn.so.9", content=NARROW)
    found = listing(machine, site, build(folder), {"LD_LIBRARY_PATH": "/opt/narrow"})
    [copy] = copies(found, "libcudnn.so.9")
    assert copy.reachable and copy.origin == "wheel"


@pytest.mark.parametrize(("there", "unmet"), [(True, ()), (False, ("libnvJitLink.so.12",))])
def test_what_a_library_needs_in_its_turn_is_looked_for_from_that_library(
    machine: Machine, there: bool, unmet: tuple[str, ...]
) -> None:
    site = site_of(machine)
    folder = made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    made.cuda_wheels(site)
    helper = put(site / "nvidia/nvjitlink/lib") / "libnvJitLink.so.12"
    made.shared_object(helper)
    sparse = site / "nvidia/cusparse/lib/libcusparse.so.12"
    sparse.unlink()
    made.shared_object(sparse, runpath=["$ORIGIN/../../nvjitlink/lib"], needs=[helper])
    if not there:
        helper.unlink()
    found = listing(machine, site, build(folder))
    assert found.unmet == unmet
    assert [each.reachable for each in copies(found, "libnvJitLink.so.12")] == [True] * there


def test_only_the_object_that_opens_the_libraries_counts(machine: Machine) -> None:
    """As in TensorFlow 2.21.0, where others name cusolver's folder."""
    site = site_of(machine)
    folder = made.tensorflow(site, "2.21.0", made.RUNPATH_2_21)
    made.cuda_wheels(site)
    other = put(folder / "python") / "_pywrap_tensorflow_internal.so"
    made.shared_object(other, runpath=["$ORIGIN/../../nvidia/cusolver/lib"])
    [copy] = copies(listing(machine, site, build(folder)), "libcusolver.so.11")
    assert copy.reachable is False


def test_pytorch_is_linked_and_has_what_it_brings(machine: Machine) -> None:
    site = site_of(machine)
    lib = put(site / "torch/lib")
    (site / "torch/__init__.py").touch()
    runtime = made.shared_object(put(site / "nvidia/cuda_runtime/lib") / "libcudart.so.12")
    cudnn = made.shared_object(put(site / "nvidia/cudnn/lib") / "libcudnn.so.9")
    made.shared_object(
        lib / "libtorch_cuda.so",
        rpath=["$ORIGIN", "$ORIGIN/../../nvidia/cudnn/lib", "$ORIGIN/../../nvidia/cuda_runtime/lib"],
        needs=[runtime, cudnn],
    )
    put(machine.root / "opt/old", "libcudnn.so.9")
    torch = build(site / "torch", "torch", "2.6.0")
    assert needed_files(machine, torch) == ("libcuda.so.1", "libcudart.so.12", "libcudnn.so.9")
    found = listing(machine, site, torch, {"LD_LIBRARY_PATH": "/opt/old"})
    # Its RPATH comes before LD_LIBRARY_PATH.
    assert [each.origin for each in copies(found, "libcudnn.so.9")] == ["wheel", "ld-library-path"]


def test_pytorch_loads_wheels_that_its_entries_do_not_name(machine: Machine) -> None:
    site = site_of(machine)
    runtime = made.shared_object(put(site / "nvidia/cuda_runtime/lib") / "libcudart.so.12")
    made.shared_object(put(site / "torch/lib") / "libtorch_cuda.so", rpath=["$ORIGIN"], needs=[runtime])
    [copy] = copies(listing(machine, site, build(site / "torch", "torch", "2.0.0")), "libcudart.so.12")
    assert copy.reachable


@pytest.mark.parametrize(
    ("program", "first"),
    [("def _load_nvidia_libraries():\n    ...\n", "wheel"), ("", "ld-library-path")],
)
def test_newer_jax_loads_its_wheels_before_anything_else(machine: Machine, program: str, first: str) -> None:
    site = site_of(machine)
    plugin = put(site / "jax_plugins/xla_cuda12")
    (plugin / "__init__.py").write_text(program)
    made.shared_object(plugin / "xla_cuda_plugin.so", runpath=["$ORIGIN/../../nvidia/cudnn/lib"])
    put(site / "nvidia/cudnn/lib", "libcudnn.so.9")
    put(machine.root / "opt/old", "libcudnn.so.9")
    jax = build(site / "jax", "jax", "0.5.0")
    found = copies(listing(machine, site, jax, {"LD_LIBRARY_PATH": "/opt/old"}), "libcudnn.so.9")
    assert found[0].origin == first and len(found) == 2
    assert (needed_files(machine, jax) or ())[-1] == "libcudnn.so.9"


def test_an_old_tensorflow_is_linked_in_two_objects(machine: Machine) -> None:
    site = site_of(machine)
    lib = put(machine.root / "usr/local/cuda-10.0/lib64")
    runtime, blas = (made.shared_object(lib / name) for name in ("libcudart.so.10.0", "libcublas.so.10.0"))
    folder = put(site / "tensorflow")
    made.shared_object(folder / "libtensorflow_framework.so", rpath=["$ORIGIN"], needs=[runtime])
    made.shared_object(
        put(folder / "python") / "_pywrap_tensorflow_internal.so", rpath=["$ORIGIN/.."], needs=[blas]
    )
    old = build(folder, version="1.13.1", cuda="10.0")
    assert len(loading_objects(old)) == 2
    assert needed_files(machine, old) == ("libcuda.so.1", "libcudart.so.10.0", "libcublas.so.10.0")
    reached = {each.file: each.reachable for each in listing(machine, site, old).libraries}
    assert reached == {"libcudart.so.10.0": False, "libcublas.so.10.0": False}
    given = listing(machine, site, old, {"LD_LIBRARY_PATH": "/usr/local/cuda-10.0/lib64"})
    assert all(each.reachable for each in given.libraries)


@pytest.mark.parametrize(
    ("files", "listed", "version", "origin"),
    [
        (["usr/lib/x86_64-linux-gnu/libcudnn.so.8.9.7"], "libcudnn.so.8", "8.9.7", "system"),
        (["usr/local/cuda-11.8/lib64/libcublas.so.11.11.3.6"], "libcublas.so.11", "11.8", "system"),
        (["usr/local/cuda/lib64/libcudart.so.11.5.117"], "libcudart.so.11.0", "11.5", "system"),
        (
            [
                "usr/lib/x86_64-linux-gnu/libcublas.so.11.7.4",
                "usr/lib/x86_64-linux-gnu/libcudart.so.11.5.117",
            ],
            "libcublas.so.11",
            "11.5",
            "system",
        ),
        (["usr/local/cuda/lib64/stubs/libcuda.so"], "libcuda.so", None, "stub"),
        (["usr/local/cuda-12.4/compat/libcuda.so.550.54.14"], "libcuda.so.1", "550.54.14", "compat"),
        (["usr/lib/wsl/lib/libcuda.so.1"], "libcuda.so.1", None, "driver"),
        (["usr/local/nvidia/lib64/libcuda.so.470.57.02"], "libcuda.so.1", "470.57.02", "driver"),
        (["usr/lib/libcuda.so.1.1"], "libcuda.so.1", None, "driver"),
    ],
)
def test_release_and_origin_are_told_by_path_and_real_name(
    machine: Machine, files: list[str], listed: str, version: str | None, origin: str
) -> None:
    site = site_of(machine)
    for file in files:
        path = machine.root / file
        put(path.parent, path.name)
        if path == machine.root / files[0] and path.name != listed:
            (path.parent / listed).symlink_to(path.name)
    [found] = copies(listing(machine, site, None), listed)
    assert (found.version, found.origin) == (version, origin)


def test_the_header_of_the_same_installation_tells_which_cudnn_it_is(machine: Machine) -> None:
    site = site_of(machine)
    put(machine.root / "usr/local/cuda/lib64", "libcudnn.so.8", "libcudnn.so.7")
    include = put(machine.root / "usr/local/cuda/include")
    (include / "cudnn_version.h").write_text(
        "#define CUDNN_MAJOR 8\n#define CUDNN_MINOR 1\n#define CUDNN_PATCHLEVEL 0\n"
    )
    found = listing(machine, site, None)
    assert [copies(found, f"libcudnn.so.{major}")[0].version for major in (7, 8)] == [None, "8.1.0"]


@pytest.mark.parametrize(
    "folder", ["usr/local/cuda/lib64", "home/env/lib/python3.11/site-packages/torch/lib"]
)
def test_what_cudnn_8_is_linked_against_tells_its_cuda(machine: Machine, folder: str) -> None:
    site = site_of(machine)
    lib = put(machine.root / folder, "libcudnn.so.8")
    blas = made.shared_object(put(machine.root / "elsewhere") / "libcublas.so.11")
    made.shared_object(lib / "libcudnn_ops_infer.so.8", runpath=["$ORIGIN"], needs=[blas])
    [copy] = copies(listing(machine, site, None), "libcudnn.so.8")
    assert copy.cuda_major == 11


@pytest.mark.parametrize("size", [len(EMPTY_LIBRARY), 7])
def test_of_two_wheels_that_own_one_file_record_tells_whose_it_is(machine: Machine, size: int) -> None:
    site = site_of(machine)
    put(site / "nvidia/cudnn/lib", "libcudnn.so.9")
    wheels = []
    for name, version, recorded in (
        ("nvidia-cudnn-cu12", "9.3.0.75", size),
        ("nvidia-cudnn-cu13", "9.12.0.46", 5),
    ):
        made.distribution(site, name, version)
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        (info / "RECORD").write_text(f"nvidia/cudnn/lib/libcudnn.so.9,sha256=x,{recorded}\n")
        wheels.append(Distribution(name=name, version=version))
    [copy] = copies(listing(machine, site, None, distributions=wheels), "libcudnn.so.9")
    told = size == len(EMPTY_LIBRARY)
    assert (copy.version, copy.cuda_major) == (("9.3.0", 12) if told else (None, None))


def test_condas_cudnn_is_of_the_cuda_of_its_build_or_of_the_environment(machine: Machine) -> None:
    site = site_of(machine)
    put(site.parents[1], "libcudnn.so.8", "libcudart.so.11.0")

    def conda(name: str, version: str, build: str) -> Distribution:
        return Distribution(name=name, version=version, build=build, installer="conda")

    toolkit = conda("cudatoolkit", "11.3.1", "h2bc3f7f_2")
    for build_string, major in (("cuda10.1_0", 10), ("h86fa8c9_0", 11)):
        packages = (toolkit, conda("cudnn", "8.2.1.32", build_string))
        found = listing(machine, site, None, distributions=packages)
        [copy] = copies(found, "libcudnn.so.8")
        assert (copy.origin, copy.version, copy.cuda_major) == ("conda", "8.2.1", major)
        assert copies(found, "libcudart.so.11.0")[0].version == "11.3"


def test_a_library_of_two_gigabytes_that_holds_nothing_is_looked_at_and_not_read(machine: Machine) -> None:
    site = site_of(machine)
    folder = made.tensorflow(site, "2.20.0", made.RUNPATH_2_20)
    made.cuda_wheels(site)
    for path in (site / "nvidia/cublas/lib/libcublas.so.12", folder / "libtensorflow_framework.so.2"):
        with path.open("wb") as file:
            file.truncate(2 << 30)
    [blas] = copies(listing(machine, site, build(folder)), "libcublas.so.12")
    assert (blas.version, blas.reachable) == (None, False)


def test_what_cannot_be_read_is_passed_over(machine: Machine) -> None:
    site = site_of(machine)
    (site / "nvidia").mkdir()
    (site / "nvidia/cudnn").write_text("a file where a folder should be")
    put(machine.root / "etc", "ld.so.cache", content=b"glibc-ld.so.cache1.1" + b"\xff" * 100)
    (machine.root / "usr/local").mkdir(parents=True)
    (machine.root / "usr/local/cuda").symlink_to("cuda")
    folder = put(site / "tensorflow")
    (folder / "libtensorflow_framework.so.2").mkdir()
    assert listing(machine, site, build(folder)) == Listing((), ())


def test_macos_has_none_of_these_libraries(tmp_path: Path) -> None:
    mac = Machine(root=tmp_path, environ={}, platform="darwin")
    assert libraries(mac, tmp_path, [], None, {}, (), None, None) is None
