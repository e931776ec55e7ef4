"""The Jupyter Server extension: HTTP lives here and nowhere else. It translates and holds no logic."""


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    from .app import TfGpu

    return [{"module": "jupyter_tfgpu.server.app", "app": TfGpu}]


__all__ = ["_jupyter_server_extension_points"]
