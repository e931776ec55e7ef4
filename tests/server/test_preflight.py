"""``POST preflight``: a cell that is about to run in a real kernel, judged by what was reported on it."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import msgspec
import pytest
from jupyter_server.auth.authorizer import Authorizer

from jupyter_tfgpu.api.wire import PreflightAnswer, PreflightWords
from jupyter_tfgpu.api.wire.preflight import BODY_LIMIT
from jupyter_tfgpu.doctor import Finding, Fix, Report
from jupyter_tfgpu.inkernel.recogniser import cells
from jupyter_tfgpu.kernels.running.statefile import DevicesState, StateDevice, write_state
from tests.server.asking import Fetch, app_of, start
from tests.server.test_kernelspecs import send
from tests.server.test_routes import get, refused

IMPORT = "import tensorflow as tf"
MODEL = "model = tf.keras.Sequential([tf.keras.layers.Dense(1)])"
FIT = "model.fit(x, y, epochs=3)"

NO_CUDA = Finding(
    code="cpu-only-build",
    severity="error",
    framework="tensorflow",
    title="This TensorFlow has no GPU code",
    detail="It was built without CUDA.",
    fixes=(Fix(title="Take the variable out", automatic=True, unsets=("CUDA_VISIBLE_DEVICES",)),),
)
OLD = Finding(code="driver-old", severity="warning", title="The driver is old", detail="It still does.")
OF_TORCH = Finding(
    code="torch-cpu", severity="error", framework="torch", title="No CUDA in it", detail="None."
)
BY_THE_WAY = Finding(
    code="note", severity="info", framework="tensorflow", title="By the way", detail="It is so."
)


async def preflight(jp_fetch: Fetch, **body: Any) -> PreflightAnswer:
    return msgspec.convert(await send(jp_fetch, "POST", "preflight", body=body), PreflightAnswer)


def report_is(jp_serverapp: Any, kernel_id: str, *findings: Finding) -> None:
    """The report on the kernel has these findings, whatever this machine is."""
    reports = app_of(jp_serverapp).service.kernel_reports
    reports._reports[kernel_id] = Report(verdict="broken", summary="", findings=findings)


def codes(answer: PreflightAnswer) -> list[str]:
    return [each.code for each in answer.findings]


async def reported(jp_fetch: Fetch, jp_serverapp: Any) -> str:
    """The id of a kernel whose report has an error of TensorFlow, one of torch, a warning and a note."""
    kernel_id = await start(jp_fetch, "n.ipynb")
    reports = app_of(jp_serverapp).service.kernel_reports
    while kernel_id not in reports._reports:  # made in the background, which is not to replace ours
        await asyncio.sleep(0.05)
    report_is(jp_serverapp, kernel_id, NO_CUDA, OLD, OF_TORCH, BY_THE_WAY)
    return kernel_id


async def test_a_cell_that_trains_is_told_what_concerns_its_framework(
    jp_fetch: Fetch, jp_serverapp: Any
) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    answer = await preflight(jp_fetch, kernel_id=kernel_id, code=FIT, earlier=[IMPORT, MODEL])
    assert (answer.trains, answer.framework, answer.imports) == (True, "tensorflow", ())
    assert answer.findings == (NO_CUDA, OLD)


async def test_the_first_import_is_told_the_same_and_trains_nothing(
    jp_fetch: Fetch, jp_serverapp: Any
) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    answer = await preflight(jp_fetch, kernel_id=kernel_id, code=IMPORT)
    assert (answer.trains, answer.imports) == (False, ("tensorflow",))
    assert codes(answer) == ["cpu-only-build", "driver-old"]


async def test_several_imports_are_told_of_each_framework_once(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    answer = await preflight(jp_fetch, kernel_id=kernel_id, code=f"{IMPORT}\nimport torch")
    assert sorted(codes(answer)) == ["cpu-only-build", "driver-old", "torch-cpu"]


async def test_other_cells_are_told_nothing(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    for code, earlier in (
        ("print('model.fit')", [IMPORT]),
        (IMPORT, [IMPORT]),
        ("from sklearn.svm import SVC\nSVC().fit(x, y)", []),
        ("model.fit(", [IMPORT, MODEL]),
        ("", []),
        ("fit\0", [IMPORT]),
    ):
        answer = await preflight(jp_fetch, kernel_id=kernel_id, code=code, earlier=earlier)
        assert (answer.trains, answer.findings) == (False, ()), code


async def test_a_function_of_an_earlier_cell_trains_where_it_is_called(
    jp_fetch: Fetch, jp_serverapp: Any
) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    earlier = [IMPORT, MODEL, f"def run():\n    {FIT}", "def everything():\n    run()"]
    for above, trains in ((earlier, True), (earlier[:2], False), (earlier, True)):
        answer = await preflight(jp_fetch, kernel_id=kernel_id, code="everything()", earlier=above)
        assert answer.trains is trains


async def test_what_was_learnt_of_a_notebook_does_not_outlast_its_change(
    jp_fetch: Fetch, jp_serverapp: Any
) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    for imported, framework in ((IMPORT, "tensorflow"), ("import torch", "torch"), (IMPORT, "tensorflow")):
        code = "model.fit(x)" if framework == "tensorflow" else "loss.backward()"
        answer = await preflight(jp_fetch, kernel_id=kernel_id, code=code, earlier=[imported])
        assert answer.framework == framework


async def test_cells_run_one_after_the_other_are_each_judged_once(
    jp_fetch: Fetch, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    from jupyter_tfgpu.inkernel.recogniser.recognise import Recogniser

    judged: list[str] = []
    judge = Recogniser.judge_source

    def counted(self: Recogniser, source: str) -> Any:
        judged.append(source)
        return judge(self, source)

    monkeypatch.setattr(Recogniser, "judge_source", counted)
    notebook = [IMPORT, MODEL, *(f"{FIT}  # {index}" for index in range(5))]
    for index, code in enumerate(notebook):
        await preflight(jp_fetch, kernel_id=kernel_id, code=code, earlier=notebook[:index])
    assert [each for each in judged if each.startswith(FIT)] == notebook[2:]
    assert len(judged) == len(set(judged))


async def test_what_has_changed_since_the_start_is_told_as_in_the_kernel(
    jp_fetch: Fetch, jp_serverapp: Any
) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    report_is(jp_serverapp, kernel_id, OLD)
    asked = {"kernel_id": kernel_id, "code": FIT, "earlier": [IMPORT, MODEL]}
    device = StateDevice(
        uuid="GPU-1",
        parent=None,
        index=0,
        name="H100",
        state="lost",
        allotted=True,
        memory=None,
        holders=(),
        others=0,
    )
    for age, found in ((0, ["gpu-lost", "driver-old"]), (60, ["driver-old"])):
        taken_at = time.time() - age
        state = DevicesState(taken_at=taken_at, driver="ok", simulated=False, devices=(device,))
        write_state(app_of(jp_serverapp).service.launches.state_file, state)
        assert codes(await preflight(jp_fetch, **asked)) == found


async def test_without_a_report_nothing_is_found(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    app_of(jp_serverapp).service.kernel_reports.forget(kernel_id)
    answer = await preflight(jp_fetch, kernel_id=kernel_id, code=FIT, earlier=[IMPORT, MODEL])
    assert (answer.trains, answer.findings) == (True, ())


async def test_a_kernel_that_was_not_started_here_is_not_found(jp_fetch: Fetch) -> None:
    code, body = await refused(send(jp_fetch, "POST", "preflight", body={"kernel_id": "gone", "code": FIT}))
    assert (code, body["reason"]) == (404, "no-such-kernel")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "$"),
        ({"kernel_id": "k", "code": 1}, "code"),
        ({"kernel_id": None, "code": FIT}, "kernel_id"),
        ({"kernel_id": "k", "code": FIT, "earlier": "import torch"}, "earlier"),
        ({"kernel_id": "k", "code": FIT, "earlier": [1]}, "earlier[0]"),
        ({"kernel_id": "k", "code": FIT, "later": []}, "$"),
    ],
)
async def test_a_body_that_does_not_fit_names_its_field(
    body: dict[str, Any], field: str, jp_fetch: Fetch
) -> None:
    code, answer = await refused(send(jp_fetch, "POST", "preflight", body=body))
    assert (code, answer["detail"]["field"]) == (400, field)


async def test_a_megabyte_is_judged_and_more_is_refused(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    body = {"kernel_id": kernel_id, "code": FIT, "earlier": [IMPORT, MODEL, ""]}
    body["earlier"][2] = "#" * (BODY_LIMIT - len(json.dumps(body)))
    assert len(json.dumps(body)) == BODY_LIMIT
    assert (await preflight(jp_fetch, **body)).trains
    body["earlier"][2] += "#"
    code, answer = await refused(send(jp_fetch, "POST", "preflight", body=body))
    assert (code, answer["reason"]) == (400, "too-large")


async def test_strange_cells_of_any_length_are_answered(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    kernel_id = await reported(jp_fetch, jp_serverapp)
    for unit in ("(", "[", "-", "a.fit(", "if x:\n", "lambda: ", "x = 1\n"):
        for size in (cells.MAX_SOURCE, BODY_LIMIT):
            strange = "fit " + unit * (size // (2 * len(json.dumps(unit))))
            answer = await preflight(jp_fetch, kernel_id=kernel_id, code=strange, earlier=[IMPORT, strange])
            assert not answer.trains
    assert (await preflight(jp_fetch, kernel_id=kernel_id, code=FIT, earlier=[IMPORT, MODEL])).trains


async def test_it_is_said_which_cells_are_worth_the_question(jp_fetch: Fetch) -> None:
    words = msgspec.convert(await get(jp_fetch, "preflight"), PreflightWords)
    assert words == PreflightWords(words=tuple(cells.WORDS), longest=cells.MAX_SOURCE, limit=BODY_LIMIT)
    assert all(any(word in code for word in words.words) for code in (IMPORT, FIT))


class NoKernels(Authorizer):
    """Somebody who may use the extension, and look at no kernel."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource != "kernels"


class TestWithoutKernels:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: Any) -> Any:
        jp_server_config["ServerApp"]["authorizer_class"] = NoKernels
        return jp_server_config

    async def test_who_may_not_look_at_kernels_is_told_nothing(self, jp_fetch: Fetch) -> None:
        code, _ = await refused(send(jp_fetch, "POST", "preflight", body={"kernel_id": "k", "code": FIT}))
        assert code == 403
