"""A snapshot: the raw facts that a diagnosis works from. Facts only, no judgement.

Every field may be absent or None, which means "not known": a rule whose facts are not known stays
silent. Unknown fields are ignored, so that a snapshot of a newer release can be read. What is not known is
not written: of a distribution mostly three fields of nine are.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec


class Host(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    os: Literal["linux", "windows", "macos"] | None = None
    """The system that the kernel's interpreter runs on; WSL2 is linux"""
    os_version: str | None = None
    arch: Literal["x86_64", "aarch64", "arm64"] | None = None
    """The machine's processor (arm64 on macOS, aarch64 on Linux)"""
    wsl: bool | None = None
    container: str | None = None
    """Docker, podman, kubernetes, apptainer, ... ; null: not in one, or not known"""
    jetson: str | None = None
    """The L4T release where this is a Jetson, e.g. R35.4.1"""
    glibc: str | None = None
    cpu_flags: tuple[str, ...] | None = None
    nvidia_pci_devices: int | None = None
    """NVIDIA display or 3D controllers on the PCI bus, whatever the driver says. Under WSL2 and on
    a Jetson it is 0 although a GPU is there"""
    device_nodes: tuple[str, ...] | None = None
    """The /dev/nvidia*, /dev/dxg (WSL2), /dev/nvhost* and /dev/nvmap (Jetson), /dev/kfd nodes that
    exist; [] means looked and found none"""
    device_nodes_denied: tuple[str, ...] | None = None
    """Those of them this user may not open"""
    nodes_on_demand: bool | None = None
    """Whether nvidia-modprobe is there, which makes missing nodes when a program first asks CUDA for a GPU.
    Not in the public format"""
    nvidia_container_variables: dict[str, Any] | None = None
    """NVIDIA_VISIBLE_DEVICES, NVIDIA_DRIVER_CAPABILITIES as set"""
    groups: tuple[str, ...] | None = None
    """Groups of the user that the kernel runs as"""


