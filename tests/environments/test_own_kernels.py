"""Kernels that an environment brings itself: found, told apart from its ipykernel, and read with care."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import Registry, describe
from jupyter_tfgpu.environments.own_kernels import UnreadableKernel, read_own_kernel
from tests.environments.trees import a_machine, conda, distribution, kernelspec, laid_out

R = {
    "argv": ["R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"],
    "display_name": "R",
    "language": "R",
}
JULIA = {
    "argv": ["/opt/julia/bin/julia", "-i", "--project=@.", "kernel.jl", "{connection_file}"],
    "display_name": "Julia 1.11",
    "language": "julia",
    "env": {"JULIA_NUM_THREADS": "4"},
    "interrupt_mode": "signal",
}
XEUS = {"argv": ["bin/xcpp", "-f", "{connection_file}"], "display_name": "C++17", "language": "C++17"}
IPYKERNEL = {
    "argv": ["python", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Python 3",
    "language": "python",
}


def without_python(prefix: Path) -> None:
    """A conda environment of R alone."""
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "r-base-4.4.1-h3f2c5a1_0.json").write_text("{}", "utf-8")
    (prefix / "lib" / "R").mkdir(parents=True)


def test_kernels_of_other_languages_are_listed_and_ipykernels_not(tmp_path: Path) -> None:
    site = conda(tmp_path / "env")
    distribution(site, "ipykernel", "7.4.0")
    for name, document in (("ir", R), ("julia-1.11", JULIA), ("xcpp17", XEUS)):
        kernelspec(tmp_path / "env", name, document)
    for name in ("python3", "my-python"):
        kernelspec(tmp_path / "env", name, IPYKERNEL)
    found = describe(a_machine(tmp_path), tmp_path / "env")
    assert [(each.name, each.display_name, each.language) for each in found.own_kernels] == [
        ("ir", "R", "R"),
        ("julia-1.11", "Julia 1.11", "julia"),
        ("xcpp17", "C++17", "C++17"),
    ]
    assert found.own_kernels[0].folder == f"{tmp_path}/env/share/jupyter/kernels/ir"
    assert (found.ipykernel, found.problem) == ("7.4.0", None)


def test_an_environment_of_r_alone_is_healthy(tmp_path: Path) -> None:
    without_python(tmp_path / "env")
    kernelspec(tmp_path / "env", "ir", R)
    found = describe(a_machine(tmp_path), tmp_path / "env")
    assert (found.interpreter, found.python, found.ipykernel, found.problem) == (None, None, None, None)
    assert [each.name for each in found.own_kernels] == ["ir"]


def test_one_with_neither_is_not(tmp_path: Path) -> None:
    without_python(tmp_path / "env")
    problem = describe(a_machine(tmp_path), tmp_path / "env").problem
    assert problem == f"There is no interpreter at {tmp_path}/env/bin/python."


def test_a_python_that_is_gone_is_told_although_there_is_r(tmp_path: Path) -> None:
    conda(tmp_path / "env")
    kernelspec(tmp_path / "env", "ir", R)
    (tmp_path / "env" / "bin" / "python").unlink()
    assert "There is no interpreter" in (describe(a_machine(tmp_path), tmp_path / "env").problem or "")


def test_venvs_may_bring_kernels_too(tmp_path: Path) -> None:
    laid_out(tmp_path / "env")
    kernelspec(tmp_path / "env", "Bash", {"argv": ["python", "-m", "bash_kernel"], "display_name": "Bash"})
    [kernel] = describe(a_machine(tmp_path), tmp_path / "env").own_kernels
    assert (kernel.name, kernel.language) == ("bash", None)


def test_a_kernel_that_arrives_or_changes_shows(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    prefix = machine.home / "miniforge3" / "envs" / "r"
    conda(prefix)
    registry = Registry(machine)

    def kernels() -> list[str]:
        [found] = [each for each in registry.environments() if each.name == "r"]
        return [each.display_name for each in found.own_kernels]

    assert kernels() == []
    folder = kernelspec(prefix, "ir", R)
    assert kernels() == ["R"]
    (folder / "kernel.json").write_text(json.dumps({**R, "display_name": "R 4.4"}), "utf-8")
    os.utime(folder / "kernel.json", ns=(1, 1))
    assert kernels() == ["R 4.4"]


def test_what_a_kernelspec_states_is_read(tmp_path: Path) -> None:
    folder = kernelspec(tmp_path, "julia-1.11", JULIA)
    (folder / "logo-64x64.png").write_bytes(b"png")
    (folder / "more").mkdir()
    document = read_own_kernel(folder)
    assert list(document.argv) == JULIA["argv"]
    assert (document.env, document.interrupt_mode) == ({"JULIA_NUM_THREADS": "4"}, "signal")
    assert (document.display_name, document.language) == ("Julia 1.11", "julia")
    assert document.resources == (folder / "logo-64x64.png",)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"argv": []}', '{"argv": [1]}', '{"argv": "R"}', "\x00"])
def test_a_kernelspec_that_cannot_be_used_is_told_and_the_others_listed(tmp_path: Path, text: str) -> None:
    machine = a_machine(tmp_path)
    prefix = machine.home / "envs" / "r"
    without_python(prefix)
    kernelspec(prefix, "ir", R)
    broken = kernelspec(prefix, "broken", {})
    (broken / "kernel.json").write_text(text, "utf-8")
    with pytest.raises(UnreadableKernel, match="is no kernelspec"):
        read_own_kernel(broken)
    registry = Registry(machine)
    for _ in range(2):  # also where the environment itself is remembered
        [found] = [each for each in registry.environments() if each.name == "r"]
        assert [each.name for each in found.own_kernels] == ["ir"]
        assert [each for each in registry.problems if str(broken) in each] == list(registry.problems)
        assert len(registry.problems) == 1


def test_a_pipe_and_an_empty_folder_are_no_kernels(tmp_path: Path) -> None:
    conda(tmp_path / "env")
    kernels = tmp_path / "env/share/jupyter/kernels"
    (kernels / "empty").mkdir(parents=True)
    (kernels / "pipe").mkdir()
    os.mkfifo(kernels / "pipe" / "kernel.json")
    (kernels / "file").touch()
    found = describe(a_machine(tmp_path), tmp_path / "env")
    assert (found.own_kernels, found.problem) == ((), None)
