"""What a rule looks at: a snapshot, and the framework that is being judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from .messages import Match, recognised
from .snapshot import Distribution, Driver, EnvironmentFacts, FrameworkFacts, Gpu, Host, Library, Snapshot
from .stack import Stack, build_stack
from .versions import minor

PROPER_NAMES = {"tensorflow": "TensorFlow", "torch": "PyTorch", "jax": "JAX", "mxnet": "MXNet"}

_GPU_NODE = re.compile(r"/dev/nvidia\d+")

_TRAINS = re.compile(r"\b(arc|flex|max|gaudi)\b", re.IGNORECASE)
"""Intel's products that train; the graphics inside its processors do not."""


@dataclass(frozen=True)
class Subject:
    """A snapshot from one framework's point of view.

    ``name``: the framework that is judged; None in rules about the machine. ``asked``: somebody chose it.
    """

    snapshot: Snapshot
    name: str | None = None
    asked: bool = False

    @cached_property
    def host(self) -> Host:
        return self.snapshot.host or Host()

    @cached_property
    def driver(self) -> Driver:
        return self.snapshot.driver or Driver()

    @cached_property
    def environment(self) -> EnvironmentFacts:
        return self.snapshot.environment or EnvironmentFacts()

    @cached_property
    def framework(self) -> FrameworkFacts | None:
        """The build that the import takes: the first of its name in path order."""
        found = self.environment.frameworks or ()
        return next((each for each in found if each.name == self.name), None)

    @property
    def proper_name(self) -> str:
        return PROPER_NAMES.get(self.name or "", self.name or "the framework")

    @property
    def title(self) -> str:
        """Name and version for a sentence: ``TensorFlow 2.21.0``."""
        version = self.framework.version if self.framework else None
        return f"{self.proper_name} {version}" if version else self.proper_name

    @property
    def release(self) -> tuple[int, int] | None:
        """The framework's major and minor version."""
        return minor(self.framework.version) if self.framework else None

    @cached_property
    def distributions(self) -> tuple[Distribution, ...]:
        return self.environment.distributions or ()

    def distribution(self, name: str) -> Distribution | None:
        """The distribution of this name that is imported: the first in path order."""
        return next((each for each in self.distributions if each.name == name), None)

    @cached_property
    def libraries(self) -> tuple[Library, ...]:
        return self.environment.libraries or ()

    @cached_property
    def stack(self) -> Stack:
        """What the build has to load, and what its loader finds."""
        return build_stack(self.snapshot, self.name, self.framework)

    @cached_property
    def messages(self) -> tuple[Match, ...]:
        """The messages that the log holds, without those that are plainly another framework's."""
        found = recognised(self.snapshot.log) if self.snapshot.log else ()
        if self.name is None:
            return found
        return tuple(each for each in found if not each.frameworks or self.name in each.frameworks)

    def said(self, *names: str) -> Match | None:
        """The first message of one of these ids. A log may be old: a fact of the snapshot comes before it."""
        return next((each for each in self.messages if each.id in names), None)

    @property
    def system(self) -> str:
        """``windows`` where driver versions are Windows', WSL2 included, else ``linux``."""
        return "windows" if self.host.os == "windows" or self.host.wsl else "linux"

    @cached_property
    def nvidia_gpu(self) -> bool | None:
        """Whether the machine has an NVIDIA GPU, whatever the driver says. None: not known."""
        if any(gpu.vendor == "nvidia" for gpu in self.snapshot.gpus or ()):
            return True
        if self.host.nvidia_pci_devices or self.host.jetson:
            return True
        if any(_GPU_NODE.fullmatch(each) for each in self.host.device_nodes or ()):
            return True
        if self.driver.status == "ok" and self.snapshot.gpus is None:
            return True  # NVML starts only where there is one
        if self.driver.status == "ok" and self.snapshot.gpus:
            return any(gpu.vendor is None for gpu in self.snapshot.gpus) or None
        if self.host.nvidia_pci_devices == 0 and not self.host.wsl and self.host.os != "macos":
            return False
        return None

    @cached_property
    def other_gpu(self) -> bool | None:
        """Whether another maker's GPU that can train is there. None: not known."""
        gpus = self.snapshot.gpus
        if any(gpu.vendor not in ("nvidia", None) and _may_train(gpu) for gpu in gpus or ()):
            return True
        if "/dev/kfd" in (self.host.device_nodes or ()):
            return True
        return False if gpus is not None or self.host.device_nodes is not None else None

    @cached_property
    def compute_capabilities(self) -> tuple[str, ...]:
        """Of the NVIDIA GPUs that the driver lists, as far as known."""
        return tuple(found for gpu in self.nvidia_gpus if (found := capability(gpu)))

    @cached_property
    def nvidia_gpus(self) -> tuple[Gpu, ...]:
        """The GPUs that CUDA could use, in the driver's order."""
        return tuple(gpu for gpu in self.snapshot.gpus or () if gpu.vendor in ("nvidia", None))

    @property
    def gpu_names(self) -> str:
        """The NVIDIA GPUs by name for a sentence; how many PCI devices where the driver lists none."""
        names = [gpu.name for gpu in self.snapshot.gpus or () if gpu.name and gpu.vendor in ("nvidia", None)]
        if names:
            return ", ".join(dict.fromkeys(names))
        count = self.host.nvidia_pci_devices or 0
        return f"{count} NVIDIA devices on the PCI bus" if count > 1 else "an NVIDIA device on the PCI bus"


def capability(gpu: Gpu) -> str | None:
    """A GPU's compute capability, by its name where the driver did not say. None: not known."""
    from .knowledge.gpus import capability_of  # with the first report that needs it, not with the server

    return gpu.compute_capability or (capability_of(gpu.name) if gpu.name else None)


def _may_train(gpu: Gpu) -> bool:
    return gpu.vendor != "intel" or not gpu.name or bool(_TRAINS.search(gpu.name))
