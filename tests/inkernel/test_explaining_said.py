"""What a cell said: heard on ipykernel's stream without a trace, bounded; errors with those behind them."""

from __future__ import annotations

import io
import threading
from contextlib import redirect_stderr
from typing import Any

import pytest

from jupyter_tfgpu.inkernel.explaining.said import (
    ERRORS,
    HEAD,
    LIMIT,
    PIECE,
    TAIL,
    Said,
    Starts,
    errors,
    message,
    traceback_text,
)


class OutStream(io.TextIOBase):
    """As ipykernel's: made in Python, so that its methods can be replaced."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, string: str) -> int:
        self.text += string
        return len(string)


OutStream.__module__ = "ipykernel.iostream"


@pytest.fixture
def stream() -> OutStream:
    return OutStream()


def begin(said: Said, stream: Any) -> None:
    with redirect_stderr(stream):
        said.begin()


def test_what_is_written_while_a_cell_runs_is_heard_and_passed_on(stream: OutStream) -> None:
    said = Said()
    stream.write("before ")
    begin(said, stream)
    assert stream.write("during ") == 7
    assert said.end() == "during "
    stream.write("after")
    assert stream.text == "before during after"
    assert "write" not in vars(stream)
    begin(said, stream)
    assert said.end() == ""


def wrap(stream: Any) -> list[str]:
    """As a logger of experiments does it: keeps what was there, and calls it."""
    heard: list[str] = []
    plain = stream.write

    def write(string: str) -> Any:
        heard.append(string)
        return plain(string)

    stream.write = write
    return heard


def test_who_wraps_the_stream_in_a_cell_keeps_what_it_wrapped(stream: OutStream) -> None:
    said = Said()
    begin(said, stream)
    heard = wrap(stream)
    stream.write("1")
    assert said.end() == "1"
    stream.write("2")
    begin(said, stream)
    stream.write("3")
    assert said.end() == "3"
    assert (stream.text, heard) == ("123", ["1", "2", "3"])


def test_who_wrapped_it_before_is_put_back(stream: OutStream) -> None:
    heard = wrap(stream)
    theirs = vars(stream)["write"]
    said = Said()
    for each in "12":
        begin(said, stream)
        stream.write(each)
        assert said.end() == each
        assert vars(stream)["write"] is theirs
    assert heard == ["1", "2"]


def test_who_takes_his_wrapper_away_again_leaves_us_in_working_order(stream: OutStream) -> None:
    said = Said()
    begin(said, stream)
    wrap(stream)
    said.end()
    del stream.write
    begin(said, stream)
    stream.write("heard")
    assert said.end() == "heard"
    assert "write" not in vars(stream)


def test_of_much_text_the_beginning_and_the_end_are_kept(stream: OutStream) -> None:
    said = Said()
    begin(said, stream)
    for number in range(100_000):
        stream.write(f"{number}\n")
    stream.write("x" * 10_000_000)
    kept = said.end()
    assert kept.startswith("0\n1\n")
    assert "\n99999\n" in kept
    assert len(kept) < (HEAD + TAIL) * 7 + PIECE + 2


def test_several_threads_may_write(stream: OutStream) -> None:
    said = Said()
    begin(said, stream)
    threads = [threading.Thread(target=stream.write, args=(f"<{number}>",)) for number in range(100)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(said.end()) == sorted("".join(f"<{number}>" for number in range(100)))


def test_other_streams_are_left_alone() -> None:
    said, other = Said(), io.StringIO()
    begin(said, other)
    other.write("x")
    assert said.end() == ""


def raised(*kinds: Any) -> BaseException:
    """The last of these errors, each raised while the one before it was handled."""
    try:
        try:
            if kinds[1:]:
                raise raised(*kinds[:-1])
        finally:
            raise kinds[-1]
    except BaseException as error:
        return error


def test_errors_are_followed_to_the_first_cause() -> None:
    error = raised(OSError("first"), ImportError("second"), ValueError("third"))
    assert message(error) == "ValueError: third\nImportError: second\nOSError: first"
    assert "second" in traceback_text(error)
    error.__suppress_context__ = True
    assert message(error) == "ValueError: third"
    error.__cause__ = KeyError("cause")
    assert message(error) == "ValueError: third\nKeyError: 'cause'"


def test_errors_in_a_circle_and_without_end_are_bounded() -> None:
    error = ValueError("a")
    error.__cause__ = OSError("b")
    error.__cause__.__cause__ = error
    assert len(errors(error)) == 2
    assert len(errors(raised(*(ValueError(str(number)) for number in range(ERRORS + 5))))) == ERRORS


class Equal(Exception):
    def __eq__(self, other: object) -> bool:
        raise TypeError

    __hash__ = None  # type: ignore[assignment]


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def test_errors_that_misbehave_are_still_named() -> None:
    assert message(raised(Equal("first"), Equal("second"))).startswith("Equal: second\n")
    assert message(Mute()) == "Mute: "
    assert "Mute" in traceback_text(raised(Mute()))


def test_long_texts_are_cut_in_the_middle() -> None:
    text = message(ValueError("a" + "x" * 10_000_000 + "z"))
    assert len(text) <= LIMIT + 1
    assert text.startswith("ValueError: a") and text.endswith("z")

    def deep() -> None:
        deep()

    with pytest.raises(RecursionError) as caught:
        deep()
    assert len(traceback_text(caught.value)) < 10_000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RuntimeError: CUDA out of memory.", True),
        ("RuntimeError: CUDA out\n    of   memory.", True),
        ("cuda\u00a0out of memory", True),
        ("Could not load dynamic library \u2018libcudart.so\u2019", True),
        ("Could not load dynamic library 'libnvinfer.so.7'", False),
        ("Could not load dynamic library 'libnvinfer.so.7'\nCUDA out of memory", True),
        ("", False),
    ],
)
def test_a_start_is_found_whatever_breaks_the_line(text: str, found: bool) -> None:
    starts = Starts(["cuda out of memory", "could not load dynamic library 'lib", "! nvinfer"])
    assert bool(starts.found(text)) is found
