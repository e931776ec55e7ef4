"""Automatic fixes over HTTP: a real kernel that sees no GPU gets it back; undone, all is as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_tfgpu.api.wire import AddKernelspec, ApplyFix
from tests.environments.trees import distribution, tensorflow
from tests.made import venv_with_ipykernel
from tests.server.asking import Fetch, app_of, evaluate
from tests.server.test_kernelspecs import send
from tests.server.test_routes import get, refused

HIDDEN = "CUDA_VISIBLE_DEVICES"
VALUE = f"__import__('os').environ.get('{HIDDEN}')"


@pytest.fixture(scope="session")
def environment_prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real environment with the files of TensorFlow's GPU build."""
    made = venv_with_ipykernel(tmp_path_factory.mktemp("envs") / "train 훈련")
    [site] = made.glob("lib/python3.*/site-packages")
    tensorflow(site, "2.20.0")
    distribution(site, "tensorflow", "2.20.0")
    return made


async def hiding(jp_fetch: Fetch, prefix: Path, jp_data_dir: Path) -> tuple[str, Path]:
    """A kernelspec of ours that hides the GPU; its name and kernel.json."""
    name = (await send(jp_fetch, "POST", "kernelspecs", body={"environment": str(prefix)}))["name"]
    file = jp_data_dir / "kernels" / name / "kernel.json"
    document = json.loads(file.read_bytes())
    document["env"][HIDDEN] = "-1"
    file.write_text(json.dumps(document, indent=3, ensure_ascii=False), "utf-8")
    return name, file


async def fix(jp_fetch: Fetch, **body: Any) -> Any:
    return await send(jp_fetch, "POST", "fixes", body={"code": "gpu-hidden", **body})


async def undo(jp_fetch: Fetch, fix_id: str) -> Any:
    return json.loads((await jp_fetch("tfgpu", "fixes", fix_id, method="DELETE")).body)


async def reported(jp_fetch: Fetch, jp_serverapp: Any, kernel_id: str, *, hidden: bool) -> None:
    """Waits until the report on the kernel's last start says so: it is made after the start."""
    for _ in range(200):
        try:
            report = await get(jp_fetch, "kernels", kernel_id, "report")
        except HTTPClientError as error:
            assert error.code == 404
        else:
            if hidden == any(each["code"] == "gpu-hidden" for each in report["findings"]):
                return
        await evaluate(jp_serverapp, kernel_id, "__import__('time').sleep(0.05)")
    raise AssertionError(f"no report says that it is {'' if hidden else 'not '}hidden")


async def test_a_kernel_gets_its_gpu_back_and_the_kernelspec_its_bytes(
    jp_fetch: Fetch, jp_serverapp: Any, jp_data_dir: Path, environment_prefix: Path
) -> None:
    name, file = await hiding(jp_fetch, environment_prefix, jp_data_dir)
    before = file.read_bytes()
    started = await jp_fetch("api", "kernels", method="POST", body=json.dumps({"name": name}))
    kernel_id = json.loads(started.body)["id"]
    assert await evaluate(jp_serverapp, kernel_id, VALUE) == "'-1'"
    await reported(jp_fetch, jp_serverapp, kernel_id, hidden=True)

    look = await fix(jp_fetch, kernel_id=kernel_id, dry_run=True)
    assert file.read_bytes() == before
    done = await fix(jp_fetch, kernel_id=kernel_id, shown=look["state"])
    assert [(c["target"], c["name"], c["before"], c["after"]) for c in done["changes"]] == [
        (name, HIDDEN, "-1", None)
    ]
    assert done["restart_needed"] and kernel_id[:8] in done["message"]
    assert HIDDEN not in json.loads(file.read_bytes())["env"]

    await jp_fetch("api", "kernels", kernel_id, "restart", method="POST", body="")
    assert await evaluate(jp_serverapp, kernel_id, VALUE) == "None"
    await reported(jp_fetch, jp_serverapp, kernel_id, hidden=False)

    undone = await undo(jp_fetch, done["id"])
    assert undone["undone"] and undone["restart_needed"]
    assert file.read_bytes() == before
    await jp_fetch("api", "kernels", kernel_id, "restart", method="POST", body="")
    assert await evaluate(jp_serverapp, kernel_id, VALUE) == "'-1'"


