"""GPUs, environments, pins and diagnoses for people who train from notebooks.

Nothing is imported here: this module is loaded by every program of ours and, under
``%load_ext jupyter_tfgpu``, in the user's kernel.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> str:
    if name == "__version__":
        from ._version import __version__

        return __version__
    raise AttributeError(name)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-tfgpu"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .server import _jupyter_server_extension_points as points

    return points()


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext jupyter_tfgpu``: the magics and the notice before training cells."""
    from .inkernel import extension

    extension.load(shell)
