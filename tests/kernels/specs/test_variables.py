"""A kernelspec's variables, changed because somebody asked for it, and changed back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.environments.activation import Activation
from jupyter_tfgpu.kernels import SpecStore, changed_entries, own_entries, read_spec, with_entries
from jupyter_tfgpu.kernels.specs.env import digest, substituted
from jupyter_tfgpu.kernels.specs.errors import NotOwned, SpecChanged, SpecNotFound
from jupyter_tfgpu.kernels.specs.variables import SpecFile
from tests.kernels.specs_here import add, an_environment, edit, foreign, kernel_json

NONE: frozenset[str] = frozenset()


@pytest.fixture
def store(tmp_path: Path) -> SpecStore:
    return SpecStore(tmp_path)


def spec_file(tmp_path: Path, **env: str) -> SpecFile:
    """Somebody else's kernelspec with these variables."""
    file = foreign(tmp_path, "theirs", env=env)
    return read_spec("theirs", str(file.parent))


def values(entries: dict[str, tuple[str | None, str | None]]) -> dict[str, str | None]:
    return {name: after for name, (_, after) in entries.items()}


class TestWhatIsToChange:
    def test_a_variable_that_is_not_there_comes(self, tmp_path: Path) -> None:
        found = changed_entries(spec_file(tmp_path), {"A": "1"}, (), NONE)
        assert found == {"A": (None, "1")}

    def test_one_that_is_as_it_should_be_stays(self, tmp_path: Path) -> None:
        assert changed_entries(spec_file(tmp_path, A="1"), {"A": "1"}, ("B",), NONE) == {}

    def test_one_that_is_not_wanted_goes(self, tmp_path: Path) -> None:
        found = changed_entries(spec_file(tmp_path, A="1"), {}, ("A", "B"), NONE)
        assert found == {"A": ("1", None)}

    def test_what_would_come_from_elsewhere_is_emptied_where_that_is_the_same(self, tmp_path: Path) -> None:
        file = spec_file(tmp_path, XLA_FLAGS="--mine", CUDA_VISIBLE_DEVICES="-1")
        unsets = ("PYTHONPATH", "XLA_FLAGS", "CUDA_VISIBLE_DEVICES", "LD_PRELOAD")
        found = changed_entries(file, {}, unsets, {"PYTHONPATH", "XLA_FLAGS", "CUDA_VISIBLE_DEVICES"})
        assert values(found) == {"PYTHONPATH": "", "XLA_FLAGS": "", "CUDA_VISIBLE_DEVICES": None}

    def test_a_dollar_is_meant_as_it_is(self, tmp_path: Path) -> None:
        found = changed_entries(spec_file(tmp_path), {"A": "/x$HOME/${PATH}"}, (), NONE)
        assert values(found) == {"A": "/x$$HOME/$${PATH}"}

    @pytest.mark.parametrize(
        ("before", "otherwise", "after"),
        [
            (None, False, "/cuda/lib"),
            (None, True, "/cuda/lib:${LD_LIBRARY_PATH}"),
            ("/a:/b", True, "/cuda/lib:/a:/b"),
            ("/a:${LD_LIBRARY_PATH}", False, "/cuda/lib:/a:${LD_LIBRARY_PATH}"),
            ("/cuda/lib:/a", False, None),
        ],
    )
    def test_folders_come_before_what_there_is(
        self, tmp_path: Path, before: str | None, otherwise: bool, after: str | None
    ) -> None:
        file = spec_file(tmp_path, **({"LD_LIBRARY_PATH": before} if before else {}))
        wanted = {"LD_LIBRARY_PATH": "/cuda/lib:${LD_LIBRARY_PATH}"}
        found = changed_entries(file, wanted, (), {"LD_LIBRARY_PATH"} if otherwise else NONE)
        assert values(found) == ({"LD_LIBRARY_PATH": after} if after else {})

    def test_what_activating_sets_is_not_taken_out(self, store: SpecStore, tmp_path: Path) -> None:
        activation = Activation(variables={"A": "of the activation"})
        spec = add(store, an_environment(tmp_path), activation=activation)
        edit(tmp_path, spec.name, env={**kernel_json(tmp_path, spec.name)["env"], "B": "of the user"})
        found = changed_entries(read_spec(spec.name, spec.folder), {}, ("A", "B"), NONE)
        assert found == {"B": ("of the user", None)}

    def test_a_kernel_json_that_cannot_be_read_is_refused(self, tmp_path: Path) -> None:
        file = foreign(tmp_path, "broken")
        file.write_text("{")
        with pytest.raises(SpecNotFound):
            read_spec("broken", str(file.parent))


