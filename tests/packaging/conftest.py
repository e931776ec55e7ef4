"""The distributions, built once a session."""

from __future__ import annotations

import os
import sys

import pytest

from tests.packaging.places import ROOT, Distributions, run
from tests.tools import missing


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """The sdist, built from this clone with its built frontend, and the wheel built from the sdist."""
    if not (ROOT / "jupyter_tfgpu" / "labextension" / "static" / "style.js").exists():
        missing("The built frontend (jlpm build:prod)")
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT], dict(os.environ), folder)
    return Distributions(next(folder.glob("*.tar.gz")), next(folder.glob("*.whl")))
