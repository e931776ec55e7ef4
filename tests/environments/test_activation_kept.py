"""What activating sets is found once and kept; listing and judging look it up and run nothing."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_tfgpu.environments.activation import Activations
from jupyter_tfgpu.environments.activation.cache import FILES, Cache
from tests.environments.activating import activations, base_with, prefix_with
from tests.environments.trees import venv

COUNT = 'echo run >> "$HOME/runs"\nexport X="$CONDA_PREFIX/x"\n'
"""A script that leaves a mark each time it is run, and a variable that only running it tells."""


class Setting:
    """A prefix, the variables before, and how often its scripts were run."""

    def __init__(self, folder: Path, script: str = COUNT) -> None:
        self.folder = folder
        self.prefix = prefix_with(folder / "env", {"a.sh": script})
        self.script = self.prefix / "etc" / "conda" / "activate.d" / "a.sh"
        self.base = base_with(folder, "bash")

    def activations(self) -> Activations:
        """As another program would make them: nothing remembered but what is on disk."""
        return activations(self.folder)

    @property
    def runs(self) -> int:
        marks = self.folder / "runs"
        return len(marks.read_text().splitlines()) if marks.exists() else 0

    def change(self, path: Path, text: str) -> None:
        """Writes a file, a second later than it was written before."""
        before = path.stat().st_mtime_ns if path.exists() else 0
        path.write_text(text)
        os.utime(path, ns=(before + 10**9, before + 10**9))

    @property
    def kept(self) -> list[Path]:
        return sorted((self.folder / "kept").iterdir())


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


def test_scripts_are_run_once_and_never_by_looking_up(setting: Setting) -> None:
    before = setting.activations().known(setting.prefix, setting.base)
    assert (before.unknown, "X" in before.variables, setting.runs) == (("X",), False, 0)
    found = setting.activations().run(setting.prefix, setting.base)
    assert (found.unknown, found.variables["X"], setting.runs) == ((), f"{setting.prefix}/x", 1)
    again = setting.activations()
    assert again.run(setting.prefix, setting.base) == found
    assert again.run(setting.prefix, setting.base) == found
    assert again.known(setting.prefix, setting.base) == found
    assert setting.runs == 1


def test_what_another_program_has_found_is_known_at_once(setting: Setting) -> None:
    here = setting.activations()
    assert here.known(setting.prefix, setting.base).unknown == ("X",)
    setting.activations().run(setting.prefix, setting.base)
    assert here.known(setting.prefix, setting.base).unknown == ()


def test_a_changed_new_or_removed_script_is_run_again(setting: Setting) -> None:
    here = setting.activations()
    here.run(setting.prefix, setting.base)
    setting.change(setting.script, COUNT.replace("/x", "/y"))
    assert here.known(setting.prefix, setting.base).unknown == ("X",)
    assert here.run(setting.prefix, setting.base).variables["X"] == f"{setting.prefix}/y"
    setting.change(setting.script.with_name("b.sh"), "export Y=$X\n")
    assert here.run(setting.prefix, setting.base).variables["Y"] == f"{setting.prefix}/y"
    setting.script.with_name("b.sh").unlink()
    assert "Y" not in here.run(setting.prefix, setting.base).variables
    assert setting.runs == 4


def test_changed_variables_of_the_environment_count_at_once(setting: Setting) -> None:
    here = setting.activations()
    here.run(setting.prefix, setting.base)
    setting.change(setting.prefix / "conda-meta" / "state", json.dumps({"env_vars": {"S": "1"}}))
    assert here.known(setting.prefix, setting.base).variables["S"] == "1"
    assert here.run(setting.prefix, setting.base).variables["S"] == "1"
    setting.change(setting.prefix / "conda-meta" / "state", json.dumps({"env_vars": {"S": "2"}}))
    assert here.known(setting.prefix, setting.base).variables["S"] == "2"


def test_without_scripts_nothing_is_kept_on_disk(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "env", state={"S": "1"})
    here = activations(tmp_path)
    assert here.run(prefix, {"PATH": "/bin"}) == here.known(prefix, {"PATH": "/bin"})
    assert not (tmp_path / "kept").exists()


def test_other_variables_before_are_another_activation(setting: Setting) -> None:
    setting.change(setting.script, 'echo run >> "$HOME/runs"\nexport X="/x:$X"\n')
    here = setting.activations()
    assert here.run(setting.prefix, {**setting.base, "X": "a"}).variables["X"] == "/x:a"
    assert here.run(setting.prefix, {**setting.base, "X": "b"}).variables["X"] == "/x:b"
    assert here.run(setting.prefix, {**setting.base, "X": "a"}).variables["X"] == "/x:a"
    assert setting.runs == 2
    assert here.known(setting.prefix, {**setting.base, "X": "c"}).unknown == ("X",)


def test_what_differs_at_each_start_of_a_kernel_does_not_count(setting: Setting) -> None:
    here = setting.activations()
    for number in range(3):
        names = {
            "JPY_SESSION_NAME": f"/n/{number}.ipynb",
            "JPY_PARENT_PID": str(number),
            "SHLVL": str(number),
        }
        found = here.run(setting.prefix, {**setting.base, **names})
        assert "JPY_SESSION_NAME" not in {*found.variables, *found.unset}
    assert setting.runs == 1


def test_looking_up_takes_what_was_found_where_only_other_variables_differ(setting: Setting) -> None:
    """A terminal and the server differ in much that scripts do not touch."""
    here = setting.activations()
    found = here.run(setting.prefix, {**setting.base, "TERM": "xterm"})
    assert here.known(setting.prefix, {**setting.base, "LANG": "ko"}) == found
    assert here.known(setting.prefix, {**setting.base, "X": "mine"}).unknown == ("X",)


def test_a_failure_costs_its_time_once(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_tfgpu.environments.activation.activations.LIMIT", 0.5)
    setting.change(setting.script, COUNT + "export PLAIN=1\n/bin/sleep 600\n")
    found = setting.activations().run(setting.prefix, setting.base)
    assert found.problem is not None
    assert "did not end" in found.problem
    assert (found.variables["PLAIN"], found.unknown) == ("1", ("X",))
    # By another program, for another notebook, with other variables: it is not tried again.
    again = setting.activations()
    assert again.run(setting.prefix, setting.base) == found
    assert again.run(setting.prefix, {**setting.base, "LANG": "ko"}).problem == found.problem
    assert again.known(setting.prefix, setting.base) == found
    assert setting.runs == 1
    # When somebody asks for it, or the script is changed, it is.
    assert again.run(setting.prefix, setting.base, again=True).problem == found.problem
    assert setting.runs == 2
    setting.change(setting.script, COUNT)
    assert again.known(setting.prefix, setting.base).problem is None
    assert again.run(setting.prefix, setting.base).problem is None
    assert setting.runs == 3


def test_after_a_success_the_earlier_failure_is_forgotten(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_tfgpu.environments.activation.activations.LIMIT", 1.0)
    setting.change(setting.script, f"{COUNT}[ -e {setting.folder}/ready ] || /bin/sleep 600\n")
    here = setting.activations()
    assert here.run(setting.prefix, setting.base).problem is not None
    (setting.folder / "ready").touch()
    assert here.run(setting.prefix, setting.base, again=True).problem is None
    assert here.run(setting.prefix, {**setting.base, "LANG": "ko"}).problem is None
    assert here.known(setting.prefix, setting.base).variables["X"] == f"{setting.prefix}/x"


def test_kernels_that_start_at_once_run_the_scripts_once(setting: Setting) -> None:
    here = setting.activations()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: here.run(setting.prefix, setting.base), range(8)))
    assert all(each == found[0] for each in found)
    assert setting.runs == 1


def test_the_files_are_their_owner_s_alone(setting: Setting) -> None:
    before = os.umask(0)
    try:
        setting.activations().run(setting.prefix, setting.base)
    finally:
        os.umask(before)
    [file] = setting.kept
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_variables_before_are_kept_as_digests_only(setting: Setting) -> None:
    setting.change(setting.script, "export TOKEN=$TOKEN-changed\n")
    setting.activations().run(setting.prefix, {**setting.base, "SECRET": "한 s3cret", "TOKEN": "t0ken"})
    [file] = setting.kept
    text = file.read_text()
    assert "s3cret" not in text
    assert text.count("t0ken") == text.count("t0ken-changed") == 1


@pytest.mark.parametrize(
    "rubbish", [b"", b"{", b"[]", b"\xff", b'{"schema": "tfgpu.activation/9", "prefix": "", "entries": []}']
)
def test_a_file_that_is_rubbish_is_written_anew(setting: Setting, rubbish: bytes) -> None:
    found = setting.activations().run(setting.prefix, setting.base)
    [file] = setting.kept
    file.write_bytes(rubbish)
    assert setting.activations().known(setting.prefix, setting.base).unknown == ("X",)
    assert setting.activations().run(setting.prefix, setting.base) == found
    assert setting.activations().known(setting.prefix, setting.base) == found
    assert setting.runs == 2


def test_a_place_that_cannot_be_written_costs_only_the_keeping(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    (setting.folder / "kept").write_text("a file where the folder should be")
    here = setting.activations()
    for _ in range(2):
        assert here.run(setting.prefix, setting.base).variables["X"] == f"{setting.prefix}/x"
    assert "could not be kept" in caplog.text


def test_values_that_are_no_text_are_kept_too(setting: Setting) -> None:
    setting.change(setting.script, "export X=\"$(printf 'a\\377b')\"\n")
    here = setting.activations()
    assert here.run(setting.prefix, setting.base).variables["X"] == "a\udcffb"
    assert here.known(setting.prefix, setting.base).variables["X"] == "a\udcffb"


def test_what_is_kept_of_prefixes_that_are_gone_is_removed(setting: Setting) -> None:
    other = prefix_with(setting.folder / "other", {"a.sh": COUNT})
    here = setting.activations()
    here.run(other, setting.base)
    (setting.folder / "other").rename(setting.folder / "moved")
    here.run(setting.prefix, setting.base)
    assert setting.kept == [Cache(setting.folder / "kept").path(setting.prefix)]


def test_files_and_activations_are_bounded_in_number(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FILES >= 100
    monkeypatch.setattr("jupyter_tfgpu.environments.activation.cache.FILES", 3)
    here = setting.activations()
    for number in range(5):
        here.run(prefix_with(setting.folder / f"e{number}", {"a.sh": COUNT}), setting.base)
        for file in setting.kept:
            os.utime(file, ns=(file.stat().st_mtime_ns - 10**9,) * 2)
    assert len(setting.kept) == 3
    for number in range(20):
        here.run(setting.prefix, {**setting.base, "N": str(number)})
    [file] = [path for path in setting.kept if path == Cache(setting.folder / "kept").path(setting.prefix)]
    assert len(json.loads(file.read_text())["entries"]) == 6


def test_a_folder_that_becomes_an_environment_is_noticed(tmp_path: Path) -> None:
    here = activations(tmp_path)
    prefix = tmp_path / "env"
    prefix.mkdir()
    assert here.known(prefix, {"PATH": "/bin"}).variables == {}
    venv(prefix)
    assert here.known(prefix, {"PATH": "/bin"}).variables["VIRTUAL_ENV"] == str(prefix)


def test_the_state_says_when_what_was_found_may_no_longer_hold(setting: Setting) -> None:
    here = setting.activations()
    before = here.state(setting.prefix)
    here.run(setting.prefix, setting.base)
    assert here.state(setting.prefix) == before
    setting.change(setting.script, "export X=1\n")
    assert here.state(setting.prefix) != before
    assert here.scripts(setting.prefix) == ("a.sh",)


@pytest.mark.parametrize(
    "file", ["conda-meta/state", "etc/conda/env_vars.d/package.json", "etc/conda/activate.d/new.sh"]
)
def test_a_file_that_appears_in_an_environment_made_long_ago_counts(tmp_path: Path, file: str) -> None:
    prefix, base = prefix_with(tmp_path / "env"), base_with(tmp_path, "bash")
    for path in (prefix, *prefix.rglob("*")):
        os.utime(path, (1_700_000_000, 1_700_000_000), follow_symlinks=False)
    made = activations(tmp_path)
    for _ in range(2):
        assert "NEW" not in made.known(prefix, base).variables
    (prefix / file).parent.mkdir(parents=True, exist_ok=True)
    texts = {
        "state": '{"env_vars": {"NEW": "1"}}',
        "package.json": '{"NEW": "1"}',
        "new.sh": "export NEW=1\n",
    }
    (prefix / file).write_text(texts[Path(file).name])
    assert made.known(prefix, base).variables["NEW"] == "1"
