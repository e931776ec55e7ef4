"""What can have changed since the report was made: the devices, and CUDA_VISIBLE_DEVICES."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.doctor.rules import memory as doctors
from jupyter_tfgpu.inkernel import changes, device_findings, late, reports, state
from jupyter_tfgpu.inkernel.touched import OTHER
from tests.inkernel.samples import NO_GPU, content, device, finding, holder, report
from tests.kernels.readings import FIRST, GIB, MIG, SECOND

LOST = finding("gpu-lost", framework=None, title="A GPU is lost")
TAKEN = finding("gpu-memory-taken", "warning", title="Most of the GPU's memory is taken")


def read(*devices: dict[str, Any], driver: str = "ok") -> state.State:
    decoded = state.decode(json.dumps(content(*devices, driver=driver)).encode())
    assert decoded is not None
    return decoded


def codes(
    said: dict[str, Any],
    *devices: dict[str, Any],
    known: bool = True,
    driver: str = "ok",
    kernel_id: str = "mine",
    framework: str = "tensorflow",
    variable_changed: bool = False,
) -> list[str]:
    """What is shown of a report while the kernel sees these devices."""
    seen = read(*devices, driver=driver)["devices"] if known else None
    now = changes.Now(seen, driver == "ok", True, kernel_id, variable_changed, [])
    checked = reports.checked(said)
    assert checked is not None
    changed = changes.as_of_now(checked, framework, now)
    return [one["code"] for one in reports.concerning(changed, framework)]


class TestStateFile:
    """Reading it."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "state.json"

    def test_one_of_now_is_taken_and_read_again_when_it_changes(self, path: Path) -> None:
        file = state.StateFile(str(path))
        assert file.read() is None
        path.write_text(json.dumps(content(device())))
        first = file.read()
        assert first is not None
        assert [one["uuid"] for one in first["devices"]] == [FIRST]
        path.write_text(json.dumps(content(device(), device(1, SECOND))))
        second = file.read()
        assert second is not None
        assert len(second["devices"]) == 2
        path.unlink()
        assert file.read() is None
        assert state.StateFile(None).read() is None

    @pytest.mark.parametrize("age", [15.5, 3600.0, -60.0, float("nan"), float("inf")])
    def test_one_of_another_time_is_not_known(self, path: Path, age: float) -> None:
        path.write_text(json.dumps(content(device(), taken_at=time.time() - age)))
        assert state.StateFile(str(path)).read() is None

    def test_it_becomes_too_old_while_nobody_writes(self) -> None:
        seen = read(device())
        taken = seen["taken_at"]
        assert state.is_fresh(seen, taken + state.TOO_OLD)
        assert not state.is_fresh(seen, taken + state.TOO_OLD + 0.1)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"{",
            b"[]",
            b"\xff",
            b"[" * 100_000,
            b" " * (state.MAX_SIZE + 1),
            json.dumps(content(schema="tfgpu.state/2")).encode(),
            json.dumps(content(taken_at="now")).encode(),
            json.dumps(content(taken_at=True)).encode(),
            json.dumps(content(devices={})).encode(),
            json.dumps(content("GPU-a")).encode(),  # type: ignore[arg-type]
            json.dumps(content(device(uuid=""))).encode(),
            json.dumps(content(*[device()] * 300)).encode(),
            json.dumps(content(device())).encode()[:-5],
        ],
    )
    def test_what_is_no_state_is_not_known(self, data: bytes, path: Path) -> None:
        path.write_bytes(data)
        assert state.StateFile(str(path)).read() is None

    def test_of_a_forged_one_only_known_fields_of_the_right_type_are_left(self) -> None:
        forged = device(
            index=True,
            name="a\x1b[31m\nb",
            memory={"total": -1, "free": "much", "more": 1},
            holders=["x", {"kernel_id": ["x"], "memory": 1.5, "notebook": "<b>"}],
            others=None,
            allotted="yes",
            run="rm",
        )
        (seen,) = read(forged)["devices"]
        assert seen == {
            "uuid": FIRST,
            "parent": None,
            "index": None,
            "name": "a[31m b",
            "state": "ok",
            "total": None,
            "free": None,
            "holders": [{"kernel_id": None, "notebook": "<b>", "memory": None}],
            "others": None,
            "allotted": True,
        }


