"""Plug-ins that bring the GPU code, of the release that fits."""

from __future__ import annotations

from packaging.version import Version

from ..knowledge import table
from ..knowledge.wheels import metal_ranges
from ..report import Fix
from ..snapshot import Distribution
from ..subject import Subject
from ..versions import minor
from .tool import new_environment, pip_install, pip_uninstall, python_tag, wheel_platform

METAL_PYTHONS = ("cp39", "cp310", "cp311", "cp312")
"""The Pythons that the last tensorflow-metal, 1.2.0, has wheels for (PyPI)."""

METAL_STACK = ("tensorflow==2.19.1", "tensorflow-metal==1.2.0")
"""The newest pair that works (METADATA of tensorflow-metal 1.2.0; tensorflow pull request 126360)."""

METAL_INTEL = (1, 0)
"""The last tensorflow-metal with wheels for Intel Macs (PyPI)."""

DIRECTML_STACK = ("tensorflow-cpu==2.10.0", "tensorflow-directml-plugin==0.4.0.dev230202", "numpy<2")
"""The last plug-in and the one release that it takes (its METADATA); NumPy 2 is newer than both."""


def metal_plugin(subject: Subject) -> tuple[Fix, ...]:
    """tensorflow-metal for the release that is installed, or both of a release that works."""
    release = subject.release
    fits = [row.metal for row in metal_ranges() if release and row.first <= release <= row.last]
    if wheel_platform(subject) == "macos_x86_64":
        fits = [metal for metal in fits if metal <= METAL_INTEL]
        if not fits:
            command = pip_install(subject, "tensorflow==2.13.*", "tensorflow-metal==1.0.0")
            title = "Install the last TensorFlow and tensorflow-metal that go together on an Intel Mac"
            return (Fix(title=title, commands=(command,)),)
    if not fits:
        return metal_stack(subject)
    command = pip_install(subject, f"tensorflow-metal=={fits[-1][0]}.{fits[-1][1]}.*")
    return (Fix(title=f"Install Apple's plug-in that fits {subject.title}", commands=(command,)),)


def metal_stack(subject: Subject) -> tuple[Fix, ...]:
    """TensorFlow and tensorflow-metal of releases that go together."""
    why = "the newest TensorFlow that Apple's plug-in works with, and the plug-in"
    if python_tag(subject) in (None, *METAL_PYTHONS):
        command = pip_install(subject, *METAL_STACK)
        return (Fix(title=f"Install {' and '.join(METAL_STACK)}: {why}", commands=(command,)),)
    commands = new_environment(subject, "tensorflow-metal", "3.12", *METAL_STACK)
    return (Fix(title=f"Make a new environment with Python 3.12 for {why}", commands=commands),)


def fitting_plugin(subject: Subject, plugin: Distribution) -> tuple[Fix, ...]:
    """A plug-in and a framework that fit each other, or the framework without the plug-in."""
    if plugin.name == "tensorflow-metal":
        fixes = metal_plugin(subject)
    elif plugin.name == "tensorflow-directml-plugin":
        fixes = _directml(subject)
    elif subject.name == "jax" and plugin.name.startswith(("jax-cuda", "jaxlib")):
        return _jax(subject, plugin)
    elif plugin.name == "intel-extension-for-tensorflow":
        fixes = _same_release(subject, plugin)
    else:
        fixes = (Fix(title=f"Install the releases of {plugin.name} and {subject.proper_name} that fit"),)
    remove = pip_uninstall(subject, [plugin.name])
    return (*fixes, Fix(title=f"Or go without it: remove {plugin.name}", commands=remove))


def _directml(subject: Subject) -> tuple[Fix, ...]:
    title = "Install TensorFlow 2.10, the only release that the DirectML plug-in takes"
    tag = python_tag(subject)
    if tag not in (None, "cp37", "cp38", "cp39", "cp310"):
        commands = new_environment(subject, "tensorflow-directml", "3.10", *DIRECTML_STACK)
        return (Fix(title=f"{title}, in a new environment with Python 3.10", commands=commands),)
    others = [
        name for name in ("tensorflow", "tensorflow-cpu", "tensorflow-intel") if subject.distribution(name)
    ]
    commands = (*pip_uninstall(subject, others), pip_install(subject, *DIRECTML_STACK))
    return (Fix(title=title, commands=commands),)


def _same_release(subject: Subject, plugin: Distribution) -> tuple[Fix, ...]:
    release = minor(plugin.version) or (0, 0)
    wanted = f"tensorflow=={release[0]}.{release[1]}.*"
    title = f"Install TensorFlow {release[0]}.{release[1]}, for which this {plugin.name} was made"
    return (Fix(title=title, commands=(pip_install(subject, wanted),)),)


def _jax(subject: Subject, plugin: Distribution) -> tuple[Fix, ...]:
    """All of one version: jaxlib's where the plug-in has it, else the newest for this Python."""
    plugins = [each.name for each in subject.distributions if each.name.startswith("jax-cuda")]
    if not plugins and plugin.name == "jaxlib":
        command = pip_install(subject, "jax", "jaxlib", options="--upgrade")
        return (Fix(title="Install jax and jaxlib of one version", commands=(command,)),)
    extra = "cuda13" if any("cuda13" in name for name in (plugin.name, *plugins)) else "cuda12"
    jaxlib, tag = subject.distribution("jaxlib"), python_tag(subject)
    versions = [
        row["version"]
        for row in table("jax_plugins")
        if row["cuda_major"] == extra.removeprefix("cuda")
        and (tag is None or tag in row["python_tags"].split())
        and wheel_platform(subject) in (None, *row["platforms"].split())
    ]
    jax = subject.distribution("jax")
    same = {each.version for each in (jax, jaxlib) if each is not None}
    best = next((each for each in versions if same == {each}), None)
    best = best or max(versions, key=Version, default=None)
    words = f"jax[{extra}]=={best}" if best else f"jax[{extra}]"
    title = f"Install jax, jaxlib and the CUDA plug-in of one version{f', {best}' if best else ''}"
    return (Fix(title=title, commands=(pip_install(subject, words, options="--upgrade"),)),)
