"""JAX: its GPU code comes as a plug-in, for Linux only."""

from __future__ import annotations

from packaging.version import Version

from ..knowledge import table
from ..report import Fix
from ..subject import Subject
from ..versions import numbers
from .tool import pip_install, python_tag, wheel_platform


def gpu_build(subject: Subject) -> tuple[Fix, ...]:
    """The CUDA plug-in of the installed release where there is one for this Python, else of the newest."""
    platform = wheel_platform(subject)
    if subject.host.os == "windows":
        return (Fix(title="Run Jupyter in WSL2: JAX has no GPU build for native Windows"),)
    if subject.host.jetson or platform is None:
        return ()
    tag = python_tag(subject)
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
        return ()
    requirement = f"jax[cuda12]=={best['version']}"
    return (
        Fix(
            title=f"Install JAX {best['version']} with its plug-in for CUDA 12",
            commands=(pip_install(subject, requirement),),
        ),
    )
