"""The OpenAPI 3.1 document, generated from the wire types. The frontend's types are made of it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec

from . import wire

Route = tuple[str, str, str, type | None, type | None, int]

ROUTES: tuple[Route, ...] = (
    # method, path, summary, body, answer, status
    ("get", "devices", "All devices, their use and their holders", None, wire.ReadingAnswer, 200),
    ("get", "history?seconds", "What was seen over the last seconds, in columns", None, wire.History, 200),
    ("get", "environments", "The environments of this machine", None, wire.EnvironmentsAnswer, 200),
    ("post", "environments/refresh", "The same, looked for anew", None, wire.EnvironmentsAnswer, 200),
    ("get", "environments/{id}/report", "The report on an environment", None, wire.Report, 200),
    ("get", "kernelspecs", "All kernelspecs", None, wire.KernelspecsAnswer, 200),
    (
        "post",
        "kernelspecs",
        "Write a kernelspec for an environment",
        wire.AddKernelspec,
        wire.KernelspecAnswer,
        201,
    ),
    (
        "patch",
        "kernelspecs/{name}",
        "Rename a kernelspec that we wrote, or change the text it is shown with",
        wire.ChangeKernelspec,
        wire.KernelspecAnswer,
        200,
    ),
    ("delete", "kernelspecs/{name}", "Remove a kernelspec that we wrote", None, None, 204),
    (
        "post",
        "kernelspecs/sync",
        "Add, update and remove kernelspecs of ours as the environments are now",
        wire.Sync,
        wire.SyncAnswer,
        200,
    ),
    ("post", "kernelspecs/{name}/repair", "Make a kernelspec start again", None, wire.TaskAnswer, 202),
    (
        "post",
        "environments/{id}/ipykernel",
        "Install ipykernel in an environment and write its kernelspec",
        None,
        wire.TaskAnswer,
        202,
    ),
    (
        "post",
        "explain",
        "What an error message or a log means in a kernel",
        wire.ExplainText,
        wire.Explanation,
        200,
    ),
    ("get", "preflight", "Which cells are worth the question below", None, wire.PreflightWords, 200),
    (
        "post",
        "preflight",
        "Whether a cell that is about to run trains, and what the report on its kernel says of that",
        wire.AskPreflight,
        wire.PreflightAnswer,
        200,
    ),
    ("post", "fixes", "Apply the automatic fix of a finding", wire.ApplyFix, wire.FixAnswer, 200),
    ("delete", "fixes/{id}", "Take back a fix that was applied", None, wire.FixAnswer, 200),
    ("get", "settings", "How kernelspecs are named and kept", None, wire.KernelSettings, 200),
    ("put", "settings", "Change that", wire.KernelSettings, wire.KernelSettings, 200),
    ("get", "tasks", "The tasks that run, and the last ones", None, wire.TasksAnswer, 200),
    ("get", "tasks/{id}", "A task", None, wire.TaskAnswer, 200),
    ("delete", "tasks/{id}", "Cancel a task; nothing half-made is left", None, wire.TaskAnswer, 200),
    ("get", "kernels", "The running kernels of this server", None, wire.KernelsAnswer, 200),
    ("get", "kernels/{id}/report", "The report on a running kernel", None, wire.Report, 200),
    ("get", "pins", "The stored pins", None, wire.PinsAnswer, 200),
    ("put", "pins", "Pin a notebook, kernel or kernelspec", wire.SetPin, wire.PinSet, 200),
    ("delete", "pins", "Forget a pin", wire.SetPin, wire.PinSet, 200),
)

MAY_BE_EMPTY = (wire.Sync,)
"""Bodies that may be left out."""

FAILURES = {"400": "Bad input", "403": "Not allowed", "404": "No such thing", "409": "Not in this state"}


@cache
def openapi() -> dict[str, Any]:
    """The document as a JSON-serialisable dict."""
    answers = [answer for *_, answer, _ in ROUTES if answer is not None]
    bodies = [body for _, _, _, body, _, _ in ROUTES if body is not None]
    # The WebSocket's messages have no route in OpenAPI, but the frontend needs their types as well.
    others = [wire.Failure, *wire.LiveMessage.__args__]
    types = list(dict.fromkeys([*answers, *bodies, *others]))
    _, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    paths: dict[str, Any] = {}
    for method, path, summary, body, answer, status in ROUTES:
        paths.setdefault(f"/tfgpu/{path.partition('?')[0]}", {})[method] = _operation(
            path, summary, body, answer, status
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "jupyter-tfgpu", "version": "1", "license": {"name": "BSD-3-Clause"}},
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(
    path: str, summary: str, body: type | None, answer: type | None, status: int
) -> dict[str, Any]:
    failure = _content(wire.Failure)
    responses: dict[str, Any] = {
        code: {"description": description, "content": failure} for code, description in FAILURES.items()
    }
    responses[str(status)] = {"description": summary} | ({"content": _content(answer)} if answer else {})
    operation: dict[str, Any] = {"summary": summary, "responses": responses}
    route, _, query = path.partition("?")
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route)
    ]
    if query:
        parameters.append({"name": query, "in": "query", "schema": {"type": "number"}})
    if parameters:
        operation["parameters"] = parameters
    if body is not None:
        operation["requestBody"] = {"required": body not in MAY_BE_EMPTY, "content": _content(body)}
    return operation


def _content(shape: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}}
