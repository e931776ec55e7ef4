"""The rules, one module a theme, each with a table ``RULES`` of its own; their order is in ``doctor.order``.

A new rule is a function and a line of the table in its theme's module, and one place in the order.
"""

from . import (
    activation,
    build,
    capability,
    compilers,
    conflict,
    container,
    cudnn,
    device_nodes,
    driver,
    driver_versions,
    environment,
    imports,
    libcuda,
    libraries,
    memory,
    messages,
    packages,
    plugins,
    releases,
    shadowed,
    visible,
)
from .messages import told
from .rule import Found, Rule

RULES: tuple[Rule, ...] = (
    *environment.RULES,
    *build.RULES,
    *plugins.RULES,
    *imports.RULES,
    *packages.RULES,
    *releases.RULES,
    *driver.RULES,
    *driver_versions.RULES,
    *device_nodes.RULES,
    *container.RULES,
    *visible.RULES,
    *capability.RULES,
    *memory.RULES,
    *activation.RULES,
    *libraries.RULES,
    *shadowed.RULES,
    *conflict.RULES,
    *cudnn.RULES,
    *libcuda.RULES,
    *compilers.RULES,
    *messages.RULES,
)

__all__ = ["RULES", "Found", "Rule", "told"]
