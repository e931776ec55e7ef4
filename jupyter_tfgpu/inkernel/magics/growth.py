"""``%tfgpu growth``: frameworks take a GPU's memory as they need it, or (nearly) all of it at once.

TensorFlow and JAX read a variable with their first device; the word for it is TensorFlow's before what a
program sets, from 1.14 on (``GetAllowGrowthValue`` in its ``gpu_bfc_allocator.cc``). PyTorch and MXNet take
memory as they need it, and know no other way.
"""

import os
from typing import Any, List, Optional

from ..device_findings import NAMES
from ..launch import ProgramError
from . import frameworks

VARIABLES = {
    "tensorflow": ("TF_FORCE_GPU_ALLOW_GROWTH", "true", "false"),
    "jax": ("XLA_PYTHON_CLIENT_PREALLOCATE", "false", "true"),
}
"""The name, and the words for on and off."""

FIRST_WITH_THE_VARIABLE = (1, 14)


def run(_part: Any, words: List[str]) -> None:
    """Sets it for all frameworks here, and says of each whether that counts."""
    if not words:
        for name, _, _ in VARIABLES.values():
            print("{} is {}".format(name, _value(name)))
        return
    if len(words) != 1 or words[0] not in ("on", "off"):
        raise ProgramError("Usage: %tfgpu growth on|off")
    on = words[0] == "on"
    present = frameworks.present()
    for framework in VARIABLES:
        if not frameworks.settled(framework):
            name, yes, no = VARIABLES[framework]
            os.environ[name] = yes if on else no
    said = [_said(framework, on) for framework in present]
    print("\n".join(said) if said else "No framework is installed here. Set for those to come.")


def _said(framework: str, on: bool) -> str:
    label = NAMES[framework]
    if framework not in VARIABLES:
        return "{} takes a GPU's memory as it needs it{}.".format(label, "" if on else ", always")
    if frameworks.settled(framework):
        return too_late(label, "growth {}".format("on" if on else "off"))
    if framework == "tensorflow" and (0,) < frameworks.version(framework) < FIRST_WITH_THE_VARIABLE:
        return (
            "TensorFlow before 1.14 does not read {}. In the session's configuration: "
            "tf.ConfigProto(gpu_options=tf.GPUOptions(allow_growth={}))".format(VARIABLES[framework][0], on)
        )
    name = VARIABLES[framework][0]
    if on:
        return "{} takes a GPU's memory as it needs it ({}={}).".format(label, name, os.environ[name])
    share = "75 %" if framework == "jax" else "nearly all"
    return "{} takes {} of a GPU's memory with its first operation ({}={}).".format(
        label, share, name, os.environ[name]
    )


def too_late(label: str, command: str) -> str:
    """What is said of a framework that has begun."""
    return (
        "{} has already begun here, and keeps to what it began with. Restart the kernel, and run "
        "%tfgpu {} before its first operation.".format(label, command)
    )


def _value(name: str) -> str:
    value: Optional[str] = os.environ.get(name)
    return "not set" if value is None else value
