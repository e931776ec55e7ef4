"""The environment: what it is, what is installed in it, and how its frameworks were built."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ...environments import NotAnEnvironment, builds, conda_packages, describe
from ...environments.files import names
from ...machine import Machine
from ..snapshot import EnvironmentFacts, Host
from . import executable
from .compilers import tools
from .distributions import distributions
from .frameworks import framework_facts, linked
from .keras import keras_backend
from .libraries import libraries
from .sites import import_path


def environment_facts(
    machine: Machine, prefix: Path, variables: Mapping[str, str] | None, framework: str | None, host: Host
) -> EnvironmentFacts:
    """The environment at ``prefix``; of a folder that is none only the path is known.

    ``framework``: whose loader entries decide what is within reach; None: the first that is installed.
    """
    try:
        environment = describe(machine, prefix)
    except NotAnEnvironment:
        return EnvironmentFacts(prefix=str(prefix))
    prefix = Path(environment.prefix)
    known = variables or {}
    sites = import_path(machine, prefix, environment.python, variables)
    conda = conda_packages(prefix)
    found = builds.read_sites(
        [(site, names(site.folder)) for site, _ in sites], {package.name: package.build for package in conda}
    )
    places = {site.folder: location for site, location in sites}
    interpreter = Path(environment.interpreter) if environment.interpreter else None
    header = executable.header(interpreter) if interpreter else None
    packages = distributions(sites, conda)
    at = next((number for number, build in enumerate(found) if framework in (None, build.name)), None)
    loading = None if at is None else linked(found[at])
    folders = [site.folder for site, _ in sites]
    listed = libraries(machine, prefix, folders, loading, known, packages, host.arch, interpreter)
    frameworks = [
        framework_facts(machine, build, places.get(build.folder.parent, build.location), known)
        for build in found
    ]
    if listed and listed.unmet and at is not None:
        # What a library asks for in its turn is needed too; named where the loader does not find it.
        needs = (*(frameworks[at].needs or ()), *listed.unmet)
        frameworks[at] = msgspec.structs.replace(frameworks[at], needs=needs)
    return EnvironmentFacts(
        name=environment.name,
        # The snapshot's format knows no word of its own for the virtualenvs that hatch makes.
        kind="virtualenv" if environment.kind == "hatch" else environment.kind,
        prefix=environment.prefix,
        python=environment.python,
        bits=header.bits if header else None,
        # A program for several processors runs as what the machine is.
        python_arch=(header.arch or host.arch) if header and host.os == "macos" else header and header.arch,
        distributions=packages,
        frameworks=tuple(frameworks),
        libraries=listed.libraries if listed else None,
        libraries_complete=True if listed is not None and variables is not None else None,
        tools=None if variables is None else tools(machine, prefix, folders, loading, known, packages),
        keras_backend=keras_backend(machine, known, packages),
        ipykernel=next((each.version for each in packages if each.name == "ipykernel"), None),
        ipykernel_checked=True,
    )
