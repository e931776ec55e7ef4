"""``%tfgpu growth``, ``limit`` and ``pin`` beside real frameworks, before and after they have begun."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from jupyter_tfgpu.kernels import LaunchServices
from tests.kernels.conftest import launch_services
from tests.kernels.kernels_here import kernel
from tests.tools import real_environment

__all__ = ["launch_services"]


class Case(NamedTuple):
    """A framework of an environment: what has it begin, and what of ``growth on`` and ``limit 4GiB`` is said
    before and after."""

    environment: str
    imports: str
    begins: str
    growth: tuple[str, str]
    limit: tuple[str, str]


LATE = "has already begun here"
GROWS = "takes a GPU's memory as it needs it"
NO_GPU = "sees no GPU here: there is nothing to limit."
TENSORFLOW = Case("tf2", "import tensorflow as tf", "tf.constant(1.0) + 1", (GROWS, LATE), (NO_GPU, LATE))
CASES = {
    "TensorFlow 2": TENSORFLOW,
    "TensorFlow 2.4": TENSORFLOW._replace(environment="tf24"),
    "TensorFlow 1.15": TENSORFLOW._replace(environment="tf1", begins="session = tf.Session()"),
    "PyTorch": Case("torch", "import torch", "torch.ones(3).sum()", (GROWS, GROWS), (NO_GPU, NO_GPU)),
    "MXNet": Case(
        "mxnet", "import mxnet", "mxnet.nd.ones(3).sum()", (GROWS, GROWS), ("no limit", "no limit")
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_what_can_be_set_is_set_until_it_is_too_late(case: Case, launch_services: LaunchServices) -> None:
    prefix = real_environment(case.environment)
    env = {"JUPYTER_TFGPU_SIMULATE": "default", "JUPYTER_TFGPU_PINS": str(launch_services.pins.path)}
    with kernel(prefix / "bin" / "python", env=env) as running:
        running.run("%tfgpu watch off")
        assert running.run(case.imports).status == "ok"
        assert case.growth[0] in running.run("%tfgpu growth on").text
        assert case.limit[0] in running.run("%tfgpu limit 4GiB").text
        assert case.growth[0] in running.run("%tfgpu growth on").text, "limiting is not beginning"
        assert running.run(case.begins).status == "ok"
        assert case.growth[1] in running.run("%tfgpu growth on").text
        assert case.limit[1] in running.run("%tfgpu limit 4GiB").text
        # A build for CPUs, or a machine without a GPU: nothing has touched one.
        assert "from now on, CUDA_VISIBLE_DEVICES is '1'." in running.run("%tfgpu pin 1").text
