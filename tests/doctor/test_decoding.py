"""A snapshot that somebody hands in is read, or refused with a sentence that says where it is wrong."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.doctor import SNAPSHOT_LIMIT, SnapshotError, decode_snapshot
from tests.doctor.made import healthy


def refusal(data: bytes) -> str:
    with pytest.raises(SnapshotError) as raised:
        decode_snapshot(data)
    return str(raised.value)


def test_what_is_written_is_read_back() -> None:
    snapshot = decode_snapshot(json.dumps(healthy()).encode())
    assert decode_snapshot(msgspec.json.encode(snapshot)) == snapshot


def test_fields_of_a_newer_release_are_ignored() -> None:
    facts = healthy(novelty={"a": 1})
    facts["host"]["novelty"] = [1]
    assert decode_snapshot(json.dumps(facts).encode()).host is not None


def test_the_mark_before_utf8_of_windows_editors_is_no_fault() -> None:
    assert decode_snapshot(b"\xef\xbb\xbf" + json.dumps(healthy()).encode())


@pytest.mark.parametrize(
    ("facts", "start"),
    [
        ({"host": {"os": "beos"}}, "host.os: "),
        ({"host": {"glibc": 2.31}}, "host.glibc: "),
        ({"gpus": [{"index": 0}, {"index": "one"}]}, "gpus[1].index: "),
        ({"gpus": [{"compute_capability": "sm_86"}]}, "gpus[0].compute_capability: "),
        (
            {"environment": {"distributions": [{"name": "numpy"}]}},
            "environment.distributions[0].version: missing",
        ),
        ({"environment": {"libraries": [{}]}}, "environment.libraries[0].file: missing"),
        ({"environment": []}, "environment: "),
        ({"framework": "caffe"}, "framework: "),
    ],
)
def test_the_first_wrong_field_is_named_with_its_path(facts: dict[str, object], start: str) -> None:
    text = refusal(json.dumps({"schema": "tfgpu.snapshot/1", **facts}).encode())
    assert text.startswith(start)
    assert text.endswith(".") and "\n" not in text


@pytest.mark.parametrize(
    ("facts", "start"),
    [
        ({"variables": {"PATH": ["/bin"]}}, "variables.PATH: "),
        ({"shell_variables": {"PATH": {}}}, "shell_variables.PATH: "),
        ({"host": {"nvidia_container_variables": {"A": []}}}, "host.nvidia_container_variables.A: "),
        ({"environment": {"activation": {"variables": {"A": []}}}}, "environment.activation.variables.A: "),
        ({"variables": ["PATH"]}, "variables: "),
    ],
)
def test_a_variable_that_is_no_text_is_named_with_its_path(facts: dict[str, object], start: str) -> None:
    assert refusal(json.dumps({"schema": "tfgpu.snapshot/1", **facts}).encode()).startswith(start)


def test_a_variable_written_down_as_a_number_is_its_text_and_null_is_not_set() -> None:
    written = {"CUDA_VISIBLE_DEVICES": 0, "TF_FORCE_GPU_ALLOW_GROWTH": True, "PATH": None, "XLA_FLAGS": ""}
    facts = {"schema": "tfgpu.snapshot/1", "variables": written}
    assert decode_snapshot(json.dumps(facts).encode()).variables == {
        "CUDA_VISIBLE_DEVICES": "0",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_FLAGS": "",
    }


@pytest.mark.parametrize("value", ["1e999", "-1e400", "NaN", "1" * 5000])
def test_a_number_that_no_field_can_hold_is_refused(value: str) -> None:
    text = refusal(f'{{"schema": "tfgpu.snapshot/1", "gpus": [{{"memory_total": {value}}}]}}'.encode())
    assert text.startswith(("gpus[0].memory_total: ", "This is not JSON: "))


def test_another_version_is_named_beside_the_one_that_is_read() -> None:
    text = refusal(b'{"schema": "tfgpu.snapshot/2"}')
    assert "'tfgpu.snapshot/2'" in text and "'tfgpu.snapshot/1'" in text


@pytest.mark.parametrize("data", [b"{}", b'{"id": "x", "snapshot": {}}'])
def test_a_file_that_is_something_else_is_told_what_is_missing(data: bytes) -> None:
    assert refusal(data).startswith("schema: missing")


@pytest.mark.parametrize("data", [b"[]", b"7", b'"text"', b"null"])
def test_json_of_another_kind_is_no_snapshot(data: bytes) -> None:
    assert refusal(data).startswith("This is no snapshot: ")


@pytest.mark.parametrize(
    "data", [b"", b"host: linux", b'{"schema": ', b"\xff\xfe{\x00}\x00", b'{"schema": "\xff"}']
)
def test_what_is_not_json_is_called_so(data: bytes) -> None:
    assert refusal(data).startswith("This is not JSON: ")


@pytest.mark.parametrize("size", [SNAPSHOT_LIMIT + 1, 100 * 1024 * 1024])
def test_a_file_that_is_far_too_large_is_not_even_looked_at(size: int) -> None:
    assert "too large" in refusal(b" " * size)


def test_a_million_entries_are_read_or_refused_and_bring_nothing_down() -> None:
    facts: dict[str, Any] = {"schema": "tfgpu.snapshot/1", "gpus": [{}] * 1_000_000}
    assert len(decode_snapshot(json.dumps(facts, separators=(",", ":")).encode()).gpus or ()) == 1_000_000
    facts["gpus"] = [{}] * 300_000 + [7]
    assert refusal(json.dumps(facts).encode()).startswith("gpus[300000]: ")


def test_deep_nesting_is_refused_and_brings_nothing_down() -> None:
    deep = b'{"schema": "tfgpu.snapshot/1", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert "deeply" in refusal(deep)
