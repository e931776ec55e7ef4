"""Is the plug-in there that brings the GPU code, and does it fit the framework?"""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement

from ..fixes.plugins import fitting_plugin, metal_plugin
from ..knowledge.wheels import metal_ranges
from ..report import Finding
from ..snapshot import Distribution
from ..subject import Subject
from ..versions import minor, numbers
from .rule import Found, Rule

PLUGINS = {
    "tensorflow": ("tensorflow-metal", "tensorflow-directml-plugin", "intel-extension-for-tensorflow"),
    "torch": ("torch-directml", "torch-xla", "intel-extension-for-pytorch"),
    "jax": ("jax-cuda", "jax-metal", "jax-rocm"),
}
"""How the names of plug-ins begin, by the framework that loads them."""

DIRECTML = (2, 10)
"""The TensorFlow release that tensorflow-directml-plugin is built for (METADATA of its last releases)."""

FIRST_STRICT = (0, 4)
"""The first jax that is held to the rule on jaxlib here; its own check is in jax/_src/lib/__init__.py."""

_LIBRARY = {"tensorflow": "tensorflow", "torch": "torch", "jax": "jaxlib"}


def metal_plugin_missing(subject: Subject) -> Found | None:
    """TensorFlow on a Mac without tensorflow-metal: macOS has no CUDA."""
    host, build = subject.host, subject.framework
    if subject.name != "tensorflow" or host.os != "macos" or build is None:
        return None
    if subject.environment.distributions is None or (subject.release or (9, 9)) < (2, 5):
        return None
    amd = any(each.vendor == "amd" for each in subject.snapshot.gpus or ())
    if (host.arch != "arm64" and not amd) or subject.distribution("tensorflow-metal") is not None:
        return None
    return Found(
        Finding(
            code="metal-plugin-missing",
            severity="error",
            framework=subject.name,
            title="tensorflow-metal is not installed",
            detail=(
                f"macOS has no CUDA: {subject.title} reaches the GPU of this Mac through Apple's plug-in "
                "tensorflow-metal alone, which is not in this environment. It will train on the CPU."
            ),
            evidence=(f"macOS on {host.arch}", "not installed: tensorflow-metal"),
            fixes=metal_plugin(subject),
        )
    )


def plugin_version_mismatch(subject: Subject) -> Found | None:
    """A plug-in of a release that does not fit the framework's."""
    library = _library_version(subject)
    for each in subject.distributions:
        if not each.name.startswith(PLUGINS.get(subject.name or "", ())):
            continue
        if subject.distribution(each.name) is not each:
            continue
        why = _misfit(subject, each, library) if library else None
        if why is not None:
            return _mismatch(subject, each, library or "", why)
    return _jaxlib_mismatch(subject) if subject.name == "jax" else None


def _jaxlib_mismatch(subject: Subject) -> Found | None:
    """jax and its compiled part: jaxlib may not be newer, nor older than what jax asks for."""
    jax, jaxlib = subject.distribution("jax"), subject.distribution("jaxlib")
    if jax is None or jaxlib is None or not jaxlib.version or numbers(jax.version) < FIRST_STRICT:
        return None
    if numbers(jaxlib.version)[:3] > numbers(jax.version)[:3]:
        return _mismatch(subject, jaxlib, f"{jax.version}", "A jax does not take a newer jaxlib.", of="jax")
    why = _unmet(subject, jax, jaxlib.version)
    return _mismatch(subject, jaxlib, f"{jax.version}", why, of="jax") if why else None


def _mismatch(subject: Subject, plugin: Distribution, library: str, why: str, of: str | None = None) -> Found:
    """TensorFlow loads every plug-in that it finds when it is imported, and fails with one that cannot be
    loaded; JAX leaves a plug-in out, and does not start with another jaxlib. ``of``: the package that has
    the version ``library``."""
    fails = subject.name == "tensorflow" or of is not None
    consequence = (
        f"The import of {subject.proper_name} fails"
        if fails
        else f"{subject.proper_name} will run without it, on the CPU"
    )
    beside = of or _LIBRARY[subject.name or ""]
    shown = subject.proper_name if beside == subject.name and of is None else beside
    return Found(
        Finding(
            code="plugin-version-mismatch",
            severity="error",
            framework=subject.name,
            title=f"{plugin.name} {plugin.version} does not fit {shown} {library}",
            detail=f"{why} {consequence}.",
            evidence=(f"installed: {plugin.name} {plugin.version}", f"installed: {beside} {library}"),
            fixes=fitting_plugin(subject, plugin),
        ),
        stops_import=fails,
    )


def _library_version(subject: Subject) -> str | None:
    if subject.name == "jax":
        jaxlib = subject.distribution("jaxlib")
        return jaxlib.version if jaxlib else None
    return subject.framework.version if subject.framework else None


def _misfit(subject: Subject, plugin: Distribution, library: str) -> str | None:
    """Why this plug-in does not fit this release. None: it does, or nothing is known of it."""
    release = minor(library)
    if release is None or not plugin.version:
        return None
    if plugin.name == "tensorflow-metal":
        return _metal_misfit(plugin.version, release)
    if plugin.name == "tensorflow-directml-plugin" and release != DIRECTML:
        return "Every release of tensorflow-directml-plugin is built for TensorFlow 2.10."
    if (
        plugin.name == "intel-extension-for-tensorflow"
        and (2, 13) <= (minor(plugin.version) or (0, 0)) != release
    ):
        return f"{plugin.name} is made for the TensorFlow release whose number it bears."
    if plugin.name.startswith("jax-cuda") and numbers(plugin.version) != numbers(library):
        return "JAX takes a CUDA plug-in only where its version is that of jaxlib."
    return _unmet(subject, plugin, library)


def _metal_misfit(plugin: str, release: tuple[int, int]) -> str | None:
    known = {row.metal: row for row in metal_ranges()}
    row = known.get(numbers(plugin)[:2])
    if row is None or row.first <= release <= row.last:
        return None
    first, last = (".".join(map(str, each)) for each in (row.first, row.last))
    made = f"TensorFlow {first}" if first == last else f"TensorFlow {first} to {last}"
    return f"tensorflow-metal {plugin} works with {made}."


def _unmet(subject: Subject, plugin: Distribution, library: str) -> str | None:
    """What a package's own metadata asks of the framework's library, and it is not."""
    names = {"tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-macos"), "jax": ("jaxlib",)}
    for text in plugin.requires or ():
        try:
            wanted = Requirement(re.sub(r"\(([^)]*)\)", r"\1", text))
        except InvalidRequirement:
            continue
        name = wanted.name.lower().replace("_", "-")
        if name in names.get(subject.name or "", (subject.name,)) and (
            wanted.marker is None and not wanted.specifier.contains(library.split("+")[0], prereleases=True)
        ):
            return f"{plugin.name} asks for {wanted.name}{wanted.specifier}."
    return None


RULES = (
    Rule("metal-plugin-missing", "framework", metal_plugin_missing),
    Rule("plugin-version-mismatch", "framework", plugin_version_mismatch),
)
