"""From a pin to the variables of a kernel."""

from __future__ import annotations

import msgspec
import pytest

from jupyter_tfgpu.devices.reading import Reading
from jupyter_tfgpu.kernels import Allocation, parse_pin, resolve
from jupyter_tfgpu.kernels.pins.freest import Pending
from tests.kernels.readings import FIRST, GIB, MIG, SECOND, THIRD, device, reading, three

PCI = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def resolved(text: str, seen: Reading | None, given: str | None = None, **more: object) -> Allocation:
    return resolve(parse_pin(text), seen, given, **more)  # type: ignore[arg-type]


def test_all_sets_nothing() -> None:
    assert resolved("all", three()) == Allocation()
    assert resolved("all", None, "1") == Allocation()


def test_none_hides_every_device() -> None:
    for given in (None, "0,1"):
        assert resolved("none", three(), given) == Allocation(
            variables={"CUDA_VISIBLE_DEVICES": "-1"}, uuids=()
        )


@pytest.mark.parametrize(
    ("text", "visible", "uuids"),
    [
        (SECOND, "1", (SECOND,)),
        (f"{THIRD},{FIRST}", "2,0", (THIRD, FIRST)),
        ("GPU-1f2a", "1", (SECOND,)),
        ("2", "2", (THIRD,)),
    ],
)
def test_a_named_device_becomes_its_index_in_pci_order(
    text: str, visible: str, uuids: tuple[str, ...]
) -> None:
    assert resolved(text, three()) == Allocation(
        variables={"CUDA_VISIBLE_DEVICES": visible, **PCI}, uuids=uuids
    )


def test_the_index_follows_the_device_when_the_order_has_changed() -> None:
    other_order = reading(device(0, SECOND), device(1, FIRST))
    assert resolved(SECOND, other_order).variables["CUDA_VISIBLE_DEVICES"] == "0"


def test_where_nvmls_list_may_not_be_cudas_uuids_are_used() -> None:
    split = reading(device(0, FIRST, mig=True), device(None, MIG, parent=FIRST), device(1, SECOND))
    assert resolved(MIG, split) == Allocation(variables={"CUDA_VISIBLE_DEVICES": MIG}, uuids=(MIG,))
    assert resolved("1", split).variables == {"CUDA_VISIBLE_DEVICES": SECOND}
    with_lost = reading(device(0, FIRST, state="lost"), device(1, SECOND))
    assert resolved("1", with_lost).variables == {"CUDA_VISIBLE_DEVICES": SECOND}


def test_of_a_pin_that_is_partly_gone_the_rest_is_used() -> None:
    done = resolved(f"GPU-ffff,{SECOND}", three())
    assert done.variables["CUDA_VISIBLE_DEVICES"] == "1"
    assert (
        done.note == "GPU-ffff of the pin is no longer on this machine; the kernel has GPU 1 (NVIDIA A100)."
    )


def test_a_pin_that_is_gone_leaves_the_kernel_without_a_gpu() -> None:
    done = resolved("GPU-ffff,GPU-eeee", three())
    assert done.variables == {"CUDA_VISIBLE_DEVICES": "-1"}
    assert done.uuids == ()
    assert (
        done.note == "GPU-ffff and GPU-eeee of the pin are no longer on this machine; the kernel has no GPU."
    )


def test_a_lost_device_is_kept_and_named() -> None:
    done = resolved(FIRST, reading(device(0, FIRST, state="lost")))
    assert done.uuids == (FIRST,)
    assert done.note == "GPU 0 (NVIDIA A100) is not in a state to work."


def test_a_pin_narrows_what_the_server_was_given() -> None:
    assert resolved(SECOND, three(), "1,2").variables["CUDA_VISIBLE_DEVICES"] == "1"
    assert resolved(SECOND, three(), SECOND).uuids == (SECOND,)


def test_a_pin_never_widens_what_the_server_was_given() -> None:
    done = resolved(f"{FIRST},{SECOND}", three(), "1,2")
    assert done.uuids == (SECOND,)
    assert "was not given to this server" in str(done.note)
    alone = resolved(FIRST, three(), "1,2")
    assert alone.variables == {"CUDA_VISIBLE_DEVICES": "-1"}
    assert alone.uuids == ()
    assert FIRST in str(alone.note)


@pytest.mark.parametrize("seen", [None, reading(status="not-answering"), reading(status="not-loaded")])
def test_without_an_answer_the_pin_is_applied_as_stored(seen: Reading | None) -> None:
    assert resolved(SECOND, seen) == Allocation(variables={"CUDA_VISIBLE_DEVICES": SECOND}, uuids=(SECOND,))
    assert resolved("1", seen).variables == {"CUDA_VISIBLE_DEVICES": "1", **PCI}


def test_without_an_answer_what_may_not_be_ours_is_not_taken() -> None:
    assert resolved(SECOND, None, f"{SECOND},{FIRST}").uuids == (SECOND,)
    unknown = resolved(SECOND, None, "0,1")
    assert unknown.variables == {"CUDA_VISIBLE_DEVICES": "0,1"}  # whatever the kernelspec says
    assert unknown.uuids is None
    assert "it is not known whether" in str(unknown.note)