class TestDevicesOf:
    """Which devices the kernel sees."""

    both = (device(0, FIRST), device(1, SECOND))

    def seen(self, visible: str | None, *devices: dict[str, Any], order: str | None = None) -> Any:
        found = state.devices_of(read(*(devices or self.both)), None, visible, order)
        return None if found is None else [one["uuid"] for one in found]

    def test_those_that_it_was_started_with(self) -> None:
        found = state.devices_of(read(*self.both), [SECOND, "GPU-gone"], "1", None)
        assert found is not None
        assert [(one["uuid"], one["state"]) for one in found] == [(SECOND, "ok"), ("GPU-gone", "gone")]

    def test_those_that_its_variable_names(self) -> None:
        assert self.seen(None) == [FIRST, SECOND]
        assert self.seen("1,0") == [SECOND, FIRST]
        assert self.seen("1, GPU-8932f937") == [SECOND, FIRST]
        assert self.seen("") == []
        assert self.seen("-1") == []
        assert self.seen("1,7,0") == [SECOND], "CUDA ignores the list from its first wrong entry on"
        assert self.seen(MIG, device(None, MIG, parent=FIRST), *self.both) == [MIG]

    def test_not_known_where_a_number_or_no_list_may_mean_another(self) -> None:
        other = (device(0, FIRST), device(1, SECOND, name="NVIDIA T4"))
        assert self.seen("0", *other) is None
        assert self.seen("0", *other, order="PCI_BUS_ID") == [FIRST]
        assert self.seen("GPU-", *other) is None
        assert self.seen(None, device(), device(None, MIG, parent=FIRST)) is None
        assert state.devices_of(read(driver="not-loaded"), [FIRST], None, None) is None


class TestLost:
    """A device that was lost since, or is back."""

    def test_a_device_lost_since_the_start_is_said_with_what_to_do(self) -> None:
        for ill in ("lost", "reset-required"):
            assert codes(report(), device(state=ill)) == ["gpu-lost"]
        made = device_findings.gpu_lost(read(device(state="lost"), device(1, SECOND))["devices"], True)
        assert made is not None
        assert made["severity"] == "error"
        assert "GPU 0 (NVIDIA A100) is lost" in made["detail"]
        assert made["fixes"][1]["commands"] == ["%tfgpu pin auto"]

    def test_the_report_s_own_fixes_are_kept(self) -> None:
        now = changes.Now(read(device(state="lost"))["devices"], False, True, None, False, [])
        checked = reports.checked(report(LOST))
        assert checked is not None
        (shown,) = changes.as_of_now(checked, "torch", now)["findings"]
        assert shown["title"] == "A GPU of this kernel is lost"
        assert shown["fixes"] == LOST["fixes"]

    def test_one_that_is_back_is_not_said_any_more(self) -> None:
        assert codes(report(LOST), device()) == []
        assert codes(report(LOST), device(), driver="gpu-lost") == ["gpu-lost"]
        assert codes(report(LOST), known=False) == ["gpu-lost"]

    def test_another_kernel_s_is_not(self) -> None:
        assert codes(report(), device(), driver="gpu-lost") == []


