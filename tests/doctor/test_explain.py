"""Explain: from a text, with the facts of a machine, to what it means there."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.doctor import Explanation, explain
from tests.doctor.made import NO_GPU, cpu_build, framework, snapshot
from tests.doctor.scoring import Case, all_cases

WITH_LOG = [pytest.param(case, id=case.id) for case in all_cases() if case.snapshot.log]

START = """\
2024-03-01 12:00:01.123456: E external/local_xla/cuda_dnn.cc:9261] Unable to register cuDNN factory: \
Attempting to register factory for plugin cuDNN when one has already been registered
2024-03-01 12:00:02.923456: W tensorflow/py_utils.cc:38] TF-TRT Warning: Could not find TensorRT
"""
SKIPPED = """\
2024-03-01 12:00:04.123456: W tensorflow/gpu_device.cc:2256] Cannot dlopen some GPU libraries. Please
Skipping registering GPU devices...
"""


def explained(text: str, **facts: Any) -> Explanation:
    return explain(text, snapshot(**facts))


def codes(answer: Explanation) -> list[str]:
    return [each.code for each in answer.findings]


@pytest.mark.parametrize("case", WITH_LOG)
def test_a_cases_log_leads_to_its_cause(case: Case) -> None:
    answer = explain(case.snapshot.log or "", case.snapshot)
    assert answer.lines and not answer.unknown
    serious = [each.code for each in answer.findings if each.severity != "info"]
    if case.healthy:
        assert not set(serious) - case.primary - case.allowed
    else:
        assert serious[0] in case.primary
        assert answer.summary == f"{answer.findings[0].title}."


def test_what_a_library_that_is_missing_means_here() -> None:
    answer = explained(START + SKIPPED, environment={"libraries": []})
    assert codes(answer) == ["cuda-missing"]
    assert [each.kind for each in answer.lines] == ["harmless", "harmless", "hint"]
    assert [each.number for each in answer.lines] == [1, 2, 3]
    assert answer.summary == f"{answer.findings[0].title}."


def test_harmless_lines_alone_mean_that_nothing_is_wrong() -> None:
    answer = explained(START)
    assert (answer.findings, answer.others, answer.unknown) == ((), (), ())
    assert answer.summary.startswith("Nothing is wrong")
    assert all(each.kind == "harmless" and not each.codes for each in answer.lines)


def test_what_is_not_known_is_called_so() -> None:
    answer = explained("Traceback (most recent call last):\nValueError: Shapes (None, 1) are incompatible\n")
    assert answer.lines == answer.findings == ()
    assert answer.unknown == ("ValueError: Shapes (None, 1) are incompatible",)
    assert answer.summary.startswith("Nothing in this text is known here.")


def test_an_unknown_text_in_a_broken_environment_names_what_is_wrong_beside_it() -> None:
    answer = explained("ValueError: wrong", environment={"frameworks": [cpu_build()]})
    assert codes(answer) == []
    assert [each.code for each in answer.others] == ["cpu-only-build"]
    assert "CPU-only" in answer.summary


def test_what_the_text_comes_from_is_told_apart_from_what_is_wrong_beside_it() -> None:
    answer = explained(
        "TypeError: Descriptors cannot not be created directly.", environment={"frameworks": [cpu_build()]}
    )
    assert codes(answer) == ["protobuf-incompatible"]
    assert [each.code for each in answer.others] == ["cpu-only-build"]


def test_a_hint_without_a_cause_says_that_it_has_several() -> None:
    answer = explained("failed call to cuInit: CUDA_ERROR_UNKNOWN: unknown error")
    assert codes(answer) == []
    assert answer.lines[0].kind == "hint" and len(answer.lines[0].codes) > 1
    assert answer.summary.endswith("The facts do not tell which it is here.")


def test_an_old_message_is_told_what_the_facts_say_now() -> None:
    answer = explained("Could not load dynamic library 'libcudnn.so.9'; dlerror: libcudnn.so.9: cannot open")
    assert codes(answer) == []
    assert answer.lines[0].here == "It is found now: /home/ada/envs/tf/libcudnn.so.9."


def test_a_library_out_of_reach_is_told_where_it_lies() -> None:
    libraries = [{"file": "libcudnn.so.9", "path": "/opt/cudnn/lib/libcudnn.so.9", "reachable": False}]
    answer = explained(
        "Could not load dynamic library 'libcudnn.so.9'; dlerror: x", environment={"libraries": libraries}
    )
    assert answer.lines[0].here == "It lies where the loader does not look: /opt/cudnn/lib/libcudnn.so.9."


def test_a_cause_that_the_facts_deny_says_so() -> None:
    answer = explained("/lib/libm.so.6: version `GLIBC_2.27' not found (required by x.so)")
    assert codes(answer) == []
    assert answer.lines[0].kind == "cause"
    assert answer.lines[0].here == "This system has glibc 2.35."
    assert answer.summary.endswith("The facts do not show it now.")


def test_without_a_gpu_the_text_is_no_fault() -> None:
    answer = explained("failed call to cuInit: UNKNOWN ERROR (303)", **NO_GPU)
    assert codes(answer) == ["no-gpu"]
    assert answer.summary.startswith("There is no GPU in this machine")


def test_the_framework_is_the_one_that_the_text_is_about() -> None:
    both = {"frameworks": [framework(), cpu_build("2.5.1+cpu", "torch")]}
    answer = explained("AssertionError: Torch not compiled with CUDA enabled", environment=both)
    assert answer.framework is not None and answer.framework.name == "torch"
    assert [(each.framework, each.code) for each in answer.findings] == [("torch", "cpu-only-build")]


def test_a_framework_that_is_not_installed_is_not_made_the_subject() -> None:
    answer = explained("AssertionError: Torch not compiled with CUDA enabled")
    assert answer.framework is not None and answer.framework.name == "tensorflow"
    assert codes(answer) == []
    assert "PyTorch is not installed in this environment" in answer.summary


def test_a_framework_that_cannot_be_imported_is() -> None:
    answer = explained("ModuleNotFoundError: No module named 'torch'")
    assert answer.framework is not None and answer.framework.name == "torch"
    assert codes(answer) == ["framework-missing"]


def test_a_line_of_a_framework_that_is_not_used_does_not_matter() -> None:
    torch = {"frameworks": [{"name": "torch", "version": "2.5.1", "cuda_build": True}], "distributions": []}
    answer = explained(SKIPPED, environment=torch, framework="torch")
    assert codes(answer) == []
    assert answer.lines[0].here == "It is not PyTorch's, which is what is used here."
    assert answer.lines[0].framework == "tensorflow"


def test_lines_that_come_again_are_counted() -> None:
    answer = explained(START * 3 + "Could not load dynamic library 'libcudnn.so.9'; dlerror: x")
    assert [each.times for each in answer.lines] == [3, 3, 1]
    assert answer.lines[-1].number == 7


def test_lines_that_name_different_things_stand_each_for_itself() -> None:
    names = ("libcudart.so.12", "libcudnn.so.9")
    answer = explained("".join(f"Could not load dynamic library '{name}'; dlerror: x\n" for name in names))
    assert len(answer.lines) == 2


def test_where_memory_lacked_it_says_who_holds_it() -> None:
    gpu = {
        "index": 0,
        "name": "NVIDIA GeForce RTX 3060",
        "vendor": "nvidia",
        "compute_capability": "8.6",
        "memory_total": 12 << 30,
        "memory_free": 1 << 30,
        "processes": [
            {"pid": 7, "memory": 1 << 30, "kernel_id": "k1", "notebook": "here.ipynb", "this_kernel": True},
            {"pid": 8, "memory": 9 << 30, "kernel_id": "k2", "notebook": "other.ipynb"},
        ],
    }
    answer = explained("CUDA_ERROR_OUT_OF_MEMORY: out of memory", gpus=[gpu])
    assert answer.memory is not None
    [use] = answer.memory
    assert (use.index, use.total, use.free) == (0, 12 << 30, 1 << 30)
    assert use.holders is not None
    assert [each.notebook for each in use.holders] == ["other.ipynb", "here.ipynb"]
    assert use.holders[1].this_kernel
    assert "gpu-memory-taken" in codes(answer)


def test_memory_is_not_spoken_of_where_the_text_does_not() -> None:
    assert explained(START).memory is None


def test_where_nobody_asked_the_driver_the_holders_are_not_known() -> None:
    assert explained("CUDA out of memory. Tried to allocate 2.00 GiB", gpus=None).memory is None


@pytest.mark.parametrize("text", ["", "\n\n", "hello", "\x00\x01\x02", "\ud800", "🐍" * 1000])
def test_any_text_has_an_answer(text: str) -> None:
    answer = explained(text)
    assert answer.summary and answer.lines == ()


def test_the_same_text_gives_the_same_answer() -> None:
    assert explained(START + SKIPPED) == explained(START + SKIPPED)


def test_an_answer_can_be_sent() -> None:
    answer = explained(START + SKIPPED, environment={"libraries": []})
    assert msgspec.json.decode(msgspec.json.encode(answer), type=Explanation) == answer


def test_a_library_that_is_none_of_cuda_s_says_nothing_of_gpus() -> None:
    text = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"
    answer = explained(text, environment={"frameworks": [cpu_build()]})
    assert codes(answer) == []
    assert [(each.kind, each.codes) for each in answer.lines] == [("note", ())]
    assert [each.code for each in answer.others] == ["cpu-only-build"]


def test_a_finding_of_another_framework_is_not_what_the_text_comes_from() -> None:
    facts = snapshot(environment={"frameworks": [cpu_build(), framework(name="torch", version="2.5.1")]})
    text = "RuntimeError: No CUDA GPUs are available"
    assert "cpu-only-build" not in codes(explain(text, facts))
    alone = explained(text, environment={"frameworks": [cpu_build()]})
    assert (codes(alone), [each.code for each in alone.others]) == ([], ["cpu-only-build"])


def test_of_a_message_that_several_print_the_installed_one_is_meant() -> None:
    text = "failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected"
    answer = explained(text, environment={"frameworks": [framework(name="jax", version="0.4.30")]})
    assert answer.framework is not None and answer.framework.name == "jax"
