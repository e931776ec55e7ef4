"""Which wheels there are: releases by Python and platform, and what fits a plug-in of TensorFlow's."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ..versions import numbers
from .tables import table


class Wheels(NamedTuple):
    """The releases of one package that have a wheel for one Python on one platform, oldest first.

    No pre-releases, but for the DirectML plug-in, which has no other. JAX's rows are those of its CUDA
    plug-ins; MXNet has none, as its wheels name no Python. TensorFlow before 1.13 is there as far as its
    table of tested builds goes.
    """

    package: str
    platform: str
    python_tag: str
    versions: tuple[str, ...]


@cache
def wheels(framework: str) -> tuple[Wheels, ...]:
    """A framework's wheels; none for one that the table does not hold."""
    return tuple(
        Wheels(row["package"], row["platform"], row["python_tag"], tuple(row["versions"].split()))
        for row in table("wheel_pythons")
        if row["framework"] == framework
    )


class MetalRange(NamedTuple):
    """A release of tensorflow-metal (major and minor), and the TensorFlow releases that it works with."""

    metal: tuple[int, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]


@cache
def metal_ranges() -> tuple[MetalRange, ...]:
    """Oldest first."""
    return tuple(
        MetalRange(numbers(row["metal"]), numbers(row["first_tensorflow"]), numbers(row["last_tensorflow"]))
        for row in table("tf_metal")
    )
