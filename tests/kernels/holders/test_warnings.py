"""What is said of a kernel's devices."""

from __future__ import annotations

import msgspec
import pytest

from jupyter_tfgpu.devices.reading import Device, Memory, Reading
from jupyter_tfgpu.kernels import DeviceHolders, Holder
from jupyter_tfgpu.kernels.holders.warnings import Subject, full_devices
from jupyter_tfgpu.kernels.holders.warnings import device_warnings as warnings_of
from tests.kernels.readings import FIRST, GIB, MIG, SECOND, device, reading


def device_warnings(
    subject: Subject, seen: Reading, held: dict[str, DeviceHolders], allotted: tuple[Device, ...]
) -> tuple[str, ...]:
    return warnings_of(subject, seen, held, full_devices(seen, held), allotted)


OURS = frozenset({"k1"})


def holder(pid: int, gib: float | None, **more: object) -> Holder:
    return Holder(pid=pid, memory=None if gib is None else int(gib * GIB), **more)  # type: ignore[arg-type]


def said(
    *holders: Holder,
    free: float = 2,
    unattributed: float = 0,
    devices: tuple[str, ...] | None = (FIRST,),
    kernel_ids: frozenset[str] = OURS,
) -> tuple[str, ...]:
    """The warnings on an 80 GiB device with these holders."""
    full = device(0, FIRST, free=free, used=80 - free)  # type: ignore[arg-type]
    full = msgspec.structs.replace(
        full, memory=Memory(total=80 * GIB, used=int((80 - free) * GIB), free=int(free * GIB))
    )
    held = {FIRST: DeviceHolders(holders=holders, unattributed=int(unattributed * GIB))}
    seen = reading(full, device(1, SECOND))
    return device_warnings(Subject(kernel_ids, devices), seen, held, seen.devices)


def test_a_device_that_another_notebook_fills_names_it_with_all_its_processes() -> None:
    children = [holder(pid, 20, kernel_id="k2", notebook="/home/me/other.ipynb", user="me") for pid in (2, 3)]
    [text] = said(holder(1, 30, kernel_id="k1", notebook="/n/mine.ipynb"), *children)
    assert text == (
        "GPU 0 (NVIDIA A100) is nearly full: other.ipynb holds 40.0 GiB, 2.0 GiB of 80.0 GiB are free."
    )


def test_nothing_is_said_where_there_is_room_or_the_kernel_fills_it_itself() -> None:
    other = holder(2, 40, kernel_id="k2", notebook="/n/other.ipynb")
    assert said(other, free=8) == ()
    assert said(holder(1, 50, kernel_id="k1"), holder(2, 20, kernel_id="k2")) == ()
    assert said() == (), "nobody is known to hold it"
    assert said(holder(2, 70), holder(1, None, kernel_id="k1")) == (), "by its id outside the container?"
    assert said(holder(2, None, kernel_id="k2")) == (), "nor how much"


def test_less_than_a_gib_is_little_on_a_small_device_too() -> None:
    small = Device(uuid=FIRST, index=0, memory=Memory(total=8 * GIB, used=7 * GIB, free=GIB - 1))
    held = {FIRST: DeviceHolders(holders=(holder(2, 6, user="other"),))}
    [text] = device_warnings(Subject(OURS, (FIRST,)), reading(small), held, (small,))
    assert "a process of another user holds 6.0 GiB" in text


@pytest.mark.parametrize(
    ("who", "name"),
    [
        (holder(2, 50, user="other", command=None), "a process of another user holds"),
        (holder(2, 50, user="me", command="python"), "your process python (2) holds"),
        (holder(2, 50), "a process that is not known here holds"),
        (holder(2, 50, kernel_id="0123456789ab"), "the kernel 0123456… holds"),
    ],
)
def test_whoever_is_not_a_notebook_is_named_as_far_as_may_be(who: Holder, name: str) -> None:
    [text] = said(who)
    assert name in text


def test_memory_of_nobody_visible_fills_a_device_too() -> None:
    [text] = said(holder(2, 10, kernel_id="k2"), unattributed=60)
    assert "processes that cannot be seen from here hold 60.0 GiB" in text


def test_where_nothing_was_chosen_only_the_devices_that_it_uses_matter() -> None:
    other = holder(2, 70, kernel_id="k2", notebook="/n/other.ipynb")
    assert said(other, devices=None) == ()
    assert len(said(other, holder(1, 5, kernel_id="k1"), devices=None)) == 1
    alone = device(0, FIRST, free=1, used=79)
    held = {FIRST: DeviceHolders(holders=(other,))}
    assert len(device_warnings(Subject(OURS, None), reading(alone), held, (alone,))) == 1
    assert len(device_warnings(Subject(OURS, None), reading(alone), held, ())) == 0


@pytest.mark.parametrize(
    ("state", "words"), [("lost", "is lost"), ("reset-required", "has to be reset"), ("error", "an error")]
)
def test_a_device_that_cannot_be_used_any_more_is_told(state: str, words: str) -> None:
    ill = msgspec.structs.replace(device(0, FIRST), state=state, memory=None)
    [text] = device_warnings(Subject(OURS, (FIRST,)), reading(ill, status="gpu-lost"), {}, (ill,))
    assert text.startswith("GPU 0 (NVIDIA A100)") and words in text


def test_a_device_that_is_gone_is_told_unless_the_driver_does_not_answer() -> None:
    here = device(0, FIRST)
    subject = Subject(OURS, (FIRST, SECOND))
    [text] = device_warnings(subject, reading(here), {}, (here,))
    assert text.startswith(f"{SECOND} is no longer on this machine")
    assert device_warnings(subject, reading(here, status="not-answering"), {}, (here,)) == ()
    assert device_warnings(Subject(OURS, ("0",)), reading(here), {}, (here,)) == (), "as it was stored"


FAST, SLOW = device(0, FIRST), msgspec.structs.replace(device(1, SECOND), name="NVIDIA T4")
MIXED = reading(FAST, SLOW)


def order(
    variables: dict[str, str] | None, seen: Reading = MIXED, allotted: tuple[Device, ...] | None = None
) -> bool:
    ours = seen.devices if allotted is None else allotted
    said = device_warnings(Subject(OURS, None, variables), seen, {}, ours)
    return any("CUDA_DEVICE_ORDER=PCI_BUS_ID" in text for text in said)


def test_two_models_in_cudas_own_order_are_told() -> None:
    path = {"PATH": "/bin"}
    assert order(path)
    assert order(path | {"CUDA_VISIBLE_DEVICES": "0,1"})
    assert order(path | {"CUDA_VISIBLE_DEVICES": "1"}), "which of the two that is depends on the order"
    assert order(path | {"CUDA_DEVICE_ORDER": "FASTEST_FIRST"})


def test_where_the_order_cannot_mislead_nothing_is_said() -> None:
    path = {"PATH": "/bin"}
    assert not order(None) and not order({}), "its variables are not known"
    assert not order(path | {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"})
    assert not order(path | {"CUDA_VISIBLE_DEVICES": f"{FIRST},{SECOND}"})
    assert not order(path | {"CUDA_VISIBLE_DEVICES": "-1"})
    assert not order(path | {"CUDA_VISIBLE_DEVICES": ""})
    assert not order(path, allotted=(SLOW,))
    alike = reading(FAST, device(1, SECOND), Device(uuid=MIG, parent=FIRST, name="NVIDIA A100 MIG 1g"))
    assert not order(path, alike)
