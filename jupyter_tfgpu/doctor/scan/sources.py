"""The files and folders that a scan read: while they are as they were, another would say the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ...machine import Machine
from ..snapshot import EnvironmentFacts, Snapshot
from .keras import settings_file
from .shell import shell_files
from .sites import import_path

_OF_THE_MACHINE = ("/etc/ld.so.cache", "/usr/local", "/opt")
"""The loader's cache, and where toolkits are put. What the kernel tells (/proc, /sys, /dev) is not here:
it has no times to go by, and a Reading changes with it."""
_OF_A_PACKAGE = {
    "tensorflow": ("", "python/platform/build_info.py", "include"),
    "torch": ("", "version.py", "lib"),
    "jax": ("", "version.py"),
    "mxnet": ("", "libmxnet.so"),
}
_STOOD_ON = ("numpy", "google/protobuf", "keras", "nvidia", "jaxlib", "jax_plugins")


def sources(machine: Machine, snapshot: Snapshot) -> tuple[str, ...]:
    """Paths on this disk that the facts came from, each once, also those where nothing is.

    Whoever installs or removes a package changes its site-packages. A file changed deep inside of a package
    is not seen: hundreds of folders would have to be looked at.
    """
    facts = snapshot.environment or EnvironmentFacts()
    found = [str(machine.path(path)) for path in _OF_THE_MACHINE]
    found += map(str, shell_files(machine))
    found.append(str(settings_file(machine, snapshot.variables or {})))
    if facts.prefix:
        found += _of_environment(machine, facts, snapshot)
    found += [str(Path(each.path).parent) for each in facts.libraries or () if each.path]
    found += [folder for each in facts.frameworks or () for folder in each.search_path or ()]
    tools = facts.tools
    found += [tool.path for tool in (tools.ptxas, tools.libdevice) if tool and tool.path] if tools else []
    return tuple(dict.fromkeys(found))


def _of_environment(machine: Machine, facts: EnvironmentFacts, snapshot: Snapshot) -> Iterator[str]:
    prefix = Path(facts.prefix or "")
    variables = snapshot.variables
    yield from (str(prefix / name) for name in ("conda-meta", "bin", "Scripts", "lib", "pyvenv.cfg"))
    for name in ("LD_LIBRARY_PATH", "PYTHONPATH"):
        stated = str((variables or {}).get(name, "")).split(os.pathsep)
        yield from (str(machine.path(folder)) for folder in stated if folder.startswith("/"))
    frameworks = {each.name for each in facts.frameworks or ()}
    for site, _ in import_path(machine, prefix, facts.python, variables):
        yield str(site.folder)
        yield from (f"{site.folder}/{name}" for name in _STOOD_ON)
        for framework in frameworks:
            yield from (f"{site.folder}/{framework}/{name}" for name in _OF_A_PACKAGE[framework])
