"""MXNet's build, from the distribution's name: ``mxnet-cu112`` is CUDA 11.2, ``mxnet`` a CPU build.

Conda's package says it in the build string of ``libmxnet`` or ``mxnet``.
"""

from __future__ import annotations

import re

from .. import files
from .build import FrameworkBuild, Site, conda_cuda, dotted

DISTRIBUTIONS = ("mxnet",)

_NAME = re.compile(r"mxnet(?:-cu(\d+))?(?:-?mkl)?$")


def read(site: Site) -> FrameworkBuild | None:
    """The MXNet in this site-packages. None: no package folder of it there."""
    folder = site.folder / "mxnet"
    if "mxnet" not in site.names or not files.is_file(folder / "__init__.py"):
        return None
    named = [(match, version) for name, version in site.here.items() if (match := _NAME.match(name))]
    cuda = next((dotted(match[1]) for match, _ in named if match[1]), None)
    cuda_build = cuda is not None if named else None
    conda = site.conda.get("libmxnet") or site.conda.get("mxnet")
    if conda and not cuda_build:
        cuda_build, cuda = conda_cuda(conda)
    return FrameworkBuild(
        name="mxnet",
        version=next((version for _, version in named if version), None),
        cuda_build=cuda_build,
        rocm_build=None,
        cuda=cuda,
        cudnn=None,
        compute_capabilities=None,
        folder=folder,
        location=site.location,
    )
