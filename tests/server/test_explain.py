"""``POST explain``: for a real kernel, with what it was started with."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import pytest
from jupyter_server.auth.authorizer import Authorizer

from jupyter_tfgpu.doctor import TEXT_LIMIT, Explanation
from jupyter_tfgpu.server.handlers.explain import BODY_LIMIT
from tests.server.asking import Fetch, start
from tests.server.test_kernelspecs import send
from tests.server.test_routes import refused

HARMLESS = "TF-TRT Warning: Could not find TensorRT"


async def explain(jp_fetch: Fetch, **body: Any) -> Explanation:
    return msgspec.convert(await send(jp_fetch, "POST", "explain", body=body), Explanation)


async def test_a_text_is_explained_for_the_environment_of_the_server(jp_fetch: Fetch) -> None:
    answer = await explain(jp_fetch, text=HARMLESS)
    assert [(each.kind, each.line) for each in answer.lines] == [("harmless", HARMLESS)]


async def test_a_text_is_explained_for_the_environment_of_a_kernel(jp_fetch: Fetch) -> None:
    kernel_id = await start(jp_fetch, "n.ipynb")
    text = "ModuleNotFoundError: No module named 'tensorflow'"
    answer = await explain(jp_fetch, text=text, kernel_id=kernel_id)
    assert "framework-missing" in {each.code for each in answer.findings}
    assert answer.environment is not None and answer.environment.prefix == sys.prefix


async def test_a_kernel_that_was_not_started_here_is_not_found(jp_fetch: Fetch) -> None:
    code, body = await refused(send(jp_fetch, "POST", "explain", body={"text": "x", "kernel_id": "gone"}))
    assert (code, body["reason"]) == (404, "no-such-kernel")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "$"),
        ({"text": 1}, "text"),
        ({"text": ""}, "text"),
        ({"text": "x", "kernel": "k"}, "$"),
        ({"text": "x" * (TEXT_LIMIT + 1)}, "text"),
    ],
)
async def test_a_body_that_does_not_fit_names_its_field(
    body: dict[str, Any], field: str, jp_fetch: Fetch
) -> None:
    code, answer = await refused(send(jp_fetch, "POST", "explain", body=body))
    assert (code, answer["detail"]["field"]) == (400, field)


async def test_a_body_beyond_the_limit_is_refused_before_it_is_read(jp_fetch: Fetch) -> None:
    code, answer = await refused(jp_fetch("tfgpu", "explain", method="POST", body="{" + " " * BODY_LIMIT))
    assert (code, answer["reason"]) == (400, "too-large")


async def test_a_megabyte_is_explained(jp_fetch: Fetch) -> None:
    text = ("x" * 99 + "\n") * (TEXT_LIMIT // 100 - 1) + HARMLESS
    answer = await explain(jp_fetch, text=text)
    assert [each.number for each in answer.lines] == [TEXT_LIMIT // 100]


class NoKernels(Authorizer):
    """Somebody who may use the extension, and look at no kernel."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource != "kernels"


class TestWithoutKernels:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: Any) -> Any:
        jp_server_config["ServerApp"]["authorizer_class"] = NoKernels
        return jp_server_config

    async def test_who_may_not_look_at_kernels_gets_none_explained(self, jp_fetch: Fetch) -> None:
        await explain(jp_fetch, text=HARMLESS)
        code, _ = await refused(send(jp_fetch, "POST", "explain", body={"text": "x", "kernel_id": "k"}))
        assert code == 403
