"""The one place where failures become HTTP answers: ``{"message", "reason", "detail"}`` and a status."""

from __future__ import annotations

from http import HTTPStatus

from ..api.errors import BadInput, Conflict, NotFound, Refused
from ..api.wire import Failure

STATUS: dict[type[Refused], HTTPStatus] = {
    BadInput: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
}


def failure(error: BaseException) -> tuple[HTTPStatus, Failure]:
    """The status and the body for an exception. What we did not foresee says no more than that."""
    if isinstance(error, Refused):
        status = STATUS.get(type(error), HTTPStatus.BAD_REQUEST)
        return status, Failure(message=str(error), reason=error.reason, detail=error.detail)
    return HTTPStatus.INTERNAL_SERVER_ERROR, Failure(
        message="The server failed on this request; its log says where.", reason="internal"
    )
