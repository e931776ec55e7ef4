"""PyTorch's build, from ``torch/version.py``: ``cuda = '12.8'``, ``hip = '6.3.…'``, or None for both.

The compute capabilities stand only inside a shared library, so they are not known here.
"""

from __future__ import annotations

from .. import files
from .build import FrameworkBuild, Site, assigned

DISTRIBUTIONS = ("torch",)


def read(site: Site) -> FrameworkBuild | None:
    """The PyTorch in this site-packages. None: no package folder of it there."""
    folder = site.folder / "torch"
    if "torch" not in site.names or not files.is_file(folder / "__init__.py"):
        return None
    values = assigned(folder / "version.py") or {}
    own = values.get("__version__")
    cuda = values.get("cuda")
    return FrameworkBuild(
        name="torch",
        version=site.here.get("torch") or (own if isinstance(own, str) else None),
        # A key that is missing says nothing; one that is None says "built without".
        cuda_build=bool(cuda) if "cuda" in values else None,
        rocm_build=bool(values["hip"]) if "hip" in values else None,
        cuda=cuda if isinstance(cuda, str) and cuda else None,
        cudnn=None,
        compute_capabilities=None,
        folder=folder,
        location=site.location,
    )