class TestMemory:
    """Memory that was taken since, or is free again."""

    def test_the_shares_are_the_doctor_s(self) -> None:
        assert (device_findings.MOST, device_findings.NEARLY_ALL) == (doctors.MOST, doctors.NEARLY_ALL)

    @pytest.mark.parametrize(
        ("seen", "expected"),
        [
            (device(free=79), []),
            (device(free=30, holders=[holder("other", 50)]), ["gpu-memory-taken"]),
            (device(free=45, holders=[holder("other", 35)]), []),
            (device(free=35, holders=[holder("a", 25), holder("b", 20)]), ["gpu-memory-taken"]),
            (device(free=30, holders=[holder("mine", 50)]), []),
            (device(free=1, holders=[holder("mine", 79)]), []),
            (device(free=1, holders=[holder("mine", None)]), []),
            (device(free=1, holders=[holder("mine", 30), holder("other", 49)]), ["gpu-memory-taken"]),
            (device(free=10, others=70 * GIB), ["gpu-memory-taken"]),
            (device(free=20), []),
            (device(free=15), ["gpu-memory-taken"]),
            (device(memory=None), []),
        ],
    )
    def test_others_memory_counts_and_the_kernel_s_own_does_not(
        self, seen: dict[str, Any], expected: list[str]
    ) -> None:
        assert codes(report(), seen) == expected

    def test_memory_that_is_free_again_is_not_said_any_more(self) -> None:
        assert codes(report(TAKEN), device()) == []
        assert codes(report(TAKEN), known=False) == ["gpu-memory-taken"]

    def test_it_names_the_notebook_and_how_much_and_what_to_do(self) -> None:
        holders = [
            holder("a" * 36, 30, "/home/me/nets/train.ipynb"),
            holder("a" * 36, 10, "/home/me/nets/train.ipynb"),
            holder("b" * 36, 5),
        ]
        (seen,) = read(device(free=30, holders=holders))["devices"]
        made = device_findings.memory_taken(seen, "tensorflow", "mine", True)
        assert made is not None
        assert made["detail"].startswith(
            "train.ipynb (40.0 GiB) and the kernel bbbbbbbb (5.0 GiB) hold most of the memory of GPU 0 "
            "(NVIDIA A100): 30.0 GiB of 80.0 GiB are free. TensorFlow may start"
        )
        assert made["evidence"] == [
            "free: 30.0 GiB of 80.0 GiB",
            "/home/me/nets/train.ipynb: 40.0 GiB",
            "the kernel bbbbbbbb: 5.0 GiB",
        ]
        assert made["fixes"][0]["commands"] == [
            f"jupyter tfgpu kernels shutdown {'a' * 36}",
            f"jupyter tfgpu kernels shutdown {'b' * 36}",
        ]
        assert [fix["commands"] for fix in made["fixes"][1:]] == [["%tfgpu pin auto"], ["%tfgpu growth on"]]

    def test_processes_that_are_no_kernels_are_not_named(self) -> None:
        (seen,) = read(device(free=10, others=70 * GIB))["devices"]
        made = device_findings.memory_taken(seen, "torch", "mine", False)
        assert made is not None
        assert made["detail"].startswith(
            "Processes that are no kernels (70.0 GiB) hold most of the memory of"
        )
        assert [one["commands"] for one in made["fixes"]] == [
            ["jupyter tfgpu devices", "jupyter tfgpu kernels"]
        ]

    @pytest.mark.parametrize(
        ("holders", "others", "said"),
        [
            ([holder("k1", 70, "/n/a.ipynb")], 0, "a.ipynb (70.0 GiB) holds most"),
            ([holder("k1", 70, "/n/a.ipynb"), holder("k2", 1)], 0, "a.ipynb (70.0 GiB) holds most"),
            (
                [holder("k1", 20, "/n/a.ipynb")],
                50 * GIB,
                "Processes that are no kernels (50.0 GiB) and a.ipynb (20.0 GiB) hold most",
            ),
            (
                [holder("k1", 30, "C:\\n\\a.ipynb"), holder("k2abcdefgh", 20)],
                10 * GIB,
                "a.ipynb (30.0 GiB), the kernel k2abcdef (20.0 GiB) and processes that are no kernels (10.0 ",
            ),
            ([holder("k1", None)], 0, "Other processes hold most"),
            ([], 0, "Other processes hold most"),
        ],
    )
    def test_the_largest_holders_are_named_first(
        self, holders: list[dict[str, Any]], others: int, said: str
    ) -> None:
        (seen,) = read(device(free=5, holders=holders, others=others))["devices"]
        made = device_findings.memory_taken(seen, "torch", "mine", False)
        assert made is not None
        assert made["detail"].startswith(said)

    def test_another_gpu_is_offered_where_one_may_be_used_and_has_room(self) -> None:
        full, free = device(free=1), device(1, SECOND)
        for other, expected in (
            (free, True),
            (device(1, SECOND, free=30), False),
            (device(1, SECOND, state="lost"), False),
            (device(1, SECOND, allotted=False), False),
        ):
            seen = read(full, other)
            assert state.room_beside(seen, seen["devices"][:1]) is expected
        assert not state.room_beside(read(free), read(free)["devices"])

    def test_no_id_that_is_not_one_stands_in_a_command(self) -> None:
        (seen,) = read(device(free=10, holders=[holder("x; rm -rf ~", 70)]))["devices"]
        made = device_findings.memory_taken(seen, "torch", "mine", False)
        assert made is not None
        assert "rm -rf" not in json.dumps(made["fixes"])


def test_nothing_is_added_to_an_error_that_comes_first() -> None:
    full = device(free=1, holders=[holder("other", 79)])
    assert codes(report(finding()), full) == ["cpu-only-build"]
    assert codes(report(finding()), device(state="lost")) == ["cpu-only-build"]
    assert codes(report(finding()), full, framework="torch") == ["gpu-memory-taken"]


