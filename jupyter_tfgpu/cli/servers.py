"""Asks the Jupyter servers of this user what only they know of their kernels, and to end one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import msgspec

from ..api.wire import KernelAnswer, KernelsAnswer
from ..kernels import JupyterServer

PATIENCE = 2.0
"""Seconds that a server gets to say what it knows."""
END_PATIENCE = 20.0
"""Seconds that a server gets to end a kernel: it waits for the kernel first, and then kills it."""
_AT_ONCE = 8


class _NoRedirect(HTTPRedirectHandler):
    """A token goes to the server it is of, and nowhere else."""

    def redirect_request(self, *arguments: object, **more: object) -> None:
        return None


# No proxy: these servers run on this machine, whatever the variables say.
_opener = build_opener(ProxyHandler({}), _NoRedirect())


def what_they_know(servers: Iterable[JupyterServer]) -> Mapping[str, KernelAnswer]:
    """By id the kernels that these servers started, as they answer; those that do not answer are left out."""
    asked = [server for server in servers if server.token]
    if not asked:
        return {}
    with ThreadPoolExecutor(min(_AT_ONCE, len(asked))) as pool:
        answers = pool.map(_kernels, asked)
        return {kernel.id: kernel for answer in answers for kernel in answer if kernel.server is None}


def end_kernel(server: JupyterServer, kernel_id: str) -> bool:
    """Has the server end its kernel; False where it cannot be asked, or does not know it."""
    if not server.token:
        return False
    try:
        _ask(server, "DELETE", f"api/kernels/{quote(kernel_id, safe='')}", END_PATIENCE)
    except (URLError, HTTPException, OSError, ValueError):
        return False
    return True


def _kernels(server: JupyterServer) -> tuple[KernelAnswer, ...]:
    try:
        document = _ask(server, "GET", "tfgpu/kernels", PATIENCE)
        return msgspec.json.decode(document, type=KernelsAnswer).kernels
    except (URLError, HTTPException, OSError, ValueError, msgspec.DecodeError):
        return ()  # it runs without us, has another release, or does not answer


def _ask(server: JupyterServer, method: str, path: str, patience: float) -> bytes:
    """Raises what urllib does, for an answer that is no success too."""
    address = server.address
    if not address.startswith(("http://", "https://")):
        raise ValueError(f"{address} is no address that can be asked")  # on a socket in the file system
    request = Request(f"{address.rstrip('/')}/{path}", method=method)
    request.add_unredirected_header("Authorization", f"token {server.token}")
    with _opener.open(request, timeout=patience) as answer:
        content: bytes = answer.read()
    return content
