"""``%tfgpu pin`` in real kernels: at once where nothing has touched a GPU, else with the next start."""

from __future__ import annotations

import pytest

from jupyter_tfgpu.inkernel.magics.visible import visible
from jupyter_tfgpu.kernels import LaunchServices, Target, read_launch_files
from tests.inkernel.conftest import StartKernel
from tests.kernels.kernels_here import PLAIN, Kernel, kernel

TOUCHED = """
import sys, types
sys.modules["torch"] = types.ModuleType("torch")
sys.modules["torch.cuda"] = types.ModuleType("torch.cuda")
sys.modules["torch.cuda"]._initialized = True
"""
"""What shows that PyTorch has begun to use the GPU."""


@pytest.fixture
def simulated(launch_services: LaunchServices, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Two simulated devices, and the pins of this test's program."""
    return {"JUPYTER_TFGPU_SIMULATE": "default", "JUPYTER_TFGPU_PINS": str(launch_services.pins.path)}


def variable(running: Kernel, name: str = "CUDA_VISIBLE_DEVICES") -> str:
    return running.value(f"__import__('os').environ.get('{name}')")


def test_a_kernel_in_which_nothing_has_touched_a_gpu_has_it_at_once(
    kernel_with: StartKernel, launch_services: LaunchServices, simulated: dict[str, str]
) -> None:
    with kernel_with(None, env=simulated) as running:
        said = running.run("%tfgpu pin 1").text
        assert "from now on, CUDA_VISIBLE_DEVICES is '1'." in said
        assert variable(running) == "'1'"
        assert variable(running, "CUDA_DEVICE_ORDER") == "'PCI_BUS_ID'"
        [written] = read_launch_files(launch_services.runtime_dir, launch_services.pins.machine)
        assert written.given == (written.pin,)
        assert written.pin == str(launch_services.pins.get(Target(kernel_id=running.id)))
        shown = running.run("%tfgpu")
        assert [row.split()[-1] for row in shown.displays[0]["text/plain"].splitlines()[1:]] == ["no", "yes"]
        assert "Since its start given GPU-" in running.run("%tfgpu pin").text
        assert running.run("%tfgpu pin").text.count("\n") == 1, "nothing waits for the next start"

        assert "“-1” is no pin. No GPU: %tfgpu pin none" in running.run("%tfgpu pin -1").text
        running.run("%tfgpu pin none")
        assert variable(running) == "'-1'"
        running.run("%tfgpu pin all")
        assert (variable(running), variable(running, "CUDA_DEVICE_ORDER")) == ("None", "None")


def test_a_kernel_that_uses_the_gpu_has_it_at_the_next_start(
    kernel_with: StartKernel, launch_services: LaunchServices, simulated: dict[str, str]
) -> None:
    with kernel_with(None, env=simulated) as running:
        running.run(TOUCHED)
        said = running.run("%tfgpu pin none").text
        assert "at the next restart, as PyTorch has begun to use the GPU here." in said
        assert variable(running) == "None"
        assert running.run("%tfgpu pin").text.splitlines() == [
            "Started with all (the default); CUDA_VISIBLE_DEVICES is not set.",
            "At the next start: none (the pin of the kernel).",
        ]
        running.restart()
        assert variable(running) == "'-1'"
        running.run(TOUCHED)
        assert running.run("%tfgpu pin none").text == (
            "The pin of this kernel is now none: as it was started.\n"
        )
        launch_services.pins.clear(Target(kernel_id=running.id))
        assert running.run("%tfgpu pin").text.splitlines() == [
            "Started with none (the pin of the kernel); CUDA_VISIBLE_DEVICES is '-1'.",
            "At the next start the default counts.",
        ]


@pytest.mark.slow
def test_what_the_kernelspec_says_is_back_with_all(
    kernel_with: StartKernel, simulated: dict[str, str]
) -> None:
    with kernel_with(None, env=simulated, spec_env={"CUDA_VISIBLE_DEVICES": "1"}) as running:
        running.run("%tfgpu pin none")
        assert variable(running) == "'-1'"
        running.run("%tfgpu pin auto")
        assert variable(running) == "'1'", "auto chooses among what is written there"
        running.run("%tfgpu pin all")
        assert variable(running) == "'1'"


@pytest.mark.slow
def test_never_more_than_the_server_was_given(
    kernel_with: StartKernel, simulated: dict[str, str], launch_services: LaunchServices
) -> None:
    import dataclasses

    from jupyter_tfgpu.kernels import set_services

    given = dataclasses.replace(
        launch_services, given="0", program={**launch_services.program, "CUDA_VISIBLE_DEVICES": "0"}
    )
    set_services(given)
    with kernel(env=simulated) as running:
        cell = running.run("%tfgpu pin 1")
        assert "was not given to this server" in cell.text
        assert variable(running) == "None"
        running.run("%tfgpu pin auto:2")
        assert variable(running) == "'0'"


def test_under_load_ext_it_holds_for_this_process() -> None:
    with kernel(provisioner=PLAIN, env={"JUPYTER_TFGPU_SIMULATE": "default"}) as running:
        running.run("%load_ext jupyter_tfgpu")
        assert running.run("%tfgpu pin 1").text == (
            "From now on, until the next restart: CUDA_VISIBLE_DEVICES is '1'.\n"
        )
        assert variable(running) == "'1'"
        running.run(TOUCHED)
        refused = running.run("%tfgpu pin 0")
        assert refused.status == "error"
        assert "PyTorch has begun to use the GPU here" in refused.text


A, B, PART = (
    {"uuid": "GPU-aaaa1111", "index": 0, "name": "one", "allotted": True},
    {"uuid": "GPU-bbbb2222", "index": 1, "name": "one", "allotted": True},
    {"uuid": "MIG-cccc3333", "index": None, "name": "part", "allotted": True, "parent": "GPU-bbbb2222"},
)


@pytest.mark.parametrize(
    ("given", "value", "found"),
    [
        (None, None, [A, B, PART]),
        (None, "0", [A]),
        (None, "1", [B, PART]),
        (None, "1,0", [A, B, PART]),
        (None, "-1", []),
        (None, "", []),
        (None, "0,x,1", [A]),
        (None, "MIG-cccc", [PART]),
        (None, "GPU-bbbb2222", [B, PART]),
        (["GPU-aaaa1111"], None, [A]),
        (["GPU-aaaa1111"], "0,1", [A]),
        ([], "0", []),
    ],
)
def test_which_devices_a_kernel_has(
    given: list[str] | None, value: str | None, found: list[dict[str, object]]
) -> None:
    assert visible([A, B, PART], given, value, "PCI_BUS_ID") == found


def test_an_index_in_an_order_that_is_not_known_says_nothing() -> None:
    other = {**B, "name": "another"}
    assert visible([A, other], None, "1", None) == [A, other]
    assert visible([A, other], None, "1", "PCI_BUS_ID") == [other]
    assert visible([A, other], None, "GPU-bbbb2222", None) == [other]
