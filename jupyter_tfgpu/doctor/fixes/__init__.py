"""The ways out of a cause: exact commands for the environment's own tool, with releases that exist and work.

One module a kind: ``host`` (the driver), one a framework for its builds, ``tool`` for how an environment
is changed, ``automatic`` for what we can do ourselves. What does not exist for a machine is not offered.
"""

from . import automatic, host
from .frameworks import gpu_build, install_framework
from .libraries import cuda_libraries

__all__ = ["automatic", "cuda_libraries", "gpu_build", "host", "install_framework"]
