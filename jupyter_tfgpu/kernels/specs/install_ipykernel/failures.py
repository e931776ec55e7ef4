"""What a tool's output means, as a sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NETWORK = (
    "Its package index could not be reached. Look at the network and, where there is one, "
    "the proxy (HTTPS_PROXY) and the index that the tool is configured for; then try again."
)
_MEANINGS = (
    (
        r"No space left on device|Errno 28\b|not enough space on the disk",
        "The disk is full. Make room where the environment and its temporary files lie, then try again.",
    ),
    (
        r"externally-managed-environment",
        "That Python is managed by the operating system, which forbids to install into it. "
        "Make an environment of your own with: python3 -m venv ENVIRONMENT",
    ),
    (
        r"Permission denied|Errno 13\b|EnvironmentNotWritableError|Read-only file system|Access is denied",
        "The environment may not be written by this user. Ask whom it belongs to, "
        "or make an environment of your own.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLCertVerificationError|UnknownIssuer",
        "The certificate of its package index is not trusted here. Where a proxy or an index of your own "
        "is in use, name its certificate in PIP_CERT or SSL_CERT_FILE.",
    ),
    (
        r"name resolution|Could not resolve|NewConnectionError|Connection ?Error|Connection refused"
        r"|Network is unreachable|[Tt]imed? ?out|ProxyError|CondaHTTPError|Max retries exceeded"
        r"|error sending request|dns error|Failed to fetch|OfflineError",
        _NETWORK,
    ),
    (
        r"No module named pip\b",
        "The environment has no pip that works. Install it with: python -m ensurepip",
    ),
    (
        r"\(from versions: none\)",
        "Its package index could not be reached, or does not have it. Look at the network, the proxy and "
        "the index that the tool is configured for; then try again.",
    ),
    (
        r"No matching distribution found|No solution found|Cannot solve the request"
        r"|PackagesNotFoundError|nothing provides|UnsatisfiableError|LibMambaUnsatisfiableError",
        "Its package index has no ipykernel that fits this environment's Python and packages.",
    ),
)
_CREDENTIALS = re.compile(r"(://)[^/\s]+@|(/t/)[^/\s]+(?=/)")


def sentence(tool: str, code: int | None, output: Sequence[str]) -> str:
    """Why a tool failed. Falls back on its own last words."""
    if code is None:
        return f"{tool} did not come to an end. {_NETWORK}"
    text = "\n".join(output)
    meaning = next((meaning for pattern, meaning in _MEANINGS if re.search(pattern, text)), None)
    words = next((line for line in output if line.lower().startswith("error")), output[-1] if output else "")
    said = f" It said: {words[:300]}" if words else ""
    if meaning is not None:
        return f"ipykernel was not installed. {meaning}{said}"
    return f"ipykernel was not installed: {tool} ended with code {code}.{said}"


def without_credentials(line: str) -> str:
    """A line of output without the name, password or token in an index's address."""
    return _CREDENTIALS.sub(lambda match: f"{match[1]}****@" if match[1] else f"{match[2]}****", line)
