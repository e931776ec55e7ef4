"""Automatic fixes: what they change, that it can be taken back, and when they are refused."""

from __future__ import annotations

import json
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.api.errors import BadInput, Conflict, NotFound, Refused
from jupyter_tfgpu.api.fix_records import MOST, FixRecord, FixRecords
from jupyter_tfgpu.api.service import Service
from jupyter_tfgpu.api.wire import AddKernelspec, ApplyFix, FixAnswer, FixChange, SetPin
from jupyter_tfgpu.doctor import Finding, Fix, Report
from jupyter_tfgpu.kernels import Allocation, StartedKernel, Surroundings, Target, parse_pin
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import conda, distribution
from tests.kernels.specs_here import edit, foreign, kernel_json

pytestmark = pytest.mark.usefixtures("data_dir")

GROW = Fix(
    title="Let it grow", automatic=True, where="kernelspec", sets={"TF_FORCE_GPU_ALLOW_GROWTH": "true"}
)
SHOW = Fix(title="Show it", automatic=True, where="kernelspec", unsets=("CUDA_VISIBLE_DEVICES",))
BY_HAND = Fix(title="By hand", commands=("make",))
MEND = Fix(title="Mend it", automatic=True, repairs="kernelspec")


class Place:
    """A machine with the environment ``tf2`` and its kernelspec, whose reports hold one finding."""

    def __init__(self, folder: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.service = service
        self._patch = monkeypatch
        distribution(conda(folder / "envs" / "tf2"), "ipykernel", "7.4.0")
        self.spec = service.catalogue.add_kernelspec(AddKernelspec(environment="tf2")).name

    def find(self, *fixes: Fix, code: str = "a-cause", framework: str | None = None) -> None:
        """From here on every report has this finding."""
        finding = Finding(
            code=code, severity="error", title="t", detail="d.", framework=framework, fixes=fixes
        )
        report = Report(verdict="broken", summary="s", findings=(finding,))
        self._patch.setattr(self.service.catalogue, "report", lambda *_: report)
        self._patch.setattr(self.service.catalogue, "snapshot_of_start", lambda _: None)
        self._patch.setattr("jupyter_tfgpu.api.fix_subjects.diagnose", lambda *_: report)

    def apply(self, **wanted: Any) -> FixAnswer:
        if not {"kernel_id", "environment", "kernelspec"} & set(wanted):
            wanted["kernelspec"] = self.spec
        return self.service.fixes.apply(ApplyFix(**{"code": "a-cause", **wanted}))

    @property
    def file(self) -> Path:
        return self.folder / "data" / "kernels" / self.spec / "kernel.json"

    @property
    def env(self) -> dict[str, str]:
        found: dict[str, str] = kernel_json(self.folder / "data", self.spec).get("env", {})
        return found

    def set(self, **env: str) -> None:
        edit(self.folder / "data", self.spec, env={**self.env, **env})

    def start(self, pin: str = "all", *, uuids: tuple[str, ...] | None = None, **facts: Any) -> None:
        """A kernel of the kernelspec runs in this server."""
        notebook = facts.get("notebook")
        pin_from = "notebook" if notebook else "kernelspec"
        started = StartedKernel(
            kernel_id="kernel-1",
            pin=parse_pin(pin),
            pin_from=pin_from,  # type: ignore[arg-type]
            allocation=Allocation(uuids=uuids),
            prefix=self.folder / "envs" / "tf2",
            **{"kernelspec": self.spec, **facts},
        )
        self.service.launches.started.put(started)


@pytest.fixture
def variables() -> dict[str, str]:
    """Those of the server."""
    return {}


@pytest.fixture
def simulate() -> str | None:
    return None


@pytest.fixture
def place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], simulate: str | None
) -> Iterator[Place]:
    for name in ("home", "envs"):
        (tmp_path / name).mkdir()
    environ = {"JUPYTER_TFGPU_ENVIRONMENTS": str(tmp_path / "envs"), "PATH": os.environ["PATH"], **variables}
    machine = Machine(root=tmp_path / "root", environ=environ, home=tmp_path / "home")
    around = Surroundings(machine=machine, simulate=simulate, pins=tmp_path / "data" / "tfgpu" / "pins.json")
    service = Service(around, data_dir=tmp_path / "data", runtime_dir=tmp_path / "runtime", patience=5)
    yield Place(tmp_path, service, monkeypatch)
    service.close()


