"""A command is made to be copied into a terminal: whatever a folder is called, it is one word there."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.doctor import Snapshot, decode_snapshot, diagnose
from tests.doctor.scoring import Case, all_cases

ODD = "o'dd $(touch x) na\"me;&"


def named_oddly(value: Any) -> Any:
    """Every folder below /home, /opt and /usr/local lies in one of that name; what was printed stays."""
    if isinstance(value, str) and value.startswith("/"):
        for root in ("/home/", "/opt/", "/usr/local/"):
            value = value.replace(root, f"{root}{ODD}/")
        return value
    if isinstance(value, list):
        return [named_oddly(each) for each in value]
    if isinstance(value, dict):
        return {name: each if name == "log" else named_oddly(each) for name, each in value.items()}
    return value


def odd(case: Case) -> Snapshot:
    facts = json.loads(msgspec.json.encode(case.snapshot))
    return decode_snapshot(json.dumps(named_oddly(facts)).encode())


def commands(case: Case) -> Iterator[str]:
    for finding in diagnose(odd(case)).findings:
        for fix in finding.fixes:
            yield from fix.commands if fix.where != "notebook" else ()


POSIX = [case for case in all_cases() if case.snapshot.host and case.snapshot.host.os in ("linux", "macos")]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in POSIX])
def test_a_folders_name_is_one_word_of_the_command(case: Case) -> None:
    for command in commands(case):
        if "touch x" in command:
            assert any(ODD in word for word in shlex.split(command)), command


def test_there_are_commands_with_folders_to_try() -> None:
    assert sum("touch x" in command for case in POSIX for command in commands(case)) > 40
