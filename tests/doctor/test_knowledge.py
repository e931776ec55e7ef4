"""The tables: every row says where it is from, and their parts agree with each other."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from packaging.version import Version

from jupyter_tfgpu.doctor import knowledge
from jupyter_tfgpu.doctor.knowledge.gpus import TEGRA, cudnn_releases, generation, torch_code
from jupyter_tfgpu.doctor.knowledge.tables import FOLDER
from jupyter_tfgpu.doctor.versions import numbers

TABLES = sorted(path.stem for path in FOLDER.glob("*.csv"))


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_source(name: str) -> None:
    rows = knowledge.table(name)
    assert rows
    assert [row for row in rows if not row["source"].strip()] == []


@pytest.mark.parametrize("name", TABLES)
def test_the_page_says_how_the_table_is_made(name: str) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith("|") and f"`{name}`" in line.split("|")[1]]
    assert row.split("|")[3].strip().startswith(("read:", "index"))


def test_the_page_names_no_table_that_is_not_there() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    firsts = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert {name for first in firsts for name in re.findall(r"`(\w+)`", first)} == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_no_row_is_longer_or_shorter_than_its_head(name: str) -> None:
    assert all(None not in row and None not in row.values() for row in knowledge.table(name))


def test_every_wheel_with_gpu_code_has_a_release_a_python_and_a_cuda() -> None:
    for wheel in knowledge.gpu_wheels():
        assert Version(wheel.version) and numbers(wheel.cuda) and wheel.compute_capabilities
        assert all(tag.startswith("cp") for tag in wheel.python_tags)


def test_a_release_that_does_not_work_is_one_of_the_wheels() -> None:
    assert set(knowledge.unfit_releases()) <= {wheel.version for wheel in knowledge.gpu_wheels()}


@pytest.mark.parametrize("wheel", ["2.1.0", "2.4.1", "2.10.1", "2.13.1", "2.15.1", "2.17.0", "2.21.0"])
def test_the_names_that_a_release_needs_are_those_of_its_cuda(wheel: str) -> None:
    [row] = [
        each
        for each in knowledge.gpu_wheels()
        if (each.package, each.version, each.platform) == ("tensorflow", wheel, "linux_x86_64")
    ]
    needed = knowledge.tensorflow_libraries(numbers(wheel)[:2], "linux_x86_64")
    major = numbers(row.cuda)[0]
    assert needed["cudart"].split(".so.")[1].split(".")[0] == str(major)
    assert needed["cudnn"] == f"libcudnn.so.{row.cudnn}"


def test_a_floor_never_falls_with_a_newer_cuda() -> None:
    for system in ("linux", "windows"):
        floors = [row.compatible[system] or row.toolkit[system] for row in knowledge.driver_floors()]
        known = [numbers(floor) for floor in floors if floor]
        assert known == sorted(known, reverse=True)


def test_no_table_is_read_before_a_rule_asks_for_it() -> None:
    """A healthy environment's report must not pay for tables that it does not need."""
    code = (
        "import jupyter_tfgpu.doctor.knowledge.tables as t, jupyter_tfgpu.doctor as d;"
        "read = []; old = t.table; t.table = lambda name: read.append(name) or old(name);"
        'd.diagnose(d.decode_snapshot(b\'{"schema": "tfgpu.snapshot/1"}\')); print(read)'
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_gpu_by_name_has_a_capability_that_is_known_of_toolkits_or_boards() -> None:
    rows = knowledge.table("gpus")
    assert len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        assert row["name"] == row["name"].lower() and "-" not in row["name"]
        assert generation(row["compute_capability"]) or numbers(row["compute_capability"]) in TEGRA


def test_a_cudnn_for_newer_gpus_drops_the_oldest_ones_alone() -> None:
    for major in (11, 12, 13):
        releases = cudnn_releases(major)
        assert [numbers(version) for version, _ in releases] == sorted(numbers(each) for each, _ in releases)
        oldest = [min(int(each[3:]) for each in code if each.startswith("sm_")) for _, code in releases]
        assert oldest == sorted(oldest)


def test_pytorchs_default_wheels_have_code_as_its_table_of_builds_has_cuda() -> None:
    for row in knowledge.torch_builds():
        if row.cuda and row.platform == "linux_x86_64" and Version(row.version) >= Version("1.8"):
            assert torch_code(row.version, row.platform, row.cuda), row