def test_auto_takes_the_freest() -> None:
    assert resolved("auto", three()).uuids == (SECOND,)
    assert resolved("auto:2", three()).uuids == (SECOND, THIRD)
    assert resolved("auto", three(), "0,2").uuids == (THIRD,)


def test_auto_counts_kernels_that_hold_nothing_yet() -> None:
    assert resolved("auto", three(), pending={SECOND: Pending(1, 0, 1)}).uuids == (THIRD,)
    assert resolved("auto", three(), pending={SECOND: Pending(1, 30 * GIB, 0)}).uuids == (THIRD,)
    assert resolved("auto", three(), pending={SECOND: Pending(1, 5 * GIB, 0)}).uuids == (SECOND,)


def test_auto_says_where_it_could_not_have_what_was_asked() -> None:
    few = resolved("auto:5", three())
    assert few.note == "Only 3 of the 5 devices asked for are there."
    full = resolved("auto:2,50GiB", three())
    assert full.uuids == (SECOND, THIRD)
    assert full.note == "GPU 2 (NVIDIA A100) has less than 50GiB free."


def test_auto_judges_the_need_by_what_others_leave() -> None:
    assert resolved("auto:1,50GiB", three(), pending={SECOND: Pending(1, 0, 1)}).uuids == (SECOND,)
    taken = resolved("auto:1,30GiB", three(), pending={SECOND: Pending(1, 40 * GIB, 0)})
    assert (taken.uuids, taken.note) == ((THIRD,), None)
    none = resolved("auto:1,50GiB", three(), pending={SECOND: Pending(1, 15 * GIB, 0)})
    assert none.note == (
        "GPU 1 (NVIDIA A100) has less than 50GiB free beside what kernels that were started before have "
        "asked for."
    )


def test_auto_takes_instances_where_a_gpu_is_split() -> None:
    split = reading(device(0, FIRST, free=70, mig=True), device(None, MIG, parent=FIRST, free=30))
    assert resolved("auto", split).uuids == (MIG,)


def test_auto_takes_no_lost_device_and_says_when_there_is_none() -> None:
    assert resolved("auto", reading(device(0, FIRST, free=79, state="lost"), device(1, SECOND))).uuids == (
        SECOND,
    )
    nothing = resolved("auto", reading())
    assert nothing.variables == {}
    assert nothing.note == "There is no GPU that auto could choose."
    assert "did not answer" in str(resolved("auto", None).note)


def test_free_memory_that_is_not_known_comes_last() -> None:
    unknown = msgspec.structs.replace(device(0, FIRST), memory=None)
    assert resolved("auto", reading(unknown, device(1, SECOND, free=1))).uuids == (SECOND,)


@pytest.mark.parametrize("pin", [SECOND, "auto"])
def test_by_setting_devices_are_named_by_uuid(pin: str) -> None:
    assert resolved(pin, three(), by_uuid=True).variables == {"CUDA_VISIBLE_DEVICES": SECOND}


def test_a_gap_in_the_indices_means_that_cuda_may_count_otherwise() -> None:
    one_refused = reading(device(0, FIRST), device(2, SECOND))
    assert resolved("2", one_refused).variables == {"CUDA_VISIBLE_DEVICES": SECOND}


def test_auto_chooses_among_what_the_kernel_s_own_environment_leaves() -> None:
    assert resolved("auto", three(), stated="0,2").uuids == (THIRD,)
    assert resolved("auto", three(), "0,1", stated="2,1").uuids == (SECOND,)
    for stated in ("", "-1", "2"):
        alone = resolved("auto", three(), "0,1", stated=stated)
        assert (alone.variables, alone.uuids) == ({"CUDA_VISIBLE_DEVICES": "-1"}, ())
        assert f"CUDA_VISIBLE_DEVICES={stated}) leaves no GPU" in str(alone.note)


def test_devices_that_a_person_named_count_before_the_kernel_s_own_environment() -> None:
    assert resolved(SECOND, three(), stated="0").uuids == (SECOND,)
    assert resolved("none", three(), stated="0").uuids == ()
    assert resolved("all", three(), stated="0") == Allocation()


@pytest.mark.parametrize("given", ["", "-1", "NoDevFiles"])
def test_where_the_server_was_given_nothing_no_pin_gives_a_kernel_more(given: str) -> None:
    for text in (SECOND, "0"):
        done = resolved(text, three(), given)
        assert (done.variables, done.uuids) == ({"CUDA_VISIBLE_DEVICES": "-1"}, ())
    for stated in (None, "0"):
        auto = resolved("auto", three(), given, stated=stated)
        assert auto.variables == {"CUDA_VISIBLE_DEVICES": given}
        assert auto.note == "There is no GPU that auto could choose."
    assert resolved("all", three(), given) == Allocation()
    assert resolved(SECOND, None, given).variables == {"CUDA_VISIBLE_DEVICES": given}


def test_a_beginning_that_may_mean_several_devices_means_none_of_them() -> None:
    done = resolved(f"GPU-89,{SECOND}", three())  # stored as it was written, while the driver did not answer
    assert done.uuids == (SECOND,)
    assert done.note == ("GPU-89 of the pin may mean several devices; the kernel has GPU 1 (NVIDIA A100).")
    alone = resolved("GPU-89", three())
    assert (alone.variables, alone.uuids) == ({"CUDA_VISIBLE_DEVICES": "-1"}, ())