def test_a_machine_without_devices_gets_nothing() -> None:
    assert codes(report(NO_GPU, verdict="cpu")) == []


def test_a_variable_that_was_changed_in_time_hides_nothing_any_more() -> None:
    hidden = finding("gpu-hidden")
    assert codes(report(hidden), device()) == ["gpu-hidden"]
    assert codes(report(hidden), device(), variable_changed=True) == []


def test_the_verdict_is_that_of_what_is_left() -> None:
    def verdict(said: dict[str, Any], seen: dict[str, Any]) -> str:
        checked = reports.checked(said)
        assert checked is not None
        now = changes.Now(read(seen)["devices"], True, False, None, False, [])
        return str(changes.as_of_now(checked, "tensorflow", now)["verdict"])

    assert verdict(report(verdict="ok"), device()) == "ok"
    assert verdict(report(verdict="ok"), device(state="lost")) == "broken"
    assert verdict(report(verdict="ok"), device(free=1)) == "degraded"
    assert verdict(report(TAKEN, verdict="degraded"), device()) == "ok"


class TestVisible:
    """CUDA_VISIBLE_DEVICES against what CUDA read."""

    @pytest.fixture
    def toucher(self, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
        """Its last is what has touched the GPU."""
        said: list[str | None] = [None]
        monkeypatch.setattr(late, "touched", lambda files: said[-1])
        monkeypatch.delenv(late.VARIABLE, raising=False)
        monkeypatch.delenv(late.ORDER, raising=False)
        return said

    def test_a_change_before_the_gpu_is_used_counts(
        self, toucher: list[str | None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        visible = late.Visible("0")
        visible.look("")
        monkeypatch.setenv(late.VARIABLE, "1")
        toucher.append("torch")
        visible.look("")
        assert (visible.value, visible.changed, visible.finding()) == ("1", True, None)

    def test_a_change_after_it_is_said_and_counts_for_nothing(
        self, toucher: list[str | None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        visible = late.Visible(None)
        toucher.append("torch")
        visible.look("")
        monkeypatch.setenv(late.VARIABLE, "1")
        monkeypatch.setenv(late.ORDER, "PCI_BUS_ID")
        visible.look("")
        assert (visible.value, visible.order, visible.changed) == (None, None, False)
        said = visible.finding()
        assert said is not None
        assert (said["code"], said["severity"]) == ("visible-devices-late", "warning")
        assert said["detail"].startswith(
            "PyTorch had begun to use the GPU in this kernel with CUDA_VISIBLE_DEVICES not set."
        )
        assert said["evidence"] == [
            "when the GPU was first used: CUDA_VISIBLE_DEVICES not set",
            "now: CUDA_VISIBLE_DEVICES=1",
        ]
        assert said["fixes"][1]["commands"] == ["%tfgpu pin 1"]
        monkeypatch.delenv(late.VARIABLE)
        assert visible.finding() is None

    @pytest.mark.parametrize(
        ("value", "pin"),
        [("0, 2", "0,2"), ("", "none"), ("-1", "none"), ("GPU-8932f937", "GPU-8932f937"), ("x; ls", "none")],
    )
    def test_it_names_the_pin_that_means_the_same(
        self, toucher: list[str | None], monkeypatch: pytest.MonkeyPatch, value: str, pin: str
    ) -> None:
        monkeypatch.setenv(late.VARIABLE, "7")
        toucher.append(OTHER)
        visible = late.Visible("7")
        visible.look("")
        monkeypatch.setenv(late.VARIABLE, value)
        said = visible.finding()
        assert said is not None
        assert said["detail"].startswith("Another part of the program had begun")
        assert said["fixes"][1]["commands"] == [f"%tfgpu pin {pin}"]

    def test_open_files_are_looked_at_only_before_a_cell_that_speaks_of_variables(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[bool] = []
        monkeypatch.setattr(late, "touched", lambda files: asked.append(files))
        visible = late.Visible(None)
        for cell in (
            "x = 1",
            "import os\nos.environ['CUDA_VISIBLE_DEVICES'] = '1'",
            "%env A=1",
            "model.fit()",
        ):
            visible.look(cell)
        assert asked == [False, True, True, False]

    def test_the_same_list_written_otherwise_is_no_change(
        self, toucher: list[str | None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(late.VARIABLE, "0,1")
        toucher.append("torch")
        visible = late.Visible("0,1")
        visible.look("")
        monkeypatch.setenv(late.VARIABLE, "0, 1")
        assert visible.finding() is None
