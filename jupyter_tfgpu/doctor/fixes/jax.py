"""JAX: its GPU code comes as a plug-in, for Linux only."""

from __future__ import annotations

from packaging.version import Version

from ..knowledge import table
from ..report import Fix
from ..subject import Subject
from ..versions import numbers
from .requirement import Requirement
from .tool import conda_install, made_by_conda, pip_install, python_tag, wheel_platform


def gpu_build(subject: Subject) -> tuple[Fix, ...]:
    """The CUDA plug-in of the installed release where there is one for this Python, else of the newest."""
    if subject.host.os == "windows":
        return (Fix(title="Run Jupyter in WSL2: JAX has no GPU build for native Windows"),)
    if made_by_conda(subject.distribution("jaxlib")):
        specs = ("jaxlib=*=*cuda*", "jax", "cuda-nvcc")
        command = conda_install(subject, *specs, channel="conda-forge")
        return (Fix(title="Install conda-forge's CUDA build of jaxlib", commands=(command,)),)
    found = gpu_requirement(subject)
    if found is None:
        title = (
            "Make a new environment with a Python that JAX's CUDA plug-in has wheels for, on a driver for "
        )
        return (Fix(title=f"{title}CUDA 12 or newer: docs.jax.dev (Installation) names both"),)
    return (Fix(title=f"Install {found.title}", commands=(pip_install(subject, *found.words),)),)


def gpu_requirement(subject: Subject) -> Requirement | None:
    """``jax[cuda12]`` of a release whose plug-in is there for this Python, platform and driver."""
    platform, tag = wheel_platform(subject), python_tag(subject)
    newest = numbers(subject.driver.cuda_version)[:1] or (12,)
    rows = [
        row
        for row in table("jax_plugins")
        if platform in row["platforms"].split()
        and (tag is None or tag in row["python_tags"].split())
        and row["cuda_major"] == "12"
        and newest >= (12,)
    ]
    installed = subject.framework.version if subject.framework else None
    same = [row for row in rows if row["version"] == installed]
    best = max(same or rows, key=lambda row: Version(row["version"]), default=None)
    if best is None:
        return None
    words = (f"jax[cuda12]=={best['version']}",)
    return Requirement(f"JAX {best['version']} with its plug-in for CUDA 12", words)
