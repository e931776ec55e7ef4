"""What an automatic fix says of itself."""

from __future__ import annotations

import re
from string import Template

import pytest

from jupyter_tfgpu.doctor import Fix, diagnose
from jupyter_tfgpu.doctor.fixes import automatic
from jupyter_tfgpu.doctor.subject import Subject
from tests.doctor.made import healthy, snapshot
from tests.doctor.scoring import Case, all_cases

REFERENCES = {"PATH", "LD_LIBRARY_PATH"}
"""Variables that a kernelspec's value may refer to."""


def references(value: str) -> set[str]:
    found = Template.pattern.finditer(value)
    return {match["named"] or match["braced"] for match in found if match["named"] or match["braced"]}


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.id)
def test_what_is_automatic_says_what_it_does(case: Case) -> None:
    fixes = [fix for finding in diagnose(case.snapshot).findings for fix in finding.fixes]
    for fix in fixes:
        done = [bool(fix.sets or fix.unsets), fix.repairs is not None]
        assert sum(done) == int(fix.automatic), fix
        assert not set(fix.sets) & set(fix.unsets)
        for name, value in fix.sets.items():
            assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
            assert references(value) <= REFERENCES


def subject(**changes: object) -> Subject:
    return Subject(snapshot(**changes), "tensorflow")


def test_the_command_names_the_kernelspec_where_there_is_one() -> None:
    fix = automatic.set_variables(
        subject(kernelspec={"name": "tfgpu-tf"}), "memory-growth", "Let it grow", {"A": "1"}
    )
    assert fix == Fix(
        title="Let it grow",
        commands=("jupyter tfgpu doctor --kernel tfgpu-tf --fix memory-growth",),
        where="kernelspec",
        automatic=True,
        sets={"A": "1"},
    )


def test_the_command_names_the_environment_otherwise() -> None:
    prefix = healthy()["environment"]["prefix"]
    fix = automatic.unset_variables(subject(), "gpu-hidden", "Show it", "CUDA_VISIBLE_DEVICES")
    assert fix.commands == (f"jupyter tfgpu doctor --env {prefix} --fix gpu-hidden",)
    assert fix.unsets == ("CUDA_VISIBLE_DEVICES",)


def test_where_neither_is_known_there_is_no_command() -> None:
    fix = automatic.repair(subject(environment=None), "ipykernel-missing", "Install it", "ipykernel")
    assert fix.commands == ()


def test_a_repair_has_the_commands_that_do_it_by_hand() -> None:
    fix = automatic.repair(
        subject(), "ipykernel-missing", "Install it", "ipykernel", ("pip install ipykernel",)
    )
    assert fix.commands == ("pip install ipykernel",)