def refusal(wanted: type[Refused], place: Place, **request: Any) -> str:
    with pytest.raises(wanted) as caught:
        place.apply(**request)
    return caught.value.reason


class TestVariables:
    def test_a_variable_comes_and_goes_byte_for_byte(self, place: Place) -> None:
        place.find(BY_HAND, GROW)
        before = place.file.read_bytes()
        done = place.apply()
        assert place.env["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
        assert done.changes == (
            FixChange(
                what="variable",
                target=place.spec,
                name="TF_FORCE_GPU_ALLOW_GROWTH",
                before=None,
                after="true",
            ),
        )
        assert (done.title, done.restart_needed) == ("Let it grow", False)
        back = place.service.fixes.undo(done.id)
        assert place.file.read_bytes() == before
        assert back.undone and (back.changes[0].before, back.changes[0].after) == ("true", None)

    def test_one_that_hides_goes_and_comes_back(self, place: Place) -> None:
        place.set(CUDA_VISIBLE_DEVICES="-1", MINE="1")
        before = place.file.read_bytes()
        place.find(SHOW)
        done = place.apply()
        assert "CUDA_VISIBLE_DEVICES" not in place.env and place.env["MINE"] == "1"
        assert done.changes[0].before == "-1" and done.changes[0].after is None
        place.service.fixes.undo()
        assert place.file.read_bytes() == before

    def test_shown_only_nothing_changes(self, place: Place) -> None:
        place.find(GROW)
        before = place.file.read_bytes()
        look = place.apply(dry_run=True)
        assert (look.id, look.dry_run, len(look.changes)) == (None, True, 1)
        assert place.file.read_bytes() == before
        with pytest.raises(NotFound):
            place.service.fixes.undo()

    def test_what_was_shown_is_what_is_done(self, place: Place) -> None:
        place.find(GROW)
        look = place.apply(dry_run=True)
        place.set(OTHER="1")
        assert refusal(Conflict, place, shown=look.state) == "changed-since"
        assert "TF_FORCE_GPU_ALLOW_GROWTH" not in place.env
        assert place.apply(shown=place.apply(dry_run=True).state).id

    def test_by_its_environment_the_kernelspecs_of_ours_change(self, place: Place) -> None:
        place.find(GROW)
        file = foreign(place.folder / "data", "theirs", argv=[str(place.folder / "envs/tf2/bin/python")])
        theirs = file.read_bytes()
        done = place.apply(environment="tf2")
        assert [change.target for change in done.changes] == [place.spec]
        assert file.read_bytes() == theirs

    def test_another_s_kernelspec_changes_where_it_is_named(self, place: Place) -> None:
        place.find(GROW)
        file = foreign(place.folder / "data", "theirs", argv=[str(place.folder / "envs/tf2/bin/python")])
        before = file.read_bytes()
        place.apply(kernelspec="theirs")
        assert json.loads(file.read_text())["env"] == {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}
        place.service.fixes.undo()
        assert file.read_bytes() == before

    def test_but_not_where_a_kernel_of_it_is(self, place: Place) -> None:
        place.find(GROW)
        file = foreign(place.folder / "data", "theirs", argv=[str(place.folder / "envs/tf2/bin/python")])
        before = file.read_bytes()
        place.start(kernelspec="theirs")
        assert refusal(Conflict, place, kernel_id="kernel-1") == "not-ours"
        assert file.read_bytes() == before

    def test_a_running_kernel_has_it_after_its_next_start(self, place: Place) -> None:
        place.find(GROW)
        place.start()
        done = place.apply(kernel_id="kernel-1")
        assert done.restart_needed and "next restart" in (done.message or "")
        again = place.apply(kernel_id="kernel-1")  # its report is still about its last start
        assert (again.changes, again.id, again.restart_needed) == ((), None, True)
        assert place.service.fixes.undo(done.id).restart_needed

    def test_what_is_done_already_and_does_not_help_is_refused(self, place: Place) -> None:
        place.find(GROW)
        place.apply()
        assert refusal(Conflict, place) == "nothing-to-change"

    @pytest.mark.parametrize("variables", [{"CUDA_VISIBLE_DEVICES": "-1"}])
    def test_what_the_server_was_started_with_is_not_ours(self, place: Place) -> None:
        place.find(SHOW)
        assert refusal(Conflict, place) == "not-ours"

    @pytest.mark.parametrize("simulate", ["default"])
    def test_simulated_devices_change_no_kernelspec(self, place: Place) -> None:
        place.find(GROW)
        before = place.file.read_bytes()
        assert refusal(Conflict, place) == "not-ours"
        assert place.file.read_bytes() == before

    def test_a_link_is_left_alone(self, place: Place) -> None:
        place.find(GROW)
        real = place.folder / "elsewhere.json"
        place.file.rename(real)
        place.file.symlink_to(real)
        assert refusal(Conflict, place) == "not-owned"


class TestPins:
    def test_a_pin_that_hides_every_device_is_cleared(self, place: Place) -> None:
        place.find(SHOW)
        pins = place.service.launches.pins
        pins.set(Target(kernelspec=place.spec), parse_pin("none"))
        before = place.file.read_bytes()
        done = place.apply()
        assert done.changes == (
            FixChange(what="pin", target=place.spec, name="kernelspec", before="none", after=None),
        )
        assert pins.get(Target(kernelspec=place.spec)) is None
        assert place.file.read_bytes() == before
        place.service.fixes.undo()
        assert str(pins.get(Target(kernelspec=place.spec))) == "none"

    def test_so_are_those_that_would_count_next(self, place: Place) -> None:
        place.find(SHOW)
        notebook = str(place.folder / "a.ipynb")
        pins = place.service.launches.pins
        pins.set(Target(notebook=notebook), parse_pin("none"))
        pins.set(Target(kernelspec=place.spec), parse_pin("none"))
        place.start("none", uuids=(), notebook=notebook)
        done = place.apply(kernel_id="kernel-1")
        assert [change.target for change in done.changes] == [notebook, place.spec]
        assert done.restart_needed

    def test_one_that_shows_devices_stays(self, place: Place) -> None:
        place.find(SHOW)
        notebook = str(place.folder / "a.ipynb")
        pins = place.service.launches.pins
        pins.set(Target(notebook=notebook), parse_pin("none"))
        pins.set(Target(kernelspec=place.spec), parse_pin("auto"))
        place.start("none", uuids=(), notebook=notebook)
        assert len(place.apply(kernel_id="kernel-1").changes) == 1
        assert pins.get(Target(kernelspec=place.spec)) is not None

    def test_one_whose_devices_are_all_gone_is_cleared(self, place: Place) -> None:
        place.find(SHOW)
        notebook = str(place.folder / "a.ipynb")
        place.service.launches.pins.set(Target(notebook=notebook), parse_pin("GPU-0000"))
        place.start("GPU-0000", uuids=(), notebook=notebook)
        [change] = place.apply(kernel_id="kernel-1").changes
        assert (change.what, change.before) == ("pin", "GPU-0000")

    @pytest.mark.parametrize("simulate", ["default"])
    def test_simulated_devices_have_pins_of_their_own(self, place: Place) -> None:
        place.find(SHOW)
        place.service.launches.pins.set(Target(kernelspec=place.spec), parse_pin("none"))
        assert place.apply().changes[0].what == "pin"

    def test_a_newer_pin_is_not_taken_back(self, place: Place) -> None:
        place.find(SHOW)
        target = Target(kernelspec=place.spec)
        place.service.launches.pins.set(target, parse_pin("none"))
        done = place.apply()
        place.service.pinning.set(SetPin(kernelspec=place.spec, pin="auto"), ())
        with pytest.raises(Conflict, match="another pin"):
            place.service.fixes.undo(done.id)
        assert str(place.service.launches.pins.get(target)) == "auto"


class TestRepairs:
    def test_a_kernelspec_that_starts_nothing_is_mended_and_can_be_had_back(self, place: Place) -> None:
        document = kernel_json(place.folder / "data", place.spec)
        edit(place.folder / "data", place.spec, argv=["/gone/bin/python", *document["argv"][1:]])
        before = place.file.read_bytes()
        place.find(MEND)
        look = place.apply(dry_run=True)
        assert look.changes[0].what == "kernelspec" and "/gone/bin/python" in (look.changes[0].why or "")
        done = place.apply(shown=look.state)
        assert done.task is not None and done.id is not None
        assert ended(place.service, done.task.id) == "done"
        assert kernel_json(place.folder / "data", place.spec)["argv"] == document["argv"]
        back = place.service.fixes.undo(done.id)
        assert back.undone and place.file.read_bytes() == before

    def test_ipykernel_is_offered_where_it_can_be_installed(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.find(Fix(title="Install it", automatic=True, repairs="ipykernel"))
        site = place.folder / "envs" / "tf2" / "lib" / "python3.11" / "site-packages"
        shutil.rmtree(site / "ipykernel-7.4.0.dist-info")
        distribution(site, "pip", "25.0")
        look = place.apply(environment="tf2", dry_run=True)
        assert look.changes[0].what == "kernelspec" and "ipykernel" in (look.changes[0].why or "")
        assert look.message is not None and look.message.startswith("Undo leaves ipykernel")
        monkeypatch.setattr(os, "access", lambda path, mode: str(path) != str(site))
        assert refusal(Conflict, place, environment="tf2") == "not-installed"
        report = place.service.fixable.report("tf2", None, None)
        assert not report.findings[0].fixes[0].automatic

    def test_where_nothing_is_broken_there_is_nothing_to_mend(self, place: Place) -> None:
        place.find(MEND)
        assert refusal(Conflict, place) == "nothing-to-repair"

    def test_what_is_being_done_cannot_be_taken_back_yet(self, place: Place) -> None:
        with pytest.raises(NotFound):
            place.service.fixes.undo("0123456789ab")


def ended(service: Service, task_id: str) -> str:
    waited = threading.Event()
    for _ in range(600):
        task = service.tasks.get(task_id)
        if task.state != "running":
            return task.state
        waited.wait(0.05)
    raise AssertionError("it still runs")


class TestTakingBack:
    def test_what_somebody_changed_since_stays(self, place: Place) -> None:
        place.find(GROW)
        done = place.apply()
        place.set(TF_FORCE_GPU_ALLOW_GROWTH="false")
        now = place.file.read_bytes()
        with pytest.raises(Conflict, match="has been changed since"):
            place.service.fixes.undo(done.id)
        assert place.file.read_bytes() == now

    def test_other_changes_since_stay_too(self, place: Place) -> None:
        place.find(GROW)
        done = place.apply()
        place.set(OTHER="1")
        place.service.fixes.undo(done.id)
        assert place.env == {"OTHER": "1"} | {
            k: v for k, v in place.env.items() if k not in ("OTHER", "TF_FORCE_GPU_ALLOW_GROWTH")
        }
        assert "TF_FORCE_GPU_ALLOW_GROWTH" not in place.env

    def test_two_fixes_are_taken_back_in_either_order(self, place: Place) -> None:
        before = kernel_json(place.folder / "data", place.spec)
        place.find(GROW)
        first = place.apply()
        place.find(Fix(title="Another", automatic=True, sets={"XLA_FLAGS": "--x"}))
        second = place.apply()
        place.service.fixes.undo(first.id)
        assert place.env["XLA_FLAGS"] == "--x"
        place.service.fixes.undo(second.id)
        assert kernel_json(place.folder / "data", place.spec) == before

    def test_a_kernelspec_that_is_gone_does_not_come_back(self, place: Place) -> None:
        place.find(GROW)
        done = place.apply()
        place.service.catalogue.remove_kernelspec(place.spec)
        with pytest.raises(Conflict, match="cannot be taken back"):
            place.service.fixes.undo(done.id)

    def test_where_it_cannot_be_noted_nothing_is_taken_back(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.find(SHOW)
        place.set(CUDA_VISIBLE_DEVICES="-1")
        target = Target(kernelspec=place.spec)
        place.service.launches.pins.set(target, parse_pin("none"))
        done = place.apply()
        now = place.file.read_bytes()
        with monkeypatch.context() as patch, pytest.raises(Conflict):
            patch.setattr("jupyter_tfgpu.api.fix_records.replace_file", _full)
            place.service.fixes.undo(done.id)
        assert place.file.read_bytes() == now
        assert place.service.launches.pins.get(target) is None
        place.service.fixes.undo(done.id)
        assert place.env["CUDA_VISIBLE_DEVICES"] == "-1"
        assert place.service.launches.pins.get(target) is not None

    def test_a_second_time_there_is_nothing(self, place: Place) -> None:
        place.find(GROW)
        done = place.apply()
        place.service.fixes.undo(done.id)
        with pytest.raises(NotFound):
            place.service.fixes.undo(done.id)

    def test_another_program_can(self, place: Place) -> None:
        place.find(GROW)
        before = place.file.read_bytes()
        place.apply()
        again = Service(
            Surroundings(
                machine=place.service.launches.machine,
                simulate=None,
                pins=place.folder / "data" / "tfgpu" / "pins.json",
            ),
            data_dir=place.folder / "data",
            runtime_dir=place.folder / "runtime",
        )
        try:
            again.fixes.undo()
        finally:
            again.close()
        assert place.file.read_bytes() == before


class TestWhatIsAskedFor:
    @pytest.mark.parametrize("named", [{"environment": "tf2", "kernelspec": "x"}, {"environment": ""}])
    def test_one_thing_is_named(self, place: Place, named: dict[str, str]) -> None:
        place.find(GROW)
        assert refusal(BadInput, place, **named) == "bad-target"

    @pytest.mark.parametrize("name", ["environment", "kernelspec", "kernel_id"])
    def test_what_there_is_not_is_not_found(self, place: Place, name: str) -> None:
        refusal(NotFound, place, **{name: "none"})

    def test_a_finding_that_is_not_there_any_more_is_not_fixed(self, place: Place) -> None:
        place.find(GROW)
        assert refusal(NotFound, place, code="other") == "no-such-finding"

    def test_a_finding_of_another_framework_is_another(self, place: Place) -> None:
        place.find(GROW, framework="jax")
        assert refusal(NotFound, place, framework="torch") == "no-such-finding"
        assert place.apply(framework="jax").id

    def test_a_fix_that_is_done_by_hand_is_refused(self, place: Place) -> None:
        place.find(BY_HAND)
        assert refusal(Conflict, place) == "not-automatic"

    def test_a_report_says_what_can_be_done_from_here(self, place: Place) -> None:
        place.find(BY_HAND, MEND, GROW)
        report = place.service.fixable.report(None, place.spec, None)
        assert [fix.automatic for fix in report.findings[0].fixes] == [False, False, True]
        place.service.catalogue.remove_kernelspec(place.spec)
        report = place.service.fixable.report("tf2", None, None)
        assert [fix.automatic for fix in report.findings[0].fixes] == [False, False, False]


class TestTheRecord:
    def test_is_for_its_user_alone(self, place: Place) -> None:
        place.find(GROW)
        place.apply()
        file = place.folder / "data" / "tfgpu" / "fixes.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_where_it_cannot_be_kept_nothing_is_changed(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.find(GROW)
        before = place.file.read_bytes()

        monkeypatch.setattr("jupyter_tfgpu.api.fix_records.replace_file", _full)
        assert refusal(Conflict, place) == "fix-store"
        assert place.file.read_bytes() == before

    @pytest.mark.parametrize("content", [b"{", b"[]", b'{"schema": "other/1"}', b"\xff", b"[" * 100_000])
    def test_a_damaged_one_is_kept_aside(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "fixes.json"
        path.write_bytes(content)
        records = FixRecords(path, "here")
        records.add(record("a"))
        assert records.get(None).id == "a"
        assert (tmp_path / "fixes.json.damaged").read_bytes() == content

    def test_the_last_ones_are_kept_by_machine(self, tmp_path: Path) -> None:
        here, there = FixRecords(tmp_path / "f.json", "here"), FixRecords(tmp_path / "f.json", "there")
        there.add(record("x"))
        for number in range(MOST + 1):
            here.add(record(str(number)))
        assert here.get(None).id == str(MOST) and there.get(None).id == "x"
        with pytest.raises(NotFound):
            here.get("0")
        with pytest.raises(NotFound):
            here.get("x")

    def test_several_programs_write_it(self, tmp_path: Path) -> None:
        def add(name: str) -> None:
            FixRecords(tmp_path / "f.json", "here").add(record(name))

        threads = [threading.Thread(target=add, args=(f"{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number in range(8):
            assert FixRecords(tmp_path / "f.json", "here").get(f"{number}")


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def record(fix_id: str) -> FixRecord:
    return FixRecord(id=fix_id, code="c", title="t", shown=())
