"""TensorFlow's build, from ``build_info.py`` and, where that is silent, from ``cuda_config.h``.

What the releases have (read from the wheels 1.13 to 2.22.0rc0):

- 1.13: only ``is_cuda_build``; 1.14-2.2: module variables ``cuda_version_number``, ``cudnn_version_number``,
  on Linux without the minor version; in 1.15-2.1 below ``tensorflow_core/``;
- 2.3: a dict ``build_info``; from 2.4 an ``OrderedDict``;
- 2.22.0rc0: ``is_cuda_build`` and ``is_rocm_build`` alone;
- ``include/external/local_config_cuda/cuda/cuda/cuda_config.h`` in all of them, with ``TF_CUDA_VERSION`` and
  ``TF_CUDNN_VERSION``; with the compute capabilities up to 2.2 and from 2.6. A CPU build's is blank, or
  (up to 2.2) lists capabilities all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .. import files
from .build import FrameworkBuild, Site, assigned, dotted, first_version

DISTRIBUTIONS = (
    "tensorflow",
    "tensorflow-gpu",
    "tensorflow-cpu",
    "tensorflow-intel",
    "tensorflow-macos",
    "tensorflow-cpu-aws",
    "tensorflow-rocm",
    "tensorflow-directml",
    "tensorflow-aarch64",
    "intel-tensorflow",
    "nvidia-tensorflow",
    "tf-nightly",
    "tf-nightly-gpu",
    "tf-nightly-cpu",
    "tf-nightly-intel",
)
"""All of them install the import package ``tensorflow``; shims (2.11-2.18 on Windows) do it by another."""

_PACKAGES = ("tensorflow", "tensorflow_core")
"""In 1.15-2.1 ``tensorflow/`` has no build_info.py; in a later one ``tensorflow_core/`` may be left over."""
_CUDA_CONFIGS = (
    "include/external/local_config_cuda/cuda/cuda/cuda_config.h",
    "include/third_party/gpus/cuda/cuda_config.h",
)
_DEFINE = re.compile(r"^#define[ \t]+(TF_\w+)[ \t]*(.*)$", re.MULTILINE)
_VERSION_HEADERS = ("release_version.h", "version.h")


def read(site: Site) -> FrameworkBuild | None:
    """The TensorFlow in this site-packages. None: no package folder of it there."""
    folder = _package(site)
    if folder is None:
        return None
    info = _build_info(folder)
    cuda_build = _boolean(info.get("is_cuda_build"))
    rocm_build = _boolean(info.get("is_rocm_build"))
    cuda = _release(info.get("cuda_version") or info.get("cuda_version_number"))
    cudnn = _release(info.get("cudnn_version") or info.get("cudnn_version_number"))
    capabilities = _capabilities(info.get("cuda_compute_capabilities"))
    if cuda_build is None or (cuda_build and not (cuda and "." in cuda and cudnn and capabilities)):
        config = _cuda_config(folder)
        stated = _release(config.get("TF_CUDA_VERSION", "").strip('"'))
        if cuda_build is None and "TF_CUDA_VERSION" in config:
            cuda_build = stated is not None
        cuda = _more_precise(cuda, stated)
        cudnn = _more_precise(cudnn, _release(config.get("TF_CUDNN_VERSION", "").strip('"')))
        capabilities = capabilities or _config_capabilities(config)
    built_for_gpu = cuda_build or rocm_build
    return FrameworkBuild(
        name="tensorflow",
        version=first_version(site.here, DISTRIBUTIONS) or header_version(folder),
        cuda_build=cuda_build,
        rocm_build=rocm_build,
        cuda=cuda if cuda_build else None,
        cudnn=cudnn if cuda_build else None,
        compute_capabilities=capabilities if built_for_gpu else None,
        folder=folder,
        location=site.location,
    )


def _package(site: Site) -> Path | None:
    """The folder that has the build's files. A bare ``tensorflow/`` left behind by an uninstall is none."""
    present = [site.folder / name for name in _PACKAGES if name in site.names]
    for folder in present:
        if files.is_file(folder / "python" / "platform" / "build_info.py"):
            return folder
    return next((folder for folder in present if files.is_file(folder / "__init__.py")), None)


def _build_info(folder: Path) -> Mapping[str, Any]:
    values = assigned(folder / "python" / "platform" / "build_info.py") or {}
    nested = values.get("build_info")
    return nested if isinstance(nested, dict) else values


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _release(value: object) -> str | None:
    """A CUDA or cuDNN release. Windows writes the file's suffix: ``64_112`` is 11.2, ``64_8`` is 8."""
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    return dotted(text[3:]) if text.startswith("64_") else text


def _more_precise(one: str | None, other: str | None) -> str | None:
    if one is None or (other is not None and other.startswith(f"{one}.")):
        return other
    return one


def _capabilities(value: object) -> tuple[str, ...] | None:
    """``sm_NN`` and ``compute_NN`` as listed; an entry ``compute_NN`` stands for machine code and PTX."""
    if not isinstance(value, (list, tuple)):
        return None
    found: list[str] = []
    for entry in value:
        if not isinstance(entry, str):
            continue
        if entry.startswith("compute_"):
            found.append(entry.replace("compute_", "sm_", 1))
        found.append(entry)
    return _distinct(found)


def _cuda_config(folder: Path) -> dict[str, str]:
    for name in _CUDA_CONFIGS:
        text = files.read_text(folder / name)
        if text is not None:
            return {key: value.strip() for key, value in _DEFINE.findall(text)}
    return {}


def _config_capabilities(config: Mapping[str, str]) -> tuple[str, ...] | None:
    """From ``60, 70, 80`` or ``CudaVersion("6.0"), …``: machine code for each, PTX for the last."""
    text = config.get("TF_CUDA_COMPUTE_CAPABILITIES") or config.get("TF_CUDA_CAPABILITIES") or ""
    numbers = [match.replace(".", "") for match in re.findall(r"\d+(?:\.\d+)?", text)]
    if not numbers:
        return None
    return _distinct([*(f"sm_{number}" for number in numbers), f"compute_{numbers[-1]}"])


def _distinct(entries: Iterable[str]) -> tuple[str, ...] | None:
    return tuple(dict.fromkeys(entries)) or None


def header_version(folder: Path) -> str | None:
    """The version from TensorFlow's own header, for a copy that has no metadata."""
    for name in _VERSION_HEADERS:
        text = files.read_text(folder / "include/tensorflow/core/public" / name) or ""
        defined = dict(_DEFINE.findall(text))
        parts = [defined.get(f"TF_{part}_VERSION", "").strip() for part in ("MAJOR", "MINOR", "PATCH")]
        if all(part.isdigit() for part in parts):
            return ".".join(parts)
    return None
