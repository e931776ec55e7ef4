"""The extension's settings: what cannot be is refused in a sentence."""

from __future__ import annotations

import math
from typing import Any

import pytest
from traitlets import TraitError
from traitlets.config import Config

from jupyter_tfgpu.environments.label import FIELDS
from jupyter_tfgpu.server.app import TfGpu


@pytest.mark.parametrize("interval", [0, -1, 0.49, 60.5, 1e9, math.nan, math.inf])
def test_an_interval_out_of_bounds_is_refused(interval: float) -> None:
    with pytest.raises(TraitError, match=r"TfGpu\.interval: .* is not between 0\.5 and 60 s\."):
        TfGpu(config=Config({"TfGpu": {"interval": interval}}))


@pytest.mark.parametrize("interval", ["x", None, [1]])
def test_an_interval_that_is_no_number_is_refused(interval: Any) -> None:
    with pytest.raises(TraitError, match="interval"):
        TfGpu(config=Config({"TfGpu": {"interval": interval}}))


@pytest.mark.parametrize("interval", [0.5, 2, 60])
def test_the_bounds_are_allowed(interval: float) -> None:
    assert TfGpu(config=Config({"TfGpu": {"interval": interval}})).interval == interval


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("watch_kernels", "perhaps"),
        ("default_pin", "GPU-"),
        ("simulate", "no-such"),
        ("label", "{secret}"),
        ("label", "{name"),
        ("sync", "sometimes"),
    ],
)
def test_other_settings_are_looked_at_too(setting: str, value: str) -> None:
    with pytest.raises(TraitError, match=setting):
        TfGpu(config=Config({"TfGpu": {setting: value}}))


def test_every_setting_says_what_it_is_for() -> None:
    own = {name: trait for name, trait in TfGpu.class_own_traits(config=True).items()}
    kernels = {"default_pin", "pin_by_uuid", "share_politely", "label", "sync"}
    assert kernels | {"interval", "watch_kernels", "simulate"} <= set(own)
    assert all(len(trait.help) > 20 for trait in own.values())


def test_the_fields_of_a_label_are_named() -> None:
    text = TfGpu.class_own_traits(config=True)["label"].help
    assert all(f"{{{field}}}" in text for field in FIELDS)
