"""A log's bytes become text, whatever wrote them."""

from __future__ import annotations

import pytest

from jupyter_tfgpu.api.errors import BadInput
from jupyter_tfgpu.api.explain import FILE_LIMIT, decoded

LINE = "ImportError: DLL load failed: 지정된 모듈을 찾을 수 없습니다.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_is_read_as_it_is_marked(encoding: str) -> None:
    assert decoded(LINE.encode(encoding)) == LINE


def test_utf16_of_either_order_is_read() -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert decoded(mark + LINE.encode(encoding)) == LINE


def test_what_is_not_marked_and_no_utf8_is_read_as_this_system_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("locale.getpreferredencoding", lambda **_: "cp949")
    assert decoded(LINE.encode("cp949")) == LINE


def test_half_a_character_at_the_end_is_no_reason_to_refuse() -> None:
    assert decoded(b"\xff\xfe" + LINE.encode("utf-16-le")[:-1]).startswith("ImportError")


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "no-text"), (b" \n", "no-text"), (b"\x7fELF\x00", "no-text")]
)
def test_what_is_no_text_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        decoded(data)
    assert refused.value.reason == reason


def test_too_much_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        decoded(b"x" * (FILE_LIMIT + 1))
    assert refused.value.reason == "too-large"
