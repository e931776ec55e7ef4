"""The version that a package's own files say, whatever the folder beside them (dist-info) is called."""

from __future__ import annotations

import re
from pathlib import Path

from ...environments.builds.tensorflow import DISTRIBUTIONS as TENSORFLOW
from ...environments.builds.tensorflow import header_version
from ...environments.files import read_text

_BYTES = 1 << 16

_MODULES = {
    "torch": ("torch/version.py",),
    "jax": ("jax/version.py",),
    "jaxlib": ("jaxlib/version.py",),
    "numpy": ("numpy/version.py", "numpy/_version.py"),
    "keras": ("keras/src/version.py", "keras/__init__.py"),
    "protobuf": ("google/protobuf/__init__.py",),
}
"""A distribution to the modules that state its version, the first that does."""

_STATED = re.compile(
    r"^(?:__version__|_version|short_version|version|full_version)\s*(?::\s*\w+\s*)?="
    r"\s*[\"']([0-9][^\"']*)[\"']"
    r'|^\s*"version": "([0-9][^"]*)"',
    re.MULTILINE,
)
"""An assignment, or the line of the JSON text that versioneer writes (numpy 1.21 to 1.25)."""


def file_version(distribution: str, site: Path) -> str | None:
    """The version. None: it is no package whose files are looked at, or they do not say."""
    if distribution in TENSORFLOW and distribution != "tensorflow-directml":  # it counts for itself
        return header_version(site / "tensorflow") or header_version(site / "tensorflow_core")
    for name in _MODULES.get(distribution, ()):
        match = _STATED.search(read_text(site / name, _BYTES) or "")
        if match:
            return match[1] or match[2]
    return None