class Driver(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    status: (
        Literal[
            "ok",
            "absent",
            "not-loaded",
            "library-mismatch",
            "no-permission",
            "gpu-lost",
            "not-answering",
            "error",
        ]
        | None
    ) = None
    """What NVML's initialisation, or its absence, says; null where the platform has no NVML (a
    Jetson before R36, AMD, Apple)"""
    version: str | None = None
    """User-space driver version, e.g. 550.54.14 (on WSL2 and Windows the Windows driver's)"""
    kernel_module_version: str | None = None
    """Of the loaded kernel module. Inside a container it shows the host's even when the container
    got no driver libraries"""
    cuda_version: str | None = None
    """The newest CUDA that the driver supports: a ceiling, not what is installed"""
    message: str | None = None


class GpuProcess(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pid: int | None = None
    memory: int | None = None
    kernel_id: str | None = None
    notebook: str | None = None
    this_kernel: bool | None = None


class Gpu(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    index: int | None = None
    """NVML order, which is PCI bus order"""
    uuid: str | None = None
    name: str | None = None
    """As NVML prints it"""
    vendor: Literal["nvidia", "amd", "apple", "intel"] | None = None
    compute_capability: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+\.[0-9]$")] | None = None
    gfx: str | None = None
    """AMD target, e.g. gfx1031"""
    memory_total: int | None = None
    """Bytes"""
    memory_free: int | None = None
    """Bytes"""
    mig: tuple[str, ...] | None = None
    """UUIDs of MIG instances where MIG is on"""
    processes: tuple[GpuProcess, ...] | None = None


class Distribution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    """Normalised: lower case, hyphens"""
    version: str | None
    installer: Literal["pip", "conda"] | None = None
    build: str | None = None
    """Conda build string"""
    channel: str | None = None
    """Conda channel name, e.g. conda-forge, defaults"""
    wheel_tag: str | None = None
    """From the WHEEL file"""
    location: Literal["site", "user", "system", "pythonpath"] | None = None
    requires: tuple[str, ...] | None = None
    """Requires-Dist lines that matter: numpy, protobuf, keras, nvidia-*"""
    problem: str | None = None
    """Files missing or left over against RECORD, leftover folder starting with ~, ..."""


class FrameworkFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: Literal["tensorflow", "torch", "mxnet", "jax"]
    version: str | None = None
    location: Literal["site", "user", "system", "pythonpath"] | None = None
    cuda_build: bool | None = None
    rocm_build: bool | None = None
    cuda: str | None = None
    """CUDA it was built with"""
    cudnn: str | None = None
    """CuDNN it was built with, as precisely as the files say"""
    compute_capabilities: tuple[str, ...] | None = None
    """sm_NN: machine code; compute_NN: PTX. TensorFlow's highest entry means both, and is listed
    as both. For ROCm builds: gfx targets"""
    needs: tuple[str, ...] | None = None
    """File names of the libraries it must load to use the GPU"""
    search_path: tuple[str, ...] | None = None
    """The folders that this build's loader entries (RPATH, RUNPATH) name, resolved"""


class Library(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    file: str
    """The name that is loaded: libcudnn.so.8, cudart64_110.dll, libcuda.so.1, msvcp140_1.dll"""
    version: str | None = None
    """The library's own version, e.g. 8.9.7, or the CUDA release it belongs to"""
    path: str | None = None
    origin: (
        Literal["wheel", "bundled", "conda", "system", "ld-library-path", "driver", "stub", "compat"] | None
    ) = None
    reachable: bool | None = None
    """The loader finds it for the framework in question as things stand in the kernel"""
    cuda_major: int | None = None
    """For cuDNN and the like: the CUDA major it was built for"""


class Ptxas(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    path: str | None = None
    version: str | None = None
    reachable: bool | None = None


class Libdevice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    path: str | None = None
    reachable: bool | None = None


class Tools(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    ptxas: Ptxas | None = None
    """The first that XLA would take"""
    libdevice: Libdevice | None = None
    searched: bool | None = None
    """True: looked for both, so null means missing"""
    other_ptxas: tuple[dict[str, Any], ...] | None = None
    """Further ones on disk, with path and version"""


class Activation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    scripts: tuple[str, ...] | None = None
    variables: dict[str, Any] | None = None
    """What activating the environment would set"""
    applied: bool | None = None
    """Whether the kernel has them"""


class EnvironmentFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str | None = None
    kind: (
        Literal["conda", "pixi", "venv", "virtualenv", "uv", "poetry", "pipenv", "pyenv", "system"] | None
    ) = None
    prefix: str | None = None
    python: str | None = None
    """e.g. 3.9.16"""
    bits: Literal[32, 64] | None = None
    python_arch: Literal["x86_64", "i686", "aarch64", "arm64"] | None = None
    """What the interpreter was built for"""
    distributions: tuple[Distribution, ...] | None = None
    """Every distribution on the interpreter's path, in path order (the first of a name wins); in a
    conda environment also conda packages that are no Python distributions (cudatoolkit, cudnn,
    snappy, metapackages such as tensorflow-gpu)"""
    frameworks: tuple[FrameworkFacts, ...] | None = None
    """Import packages found, in path order, with what their files say about the build"""
    libraries: tuple[Library, ...] | None = None
    """CUDA-family libraries on this machine that this kernel could load, in the order its loader
    would look; first those it reaches, then those that lie on disk out of its reach"""
    libraries_complete: bool | None = None
    """True: libraries lists all there are, so a name not in it is missing"""
    tools: Tools | None = None
    activation: Activation | None = None
    keras_backend: str | None = None
    """The framework that Keras runs on, where its release has a choice (up to 2.3, from 3 on)"""
    ipykernel: str | None = None
    """Its version; see ipykernel_checked"""
    ipykernel_checked: bool | None = None
    """True: looked, so a null ipykernel means it is not installed"""


class KernelspecFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str | None = None
    display_name: str | None = None
    executable: str | None = None
    executable_exists: bool | None = None
    prefix: str | None = None


class OtherEnvironment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str | None = None
    prefix: str | None = None
    frameworks: tuple[str, ...] | None = None
    """e.g. tensorflow 2.10.0"""
    has_kernelspec: bool | None = None
    python: str | None = None
    gpu_build: bool | None = None


class Requested(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    requirement: str | None = None
    available: tuple[str, ...] | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    schema: Literal["tfgpu.snapshot/1"]
    taken_at: str | None = None
    """ISO 8601, UTC"""
    framework: Literal["tensorflow", "torch", "mxnet", "jax"] | None = None
    """The framework the user wants to train with; null: judge every framework found. Keras counts
    as the backend it runs on (TensorFlow unless said otherwise)"""
    host: Host | None = None
    driver: Driver | None = None
    gpus: tuple[Gpu, ...] | None = None
    """GPUs that the driver lists; null: not asked; []: asked, none"""
    environment: EnvironmentFacts | None = None
    """The environment that the kernel runs in"""
    variables: dict[str, Any] | None = None
    """The kernel's environment variables that matter: CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER,
    LD_LIBRARY_PATH, PATH, XLA_FLAGS, TF_*, CUDA_HOME, PYTHONPATH, PYTHONNOUSERSITE,
    HSA_OVERRIDE_GFX_VERSION, CONDA_OVERRIDE_CUDA, ... A name that is absent is not set,
    provided variables is not null. The environment the kernel process was started with, not
    what a cell changed later"""
    shell_variables: dict[str, Any] | None = None
    """The same for the user's login shell or terminal, where known"""
    kernelspec: KernelspecFacts | None = None
    other_environments: tuple[OtherEnvironment, ...] | None = None
    log: str | None = None
    """Text that the framework printed: an exception, stderr lines. May be the only hint"""
    requested: Requested | None = None
    """What an installer was asked for, where known"""
    simulated: bool | None = None
    """True: the devices are simulated, and the machine that is judged is the simulated one"""
