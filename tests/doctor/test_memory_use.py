"""Out of memory: who holds the GPUs', and what is advised."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Explanation, explain
from tests.doctor.made import framework, snapshot

GIB = 1 << 30
SAID = {
    "torch": "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
    "tensorflow": "ResourceExhaustedError: OOM when allocating tensor with shape[32,256,56,56]",
    "jax": "XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 2147483648 bytes.",
    "mxnet": "mxnet.base.MXNetError: src/storage/./pooled_storage_manager.h:161: "
    "cudaMalloc retry failed: out of memory",
}


def gpu(index: int, *processes: dict[str, Any], free: float = 1.0, **more: Any) -> dict[str, Any]:
    return {
        "index": index,
        "name": "NVIDIA A100",
        "vendor": "nvidia",
        "uuid": f"GPU-{index}",
        "compute_capability": "8.0",
        "memory_total": 40 * GIB,
        "memory_free": int(free * GIB),
        "processes": list(processes),
        **more,
    }


def process(size: float, kernel: str | None = None, this: bool = False, pid: int = 7) -> dict[str, Any]:
    notebook = f"/home/me/{kernel}.ipynb" if kernel else None
    return {
        "pid": pid,
        "memory": int(size * GIB),
        "kernel_id": kernel,
        "notebook": notebook,
        "this_kernel": this,
    }


def asked(*gpus: dict[str, Any], name: str = "torch", visible: str | None = None) -> Explanation:
    variables = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    facts = snapshot(gpus=list(gpus), variables=variables, environment={"frameworks": [framework(name=name)]})
    return explain(SAID[name], facts)


@pytest.mark.parametrize("name", SAID)
def test_every_framework_s_words_for_it_are_known(name: str) -> None:
    answer = asked(gpu(0, process(15, "other"), process(8, "own", True), free=17), name=name)
    assert answer.memory is not None
    assert [(each.notebook, each.this_kernel) for each in answer.memory[0].holders or ()] == [
        ("/home/me/other.ipynb", False),
        ("/home/me/own.ipynb", True),
    ]
    assert answer.advice[0] == (
        "/home/me/other.ipynb holds 15.0 GiB of GPU 0: shut its kernel down if it is done (in its Kernel "
        "menu, or jupyter tfgpu kernels shutdown other)."
    )


def test_what_this_kernel_holds_itself_is_no_other_s() -> None:
    answer = asked(gpu(0, process(38, "own", True)))
    assert [each.code for each in answer.findings] == []
    [said] = answer.advice
    assert said.startswith("This kernel itself holds 38.0 GiB of GPU 0: what earlier cells left there goes")
    [said] = asked(gpu(0, process(38, "own", True)), name="jax").advice
    assert "(JAX takes nearly all at its start, whatever it needs)" in said


def test_a_gpu_with_more_room_is_named_by_its_index() -> None:
    answer = asked(gpu(0, process(38, "own", True)), gpu(1, free=39), gpu(2, free=20), visible="0")
    assert answer.advice[-1] == "GPU 1 has 39.0 GiB free: %tfgpu pin 1, then restart the kernel."
    assert answer.memory is not None
    assert [(each.index, each.in_use) for each in answer.memory] == [(0, True), (1, False), (2, False)]
    assert not any("pin" in each for each in asked(gpu(0, free=30), gpu(1, free=30.5)).advice)


def test_the_gpus_that_the_kernel_is_given_come_first() -> None:
    answer = asked(gpu(0, process(30, "other")), gpu(1, process(38, "own", True)), visible="1")
    assert answer.memory is not None
    assert [each.index for each in answer.memory] == [1, 0]
    assert not any("other" in each for each in answer.advice)


def test_a_process_that_is_no_kernel_is_named_by_its_pid() -> None:
    assert asked(gpu(0, process(15, pid=99), free=20)).advice == (
        "Process 99, no kernel that was started here, holds 15.0 GiB of GPU 0: end it if it is done.",
    )


def test_what_a_finding_s_fixes_say_is_not_said_again() -> None:
    answer = asked(gpu(0, process(35, "other")), gpu(1, free=39), visible="0")
    assert [each.code for each in answer.findings] == ["gpu-memory-taken"]
    assert answer.advice == ("GPU 1 has 39.0 GiB free: %tfgpu pin 1, then restart the kernel.",)
    assert asked(gpu(0, process(35, "other"))).advice == ()


def test_where_the_driver_does_not_tell_that_is_said() -> None:
    answer = asked({**gpu(0), "processes": None})
    assert answer.advice[0].startswith("The driver does not tell who holds memory")
    assert [each.code for each in answer.findings] == []
    assert answer.memory is not None and answer.memory[0].holders is None
    assert asked(gpu(0, free=38)).advice[0].startswith("Nobody else holds much of it")


def test_a_text_that_speaks_of_no_memory_gets_none() -> None:
    facts = snapshot(
        gpus=[gpu(0, process(30, "other"))], environment={"frameworks": [framework(name="torch")]}
    )
    answer = explain("RuntimeError: No CUDA GPUs are available", facts)
    assert (answer.memory, answer.advice) == (None, ())
