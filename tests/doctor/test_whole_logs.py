"""Whole logs as programs print them: each line that matters is known, and none is taken for a fault that is
none. They are made of lines that stand in public logs."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Explanation, explain
from tests.doctor.made import NO_GPU, healthy, snapshot

TF_2_21 = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1778068655.775684   14701 port.cc:153] oneDNN custom operations are on. You may see slightly different
I0000 00:00:1778068655.775854   14701 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not
I0000 00:00:1778068655.810115   14701 cpu_feature_guard.cc:227] This TensorFlow binary is optimized to use available
To enable the following instructions: AVX2 AVX_VNNI FMA, in other operations, rebuild TensorFlow with the
E0000 00:00:1778068660.513971   14701 cuda_executor.cc:1737] INTERNAL: CUDA Runtime error: Failed call to cudaGetRuntimeVersion: Error loading CUDA libraries. GPU will not be used.: Error loading CUDA libraries. GPU will not be used.
W0000 00:00:1778068660.514286   14736 cuda_executor.cc:1755] Failed to determine cuDNN version (Note that this is expected if the application doesn't link the cuDNN plugin): INTERNAL: cuDNN error: CUDNN_STATUS_INTERNAL_ERROR
W0000 00:00:1778068660.529293   14701 gpu_device.cc:2365] Cannot dlopen some GPU libraries. Please make sure the
Skipping registering GPU devices...
Epoch 1/5
60/60 ━━━━━━━━━━━━━━━━━━━━ 33s 522ms/step - accuracy: 0.7252 - loss: 0.8860
WARNING:absl:You are saving your model as an HDF5 file via `model.save()`. This file format is considered legacy.
"""  # noqa: E501

TF_1_4 = """\
Using TensorFlow backend.
2018-04-11 23:14:07.677989: I tensorflow/core/platform/cpu_feature_guard.cc:137] Your CPU supports instructions that this TensorFlow binary was not compiled to use: SSE4.1 SSE4.2 AVX AVX2 FMA
2018-04-11 23:14:07.707957: E tensorflow/stream_executor/cuda/cuda_driver.cc:406] failed call to cuInit: CUresult(-1)
2018-04-11 23:14:07.708015: I tensorflow/stream_executor/cuda/cuda_diagnostics.cc:158] retrieving CUDA diagnostic information for host: a
2018-04-11 23:14:07.708197: I tensorflow/stream_executor/cuda/cuda_diagnostics.cc:189] libcuda reported version is: Not found: was unable to find libcuda.so DSO loaded into this program
"""  # noqa: E501

WORKING = """\
2021-06-01 10:00:00.000001: I tensorflow/stream_executor/platform/default/dso_loader.cc:53] Successfully opened dynamic library libcudart.so.11.0
2021-06-01 10:00:01.000001: I tensorflow/stream_executor/cuda/cuda_gpu_executor.cc:937] successful NUMA node read from SysFS had negative value (-1), but there must be at least one NUMA node, so returning NUMA node zero
2021-06-01 10:00:01.000002: W tensorflow/stream_executor/platform/default/dso_loader.cc:64] Could not load dynamic library 'libnvinfer.so.7'; dlerror: libnvinfer.so.7: cannot open shared object file: No such file or directory; LD_LIBRARY_PATH: /usr/local/cuda/lib64
2021-06-01 10:00:02.000001: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1418] Created TensorFlow device (/job:localhost/replica:0/task:0/device:GPU:0 with 9632 MB memory) -> physical GPU (device: 0, name: NVIDIA GeForce RTX 3060)
2021-06-01 10:00:03.000001: I tensorflow/compiler/mlir/mlir_graph_optimization_pass.cc:176] None of the MLIR Optimization Passes are enabled (registered 2)
2021-06-01 10:00:04.000001: I tensorflow/stream_executor/cuda/cuda_dnn.cc:369] Loaded cuDNN version 8101
2021-06-01 10:00:05.000001: W tensorflow/core/common_runtime/bfc_allocator.cc:271] Allocator (GPU_0_bfc) ran out of memory trying to allocate 2.20GiB with freed_by_count=0. The caller indicates that this is not a failure, but may mean that there could be performance gains if more memory were available.
"""  # noqa: E501

JUPYTER = """\
---------------------------------------------------------------------------
\x1b[0;31mRuntimeError\x1b[0m                              Traceback (most recent call last)
\x1b[0;32m<ipython-input-4-1a2b>\x1b[0m in \x1b[0;36m<module>\x1b[0;34m\x1b[0m
\x1b[0;32m----> 1\x1b[0;31m \x1b[0mmodel\x1b[0m.\x1b[0mto\x1b[0m(\x1b[0;34m'cuda'\x1b[0m)

\x1b[0;31mRuntimeError\x1b[0m: CUDA error: no kernel image is available for execution on the device
CUDA kernel errors might be asynchronously reported at some other API call,so the stacktrace below might be incorrect.
For debugging consider passing CUDA_LAUNCH_BLOCKING=1.
"""  # noqa: E501

ALL = {"TensorFlow 2.21": TF_2_21, "TensorFlow 1.4": TF_1_4, "working": WORKING, "Jupyter": JUPYTER}


def kinds(answer: Explanation) -> set[str]:
    return {each.kind for each in answer.lines}


def explained(text: str, **facts: Any) -> Explanation:
    return explain(text, snapshot(**facts))


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in ALL.items()])
def test_no_error_of_a_whole_log_is_left_unknown(text: str) -> None:
    assert explained(text).unknown == ()


def test_libraries_that_are_missing_are_the_cause_of_a_whole_start() -> None:
    answer = explained(TF_2_21, environment={"libraries": []})
    assert [each.code for each in answer.findings if each.severity != "info"] == ["cuda-missing"]
    assert {each.codes[0] for each in answer.lines if each.kind == "hint"} == {"cuda-missing"}


def test_the_same_start_on_a_machine_without_a_gpu_is_no_fault() -> None:
    answer = explained(TF_2_21, **NO_GPU)
    assert [each.code for each in answer.findings] == ["no-gpu"]


def test_a_start_that_works_is_harmless_throughout() -> None:
    answer = explained(WORKING)
    assert kinds(answer) <= {"harmless", "note"}
    assert answer.findings == ()
    assert answer.summary.startswith("Nothing is wrong")


def test_a_library_of_the_driver_that_old_tensorflow_did_not_find() -> None:
    driver = {"status": "absent", "version": None, "kernel_module_version": None, "cuda_version": None}
    answer = explained(TF_1_4, driver=driver, gpus=None)
    assert answer.findings[0].code == "driver-missing"


def test_an_error_in_a_notebook_with_its_colours() -> None:
    build = healthy()["environment"]["frameworks"][0] | {"name": "torch", "version": "1.10.1"}
    answer = explained(JUPYTER, environment={"frameworks": [build], "distributions": []})
    [line] = answer.lines
    assert (line.kind, line.number) == ("hint", 6)
    assert line.line.startswith("RuntimeError: CUDA error: no kernel image")
