"""The rules, one module a theme. ``RULES`` is the table of all; their order is in ``doctor.order``.

A new rule is a function in its theme's module, one line here and one place in the order.
"""

from .build import cpu_only_build
from .driver import driver_library_mismatch, driver_missing, driver_not_loaded, driver_too_old, no_gpu
from .environment import framework_missing, wrong_environment
from .libraries import cuda_missing
from .rule import Found, Rule

RULES: tuple[Rule, ...] = (
    Rule("wrong-environment", "framework", wrong_environment),
    Rule("framework-missing", "framework", framework_missing),
    Rule("cpu-only-build", "framework", cpu_only_build),
    Rule("no-gpu", "machine", no_gpu),
    Rule("driver-missing", "machine", driver_missing),
    Rule("driver-not-loaded", "machine", driver_not_loaded),
    Rule("driver-library-mismatch", "machine", driver_library_mismatch),
    Rule("driver-too-old", "framework", driver_too_old),
    Rule("cuda-missing", "framework", cuda_missing),
)

__all__ = ["RULES", "Found", "Rule"]
