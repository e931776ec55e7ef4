"""What a kernelspec of ours starts, and with which variables, in a Jupyter that knows nothing of us."""

from __future__ import annotations

import json
import os
from pathlib import Path
from string import Template
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.manager import KernelManager

from jupyter_tfgpu.environments import Environment, labels
from jupyter_tfgpu.environments.activation import Activation
from jupyter_tfgpu.kernels.specs.env import activation_entries
from jupyter_tfgpu.kernels.specs.errors import InterpreterGone, NoSuchOwnKernel
from jupyter_tfgpu.kernels.specs.store import SpecStore
from tests.environments.trees import conda, distribution
from tests.kernels.specs_here import add, an_environment, described, kernel_json, own_kernel
from tests.made import venv_with_ipykernel

pytestmark = pytest.mark.usefixtures("data_dir")


def printed_by(kernelspec: str, code: str) -> str:
    """What code prints in a kernel started by jupyter_client's own provisioner."""
    manager = KernelManager(kernel_name=kernelspec)
    manager.start_kernel()
    try:
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        printed: list[str] = []
        client.execute_interactive(
            code,
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
            timeout=60,
        )
        client.stop_channels()
    finally:
        manager.shutdown_kernel(now=True)
    return "".join(printed)


def test_a_kernel_has_the_activations_variables_without_us(
    tmp_path: Path, store: SpecStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME_OF_X", "must not appear")
    environment = described(venv_with_ipykernel(tmp_path / "envs" / "it's $HOME"))
    variables = {"XLA_FLAGS": "--a=$HOME_OF_X ${HOME_OF_X} $$ $", "QUOTED": "'a' \"b\"\n한글", "EMPTY": ""}
    activation = Activation(variables=variables, path=("/first/$b/bin", "/second"), appended=("/last",))
    name = add(store, environment, activation=activation).name
    names = [*variables, "PATH"]
    code = f"import json, os, sys; print(json.dumps([sys.prefix, *map(os.environ.get, {names!r})]))"
    prefix, *found = json.loads(printed_by(name, code))
    assert prefix == environment.prefix
    assert dict(zip(variables, found, strict=False)) == variables
    path = found[-1].split(os.pathsep)
    assert path[:2] == ["/first/$b/bin", "/second"]
    assert (path[-1], path[2:-1]) == ("/last", os.environ["PATH"].split(os.pathsep))


_texts = st.text(alphabet="ab_${} \n'\\", max_size=12)


@given(
    st.dictionaries(st.sampled_from(["A", "B_1", "LD_LIBRARY_PATH"]), _texts), st.lists(_texts, max_size=3)
)
def test_jupyter_client_hands_values_on_as_they_are(variables: dict[str, str], folders: list[str]) -> None:
    entries = activation_entries(Activation(variables=variables, path=tuple(folders)))
    base = {"PATH": "/usr/bin:/$x", "a": "wrong", "b": "wrong", "_": "wrong"}
    found = {name: Template(value).safe_substitute(base) for name, value in entries.items()}
    path = {"PATH": os.pathsep.join([*folders, base["PATH"]])} if folders else {}
    assert found == {**variables, **path}


def test_the_facts_stand_in_the_metadata(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    add(store, environment, activation=Activation(variables={"B": "1", "A": "2"}), activation_state="s")
    facts = kernel_json(data_dir, "tfgpu-tf2")["metadata"]["tfgpu"]
    expected = {
        "environment": environment.id,
        "prefix": environment.prefix,
        "name": "tf2",
        "kind": "venv",
        "python": environment.python,
        "frameworks": [],
        "kernel": None,
        "interpreter": environment.interpreter,
        "chosen_display_name": False,
        "activation": ["A", "B"],
        "activation_state": "s",
    }
    assert {name: facts[name] for name in expected} == expected


def test_ipykernels_logos_are_taken_along_where_they_are(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    site = conda(tmp_path / "tf2")
    distribution(site, "ipykernel", "7.4.0")
    logos = site / "ipykernel" / "resources"
    logos.mkdir(parents=True)
    for name in ("logo-64x64.png", "logo-svg.svg", "other.txt"):
        (logos / name).write_bytes(name.encode())
    (logos / "logo-32x32.png").mkdir()
    add(store, described(tmp_path / "tf2"))
    folder = data_dir / "kernels" / "tfgpu-tf2"
    assert sorted(os.listdir(folder)) == ["kernel.json", "logo-64x64.png", "logo-svg.svg"]
    (folder / "logo-svg.svg").write_text("mine", "utf-8")
    store.add(described(tmp_path / "tf2"), label="new")
    assert (folder / "logo-svg.svg").read_text("utf-8") == "mine"


# --- kernels of other languages ------------------------------------------------------------------------


def add_own(store: SpecStore, environment: Environment, kernel: str, **chosen: Any) -> str:
    label = labels([environment])[f"{environment.id}/{kernel}"]
    return store.add(environment, label=label, kernel=kernel, **chosen).name


def test_an_own_kernel_is_started_by_its_program_in_the_environment(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    conda(tmp_path / "stats")
    folder = own_kernel(
        tmp_path / "stats", "ir", env={"R_HOME": "${HOME}/R"}, interrupt_mode="message", metadata={"a": 1}
    )
    (folder / "logo-64x64.png").write_bytes(b"logo")
    (folder / "kernel.js").write_text("//", "utf-8")
    activation = Activation(variables={"R_HOME": "theirs", "X": "1"}, path=("/p",))
    name = add_own(store, described(tmp_path / "stats"), "ir", activation=activation)
    assert name == "tfgpu-stats-ir"
    document = kernel_json(data_dir, name)
    assert document["argv"] == [str(tmp_path / "stats/bin/R"), "--args", "{connection_file}"]
    assert (document["display_name"], document["language"]) == ("stats · R", "R")
    assert document["interrupt_mode"] == "message"
    assert document["env"] == {"R_HOME": "${HOME}/R", "X": "1", "PATH": "/p:${PATH}"}
    assert document["metadata"]["a"] == 1
    assert document["metadata"]["tfgpu"]["kernel"] == "ir"
    assert document["metadata"]["tfgpu"]["activation"] == ["PATH", "X"]
    assert sorted(os.listdir(data_dir / "kernels" / name)) == ["kernel.js", "kernel.json", "logo-64x64.png"]


def test_an_own_kernel_beside_the_python_of_its_environment(tmp_path: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    own_kernel(tmp_path / "tf2", "ir")
    environment = described(tmp_path / "tf2")
    assert add(store, environment).name == "tfgpu-tf2"
    assert add_own(store, environment, "ir") == "tfgpu-tf2-ir"
    assert add(store, environment).name == "tfgpu-tf2"
    assert [spec.kernel for spec in store.list()] == [None, "ir"]


def test_where_jupyter_would_take_its_own_prefix_the_environments_stands(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    conda(tmp_path / "xeus")
    argv = ["python", "{prefix}/share/run.py", "{resource_dir}/x", "{connection_file}"]
    own_kernel(tmp_path / "xeus", "xpython", argv=argv, language="python")
    name = add_own(store, described(tmp_path / "xeus"), "xpython")
    prefix = tmp_path / "xeus"
    assert kernel_json(data_dir, name)["argv"] == [
        str(prefix / "bin/python"), f"{prefix}/share/run.py", "{resource_dir}/x", "{connection_file}"
    ]  # fmt: skip


def test_an_own_kernel_without_its_program_is_refused(tmp_path: Path, store: SpecStore) -> None:
    conda(tmp_path / "stats")
    own_kernel(tmp_path / "stats", "ir")
    environment = described(tmp_path / "stats")
    (tmp_path / "stats/bin/R").unlink()
    with pytest.raises(InterpreterGone, match="'R', which is not in"):
        add_own(store, environment, "ir")
    with pytest.raises(NoSuchOwnKernel, match="it has ir"):
        store.add(environment, label="x", kernel="julia")
    (tmp_path / "stats/share/jupyter/kernels/ir/kernel.json").write_text("{", "utf-8")
    with pytest.raises(NoSuchOwnKernel, match="is no kernelspec"):
        add_own(store, environment, "ir")
    assert store.list() == ()
