"""Names of devices, and what the server was given."""

from __future__ import annotations

import pytest

from jupyter_tfgpu.devices.reading import DriverStatus
from jupyter_tfgpu.kernels import PinError, allotted, identify, parse_pin
from tests.kernels.readings import FIRST, MIG, SECOND, THIRD, device, reading, three


@pytest.mark.parametrize(
    ("given", "uuids"),
    [
        (None, (FIRST, SECOND, THIRD)),
        ("", ()),
        ("-1", ()),
        ("1", (SECOND,)),
        ("2,0", (THIRD, FIRST)),
        ("0,9,1", (FIRST,)),
        (SECOND, (SECOND,)),
        ("GPU-1f2a", (SECOND,)),
        ("GPU-89", ()),
        ("NoDevFiles", ()),
    ],
)
def test_the_server_has_the_devices_that_cuda_would_see(given: str | None, uuids: tuple[str, ...]) -> None:
    assert tuple(one.uuid for one in allotted(three().devices, given)) == uuids


def test_an_instance_is_given_with_its_gpu() -> None:
    devices = (device(0, FIRST, mig=True), device(None, MIG, parent=FIRST), device(1, SECOND))
    assert [one.uuid for one in allotted(devices, "0")] == [FIRST, MIG]
    assert [one.uuid for one in allotted(devices, MIG)] == [MIG]


def test_a_pin_is_stored_by_uuid() -> None:
    assert str(identify(parse_pin("1,GPU-8932"), three())) == f"{SECOND},{FIRST}"
    assert str(identify(parse_pin("auto:2"), three())) == "auto:2"


def test_without_an_answer_of_the_driver_a_pin_is_stored_as_written() -> None:
    assert str(identify(parse_pin("7"), None)) == "7"
    assert str(identify(parse_pin("7"), reading(status="not-answering"))) == "7"


@pytest.mark.parametrize("status", ["absent", "not-loaded"])
def test_where_there_is_certainly_no_driver_no_device_can_be_pinned(status: DriverStatus) -> None:
    with pytest.raises(PinError, match="no working NVIDIA driver, so there is no device 7") as caught:
        identify(parse_pin("7"), reading(status=status))
    assert caught.value.reason == "unknown-device"
    for text in ("all", "none", "auto"):
        assert str(identify(parse_pin(text), reading(status=status))) == text


@pytest.mark.parametrize(
    ("text", "given", "reason", "says"),
    [
        ("7", None, "unknown-device", "No device here is called “7”. There are: GPU 0 (NVIDIA A100); GPU 1"),
        ("GPU-ffff", None, "unknown-device", "“GPU-ffff”"),
        ("GPU-89", None, "ambiguous-device", f"{FIRST}, {THIRD}"),
        (
            "0",
            "1",
            "not-allotted",
            "GPU 0 (NVIDIA A100) was not given to this server (CUDA_VISIBLE_DEVICES=1)",
        ),
    ],
)
def test_a_pin_that_names_no_device_of_ours_is_refused(
    text: str, given: str | None, reason: str, says: str
) -> None:
    with pytest.raises(PinError) as caught:
        identify(parse_pin(text), three(), given)
    assert caught.value.reason == reason
    assert says in str(caught.value)


def test_on_a_machine_without_a_device_the_refusal_says_so() -> None:
    with pytest.raises(PinError, match="The driver lists no device"):
        identify(parse_pin("0"), reading())
