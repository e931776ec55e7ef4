"""Real reports: the rules name the cause they know, and raise no other alarm."""

from __future__ import annotations

import pytest

from tests.doctor.scoring import MORE, Case, all_cases, false_alarms, report, scores

CASES = [pytest.param(case, id=case.id) for case in all_cases()]
CONTROLS = [pytest.param(case, id=case.id) for case in all_cases() if case.healthy]
FURTHER = [pytest.param(case, id=case.id) for case in all_cases(MORE)]

NOT_TOLD = {
    "pytorch-119989": "a newer cuDNN of the system before the wheel's own: mostly that works",
    "tf-5777": "CUDA_ERROR_UNKNOWN after a suspend: the same facts as of a machine that a restart has mended",
}
"""Further reports whose cause the facts do not tell apart from a machine where all is well."""

WARNINGS = {
    "driver-state",
    "gpu-hidden-partly",
    "gpu-needs-jit",
    "gpu-memory-taken",
    "libdevice-missing",
    "ptxas-too-old",
}
NOTES = {
    "no-gpu",
    "memory-growth",
    "mig-one-instance",
    "device-order",
    "harmless-message",
}
EITHER = {
    "shadowed-packages",
    "activation-missing",
    "duplicate-framework",
    "mixed-channels",
    "known-bug",
    "library-conflict",
}
"""The public severities; every other code is an error. libdevice-missing is one for jax."""


def test_there_are_119_cases_each_with_its_thread() -> None:
    assert len(CASES) == 119
    assert all(case.url.startswith("https://") for case in all_cases())


@pytest.mark.parametrize("case", CASES)
def test_the_cause_is_named_first(case: Case) -> None:
    found = [(each.severity, each.code) for each in report(case).findings]
    assert scores(case), f"{case.id}: {found}, and {sorted(case.primary)} is right"


@pytest.mark.parametrize("case", CASES)
def test_no_rule_raises_a_false_alarm(case: Case) -> None:
    assert false_alarms(case) == []


@pytest.mark.parametrize("case", CONTROLS)
def test_a_healthy_environment_gets_no_error(case: Case) -> None:
    assert report(case).verdict in ("ok", "cpu")


@pytest.mark.parametrize("case", CASES)
def test_a_finding_says_what_it_rests_on_and_its_fixes_fit_the_system(case: Case) -> None:
    windows = case.snapshot.host is not None and case.snapshot.host.os == "windows"
    for finding in report(case).findings:
        assert finding.detail.endswith(".")
        assert finding.evidence
        commands = [command for fix in finding.fixes for command in fix.commands]
        assert all("sudo" not in command and "bin/python" not in command for command in commands if windows)


@pytest.mark.parametrize("case", FURTHER)
def test_so_is_that_of_further_reports(case: Case) -> None:
    found = [(each.severity, each.code) for each in report(case).findings]
    assert scores(case) == (case.id not in NOT_TOLD), f"{case.id}: {found}, right: {sorted(case.primary)}"
    assert false_alarms(case) == []


@pytest.mark.parametrize("case", [*CASES, *FURTHER])
def test_a_code_has_the_severity_that_it_is_known_by(case: Case) -> None:
    for each in report(case).findings:
        serious = each.code in EITHER or (each.code == "libdevice-missing" and each.framework == "jax")
        if serious:
            assert each.severity in ("error", "warning")
        else:
            expected = "warning" if each.code in WARNINGS else "info" if each.code in NOTES else "error"
            assert (each.code, each.severity) == (each.code, expected)
