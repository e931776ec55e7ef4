"""Poetry's environments: ``<name>-<8 of a hash>-py3.11`` in its cache folder, or a project's ``.venv``.

Where they are looked for: ``$POETRY_VIRTUALENVS_PATH``, else ``virtualenvs.path`` of its ``config.toml``,
else ``virtualenvs`` in its cache folder, which ``$POETRY_CACHE_DIR`` or ``cache-dir`` of the settings names,
else the platform. Those inside projects are found with every other venv there (``venv``).

Sources: poetry's documentation of its configuration and of ``poetry env``; ``EnvManager.generate_env_name``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...machine import Machine
from .. import files
from ..disk import Disk
from ..layout import Layout
from . import places, settings
from .recognised import Found, Inside, Recognised, folder_name

TITLE = "poetry's environments"

_NAME = re.compile(r"(?P<project>.+)-[A-Za-z0-9_-]{8}-py\d+\.\d+t?")


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """The folder of poetry's environments."""
    folder = places.from_variable(machine, "POETRY_CONFIG_DIR")
    config = folder or places.config_folder(machine, "pypoetry", roaming=True)
    stated = settings.of(disk, config / "config.toml")
    if stated.trouble is not None:
        yield stated.trouble
    cache = (
        places.from_variable(machine, "POETRY_CACHE_DIR")
        or places.stated(machine, stated.get("cache-dir"))
        or places.cache_folder(machine, "pypoetry")
    )
    text = machine.environ.get("POETRY_VIRTUALENVS_PATH") or stated.get("virtualenvs", "path")
    if isinstance(text, str):
        text = text.replace("{cache-dir}", str(cache))
    yield Inside(places.stated(machine, text) or cache / "virtualenvs")


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A venv with a name that poetry gave, or ``.venv`` beside a ``poetry.lock``: named after the project."""
    prefix = layout.prefix
    made = _NAME.fullmatch(prefix.name)
    if made is not None and layout.settings is not None:
        return Recognised("poetry", made["project"])
    if prefix.name != ".venv" or layout.settings is None or "uv" in layout.settings:
        return None
    # poetry makes them with virtualenv; a lock file tells whose project it is.
    locked = files.is_file(prefix.parent / "poetry.lock")
    return Recognised("poetry", folder_name(prefix)) if locked else None
