"""Which rows a new release of a framework gives, in which tables."""

from __future__ import annotations

import re
from collections.abc import Callable

from jupyter_tfgpu.doctor import Snapshot
from jupyter_tfgpu.doctor.snapshot import Distribution, FrameworkFacts
from jupyter_tfgpu.doctor.versions import numbers
from scripts.knowledge.tables import Table

Tables = dict[str, Table]


class New:
    """A release that the tables do not hold yet, on one platform, as its wheel says it."""

    def __init__(
        self, package: str, version: str, platform: str, tags: list[str], facts: Snapshot, wheel: str
    ) -> None:
        self.package, self.version, self.platform, self.tags = package, version, platform, tags
        self.facts, self.wheel = facts, wheel

    @property
    def source(self) -> str:
        return f"PyPI wheel {self.wheel}"

    @property
    def build(self) -> FrameworkFacts | None:
        found = self.facts.environment.frameworks if self.facts.environment else None
        return found[0] if found else None

    @property
    def distribution(self) -> Distribution | None:
        found = self.facts.environment.distributions if self.facts.environment else None
        return next((each for each in found or () if each.name == self.package), None)

    def requires(self, name: str) -> list[str]:
        """The requirement lines that name such a distribution (a regular expression)."""
        lines = (self.distribution.requires if self.distribution else None) or ()
        return [line for line in lines if re.match(name, line)]


def tensorflow(new: New, tables: Tables) -> None:
    """A wheel with CUDA code: what it was built for, and where it looks for libraries."""
    build = new.build
    if build is None or not build.cuda_build:
        return
    extra = any('extra == "and-cuda"' in line.replace("'", '"') for line in new.requires("nvidia-"))
    tables["tf_gpu_wheels"].add(
        package=new.package,
        version=new.version,
        platform=new.platform,
        python_tags=" ".join(new.tags),
        cuda=build.cuda or "",
        cudnn=build.cudnn or "",
        compute_capabilities=" ".join(build.compute_capabilities or ()),
        and_cuda="yes" if extra else "",
        source=new.source,
    )
    if new.platform == "linux_x86_64" and build.search_path:
        site = next(
            folder.partition("site-packages/")[0]
            for folder in build.search_path
            if "site-packages/" in folder
        )
        folders = [folder.removeprefix(f"{site}site-packages/") for folder in build.search_path]
        tables["tf_runpath"].add(
            version=new.version,
            tag="RUNPATH",
            origin="yes" if new.package in folders else "no",
            folders=" ".join(each for each in folders if each != new.package and not each.startswith("/")),
            source=f"ELF dynamic section read from the PyPI wheel of {new.package}=={new.version}",
        )


def torch(new: New, tables: Tables) -> None:
    """PyTorch's own wheel on the index: its CUDA, the code in it, the cuDNN that it pins."""
    build = new.build
    cuda = (build.cuda if build else None) or ""
    tables["torch_builds"].add(
        version=new.version,
        platform=new.platform,
        python_tags=" ".join(new.tags),
        cuda=cuda,
        variants="",
        source=f"{new.source}: METADATA, torch/version.py",
    )
    if build is None or not cuda:
        return
    if build.compute_capabilities:
        tables["torch_code"].add(
            version=new.version,
            platform=new.platform,
            cuda=cuda,
            code=" ".join(build.compute_capabilities),
            source=f"{new.source}: METADATA, torch/version.py, string in torch/lib/libtorch_python.so",
        )
    pins = [
        re.match(r"nvidia-cudnn-cu(\d+)\s*\(?==([\d.]+)", line) for line in new.requires("nvidia-cudnn-cu")
    ]
    for pin in pins:
        if pin is not None and new.platform == "linux_x86_64":
            tables["torch_cudnn"].add(version=new.version, cuda_major=pin[1], cudnn=pin[2], source=new.source)


def jax(new: New, tables: Tables) -> None:
    """JAX's CUDA plug-in: for which CUDA, and the oldest cuDNN that it asks for."""
    major = re.sub(r"\D", "", new.package)
    source = f"PyPI {new.package}=={new.version} METADATA"
    tables["jax_plugins"].add(
        package=new.package,
        version=new.version,
        python_tags=" ".join(new.tags),
        platforms=new.platform,
        cuda_major=major,
        source=source,
    )
    floors = [re.search(r">=([\d.]+)", line) for line in new.requires("nvidia-cudnn-cu")]
    known = [floor[1] for floor in floors if floor is not None]
    if known:
        oldest = max(known, key=numbers)
        tables["jax_cudnn"].add(
            package=new.package, version=new.version, cuda_major=major, cudnn=oldest, source=source
        )


RELEASES: dict[str, tuple[str, tuple[str, ...], Callable[[New, Tables], None]]] = {
    "tensorflow": ("tf_gpu_wheels", ("linux_x86_64",), tensorflow),
    "torch": ("torch_builds", ("linux_x86_64", "linux_aarch64", "win_amd64", "macos_arm64"), torch),
    "jax-cuda12-plugin": ("jax_plugins", ("linux_x86_64",), jax),
    "jax-cuda13-plugin": ("jax_plugins", ("linux_x86_64",), jax),
}
"""Package to the table that tells whether a release is known, the platforms that are read, and its reader."""

TABLES = (
    "tf_gpu_wheels",
    "tf_runpath",
    "torch_builds",
    "torch_code",
    "torch_cudnn",
    "jax_plugins",
    "jax_cudnn",
)
