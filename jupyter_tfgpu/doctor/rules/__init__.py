"""The rules, one module a theme, each with a table ``RULES`` of its own; their order is in ``doctor.order``.

A new rule is a function and a line of the table in its theme's module, and one place in the order.
"""

from . import (
    activation,
    build,
    capability,
    channels,
    compilers,
    conflict,
    container,
    copies,
    cudnn,
    device_nodes,
    driver,
    driver_versions,
    environment,
    imports,
    installing,
    keras,
    libcuda,
    libraries,
    memory,
    messages,
    numpy,
    packages,
    platform,
    plugins,
    protobuf,
    releases,
    rocm,
    shadowed,
    visible,
)
from .messages import told
from .rule import Found, Rule

RULES: tuple[Rule, ...] = (
    *environment.RULES,
    *installing.RULES,
    *copies.RULES,
    *platform.RULES,
    *build.RULES,
    *plugins.RULES,
    *rocm.RULES,
    *imports.RULES,
    *packages.RULES,
    *channels.RULES,
    *numpy.RULES,
    *protobuf.RULES,
    *keras.RULES,
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
