"""Where an interpreter looks for packages is read from its files, and agrees with the interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import describe, files, site_folders, site_packages
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import a_machine, conda, distribution, venv


def on_import_path(python: Path, home: Path) -> list[str]:
    """The site folders that a started interpreter really has."""
    code = "import json, sys; print(json.dumps(sys.path))"
    answer = subprocess.run(
        [python, "-c", code], env={"HOME": str(home)}, capture_output=True, text=True, check=True
    )
    return [path for path in json.loads(answer.stdout) if path.endswith("-packages")]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("user", [False, True])
def test_the_folders_are_those_of_the_interpreter(tmp_path: Path, shared: bool, user: bool) -> None:
    prefix = tmp_path / "env"
    venv(prefix, system_site_packages=shared)
    machine = Machine(environ={}, home=tmp_path)
    if user:
        minor = ".".join(map(str, sys.version_info[:2]))
        (tmp_path / ".local" / "lib" / f"python{minor}" / "site-packages").mkdir(parents=True)
    said = [str(site.folder) for site in site_folders(machine, prefix, user=True)]
    assert said == on_import_path(prefix / "bin" / "python", tmp_path)
    locations = {site.location for site in site_folders(machine, prefix, user=True)}
    assert locations == {"site", *(["system"] if shared else []), *(["user"] if shared and user else [])}


def test_ipykernel_of_the_base_counts_where_the_venv_sees_it(tmp_path: Path) -> None:
    base = tmp_path / "base"
    distribution(conda(base), "ipykernel", "7.4.0")
    venv(tmp_path / "env")
    settings = tmp_path / "env" / "pyvenv.cfg"
    machine = a_machine(tmp_path)
    for stated, expected in (("true", "7.4.0"), ("false", None)):
        text = f"home = {base}/bin\ninclude-system-site-packages = {stated}\nversion = 3.11.7\n"
        settings.write_text(text, "utf-8")
        assert describe(machine, tmp_path / "env").ipykernel == expected


def test_the_users_own_folder_counts_for_a_kernel_but_not_as_the_environments(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    conda(tmp_path / "env")
    users = machine.home / ".local/lib/python3.11/site-packages"
    distribution(users, "ipykernel", "6.29.5")
    assert describe(machine, tmp_path / "env").ipykernel == "6.29.5"
    assert users not in site_packages(machine, tmp_path / "env")
    assert site_folders(machine, tmp_path / "env", user=True)[0].folder == users
    without = Machine(environ={"PYTHONNOUSERSITE": "1"}, home=machine.home)
    assert describe(without, tmp_path / "env").ipykernel is None


def test_the_systems_python_has_the_distributions_folders(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    usr = machine.root / "usr"
    for folder in ("lib/python3.11", "lib/python3/dist-packages", "local/lib/python3.11/dist-packages"):
        (usr / folder).mkdir(parents=True)
    (usr / "lib/python3.11/os.py").touch()
    (usr / "bin").mkdir()
    (usr / "bin" / "python3").symlink_to(sys.executable)
    (usr / "include/python3.11").mkdir(parents=True)
    (usr / "include/python3.11/patchlevel.h").write_text('#define PY_VERSION      \t"3.11.2"\n', "utf-8")
    found = describe(machine, usr)
    assert (found.name, found.kind, found.python) == ("system", "system", "3.11.2")
    assert found.interpreter == str(usr / "bin" / "python3")
    expected = (usr / "local/lib/python3.11/dist-packages", usr / "lib/python3/dist-packages")
    assert site_packages(machine, usr) == expected


def test_the_newest_of_several_standard_libraries_counts(tmp_path: Path) -> None:
    """An update of Python in a conda environment leaves the old one's folder behind."""
    conda(tmp_path / "env", python="3.12.1")
    (tmp_path / "env" / "lib" / "python3.9" / "site-packages").mkdir(parents=True)
    [site] = site_packages(a_machine(tmp_path), tmp_path / "env")
    assert site == tmp_path / "env/lib/python3.12/site-packages"


def test_the_lib_of_a_conda_environment_is_not_listed_where_a_record_says_its_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds thousands of names."""
    site = conda(tmp_path / "env")
    listed: list[Path] = []
    real = files.names
    monkeypatch.setattr(files, "names", lambda folder: (listed.append(folder), real(folder))[1])
    assert describe(a_machine(tmp_path), tmp_path / "env").python == "3.11.7"
    assert site in listed
    assert tmp_path / "env" / "lib" not in listed


def test_a_python_without_the_global_lock_has_a_letter_in_its_folder(tmp_path: Path) -> None:
    site = conda(tmp_path / "env", python="3.13.1")
    site.parent.rename(site.parent.with_name("python3.13t"))
    found = describe(a_machine(tmp_path), tmp_path / "env")
    assert (found.python, found.problem) == ("3.13.1", None)


def test_lib64_that_is_a_link_to_lib_is_the_same_folder(tmp_path: Path) -> None:
    conda(tmp_path / "env")
    (tmp_path / "env" / "lib64").symlink_to("lib")
    assert len(site_packages(a_machine(tmp_path), tmp_path / "env")) == 1


def test_windows_layouts(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path, environ={}, home=tmp_path, platform="win32")
    for prefix, mark, python in (("c", "conda-meta", "python.exe"), ("v", "", "Scripts/python.exe")):
        site = tmp_path / prefix / "Lib" / "site-packages"
        distribution(site, "ipykernel", "7.4.0")
        (tmp_path / prefix / python).parent.mkdir(exist_ok=True)
        (tmp_path / prefix / python).touch()
        if mark:
            (tmp_path / prefix / mark).mkdir()
            (tmp_path / prefix / mark / "python-3.12.1-h2628c8c_1_cpython.json").touch()
        else:
            text = f"home = {tmp_path}\nversion = 3.12.1\n"
            (tmp_path / prefix / "pyvenv.cfg").write_text(text, "utf-8")
        found = describe(machine, tmp_path / prefix)
        assert found.interpreter == str(tmp_path / prefix / python)
        assert (found.python, found.ipykernel) == ("3.12.1", "7.4.0")
        assert site_packages(machine, tmp_path / prefix) == (site,)
