"""What the running Jupyter server knows of kernels and notebooks, as plain values for the service."""

from __future__ import annotations

import os

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import ApiPath, to_api_path, to_os_path

from ..api.errors import BadInput
from ..api.service import RunningKernel
from ..api.wire import PinAnswer, PinsAnswer, SetPin


class Sessions:
    """Kernels and notebooks of one server. Its methods run on the event loop and do not block."""

    def __init__(self, serverapp: ServerApp) -> None:
        self._app = serverapp

    async def running(self) -> tuple[RunningKernel, ...]:
        """The running kernels, each with its notebook's contents path and file where it has one."""
        paths = {
            session["kernel"]["id"]: session["path"]
            for session in await ensure_async(self._app.session_manager.list_sessions())
            if session.get("kernel") and session.get("type") == "notebook"
        }
        kernels = await ensure_async(self._app.kernel_manager.list_kernels())  # type: ignore[no-untyped-call]
        return tuple(
            RunningKernel(
                id=kernel["id"],
                kernelspec=kernel["name"],
                state=kernel.get("execution_state"),
                path=paths.get(kernel["id"]),
                file=self._file_below(paths.get(kernel["id"])),
            )
            for kernel in kernels
        )

    def absolute(self, wanted: SetPin) -> SetPin:
        """The same with the notebook's contents path turned into its file's absolute path."""
        if wanted.notebook is None:
            return wanted
        return msgspec.structs.replace(wanted, notebook=self.file(wanted.notebook))

    def relative(self, answer: PinsAnswer) -> PinsAnswer:
        """The same with the files of notebooks below our root turned into contents paths."""
        return msgspec.structs.replace(answer, pins=tuple(self._contents(pin) for pin in answer.pins))

    def file(self, path: str) -> str:
        """The file of a contents path, which need not exist. Raises BadInput where it leads out."""
        root = os.path.normpath(self._app.root_dir)
        file = os.path.normpath(to_os_path(ApiPath(path.strip("/")), root))
        if file != root and not file.startswith(root.rstrip(os.sep) + os.sep):
            raise BadInput(
                f"{path[:200]} leads out of the server's folder.",
                reason="bad-path",
                detail={"field": "notebook"},
            )
        return file

    def _file_below(self, path: str | None) -> str | None:
        """The file of a session's path; None where it has none below our root."""
        try:
            return None if path is None else self.file(path)
        except BadInput:  # whoever opens a session may call it anything
            return None

    def _contents(self, pin: PinAnswer) -> PinAnswer:
        # Pins are kept by the file with its links followed; the root may be reached through one.
        root = os.path.realpath(self._app.root_dir)
        if pin.notebook is None or not pin.notebook.startswith(root.rstrip(os.sep) + os.sep):
            return pin
        return msgspec.structs.replace(pin, notebook=to_api_path(pin.notebook, root))
