"""What an environment's own kernel sets by itself stands upon what activating the environment sets, whoever
starts the kernel."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from string import Template
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tfgpu.environments.activation import Activation, Activations, activated
from jupyter_tfgpu.kernels import LaunchServices, own_entries, set_services
from jupyter_tfgpu.kernels.specs.env import spec_env
from jupyter_tfgpu.kernels.specs.store import SpecStore
from jupyter_tfgpu.machine import Machine
from tests.environments.activating import prefix_with
from tests.environments.trees import conda
from tests.kernels.kernels_here import OURS, PLAIN, kernel
from tests.kernels.specs_here import described, edit, kernel_json, own_kernel
from tests.tools import require

pytestmark = pytest.mark.usefixtures("data_dir")

SCRIPT = """\
export XLA_FLAGS="--dir=$CONDA_PREFIX"
export LD_LIBRARY_PATH="$CONDA_PREFIX/lib"
export PATH="$CONDA_PREFIX/libexec:$PATH"
"""
STATED = {
    "PATH": "${CONDA_PREFIX}/lib/R/bin:${PATH}:/last",
    "R_HOME": "$CONDA_PREFIX/lib/R",
    "R_LIBS": "${R_HOME}/library",
    "XLA_FLAGS": "${XLA_FLAGS} --mine",
    "OF_WHO_STARTS_IT": "${OF_WHO_STARTS_IT}/x",
    "TEXT": "$$XLA_FLAGS $ ${not a name} $CONDA_PREFIX$OF_WHO_STARTS_IT",
    "PLAIN": "1",
}
"""What a kernel's author writes. References are to what is there before it, not to its own entries."""
PROBE = "import json, os; print(json.dumps(dict(os.environ)))"


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """A conda prefix with a kernel of its own, behind whose program a Python is that tells its variables."""
    made = tmp_path / "it's mine"
    conda(made)
    own_kernel(made, "ir", env=STATED)
    (made / "bin" / "R").write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m ipykernel_launcher -f "$2"\n', "utf-8"
    )
    return prefix_with(made, {"a.sh": SCRIPT}, state={"FROM_STATE": "한 $HOME"})


def in_a_terminal(prefix: Path) -> dict[str, str]:
    """The variables after activating, in bash, with the kernel's own upon them."""
    place = shlex.quote(str(prefix))
    script = (
        f'export CONDA_PREFIX={place} CONDA_SHLVL=1 FROM_STATE="한 \\$HOME"; '
        f'export PATH="$CONDA_PREFIX/bin:$PATH"; . {place}/etc/conda/activate.d/a.sh; '
        f"exec {shlex.quote(sys.executable)} -c {shlex.quote(PROBE)}"
    )
    bash = [require("bash"), "--noprofile", "--norc", "-c", script]
    found: dict[str, str] = json.loads(subprocess.run(bash, capture_output=True, check=True).stdout)
    return found | {name: Template(value).safe_substitute(found) for name, value in STATED.items()}


COMPARED = [*STATED, "CONDA_PREFIX", "CONDA_SHLVL", "FROM_STATE", "LD_LIBRARY_PATH"]


