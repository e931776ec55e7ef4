"""Reports and states of the devices as the server writes them."""

from __future__ import annotations

import time
from typing import Any

from tests.kernels.readings import FIRST, GIB

NO_GPU: dict[str, Any] = {
    "code": "no-gpu",
    "severity": "info",
    "framework": None,
    "title": "This machine has no NVIDIA GPU",
    "detail": "No device was found.",
    "evidence": [],
    "fixes": [],
}


def finding(code: Any = "cpu-only-build", severity: str = "error", **more: Any) -> dict[str, Any]:
    """A finding on TensorFlow."""
    return {
        "code": code,
        "severity": severity,
        "framework": "tensorflow",
        "title": "This TensorFlow has no GPU code",
        "detail": "The files of 2.21.0 were built without CUDA.",
        "evidence": ["build_info.py: is_cuda_build False"],
        "fixes": [
            {
                "title": "Install a build with CUDA",
                "commands": ["pip install 'tensorflow[and-cuda]'"],
                "where": "terminal",
                "automatic": False,
            }
        ],
        **more,
    }


def report(*findings: dict[str, Any], verdict: str = "broken", **more: Any) -> dict[str, Any]:
    """A report with these findings."""
    return {
        "schema": "tfgpu.report/1",
        "verdict": verdict,
        "summary": "TensorFlow 2.21.0 cannot use the GPU",
        "framework": {"name": "tensorflow", "version": "2.21.0"},
        "environment": {"name": "tf2", "prefix": "/envs/tf2"},
        "findings": list(findings),
        "simulated": False,
        **more,
    }


def holder(kernel_id: str, gib: int | None, notebook: str | None = None) -> dict[str, Any]:
    """A kernel's process on a device."""
    return {
        "kernel_id": kernel_id,
        "notebook": notebook,
        "pid": 7,
        "memory": None if gib is None else gib * GIB,
    }


def device(index: int | None = 0, uuid: str = FIRST, free: int = 70, **more: Any) -> dict[str, Any]:
    """A device of 80 GiB as the state file has it."""
    return {
        "uuid": uuid,
        "parent": None,
        "index": index,
        "name": "NVIDIA A100",
        "state": "ok",
        "memory": {"total": 80 * GIB, "used": (80 - free) * GIB, "free": free * GIB},
        "holders": [],
        "others": 0,
        **more,
    }


def content(*devices: dict[str, Any], driver: str = "ok", **more: Any) -> dict[str, Any]:
    """A state file's content, of now."""
    return {
        "schema": "tfgpu.state/1",
        "taken_at": time.time(),
        "driver": driver,
        "simulated": False,
        "devices": list(devices),
        **more,
    }