async def test_an_environment_is_fixed_by_its_kernelspec(
    jp_fetch: Fetch, jp_data_dir: Path, environment_prefix: Path
) -> None:
    name, file = await hiding(jp_fetch, environment_prefix, jp_data_dir)
    before = file.read_bytes()
    listed = await send(jp_fetch, "POST", "environments/refresh", body={})
    [found] = [e["id"] for e in listed["environments"] if e["prefix"] == str(environment_prefix)]

    async def hidden() -> Any:
        report = await get(jp_fetch, "environments", found, "report")
        return next((each for each in report["findings"] if each["code"] == "gpu-hidden"), None)

    finding = await hidden()
    assert finding["fixes"][0]["automatic"]
    done = await fix(jp_fetch, environment=found)
    assert done["changes"][0]["target"] == name and not done["restart_needed"]
    assert await hidden() is None
    await undo(jp_fetch, done["id"])
    assert file.read_bytes() == before
    assert await hidden() is not None


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({}, 400, "bad-body"),
        ({"code": "gpu-hidden"}, 400, "bad-target"),
        ({"code": "gpu-hidden", "kernelspec": "a", "environment": "b"}, 400, "bad-target"),
        ({"code": "gpu-hidden", "kernelspec": "none"}, 404, "no-such-kernelspec"),
        ({"code": "gpu-hidden", "environment": "none"}, 404, "no-such-environment"),
        ({"code": "gpu-hidden", "kernel_id": "none"}, 404, "no-such-kernel"),
        ({"code": "gpu-hidden", "kernelspec": "python3"}, 404, "no-such-finding"),
        ({"code": 3, "kernelspec": "python3"}, 400, "bad-body"),
    ],
)
async def test_what_cannot_be_done_is_refused(
    jp_fetch: Fetch, body: dict[str, Any], status: int, reason: str
) -> None:
    code, failure = await refused(jp_fetch("tfgpu", "fixes", method="POST", body=json.dumps(body)))
    assert (code, failure["reason"]) == (status, reason)


async def test_an_unknown_fix_is_not_taken_back(jp_fetch: Fetch) -> None:
    code, failure = await refused(jp_fetch("tfgpu", "fixes", "0123456789ab", method="DELETE"))
    assert (code, failure["reason"]) == (404, "no-such-fix")


class NoKernelspecs(Authorizer):
    """Refuses to write kernelspecs."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return (action, resource) != ("write", "kernelspecs")


class TestWhoMayNotWriteKernelspecs:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authorizer_class"] = NoKernelspecs
        return jp_server_config

    async def test_may_not_by_a_fix_either(
        self, jp_fetch: Fetch, jp_serverapp: Any, jp_data_dir: Path, environment_prefix: Path
    ) -> None:
        service = app_of(jp_serverapp).service
        name = service.catalogue.add_kernelspec(AddKernelspec(environment=str(environment_prefix))).name
        file = jp_data_dir / "kernels" / name / "kernel.json"
        document = json.loads(file.read_bytes())
        document["env"][HIDDEN] = "-1"
        file.write_text(json.dumps(document))
        before = file.read_bytes()
        body = json.dumps({"code": "gpu-hidden", "kernelspec": name})
        code, _ = await refused(jp_fetch("tfgpu", "fixes", method="POST", body=body))
        assert code == 403 and file.read_bytes() == before

        done = service.fixes.apply(ApplyFix(code="gpu-hidden", kernelspec=name))
        after = file.read_bytes()
        code, _ = await refused(jp_fetch("tfgpu", "fixes", str(done.id), method="DELETE"))
        assert code == 403 and file.read_bytes() == after
