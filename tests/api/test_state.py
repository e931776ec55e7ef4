"""The file in which a server's kernels find what it last saw of the devices."""

from __future__ import annotations

import json
import logging
import stat
from pathlib import Path

import pytest

from jupyter_tfgpu.api import state
from jupyter_tfgpu.api.state import StateKeeper, devices_state
from jupyter_tfgpu.devices import Reading
from jupyter_tfgpu.inkernel import state as inkernel
from jupyter_tfgpu.kernels import DeviceHolders, Holder, new_state_path
from tests.kernels.readings import FIRST, GIB, SECOND, device, reading

HELD = {
    FIRST: DeviceHolders(
        holders=(
            Holder(pid=7, memory=30 * GIB, kernel_id="k1", notebook="/home/me/train.ipynb", user="me"),
            Holder(pid=8, memory=9 * GIB, command="python", user="other"),
            Holder(pid=9, memory=None, user="other"),
        )
    )
}

log = logging.getLogger(__name__)


def taken(at: float) -> Reading:
    return reading(device(0, FIRST, free=40, used=40), device(1, SECOND), taken_at=at)


def test_the_kernels_read_what_the_server_wrote(tmp_path: Path) -> None:
    path = new_state_path(tmp_path / "runtime")
    StateKeeper(path, None, log).offer(taken(1000.0), HELD)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = inkernel.decode(path.read_bytes())
    assert read is not None
    assert (read["taken_at"], read["driver"]) == (1000.0, "ok")
    first, second = read["devices"]
    assert first == {
        "uuid": FIRST,
        "parent": None,
        "index": 0,
        "name": "NVIDIA A100",
        "state": "ok",
        "total": 80 * GIB,
        "free": 40 * GIB,
        "holders": [{"kernel_id": "k1", "notebook": "/home/me/train.ipynb", "memory": 30 * GIB}],
        "others": 9 * GIB,
        "allotted": True,
    }
    assert (second["holders"], second["others"]) == ([], 0)


def test_what_belongs_to_others_is_in_it_as_a_sum_alone(tmp_path: Path) -> None:
    StateKeeper(tmp_path / "state.json", None, log).offer(taken(1000.0), HELD)
    content = json.loads((tmp_path / "state.json").read_text())
    assert [holder["pid"] for one in content["devices"] for holder in one["holders"]] == [7]
    assert "other" not in json.dumps(content).replace('"others"', "")


def test_it_is_not_written_more_often_than_every_five_seconds_nor_back_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 50.0
    monkeypatch.setattr("jupyter_tfgpu.api.state.time.monotonic", lambda: now)
    path = tmp_path / "state.json"
    keeper = StateKeeper(path, None, log)

    def written(at: float) -> bool:
        path.unlink(missing_ok=True)
        keeper.offer(taken(at), {})
        return path.exists()

    assert written(1000.0)
    now = 54.0
    assert not written(1004.0)
    now = 55.0
    assert not written(1000.0)
    assert not written(999.0)
    assert written(1005.0)


def test_at_the_end_it_is_gone_and_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    keeper = StateKeeper(path, None, log)
    keeper.offer(taken(1000.0), {})
    keeper.close()
    assert not path.exists()
    keeper.offer(taken(2000.0), {})
    keeper.close()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_nothing_is_said_once_and_disturbs_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "EVERY", 0.0)
    (tmp_path / "file").write_text("")
    keeper = StateKeeper(tmp_path / "file" / "state.json", None, log)
    keeper.offer(taken(1000.0), {})
    keeper.offer(taken(2000.0), {})
    assert len(caplog.records) == 1


def test_the_host_s_memory_is_no_device_s() -> None:
    integrated = reading(device(0, FIRST, free=1, used=79, host_memory=True))
    assert devices_state(integrated, {}, None).devices[0].memory is None


def test_a_device_that_the_server_was_not_given_is_marked() -> None:
    told = devices_state(taken(1000.0), {}, SECOND)
    assert [one.allotted for one in told.devices] == [False, True]
