"""The report: which findings stand, in which order, and the verdict they make."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import diagnose
from jupyter_tfgpu.doctor.order import EXPLAINS, IMPOSSIBLE, KEEPS_BROKEN_IMPORTS, ORDER
from jupyter_tfgpu.doctor.rules import RULES
from tests.doctor.made import NO_GPU, cpu_build, framework, healthy, snapshot


def codes(facts: Any, asked: str | None = None) -> list[str]:
    return [each.code for each in diagnose(facts, asked).findings]


def test_every_rule_has_its_place_in_the_order_and_every_place_its_rule() -> None:
    assert {rule.code for rule in RULES} == set(ORDER)
    assert len(set(ORDER)) == len(ORDER)
    assert set(EXPLAINS) | set().union(*EXPLAINS.values()) <= set(ORDER)
    assert set(EXPLAINS) >= KEEPS_BROKEN_IMPORTS


def test_an_explanation_comes_before_what_it_explains() -> None:
    place = {code: number for number, code in enumerate(ORDER)}
    late = [
        (cause, each)
        for cause, effects in EXPLAINS.items()
        for each in effects
        if place[cause] >= place[each]
    ]
    # no-gpu stands where the hardware stands, and explains the build above it: it is worth knowing, no more.
    assert {cause for cause, _ in late} == {"no-gpu"}
    assert {effect for _, effect in late} == set(IMPOSSIBLE)


def test_a_healthy_environment_is_ok() -> None:
    report = diagnose(snapshot())
    assert (report.verdict, report.findings) == ("ok", ())
    assert report.framework is not None and report.framework.version == "2.20.0"
    assert "TensorFlow 2.20.0" in report.summary


def test_nothing_known_is_nothing_said() -> None:
    facts = {"schema": "tfgpu.snapshot/1", "host": None, "driver": None, "gpus": None, "environment": None}
    report = diagnose(snapshot(**facts))
    assert (report.verdict, report.findings, report.framework) == ("ok", (), None)


def test_the_same_snapshot_gives_the_same_report() -> None:
    facts = snapshot(environment={"frameworks": [cpu_build()]})
    assert diagnose(facts) == diagnose(facts)


def test_without_a_gpu_a_cpu_build_is_no_fault() -> None:
    report = diagnose(snapshot(**NO_GPU, environment={"frameworks": [cpu_build()]}))
    assert (report.verdict, [each.code for each in report.findings]) == ("cpu", ["no-gpu"])
    assert report.findings[0].severity == "info"


def test_an_impossible_build_comes_before_a_missing_driver() -> None:
    facts = snapshot(driver=NO_GPU["driver"], gpus=None, environment={"frameworks": [cpu_build()]})
    assert codes(facts) == ["cpu-only-build", "driver-missing"]


def test_a_driver_that_is_missing_explains_the_libraries() -> None:
    facts = snapshot(driver=NO_GPU["driver"], gpus=None, environment={"libraries": []})
    assert codes(facts) == ["driver-missing"]


def test_a_driver_that_is_too_old_explains_the_libraries() -> None:
    facts = snapshot(driver={"version": "470.57.02"}, environment={"libraries": []})
    assert codes(facts) == ["driver-too-old"]


def test_only_the_framework_that_was_asked_for_is_judged() -> None:
    both = {"frameworks": [cpu_build(), framework(name="torch", version="2.5.1")]}
    assert codes(snapshot(environment=both)) == ["cpu-only-build"]
    assert codes(snapshot(environment=both), "torch") == []
    assert codes(snapshot(environment=both, framework="torch")) == []
    assert diagnose(snapshot(environment=both, framework="torch"), "tensorflow").verdict == "broken"


def test_an_error_of_another_framework_makes_it_degraded_at_worst() -> None:
    both = {"frameworks": [framework(), cpu_build("2.5.1+cpu", "torch")]}
    report = diagnose(snapshot(environment=both))
    assert report.verdict == "degraded"
    assert [(each.code, each.framework) for each in report.findings] == [("cpu-only-build", "torch")]
    assert report.framework is not None and report.framework.name == "tensorflow"


def test_the_own_frameworks_findings_come_before_another_ones() -> None:
    both = {"frameworks": [cpu_build("2.5.1+cpu", "torch"), framework()], "libraries": []}
    found = [(each.framework, each.code) for each in diagnose(snapshot(environment=both)).findings]
    assert found == [("tensorflow", "cuda-missing"), ("torch", "cpu-only-build")]


def test_the_summary_of_a_broken_environment_is_its_first_error() -> None:
    report = diagnose(snapshot(environment={"frameworks": [cpu_build()]}))
    assert (report.verdict, report.summary) == ("broken", "This TensorFlow 2.21.0 is a CPU-only build.")


def test_an_environment_without_a_framework_is_called_so() -> None:
    report = diagnose(snapshot(environment={"frameworks": []}))
    assert (report.verdict, report.framework) == ("ok", None)
    assert report.summary == "No framework that trains on GPUs is installed here."


def test_a_report_on_a_simulated_machine_is_marked() -> None:
    assert diagnose(snapshot(simulated=True)).simulated
    assert not diagnose(snapshot()).simulated


@pytest.mark.parametrize("part", ["host", "driver", "gpus", "variables", "environment"])
def test_a_part_that_is_not_known_raises_no_alarm(part: str) -> None:
    facts = healthy()
    facts[part] = None
    assert codes(snapshot(**facts)) == []


@pytest.mark.parametrize(
    ("requires", "version", "judged"),
    [
        (["jax>=0.3.15", "numpy<1.24"], "2.12.0", False),
        (None, "2.12.1", False),
        (["numpy<2"], "2.12.0", True),
        (None, "2.13.0", True),
    ],
)
def test_a_jax_that_tensorflow_brings_is_not_judged_unless_asked_for(
    requires: list[str] | None, version: str, judged: bool
) -> None:
    facts = snapshot(
        environment={
            "distributions": [
                {"name": "tensorflow", "version": version, "requires": requires, "installer": "pip"},
                {"name": "jax", "version": "0.4.8", "installer": "pip"},
                {"name": "jaxlib", "version": "0.4.7", "installer": "pip"},
            ],
            "frameworks": [framework(version=version), cpu_build("0.4.8", "jax")],
        }
    )
    assert ("jax" in {each.framework for each in diagnose(facts).findings}) == judged
    assert "cpu-only-build" in codes(facts, "jax")
