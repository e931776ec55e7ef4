"""Which programs put ipykernel into which environment, and what their failures mean."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from jupyter_tfgpu.environments import Environment, Kind, describe
from jupyter_tfgpu.kernels.specs.install_ipykernel import NotInstalled, look, plan
from jupyter_tfgpu.kernels.specs.install_ipykernel.failures import sentence, without_credentials
from jupyter_tfgpu.kernels.specs.install_ipykernel.plan import ServerPip, Tools
from jupyter_tfgpu.kernels.specs.install_ipykernel.tools import base_of_channel, obstacle
from tests.environments import trees
from tests.environments.test_bad_input import become_nobody, shared_folder

__all__ = ["shared_folder"]

FOLDER = Path("/tmp/fetched")
SERVER = ServerPip(python="/srv/bin/python", requires=">=3.10")
ALL = Tools(
    conda="/opt/conda/bin/conda",
    channel="https://conda.anaconda.org/conda-forge",
    rattler=True,
    uv="/usr/bin/uv",
    own_pip=True,
    server_pip=SERVER,
)


def environment(kind: Kind, python: str | None = "3.11.7") -> Environment:
    prefix = "/home/me/it's $(mine)"
    return Environment(
        id="0123456789ab",
        name="mine",
        kind=kind,
        prefix=prefix,
        interpreter=f"{prefix}/bin/python",
        python=python,
    )


def without(*names: str) -> Tools:
    nothing = Tools()
    return msgspec.structs.replace(ALL, **{name: getattr(nothing, name) for name in names})


PYTHON = "/home/me/it's $(mine)/bin/python"
PREFIX = "/home/me/it's $(mine)"


@pytest.mark.parametrize("kind", ["venv", "virtualenv", "poetry", "pipenv", "hatch", "pyenv", "system"])
def test_an_environment_with_pip_gets_it_by_its_own(kind: Kind) -> None:
    planned = plan(environment(kind), ALL, FOLDER)
    assert planned.fetch == (
        (PYTHON, "-m", "pip", "wheel", "--prefer-binary", "--wheel-dir", "/tmp/fetched/wheels", "ipykernel"),
    )
    assert planned.install == (
        (PYTHON, "-m", "pip", "install", "--no-index", "--find-links", "/tmp/fetched/wheels", "ipykernel")
    )


def test_one_of_uv_gets_it_by_uv_first_into_a_folder() -> None:
    planned = plan(environment("uv"), ALL, FOLDER)
    assert (planned.tool, planned.fetch[0][:5]) == (
        "uv",
        ("/usr/bin/uv", "pip", "install", "--python", PYTHON),
    )
    assert planned.fetch[0][5:7] == ("--target", "/tmp/fetched/fetched")
    assert planned.install == ("/usr/bin/uv", "pip", "install", "--python", PYTHON, "ipykernel")


def test_one_of_uv_gets_it_by_our_pip_where_uv_is_not_at_hand() -> None:
    planned = plan(environment("uv"), without("uv", "own_pip"), FOLDER)
    assert planned.install[:5] == ("/srv/bin/python", "-m", "pip", "--python", PYTHON)


@pytest.mark.parametrize("program", ["conda", "mamba", "micromamba"])
def test_a_conda_environment_gets_it_by_the_program_it_belongs_to(program: str) -> None:
    tools = msgspec.structs.replace(ALL, conda=f"/opt/conda/bin/{program}")
    planned = plan(environment("conda"), tools, FOLDER)
    assert planned.tool == program
    [fetch] = planned.fetch
    for argv in (fetch, planned.install):
        assert argv[:4] == (f"/opt/conda/bin/{program}", "install", "--prefix", PREFIX)
        assert {"--yes", "--freeze-installed", "--channel"} <= set(argv)
        assert argv[-1] == "ipykernel"
    assert "--download-only" in fetch and "--download-only" not in planned.install
    assert "--offline" in planned.install and "--offline" not in fetch


@pytest.mark.parametrize("address", ["https://me:secret@c.org/main", "https://c.org/t/secret/main"])
def test_what_a_channel_s_address_holds_of_secrets_stands_in_no_command(address: str) -> None:
    planned = plan(environment("conda"), msgspec.structs.replace(ALL, channel=address), FOLDER)
    assert planned.channel == address
    assert not any("secret" in word for argv in (*planned.fetch, planned.install) for word in argv)
    assert plan(environment("conda"), ALL, FOLDER).channel is None


def test_without_a_conda_program_py_rattler_does_it() -> None:
    planned = plan(environment("conda"), without("conda"), FOLDER)
    assert planned.tool == "py-rattler"
    assert planned.fetch[0][-3:] == ("fetch", PREFIX, str(FOLDER))
    assert planned.install[-3:] == ("install", PREFIX, str(FOLDER))


def test_without_either_pip_does_it() -> None:
    assert plan(environment("conda"), without("conda", "rattler"), FOLDER).install[:3] == (
        PYTHON,
        "-m",
        "pip",
    )


def test_where_an_environment_has_no_pip_ours_does_it() -> None:
    planned = plan(environment("venv"), without("own_pip"), FOLDER)
    assert planned.fetch[0][:6] == ("/srv/bin/python", "-m", "pip", "--python", PYTHON, "wheel")


def test_where_ours_is_too_new_for_its_python_one_that_is_not_is_fetched() -> None:
    first, second = plan(environment("venv", "3.8.18"), without("own_pip"), FOLDER).fetch
    assert first[:4] == ("/srv/bin/python", "-m", "pip", "install")
    assert first[-3:] == ("--python-version", "3.8.18", "pip")
    assert second[:3] == (PYTHON, "/tmp/fetched/pip/pip", "wheel")


def test_where_there_is_no_pip_at_all_uv_does_it() -> None:
    assert plan(environment("venv"), without("own_pip", "server_pip"), FOLDER).tool == "uv"


@pytest.mark.parametrize(
    ("kind", "tools", "says"),
    [
        ("pixi", ALL, "pixi add ipykernel"),
        ("venv", Tools(), "ensurepip"),
        ("conda", Tools(), "ensurepip"),
    ],
)
def test_where_nothing_does_it_is_said_what_to_type(kind: Kind, tools: Tools, says: str) -> None:
    with pytest.raises(NotInstalled, match=says):
        plan(environment(kind), tools, FOLDER)


def test_a_prefix_without_a_python_gets_none() -> None:
    bare = msgspec.structs.replace(environment("conda"), interpreter=None)
    with pytest.raises(NotInstalled, match="no Python"):
        plan(bare, ALL, FOLDER)


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", "utf-8")
    path.chmod(0o755)
    return path


class TestWhatTheMachineHas:
    def test_the_conda_that_made_a_prefix_comes_before_the_one_on_the_path(self, tmp_path: Path) -> None:
        prefix = tmp_path / "elsewhere" / "tf"
        trees.conda(prefix)
        maker = program(tmp_path / "my conda" / "bin" / "micromamba")
        other = program(tmp_path / "bin" / "conda")
        machine = trees.a_machine(tmp_path, PATH=str(other.parent))
        found = describe(machine, prefix)
        assert look(machine, found).conda == str(other)
        (prefix / "conda-meta" / "history").write_text(
            f"==> 2026-01-02 03:04:05 <==\n# cmd: {maker} create -n tf python=3.11\n", "utf-8"
        )
        assert look(machine, found).conda == str(maker)

    def test_an_installation_is_known_by_its_place(self, tmp_path: Path) -> None:
        prefix = tmp_path / "miniforge3" / "envs" / "tf"
        trees.conda(prefix)
        conda = program(tmp_path / "miniforge3" / "condabin" / "conda")
        machine = trees.a_machine(tmp_path)
        tools = look(machine, describe(machine, prefix))
        assert (tools.conda, tools.channel) == (str(conda), "https://conda.anaconda.org/conda-forge")

    def test_a_history_that_names_another_program_starts_none(self, tmp_path: Path) -> None:
        prefix = tmp_path / "tf"
        trees.conda(prefix)
        other = program(tmp_path / "bin" / "rm")
        (prefix / "conda-meta" / "history").write_text(f"# cmd: {other} create -n tf\n", "utf-8")
        machine = trees.a_machine(tmp_path)
        assert look(machine, describe(machine, prefix)).conda is None

    def test_a_pip_in_the_environment_is_seen(self, tmp_path: Path) -> None:
        site = trees.venv(tmp_path / "env")
        machine = trees.a_machine(tmp_path)
        assert not look(machine, describe(machine, tmp_path / "env")).own_pip
        trees.distribution(site, "pip", "24.0")
        assert look(machine, describe(machine, tmp_path / "env")).own_pip

    def test_a_python_of_the_operating_system_is_left_alone(self, tmp_path: Path) -> None:
        prefix = tmp_path / "usr"
        site = prefix / "lib" / "python3.11" / "site-packages"
        site.mkdir(parents=True)
        (site.parent / "os.py").touch()
        program(prefix / "bin" / "python")
        machine = trees.a_machine(tmp_path)
        found = msgspec.structs.replace(environment("system"), prefix=str(prefix))
        assert obstacle(machine, found) is None
        (site.parent / "EXTERNALLY-MANAGED").touch()
        assert "operating system" in (obstacle(machine, found) or "")

    def test_a_folder_that_may_not_be_written_is_named(self, shared_folder: Path) -> None:
        site = trees.venv(shared_folder / "env")
        machine = trees.a_machine(shared_folder)
        found = describe(machine, shared_folder / "env")
        site.chmod(0o555)
        become_nobody()
        assert f"{site} may not be written" in (obstacle(machine, found) or "")

    @pytest.mark.parametrize("text", ["", "[]", '{"channel": 3}', '{"channel": "--exec=rm"}', "[" * 100_000])
    def test_a_record_that_says_nothing_gives_no_channel(self, text: str, tmp_path: Path) -> None:
        prefix = tmp_path / "tf"
        trees.conda(prefix)
        [record] = (prefix / "conda-meta").glob("python-*.json")
        record.write_text(text, "utf-8")
        machine = trees.a_machine(tmp_path)
        assert look(machine, describe(machine, prefix)).channel is None

    @pytest.mark.parametrize(
        ("stated", "base"),
        [
            ("https://conda.anaconda.org/conda-forge/linux-64", "https://conda.anaconda.org/conda-forge"),
            ("https://conda.anaconda.org/conda-forge/", "https://conda.anaconda.org/conda-forge"),
            ("https://repo.anaconda.com/pkgs/main/noarch", "https://repo.anaconda.com/pkgs/main"),
            ("file:///srv/channel/osx-arm64", "file:///srv/channel"),
            ("conda-forge", "conda-forge"),
            ("--shell", None),
        ],
    )
    def test_a_channel_is_named_without_its_platform(self, stated: str, base: str | None) -> None:
        assert base_of_channel(stated) == base


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "full"),
        ("OSError: [Errno 13] Permission denied: '/opt/tf/lib'", "may not be written"),
        (
            "EnvironmentNotWritableError: The current user does not have write permissions",
            "may not be written",
        ),
        ("error: externally-managed-environment", "operating system"),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "network"),
        ("CondaHTTPError: HTTP 000 CONNECTION FAILED for url", "network"),
        ("error sending request for url (https://index.example/simple/ipykernel/)", "network"),
        ("SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))", "certificate"),
        ("ERROR: No matching distribution found for ipykernel", "fits"),
        ("ERROR: Could not find a version that satisfies ipykernel (from versions: none)", "could not be"),
        ("/usr/bin/python3: No module named pip", "ensurepip"),
        ("error: something that nobody foresaw", "something that nobody foresaw"),
    ],
)
def test_a_failure_is_a_sentence_that_says_what_to_do(line: str, says: str) -> None:
    said = sentence("pip", 1, ["Collecting ipykernel", line, "see the log"])
    assert says in said and said.startswith("ipykernel was not installed")


def test_one_that_says_nothing_is_told_by_its_code() -> None:
    assert "pip ended with code 9" in sentence("pip", 9, [])


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Looking in https://me:secret@host/simple", "Looking in https://****@host/simple"),
        ("https://me:p@ss@host/simple, http://host/x@y", "https://****@host/simple, http://host/x@y"),
        ("https://host/t/tk-123-abc/conda-forge/linux-64", "https://host/t/****/conda-forge/linux-64"),
        ("Collecting ipykernel (from -r x)", "Collecting ipykernel (from -r x)"),
    ],
)
def test_no_password_is_shown(line: str, shown: str) -> None:
    assert without_credentials(line) == shown
