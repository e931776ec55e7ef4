"""What a log says: each message is recognised in every form that is known, and in any wrapping."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import jupyter_tfgpu.doctor
from jupyter_tfgpu.doctor import TEXT_LIMIT
from jupyter_tfgpu.doctor.messages import messages, recognised
from jupyter_tfgpu.doctor.messages.table import PATTERN_FILES, patterns, rows
from jupyter_tfgpu.doctor.order import ORDER
from jupyter_tfgpu.doctor.subject import Subject
from tests.doctor.made import snapshot

PATTERNS = [pytest.param(each, id=f"{each.message.id}-{number}") for number, each in enumerate(patterns())]


def ids(text: str) -> list[str]:
    return [each.id for each in recognised(text)]


@pytest.mark.parametrize("name", ["messages", *PATTERN_FILES])
def test_every_row_has_a_source_and_all_its_columns(name: str) -> None:
    for row in rows(name):
        assert row["source"].startswith(("https://", "setup.py of ")), row
        assert None not in row and None not in row.values()


def test_every_message_has_a_pattern_and_stands_for_codes_that_exist() -> None:
    assert {each.message.id for each in patterns()} == set(messages())
    for each in messages().values():
        assert each.weight in ("conclusive", "hint", "harmless")
        assert set(each.codes) <= set(ORDER)
        assert each.codes or each.weight != "conclusive"
        assert each.meaning.endswith((".", ")."))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_line_as_it_was_printed_is_that_message_and_no_other(pattern) -> None:  # type: ignore[no-untyped-def]
    assert set(ids(pattern.example)) == {pattern.message.id}


def test_what_a_meaning_names_is_a_group_of_its_patterns() -> None:
    for message in messages().values():
        named = set(re.findall(r"\{(\w+)\}", message.meaning))
        own = [each for each in patterns() if each.message == message]
        assert named <= {group for each in own for group in each.compiled().groupindex}


def test_clues_are_in_lower_case_and_every_gap_has_a_limit() -> None:
    for pattern in patterns():
        assert pattern.clue == pattern.clue.lower() and len(pattern.clue) >= 3
        without_classes = re.sub(r"\[[^\]]*\]", "", pattern.regex)
        assert ".*" not in without_classes and ".+" not in without_classes
        assert not re.search(r"\[\^[^\]]*\][*+]", pattern.regex)


@pytest.mark.parametrize("junk", ["a", " ", "1.", "lib.so", "sm_1 "])
def test_no_pattern_runs_away_on_text_that_nearly_fits(junk: str) -> None:
    """Each clue amid long repetitions; a pattern that backtracks without end would never come back."""
    for pattern in patterns():
        start = pattern.example.lower().find(pattern.clue) + len(pattern.clue)
        recognised(pattern.example[:start] + junk * (1500 // len(junk)))


def test_the_rules_ask_only_for_messages_that_are_known() -> None:
    asked = set()
    for path in (Path(jupyter_tfgpu.doctor.__file__).parent / "rules").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "said"
            ):
                asked |= {each.value for each in node.args if isinstance(each, ast.Constant)}
    assert asked <= set(messages())


def test_colours_and_line_ends_change_nothing() -> None:
    text = (
        "\x1b[0;31mImportError\x1b[0m: libcublas.so.9.0: cannot open shared object file: No such file\r\n"
        "\x1b[1;32m      1\x1b[0m import tensorflow\r\n"
    )
    [found] = recognised(text)
    assert (found.id, found.groups["library"]) == ("library-not-found", "libcublas.so.9.0")
    assert found.line == "ImportError: libcublas.so.9.0: cannot open shared object file: No such file"


def test_what_a_terminal_would_take_for_an_order_is_not_in_a_line() -> None:
    [found] = recognised(
        "\x1b[2J\x9b31m\u202eTorch not compiled\x08 with CUDA enabled\x07\x1b]0;title\x07\x1b"
    )
    assert found.line == "Torch not compiled with CUDA enabled"


def test_html_of_a_notebooks_output_changes_nothing() -> None:
    colour = '<pre><span class="ansi-red-fg">'
    text = f"{colour}ModuleNotFoundError</span>: No module named &#39;tensorflow&#39;</pre>"
    [found] = recognised(text)
    assert (found.id, found.groups) == ("no-module", {"module": "tensorflow"})


def test_a_raw_notebook_file_changes_nothing() -> None:
    text = r'"\u001b[0;31mAssertionError\u001b[0m: Torch not compiled with CUDA enabled\n",'
    assert ids(text) == ["not-compiled-torch"]


def test_curly_quotes_change_nothing() -> None:
    [found] = recognised("Could not load dynamic library ‘libcudnn.so.8’; dlerror: libcudnn.so.8")
    assert found.groups["library"] == "libcudnn.so.8"


def test_a_line_that_a_terminal_broke_is_still_one_message() -> None:
    text = "Loaded runtime CuDNN library: 9.1.0 but source was compiled\nwith: 9.3.0."
    [found] = recognised(text)
    assert found.groups == {"loaded": "9.1.0", "compiled": "9.3.0"}


@pytest.mark.parametrize("number", [126, 127, 193, 1114])
def test_windows_errors_are_known_in_many_languages(number: int) -> None:
    languages = {
        row["language"] for row in rows("patterns_translated") if row["id"] == f"windows-error-{number}"
    }
    assert {"en", "ko", "ja", "zh-CN", "de", "fr", "es", "ru"} <= languages


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("ImportError: DLL load failed: 지정된 모듈을 찾을 수 없습니다.", None),
        ("ImportError: DLL load failed while importing _x: 找不到指定的模块。", "_x"),
        ("OSError: [WinError 126] Не найден указанный модуль", None),
        ("OSError: [WinError 126] Ne mogu da nađem modul", None),
    ],
)  # fmt: skip
def test_a_translated_windows_error_is_that_error(text: str, module: str | None) -> None:
    [found] = recognised(text)
    assert found.id == "windows-error-126"
    assert found.groups.get("module") == module


def test_an_error_in_a_language_that_is_not_known_is_called_so() -> None:
    assert ids("ImportError: DLL load failed while importing _x: Modulua ez da aurkitu.") == [
        "windows-load-failed"
    ]


def test_a_missing_library_is_recognised_in_any_language() -> None:
    [found] = recognised(
        "ImportError: libcudnn.so.8: nem lehet megnyitni az osztott objektumfájlt: Nincs ilyen fájl"
    )
    assert (found.id, found.groups["library"]) == ("library-not-found", "libcudnn.so.8")


def test_lines_are_counted_from_one_and_shortened() -> None:
    found = recognised("one\ntwo\nfailed call to cuInit: UNKNOWN ERROR (303)" + " and so on" * 100)
    assert [each.number for each in found] == [3]
    assert len(found[0].line) == 300


def test_of_an_endless_line_the_part_with_the_message_is_kept() -> None:
    [found] = recognised("x" * 5000 + " Torch not compiled with CUDA enabled " + "y" * 5000)
    assert "Torch not compiled with CUDA enabled" in found.line and len(found.line) == 300


def test_of_a_long_log_the_beginning_and_the_end_are_read() -> None:
    line, filling = "Torch not compiled with CUDA enabled\n", "x\n" * TEXT_LIMIT
    assert ids(line + filling) == ids(filling + line) == ["not-compiled-torch"]
    assert ids(filling + line + filling) == []
    [found] = recognised(filling + line)
    assert found.number == TEXT_LIMIT + 1


def test_a_megabyte_of_clues_asks_each_pattern_a_limited_number_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from jupyter_tfgpu.doctor.messages import matching

    asked = []
    monkeypatch.setattr(matching._Page, "take", lambda page, pattern, place: asked.append(pattern))
    matching.recognised("could not load dynamic library " * 30_000)
    assert 0 < len(asked) <= matching.REPEATED * len(patterns())


def test_ordinary_words_are_no_messages() -> None:
    assert ids("Epoch 1/5\n60000/60000 [====] - 2s 26us/step - loss: 0.2171 - acc: 0.9365") == []
    assert ids("I have no module of this kind and the driver was not found in the car.") == []


def test_another_frameworks_message_is_not_this_ones() -> None:
    facts = snapshot(log="Could not load dynamic library 'libcudnn.so.8'; dlerror: libcudnn.so.8")
    assert Subject(facts, "torch").messages == ()
    assert [each.id for each in Subject(facts, "tensorflow").messages] == ["library-not-found"]
    assert [each.id for each in Subject(facts).messages] == ["library-not-found"]


def test_a_file_in_a_message_tells_whose_it_is() -> None:
    line = (
        "ImportError: /a/lib/python3.10/site-packages/torch/lib/libtorch_cuda.so: undefined symbol: ncclComm"
    )
    facts = snapshot(log=line)
    assert [each.id for each in Subject(facts, "torch").messages] == ["symbol-missing"]
    assert Subject(facts, "tensorflow").messages == ()


def test_a_subject_says_what_its_log_says() -> None:
    subject = Subject(snapshot(log="nothing\nTorch not compiled with CUDA enabled"), "torch")
    found = subject.said("cudnn-version", "not-compiled-torch")
    assert found is not None and found.codes == ("cpu-only-build",) and found.weight == "conclusive"
    assert subject.said("cudnn-version") is None
    assert Subject(snapshot(log=None), "torch").messages == ()
