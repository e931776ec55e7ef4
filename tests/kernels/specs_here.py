"""Environments and kernelspecs on disk, for the tests of what writes and keeps them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jupyter_tfgpu.environments import Environment, describe, labels
from jupyter_tfgpu.kernels.specs.store import OwnedSpec, SpecStore
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import distribution, venv


def an_environment(folder: Path, name: str = "tf2", ipykernel: str | None = "7.4.0") -> Environment:
    """An environment on disk, with ipykernel's metadata."""
    site = venv(folder / name)
    if ipykernel:
        distribution(site, "ipykernel", ipykernel)
    return described(folder / name)


def described(prefix: Path) -> Environment:
    return describe(Machine(environ={}, home=prefix.parent), prefix)


def own_kernel(prefix: Path, name: str, program: str = "R", **document: Any) -> Path:
    """A kernel of another language in an environment, with the program that it starts. Returns its folder."""
    folder = prefix / "share" / "jupyter" / "kernels" / name
    folder.mkdir(parents=True)
    (prefix / "bin").mkdir(exist_ok=True)
    (prefix / "bin" / program).touch(mode=0o755)
    argv = [program, "--args", "{connection_file}"]
    document = {"argv": argv, "display_name": "R", "language": "R", **document}
    (folder / "kernel.json").write_text(json.dumps(document), "utf-8")
    return folder


def add(store: SpecStore, environment: Environment, **chosen: Any) -> OwnedSpec:
    """Adds it with the label it has alone."""
    return store.add(environment, label=labels([environment])[environment.id], **chosen)


def kernel_json(data_dir: Path, name: str) -> dict[str, Any]:
    document = json.loads((data_dir / "kernels" / name / "kernel.json").read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def edit(data_dir: Path, name: str, **changes: Any) -> None:
    """What a user does with an editor; None takes a key out."""
    document = {**kernel_json(data_dir, name), **changes}
    document = {key: value for key, value in document.items() if value is not None}
    (data_dir / "kernels" / name / "kernel.json").write_text(json.dumps(document), "utf-8")


def foreign(folder: Path, name: str, **document: object) -> Path:
    """A kernelspec that somebody else wrote."""
    file = folder / "kernels" / name / "kernel.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"argv": ["run"], "display_name": name, "language": "x", **document}), "utf-8")
    return file
