"""Tasks: a few at once, followed, cancelled, ended with the program."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from jupyter_tfgpu.api.errors import Conflict, NotFound
from jupyter_tfgpu.api.tasks import KEPT, LINES, Task, Tasks
from jupyter_tfgpu.api.wire import TaskAnswer
from jupyter_tfgpu.kernels.specs.install_ipykernel import Cancelled


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    made = Tasks(logging.getLogger(__name__))
    yield made
    made.close()


class Gate:
    """Work that goes on until it is let through, or cancelled."""

    def __init__(self, *, commits: bool = False) -> None:
        self.begun, self.opened = threading.Event(), threading.Event()
        self._commits = commits

    def __call__(self, task: Task) -> str:
        if self._commits:
            task.commit()
        self.begun.set()
        while not self.opened.wait(0.01):
            if task.cancelled:
                raise Cancelled
        return "Done."


def until(tasks: Tasks, task: TaskAnswer, wanted: Callable[[TaskAnswer], bool]) -> TaskAnswer:
    ends = time.monotonic() + 10
    while not wanted(now := tasks.get(task.id)):
        assert time.monotonic() < ends, now
        time.sleep(0.01)
    return now


def ended(tasks: Tasks, task: TaskAnswer) -> TaskAnswer:
    return until(tasks, task, lambda now: now.state != "running")


def test_a_task_says_what_it_does_and_what_came_of_it(tasks: Tasks) -> None:
    def work(task: Task) -> str:
        task.log("one\n")
        task.log("two")
        return "It is there."

    begun = tasks.start("repair", "Repair tfgpu-x", work, kernelspec="tfgpu-x", environment="abc")
    assert (begun.kind, begun.title, begun.kernelspec, begun.environment) == (
        "repair",
        "Repair tfgpu-x",
        "tfgpu-x",
        "abc",
    )
    done = ended(tasks, begun)
    assert (done.state, done.message, done.log) == ("done", "It is there.", ("one", "two"))
    assert (done.progress, done.cancellable) == (1.0, False)


def test_two_run_at_once_and_the_third_when_one_of_them_has_ended(tasks: Tasks) -> None:
    gates = [Gate() for _ in range(3)]
    begun = [tasks.start("repair", f"{n}", gate, kernelspec=f"k{n}") for n, gate in enumerate(gates)]
    assert gates[0].begun.wait(10) and gates[1].begun.wait(10)
    assert not gates[2].begun.is_set()
    assert "Waiting" in tasks.get(begun[2].id).log[0]
    gates[1].opened.set()
    assert gates[2].begun.wait(10)


def test_in_one_environment_they_go_one_after_the_other(tasks: Tasks) -> None:
    first, second, other = Gate(), Gate(), Gate()
    tasks.start("install-ipykernel", "a", first, environment="abc")
    tasks.start("repair", "b", second, environment="abc", kernelspec="k")
    tasks.start("repair", "c", other, environment="def")
    assert first.begun.wait(10) and other.begun.wait(10)
    assert not second.begun.is_set()
    first.opened.set()
    assert second.begun.wait(10)


def test_what_is_being_done_already_is_not_begun_again(tasks: Tasks) -> None:
    gate = Gate()
    first = tasks.start("repair", "a", gate, kernelspec="k")
    assert tasks.start("repair", "a", Gate(), kernelspec="k").id == first.id
    gate.opened.set()
    ended(tasks, first)
    again = tasks.start("repair", "a", lambda task: "", kernelspec="k")
    assert again.id != first.id


def test_a_running_one_is_cancelled(tasks: Tasks) -> None:
    gate = Gate()
    task = tasks.start("repair", "a", gate)
    assert gate.begun.wait(10)
    assert tasks.get(task.id).cancellable
    assert not tasks.cancel(task.id).cancellable
    assert ended(tasks, task).state == "cancelled"


def test_one_that_waits_is_cancelled_and_never_begins(tasks: Tasks) -> None:
    gates = [Gate() for _ in range(3)]
    begun = [tasks.start("repair", f"{n}", gate, kernelspec=f"k{n}") for n, gate in enumerate(gates)]
    assert tasks.cancel(begun[2].id).state == "cancelled"
    for gate in gates[:2]:
        gate.opened.set()
    ended(tasks, begun[0])
    ended(tasks, begun[1])
    assert not gates[2].begun.is_set()


def test_what_must_not_be_cut_short_is_not(tasks: Tasks) -> None:
    gate = Gate(commits=True)
    task = tasks.start("repair", "a", gate)
    assert gate.begun.wait(10)
    assert not tasks.get(task.id).cancellable
    with pytest.raises(Conflict) as caught:
        tasks.cancel(task.id)
    assert caught.value.reason == "task-not-cancellable"
    gate.opened.set()
    assert ended(tasks, task).state == "done"
    with pytest.raises(Conflict) as caught:
        tasks.cancel(task.id)
    assert caught.value.reason == "task-ended"


def test_a_wish_to_cancel_comes_before_the_point_of_no_return(tasks: Tasks) -> None:
    asked, changed = threading.Event(), []

    def work(task: Task) -> str:
        assert asked.wait(10)
        task.commit()
        changed.append(True)
        return ""

    task = tasks.start("repair", "a", work)
    tasks.cancel(task.id)
    asked.set()
    assert ended(tasks, task).state == "cancelled"
    assert not changed


def test_a_failure_is_a_sentence_and_one_not_foreseen_is_logged(
    tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(task: Task) -> str:
        raise Conflict("The disk is full.", reason="full")

    def broken(task: Task) -> str:
        raise KeyError("secret")

    first, second = tasks.start("repair", "a", refused), tasks.start("repair", "b", broken, kernelspec="b")
    assert (ended(tasks, first).state, ended(tasks, first).message) == ("failed", "The disk is full.")
    failed = ended(tasks, second)
    assert failed.state == "failed" and failed.message and "secret" not in failed.message
    assert "'b' failed" in caplog.text


def test_only_the_last_ones_are_kept_and_only_their_last_lines(tasks: Tasks) -> None:
    def talkative(task: Task) -> str:
        for number in range(LINES + 5):
            task.log(f"{number}")
        return ""

    for number in range(KEPT + 3):
        last = tasks.start("repair", f"{number}", talkative, kernelspec=f"k{number}")
        ended(tasks, last)
    kept = tasks.all().tasks
    assert [task.title for task in kept] == [f"{number}" for number in range(3, KEPT + 3)]
    assert (len(kept[-1].log), kept[-1].log[-1]) == (LINES, f"{LINES + 4}")
    with pytest.raises(NotFound):
        tasks.get("no-such-task")


def test_followers_hear_of_a_flood_of_lines_a_few_times_and_of_its_end(tasks: Tasks) -> None:
    told: list[TaskAnswer] = []
    tasks.follow(told.append)

    def flood(task: Task) -> str:
        for number in range(5000):
            task.log(f"{number}")
        return ""

    started = time.monotonic()
    task = tasks.start("repair", "a", flood)
    ended(tasks, task)
    while not told or told[-1].state == "running":
        time.sleep(0.01)
    assert told[-1].log[-1] == "4999"
    # Five a second, the first and the last.
    assert len(told) <= 5 * (time.monotonic() - started) + 3


def test_a_line_after_a_pause_is_told_without_another_one(tasks: Tasks) -> None:
    told: list[TaskAnswer] = []
    tasks.follow(told.append)
    gate = Gate()

    def work(task: Task) -> str:
        task.log("first")
        task.log("second")
        return gate(task)

    tasks.start("repair", "a", work)
    ends = time.monotonic() + 10
    while not told or told[-1].log != ("first", "second"):
        assert time.monotonic() < ends
        time.sleep(0.01)
    assert told[-1].state == "running"


def test_nothing_goes_on_after_the_end(tasks: Tasks) -> None:
    gates = [Gate() for _ in range(3)]
    begun = [tasks.start("repair", f"{n}", gate, kernelspec=f"k{n}") for n, gate in enumerate(gates)]
    tasks.close()
    assert [tasks.get(task.id).state for task in begun] == ["cancelled"] * 3
    with pytest.raises(Conflict):
        tasks.start("repair", "late", Gate())


def test_the_end_waits_for_what_must_not_be_cut_short(tasks: Tasks) -> None:
    gate = Gate(commits=True)
    task = tasks.start("repair", "a", gate)
    assert gate.begun.wait(10)
    threading.Timer(0.2, gate.opened.set).start()
    tasks.close()
    assert tasks.get(task.id).state == "done"
