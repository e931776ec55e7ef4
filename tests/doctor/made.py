"""Snapshots made for one fact each: a machine where all is well, and changes to it."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_tfgpu.doctor import Snapshot

CUDA_12 = (
    "libcudart.so.12",
    "libcublas.so.12",
    "libcublasLt.so.12",
    "libcufft.so.11",
    "libcusolver.so.11",
    "libcusparse.so.12",
    "libcudnn.so.9",
)

LIBCUDA = {
    "file": "libcuda.so.1",
    "origin": "driver",
    "reachable": True,
    "path": "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
}


def healthy(**changes: Any) -> dict[str, Any]:
    """TensorFlow 2.20.0 with its CUDA libraries on Linux with an RTX 3060. ``changes``: by top-level name;
    a dict is merged into the part of that name, two levels deep."""
    facts: dict[str, Any] = {
        "schema": "tfgpu.snapshot/1",
        "host": {
            "os": "linux",
            "os_version": "Ubuntu 22.04",
            "arch": "x86_64",
            "wsl": False,
            "glibc": "2.35",
            "nvidia_pci_devices": 1,
            "device_nodes": ["/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"],
            "device_nodes_denied": [],
        },
        "driver": {
            "status": "ok",
            "version": "570.124.06",
            "kernel_module_version": "570.124.06",
            "cuda_version": "12.8",
        },
        "gpus": [
            {
                "index": 0,
                "uuid": "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6",
                "name": "NVIDIA GeForce RTX 3060",
                "vendor": "nvidia",
                "compute_capability": "8.6",
            }
        ],
        "environment": {
            "name": "tf",
            "kind": "venv",
            "prefix": "/home/ada/envs/tf",
            "python": "3.11.7",
            "bits": 64,
            "python_arch": "x86_64",
            "distributions": [{"name": "tensorflow", "version": "2.20.0", "installer": "pip"}],
            "frameworks": [
                {
                    "name": "tensorflow",
                    "version": "2.20.0",
                    "cuda_build": True,
                    "rocm_build": False,
                    "cuda": "12.5.1",
                    "cudnn": "9",
                    "compute_capabilities": ["sm_60", "sm_70", "sm_80", "sm_89", "sm_90", "compute_90"],
                    "needs": ["libcuda.so.1", *CUDA_12],
                }
            ],
            "libraries": [
                LIBCUDA,
                *(
                    {"file": name, "origin": "wheel", "reachable": True, "path": f"/home/ada/envs/tf/{name}"}
                    for name in CUDA_12
                ),
            ],
            "libraries_complete": True,
        },
        "variables": {},
    }
    for name, change in changes.items():
        if isinstance(change, dict) and isinstance(facts.get(name), dict):
            facts[name] = {**facts[name], **change}
        else:
            facts[name] = change
    return facts


def snapshot(**changes: Any) -> Snapshot:
    """:func:`healthy` as a snapshot."""
    return msgspec.convert(healthy(**changes), Snapshot)


def framework(**changes: Any) -> dict[str, Any]:
    """The healthy environment's TensorFlow, changed: for ``environment={"frameworks": [framework(…)]}``."""
    facts: dict[str, Any] = healthy()["environment"]["frameworks"][0]
    return {**facts, **changes}


def cpu_build(version: str = "2.21.0", name: str = "tensorflow") -> dict[str, Any]:
    """A build without GPU code."""
    return {"name": name, "version": version, "cuda_build": False, "rocm_build": False, "needs": []}


NO_GPU: dict[str, Any] = {
    "host": {"nvidia_pci_devices": 0, "device_nodes": []},
    "driver": {"status": "absent", "version": None, "kernel_module_version": None, "cuda_version": None},
    "gpus": [],
}
