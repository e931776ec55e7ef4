"""protobuf newer or older than what TensorFlow's generated code is loaded by."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import NO_GPU, framework, snapshot


def found(version: str, protobuf: str, **changes: Any) -> Finding | None:
    own = {"name": "tensorflow", "version": version, "installer": "pip", **changes.pop("own", {})}
    packages = [own, {"name": "protobuf", "version": protobuf, "installer": changes.pop("installer", "pip")}]
    environment = {"frameworks": [framework(version=version)], "distributions": packages}
    report = diagnose(snapshot(environment=environment, **changes))
    return next((each for each in report.findings if each.code == "protobuf-incompatible"), None)


@pytest.mark.parametrize(
    ("version", "protobuf", "wanted"),
    [
        ("1.15.0", "4.21.12", "protobuf<3.21"),
        ("2.7.1", "4.21.0", "protobuf<3.21"),
        ("2.11.0", "5.29.5", "protobuf<3.21"),
        ("1.12.0", "3.2.0", "protobuf>=3.6.0,<3.21"),
        ("0.12.1", "2.6.1", "protobuf>=3.0.0,<3.21"),
        ("2.15.1", "3.19.6", "protobuf>=3.20.3,<5"),
        ("2.18.0", "3.19.6", "protobuf>=3.20.0,<6"),
        ("2.20.0", "4.25.9", "protobuf>=5.28.0,<8"),
        ("2.21.0", "6.30.2", "protobuf>=6.31.1,<8"),
    ],
)
def test_a_protobuf_that_cannot_load_its_code_is_named_with_one_that_can(
    version: str, protobuf: str, wanted: str
) -> None:
    finding = found(version, protobuf, **NO_GPU)
    assert finding is not None and finding.severity == "error"
    assert finding.title == f"TensorFlow {version} cannot be imported with protobuf {protobuf}"
    assert f"'{wanted}'" in finding.fixes[0].commands[0]


@pytest.mark.parametrize(
    ("version", "protobuf"),
    [
        ("2.4.4", "3.20.3"),
        ("2.11.0", "3.19.6"),
        ("2.12.0", "4.25.3"),
        ("2.15.1", "5.29.5"),
        ("2.16.1", "7.36.2"),
        ("2.20.0", "7.36.2"),
        ("2.21.0", "6.31.1"),
        ("0.9.0", "3.0.0b2"),
    ],
)
def test_one_that_loads_it_is_not_named_whatever_the_metadata_say(version: str, protobuf: str) -> None:
    assert found(version, protobuf) is None


def test_in_python_protobuf_4_loads_old_code() -> None:
    variables = {"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"}
    assert found("2.7.1", "4.21.0", variables=variables) is None
    finding = found("2.7.1", "4.21.0")
    assert finding is not None and "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION=python" in finding.fixes[1].title


def test_conda_compiles_tensorflow_with_its_own_protobuf() -> None:
    own = {"installer": "conda", "build": "cuda112py310he87a039_0", "channel": "conda-forge"}
    assert found("2.11.0", "4.21.12", own=own, installer="conda") is None
    assert found("2.11.0", "4.21.12", own=own) is None
    assert found("2.8.0", "4.21.12", own=own) is not None
    assert found("2.11.0", "4.21.12", installer="conda") is not None


def test_other_frameworks_do_not_import_protobuf() -> None:
    build = {"name": "torch", "version": "1.12.0"}
    packages = [{"name": "torch", "version": "1.12.0"}, {"name": "protobuf", "version": "4.21.0"}]
    facts = snapshot(environment={"frameworks": [build], "distributions": packages})
    assert "protobuf-incompatible" not in [each.code for each in diagnose(facts).findings]


def test_what_is_not_known_is_no_fault() -> None:
    assert found("2.7.1", "") is None
    assert diagnose(snapshot(environment={"distributions": None})).verdict == "ok"