@pytest.mark.parametrize("provisioner", [PLAIN, OURS])
def test_it_has_what_a_terminal_gives_it(
    provisioner: str,
    prefix: Path,
    tmp_path: Path,
    data_dir: Path,
    launch_services: LaunchServices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    activations = Activations(Machine(), tmp_path / "kept")
    set_services(replace(launch_services, activations=activations))
    activation = activations.run(prefix, os.environ)
    name = SpecStore().add(described(prefix), label="x", kernel="ir", activation=activation).name
    # It is started by another program than the one that wrote it, with other variables.
    monkeypatch.setenv("OF_WHO_STARTS_IT", "here")
    monkeypatch.setenv("PATH", f"/of/who/starts:{os.environ['PATH']}")
    expected = in_a_terminal(prefix)
    document = kernel_json(data_dir, name)
    with kernel(
        argv=document["argv"],
        spec_env=document["env"],
        metadata=document["metadata"],
        provisioner=provisioner,
    ) as running:
        found = json.loads(running.run(PROBE).text)
    assert {name: found.get(name) for name in COMPARED} == {name: expected.get(name) for name in COMPARED}
    path = found["PATH"].split(os.pathsep)
    assert path[:4] == [f"{prefix}/lib/R/bin", f"{prefix}/libexec", f"{prefix}/bin", "/of/who/starts"]
    assert path[-1] == "/last"


def of_ir(store: SpecStore, prefix: Path, data_dir: Path, **more: Any) -> dict[str, str]:
    """The entries of its kernelspec, brought up to date."""
    store.refresh("tfgpu-tf2-ir", described(prefix), label="x", **more)
    found: dict[str, str] = kernel_json(data_dir, "tfgpu-tf2-ir")["env"]
    return found


def test_it_follows_the_activation_the_kernel_and_the_user(tmp_path: Path, data_dir: Path) -> None:
    prefix, store = tmp_path / "tf2", SpecStore()
    conda(prefix)
    folder = own_kernel(prefix, "ir", env={"PATH": "/r:${PATH}", "R_HOME": "${HOME_OF_R}"})
    first = Activation(variables={"HOME_OF_R": "/1"}, path=("/p",))
    store.add(described(prefix), label="x", kernel="ir", activation=first)
    env = kernel_json(data_dir, "tfgpu-tf2-ir")["env"]
    assert env == {"HOME_OF_R": "/1", "PATH": "/r:/p:${PATH}", "R_HOME": "/1"}
    # Nothing has changed, and scripts were not run.
    assert store.refresh("tfgpu-tf2-ir", described(prefix), label="x") is False
    # The kernel states something else: what activating sets is known still.
    document = json.loads((folder / "kernel.json").read_text("utf-8"))
    document["env"] = {"PATH": "${PATH}:/r"}
    (folder / "kernel.json").write_text(json.dumps(document), "utf-8")
    assert of_ir(store, prefix, data_dir) == {"HOME_OF_R": "/1", "PATH": "/p:${PATH}:/r"}
    # The user's own counts before both; without it the kernel's is there again.
    edit(data_dir, "tfgpu-tf2-ir", env={"HOME_OF_R": "/1", "PATH": "/mine"})
    assert of_ir(store, prefix, data_dir) == {"HOME_OF_R": "/1", "PATH": "/mine"}
    edit(data_dir, "tfgpu-tf2-ir", env={"HOME_OF_R": "/1"})
    assert of_ir(store, prefix, data_dir) == {"HOME_OF_R": "/1", "PATH": "/p:${PATH}:/r"}
    second = Activation(variables={"HOME_OF_R": "/2"})
    assert of_ir(store, prefix, data_dir, activation=second) == {"HOME_OF_R": "/2", "PATH": "${PATH}:/r"}


_texts = st.text(alphabet="ab_$${} \n", max_size=10)
_stated = st.lists(st.sampled_from(["$a", "${b}", "$ab", "$PATH", "$$", "$", "${", "{", "}", "/"])).map(
    "".join
)
_names = st.sampled_from(["a", "b", "ab", "PATH"])


@given(
    st.dictionaries(_names, _stated, max_size=3),
    st.dictionaries(st.sampled_from(["a", "b", "_"]), _texts),
    st.lists(_texts, max_size=2),
)
def test_jupyter_client_makes_of_it_what_it_makes_of_the_kernel_s_in_the_activated_environment(
    kernels: dict[str, str], variables: dict[str, str], folders: list[str]
) -> None:
    activation = Activation(variables=variables, path=tuple(folders))
    base = {"PATH": "/usr/bin:/$x", "a": "1$b", "b": "2", "ab": "3", "_": "4"}
    here = activated(activation, base)
    expected = here | {name: Template(value).safe_substitute(here) for name, value in kernels.items()}
    made = spec_env(kernels, activation, {}, {})
    assert base | {n: Template(v).safe_substitute(base) for n, v in made.all.items()} == expected
    # Our provisioner, which activates by itself, gets the kernel's own words back.
    mark = {"activation": list(made.activation), "stated": made.stated, "written": {}}
    assert own_entries(made.all, mark) == kernels
