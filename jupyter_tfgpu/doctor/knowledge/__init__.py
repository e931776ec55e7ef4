"""The tables that the rules and fixes rest on: CSV files, every row with its source.

A table is read when a rule first asks for it, so a report that needs none costs none.
"""

from .tables import (
    CondaBuild,
    DriverFloor,
    GpuWheel,
    TorchBuild,
    conda_builds,
    driver_floors,
    gpu_wheels,
    last_driver_branch,
    mxnet_packages,
    table,
    tensorflow_libraries,
    torch_builds,
    unfit_releases,
)

__all__ = [
    "CondaBuild",
    "DriverFloor",
    "GpuWheel",
    "TorchBuild",
    "conda_builds",
    "driver_floors",
    "gpu_wheels",
    "last_driver_branch",
    "mxnet_packages",
    "table",
    "tensorflow_libraries",
    "torch_builds",
    "unfit_releases",
]
