"""A kernel of another language in a conda prefix that has no Python."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from jupyter_tfgpu.environments import Registry
from tests.environments.trees import a_machine
from tests.real.packages import R_PROBE, of_its_own
from tests.real.served import added, answer, started
from tests.real.terminal import Seen, conda_variables
from tests.server.asking import Fetch


def test_it_is_listed_with_its_kernels(r_prefix: Path, tmp_path: Path) -> None:
    machine = a_machine(tmp_path, CONDA_ENVS_DIRS=str(r_prefix.parent))
    [listed] = [each for each in Registry(machine).environments() if each.prefix == str(r_prefix)]
    assert (listed.kind, listed.name) == ("conda", r_prefix.name)
    assert (listed.interpreter, listed.python, listed.ipykernel) == (None, None, None)
    assert listed.problem is None
    kernels = {each.name: (each.display_name, each.language) for each in listed.own_kernels}
    assert kernels == {"ir": ("R", "R"), "ir44": ("R 4.4.2", "R")}


async def test_its_kernels_start_as_in_a_terminal(
    jp_fetch: Fetch, jp_serverapp: Any, jp_data_dir: Path, r_prefix: Path
) -> None:
    expected = conda_variables(r_prefix, os.environ)
    own = {"ir": {}, "ir44": of_its_own(r_prefix, expected["PATH"])}
    for kernel, variables in own.items():
        name = await added(jp_fetch, r_prefix, kernel)
        assert name == f"tfgpu-r-{kernel}"
        async with started(jp_fetch, jp_serverapp, name) as running:
            for restart in (False, True):
                if restart:
                    await running.restart()
                seen = json.loads((await running.run(R_PROBE))[0])
                assert Seen.variables_compared(seen["variables"]) == expected | variables
                assert seen["pid"] == running.pid
    logo = jp_data_dir / "kernels" / "tfgpu-r-ir44" / "logo-svg.svg"
    assert logo.read_bytes() == (r_prefix / "share/jupyter/kernels/ir44/logo-svg.svg").read_bytes()


async def test_they_are_told_apart_in_the_list(jp_fetch: Fetch, r_prefix: Path) -> None:
    names = [await added(jp_fetch, r_prefix, kernel) for kernel in ("ir", "ir44")]
    listed = await answer(jp_fetch, "environments")
    specs = {spec["name"]: spec for spec in listed["kernelspecs"]}
    shown = [specs[name]["display_name"] for name in names]
    assert len(set(shown)) == 2
    assert all(r_prefix.name in each for each in shown)
    assert [(specs[name]["language"], specs[name]["kernel"]) for name in names] == [
        ("R", "ir"),
        ("R", "ir44"),
    ]
    [environment] = [each for each in listed["environments"] if each["prefix"] == str(r_prefix)]
    assert sorted(environment["kernelspecs"]) == sorted(names)
