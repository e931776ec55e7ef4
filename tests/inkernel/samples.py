"""Reports as the server writes them."""

from __future__ import annotations

from typing import Any

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
