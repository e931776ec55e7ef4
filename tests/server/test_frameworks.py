"""The notice in kernels that a real server starts of environments with real frameworks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.frameworks import lessons
from tests.frameworks.lessons import Lesson
from tests.notebooks import MIME
from tests.real.served import TIMEOUT, added, answer, started
from tests.server.asking import Fetch
from tests.tools import real_environment, require


@pytest.fixture
def environment_prefix(request: pytest.FixtureRequest) -> Path:
    """The environment of the test's lesson, in place of an empty one."""
    require("gcc")
    lesson: Lesson = request.node.callspec.params["lesson"]
    return real_environment(lesson.environment)


@pytest.fixture(autouse=True)
def without_our_packages(jp_environ: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels do not get the PYTHONPATH of the tests' own Python."""
    monkeypatch.delenv("PYTHONPATH")


@pytest.mark.parametrize(
    "lesson",
    [
        pytest.param(lessons.TF2, id="TensorFlow 2"),
        pytest.param(lessons.TF1_KERAS, id="TensorFlow 1.15", marks=pytest.mark.slow),
        pytest.param(lessons.TORCH, id="torch", marks=pytest.mark.slow),
    ],
)
async def test_the_server_s_report_is_shown_before_the_cell_that_trains(
    lesson: Lesson, jp_fetch: Fetch, jp_serverapp: Any, environment_prefix: Path
) -> None:
    name = await added(jp_fetch, environment_prefix)
    async with started(jp_fetch, jp_serverapp, name) as kernel:

        async def run(code: str) -> tuple[list[tuple[str, list[str]]], str]:
            """The notices above what a cell prints, each as its kernel and codes; and what it prints."""
            notices: list[tuple[str, list[str]]] = []
            printed: list[str] = []

            def note(message: dict[str, Any]) -> None:
                content = message["content"]
                if MIME in content.get("data", {}):
                    assert printed == []
                    shown = content["data"][MIME]
                    notices.append((shown["kernel_id"], [one["code"] for one in shown["findings"]]))
                elif content.get("name") == "stdout":
                    printed.append(content["text"])

            reply = await kernel.client.execute_interactive(code, output_hook=note, timeout=TIMEOUT)
            assert reply["content"]["status"] == "ok", reply["content"]
            return notices, "".join(printed)

        report = await answer(jp_fetch, "kernels", kernel.id, "report")
        assert [one["code"] for one in report["findings"]] == ["cpu-only-build"]
        for quiet in ("%tfgpu watch off", lesson.imports, "%tfgpu watch warn", lesson.prepares):
            assert (await run(quiet))[0] == []
        for expected in ([(kernel.id, ["cpu-only-build"])], []):
            notices, printed = await run(lesson.trains)
            assert notices == expected
            assert printed.endswith("trained\n")
