"""The grammar of pins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tfgpu.kernels import ALL, Pin, PinError, parse_pin
from jupyter_tfgpu.kernels.pins.pin import NONE

GIB = 1 << 30


@pytest.mark.parametrize(
    ("text", "pin", "canonical"),
    [
        ("all", ALL, "all"),
        (" None ", NONE, "none"),
        ("auto", Pin(kind="auto"), "auto"),
        ("auto:1", Pin(kind="auto"), "auto"),
        ("auto:2", Pin(kind="auto", count=2), "auto:2"),
        ("AUTO:1, 8 GiB", Pin(kind="auto", need=8 * GIB), "auto:1,8GiB"),
        ("auto:2,1.5GiB", Pin(kind="auto", count=2, need=3 * GIB // 2), "auto:2,1536MiB"),
        ("auto:1,8GB", Pin(kind="auto", need=8 * 10**9), "auto:1,7812500KiB"),
        ("0", Pin(kind="devices", devices=("0",)), "0"),
        ("2, 00", Pin(kind="devices", devices=("2", "0")), "2,0"),
        ("0,0", Pin(kind="devices", devices=("0",)), "0"),
        ("gpu-8932f937", Pin(kind="devices", devices=("GPU-8932f937",)), "GPU-8932f937"),
        (
            "MIG-GPU-8932f937/3/0",
            Pin(kind="devices", devices=("MIG-GPU-8932f937/3/0",)),
            "MIG-GPU-8932f937/3/0",
        ),
    ],
)
def test_a_pin_is_read_and_written_back(text: str, pin: Pin, canonical: str) -> None:
    assert parse_pin(text) == pin
    assert str(pin) == canonical
    assert parse_pin(canonical) == pin


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("gpu0", "“gpu0” names no device"),
        ("0,", "names no device"),
        ("-1", "names no device"),
        ("0;1", "“0;1” names no device"),
        ("GPU-", "names no device"),
        ("auto:0", "1 to 64 devices, not 0"),
        ("auto:2,", "after auto comes"),
        ("auto,2", "after auto comes"),
        ("auto:1,lots", "write it as 8GiB"),
        ("٣", "names no device"),
        ("x" * 10_000, "at most 1000 characters; this one has 10000"),
        (",".join(str(n) for n in range(100)), "at most 64 devices"),
        ("\x1b[31m\n", "names no device"),
    ],
)
def test_what_is_no_pin_is_refused_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(PinError) as caught:
        parse_pin(text)
    assert says in str(caught.value)
    assert caught.value.reason == "bad-pin"
    assert len(str(caught.value)) < 400
    assert "\x1b" not in str(caught.value)


@given(st.text(alphabet="autolne0123,:-GPMIgibB ./x", max_size=40))
def test_any_text_is_a_pin_that_is_written_back_or_a_pin_error(text: str) -> None:
    try:
        pin = parse_pin(text)
    except PinError:
        return
    assert parse_pin(str(pin)) == pin
