"""Which Python environments are on this machine, and what is in them, read from their files alone.

Nothing in an environment is imported or run, and no conda, pip or other program is asked. Knows disks;
nothing of GPUs or Jupyter.

For everybody:

- ``Registry(machine)``: ``.environments(refresh=False) -> tuple[Environment, ...]``, ``.find(text) ->
  Environment`` by id, name or path, ``.known`` (the last answer again), ``.problems`` (sentences on places
  that did not answer);
- ``describe(machine, prefix) -> Environment``, or ``NotAnEnvironment``; ``environment_id(prefix) -> str``;
- ``labels(environments, template) -> dict[str, str]`` by ``kernel_key(environment.id, own kernel's name)``,
  or ``LabelError``; ``check_template(template)``.

For who needs more facts of one prefix:

- ``site_folders(machine, prefix, user=False) -> tuple[SiteFolder, ...]`` (``folder``, ``location``) in the
  order of the import path; ``site_packages(machine, prefix) -> tuple[Path, ...]`` without the user's folder;
- ``installed(machine, prefix, user=True) -> tuple[Distribution, ...]`` (``name``, ``version``, ``location``,
  ``folder``, ``info``, conda ``build``) and ``conda_packages(prefix) -> tuple[CondaPackage, ...]``;
- ``builds.read(machine, prefix, user=False) -> tuple[FrameworkBuild, ...]``: ``name``, ``version``,
  ``cuda_build``, ``rocm_build``, ``cuda``, ``cudnn``, ``compute_capabilities``, ``folder``, ``location``;
- ``read_own_kernel(folder) -> OwnKernelDocument`` (``argv``, ``env``, ``resources``, …), or
  ``UnreadableKernel``: a kernelspec that lies in an environment, one of its ``own_kernels``;
- ``interpreter``, ``base_prefix``, ``pyvenv_settings``: single facts of a prefix.
"""

from . import builds
from .builds import FrameworkBuild
from .describe import NotAnEnvironment, describe, environment_id
from .distributions import CondaPackage, Distribution, conda_packages, installed, normalised
from .environment import Environment, Framework, FrameworkName, Kind, OwnKernel
from .label import DEFAULT_TEMPLATE, LabelError, check_template, kernel_key, labels
from .layout import (
    Location,
    SiteFolder,
    base_prefix,
    interpreter,
    pyvenv_settings,
    site_folders,
    site_packages,
)
from .own_kernels import OwnKernelDocument, UnreadableKernel, read_own_kernel
from .registry import AmbiguousEnvironment, EnvironmentNotFound, Registry

__all__ = [
    "DEFAULT_TEMPLATE",
    "AmbiguousEnvironment",
    "CondaPackage",
    "Distribution",
    "Environment",
    "EnvironmentNotFound",
    "Framework",
    "FrameworkBuild",
    "FrameworkName",
    "Kind",
    "LabelError",
    "Location",
    "NotAnEnvironment",
    "OwnKernel",
    "OwnKernelDocument",
    "Registry",
    "SiteFolder",
    "UnreadableKernel",
    "base_prefix",
    "builds",
    "check_template",
    "conda_packages",
    "describe",
    "environment_id",
    "installed",
    "interpreter",
    "kernel_key",
    "labels",
    "normalised",
    "pyvenv_settings",
    "read_own_kernel",
    "site_folders",
    "site_packages",
]