class TestWhatIsWritten:
    def test_nothing_but_the_entries_changes(self, tmp_path: Path) -> None:
        file = spec_file(tmp_path, A="1", B="2")
        after = json.loads(with_entries(file.document, {"A": None, "C": "3"}))
        assert after == {**file.document, "env": {"B": "2", "C": "3"}}

    def test_without_entries_there_is_no_env(self, tmp_path: Path) -> None:
        assert "env" not in json.loads(with_entries(spec_file(tmp_path, A="1").document, {"A": None}))

    def test_ours_counts_as_its_user_s_and_survives_a_refresh(self, store: SpecStore, tmp_path: Path) -> None:
        environment = an_environment(tmp_path)
        activation = Activation(variables={"A": "of the activation", "B": "b"})
        spec = add(store, environment, activation=activation)
        change(store, tmp_path, spec.name, {"A": "mine", "C": "3"})
        document = kernel_json(tmp_path, spec.name)
        assert own_entries(document["env"], document["metadata"]["tfgpu"]) == {"A": "mine", "C": "3"}

        store.refresh(spec.name, environment, label="label", activation=None)
        assert kernel_json(tmp_path, spec.name)["env"] == {"A": "mine", "B": "b", "C": "3"}

        change(store, tmp_path, spec.name, {"A": "of the activation", "C": None})
        document = kernel_json(tmp_path, spec.name)
        assert own_entries(document["env"], document["metadata"]["tfgpu"]) == {}
        assert document["metadata"]["tfgpu"]["activation"] == ["A", "B"]
        assert document["metadata"]["tfgpu"]["written"]["env"]["A"] == digest("of the activation")


def change(store: SpecStore, data_dir: Path, name: str, entries: dict[str, str | None]) -> None:
    file = read_spec(name, str(data_dir / "kernels" / name))
    store.replace(Path(file.folder), file.data, with_entries(file.document, entries))


class TestReplacing:
    def test_the_bytes_come_back_as_they_were(self, store: SpecStore, tmp_path: Path) -> None:
        file = foreign(tmp_path, "theirs")
        file.write_text('{ "argv":["run"],\n\n "display_name":"é"}')
        file.chmod(0o640)
        before = file.read_bytes()
        store.replace(file.parent, before, b"{}")
        assert file.read_bytes() == b"{}"
        store.replace(file.parent, b"{}", before)
        assert file.read_bytes() == before
        assert file.stat().st_mode & 0o777 == 0o640
        assert os.listdir(file.parent) == ["kernel.json"]

    def test_what_was_changed_since_stays(self, store: SpecStore, tmp_path: Path) -> None:
        file = foreign(tmp_path, "theirs")
        before = file.read_bytes()
        file.write_text("{}")
        with pytest.raises(SpecChanged):
            store.replace(file.parent, before, b"[]")
        assert file.read_text() == "{}"

    def test_a_link_is_left_alone(self, store: SpecStore, tmp_path: Path) -> None:
        file = foreign(tmp_path / "elsewhere", "theirs")
        (tmp_path / "kernels").mkdir()
        link = tmp_path / "kernels" / "theirs"
        link.symlink_to(file.parent)
        with pytest.raises(NotOwned):
            store.replace(link, file.read_bytes(), b"{}")

    def test_one_that_is_gone_does_not_come_back(self, store: SpecStore, tmp_path: Path) -> None:
        with pytest.raises(SpecNotFound):
            store.replace(tmp_path / "kernels" / "gone", b"", b"{}")
        assert not (tmp_path / "kernels" / "gone").exists()


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("/a:${SET}", "/a:x"),
        ("/a:${UNSET}", "/a"),
        ("${UNSET}:/a:$UNSET", "/a:$UNSET"),
        ("${UNSET}", "${UNSET}"),
        ("/a:$${UNSET}", "/a:${UNSET}"),
        ("/a:${SET}/b", "/a:x/b"),
    ],
)
def test_a_reference_to_nothing_is_no_folder(value: str, found: str) -> None:
    variables: dict[str, Any] = {"SET": "x"}
    assert substituted({"A": value}, variables) == {"A": found}
