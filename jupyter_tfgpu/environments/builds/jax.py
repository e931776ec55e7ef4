"""JAX's build: its GPU code comes in a plugin (``jax-cuda12-plugin``) or, up to 0.4.2x, inside jaxlib,
whose version then says so (``0.4.13+cuda12.cudnn89``)."""

from __future__ import annotations

import re

from .. import files
from .build import FrameworkBuild, Site, conda_cuda, dotted

DISTRIBUTIONS = ("jax", "jaxlib")

_CUDA_PLUGIN = re.compile(r"jax-cuda(\d+)-plugin$")
_ROCM_PLUGIN = re.compile(r"jax-rocm\d*-plugin$")
_LOCAL = re.compile(r"\+cuda(\d+)(?:\.cudnn(\d+))?")


def read(site: Site) -> FrameworkBuild | None:
    """The JAX in this site-packages. None: no package folder of it there."""
    folder = site.folder / "jax"
    if "jax" not in site.names or not files.is_file(folder / "__init__.py"):
        return None
    cuda_build, cuda, cudnn = _cuda(site)
    return FrameworkBuild(
        name="jax",
        version=site.here.get("jax"),
        cuda_build=cuda_build,
        rocm_build=any(_ROCM_PLUGIN.match(name) for name in site.visible) if cuda_build is False else None,
        cuda=cuda,
        cudnn=cudnn,
        compute_capabilities=None,
        folder=folder,
        location=site.location,
    )


def _cuda(site: Site) -> tuple[bool | None, str | None, str | None]:
    for name in site.visible:
        plugin = _CUDA_PLUGIN.match(name)
        if plugin:
            return True, plugin[1], None
    if "jaxlib" not in site.visible:
        return None, None, None
    local = _LOCAL.search(site.visible["jaxlib"] or "")
    if local:
        return True, dotted(local[1]), ".".join(local[2]) if local[2] else None
    if "jaxlib" in site.conda:
        return (*conda_cuda(site.conda["jaxlib"]), None)
    return False, None, None
