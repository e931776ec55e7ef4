"""Keras, tf-keras and what needs them, held against TensorFlow's release."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.knowledge.packages import keras_partners
from tests.doctor.made import cpu_build, framework, snapshot


def found(version: str, packages: dict[str, str], **changes: Any) -> Finding | None:
    """``packages``: name to version, beside TensorFlow."""
    listed = [
        {"name": name, "version": each, "installer": changes.get("installer", "pip")}
        for name, each in {"tensorflow": version, **packages}.items()
    ]
    changes.pop("installer", None)
    frameworks = [framework(version=version), *changes.pop("others", [])]
    environment = {"frameworks": frameworks, "distributions": listed, **changes.pop("environment", {})}
    facts = snapshot(environment=environment, **changes)
    return next((each for each in diagnose(facts).findings if each.code == "keras-incompatible"), None)


@pytest.mark.parametrize(
    ("version", "keras", "wanted"),
    [
        ("1.4.0", "2.2.4", "keras==2.1.4"),
        ("1.10.1", "2.3.1", "keras==2.2.5"),
        ("2.0.0", "2.2.4", "keras==2.3.1"),
        ("2.1.0", "2.4.3", "keras==2.3.1"),
        ("2.4.1", "2.3.1", "keras==2.4.3"),
        ("2.6.0", "2.7.0", "'keras==2.6.*'"),
        ("2.10.1", "3.3.3", "'keras==2.10.*'"),
        ("2.14.0", "2.15.0", "'keras==2.14.*'"),
        ("2.16.1", "2.15.0", "'keras>=3'"),
    ],
)
def test_a_keras_of_another_release_is_named_with_one_that_fits(
    version: str, keras: str, wanted: str
) -> None:
    finding = found(version, {"keras": keras})
    assert finding is not None and finding.severity == "error"
    assert finding.title == f"Keras {keras} does not belong to TensorFlow {version}"
    assert finding.fixes[0].commands[0].endswith(wanted)


@pytest.mark.parametrize(
    ("version", "keras"),
    [
        ("1.0.1", "2.0.4"),
        ("1.15.0", "2.2.5"),
        ("1.13.1", "2.3.1"),
        ("2.2.0", "2.3.1"),
        ("2.5.0", "2.4.3"),
        ("2.6.2", "2.6.0"),
        ("2.13.1", "2.13.1"),
        ("2.16.2", "3.11.3"),
        ("2.21.0", "3.15.1"),
        ("0.9.0", "1.0.4"),
    ],
)
def test_one_that_fits_or_is_not_known_is_not_named(version: str, keras: str) -> None:
    assert found(version, {"keras": keras}) is None


def test_before_2_6_only_programs_that_import_keras_are_concerned() -> None:
    old, new = found("2.4.1", {"keras": "2.3.1"}), found("2.10.1", {"keras": "2.9.0"})
    assert old is not None and "tf.keras is a part of TensorFlow 2.4 and not concerned" in old.detail
    assert new is not None and "tf.keras fails" in new.detail


def test_tensorflow_2_15_takes_keras_3_for_its_own() -> None:
    finding = found("2.15.1", {"keras": "3.3.3"})
    assert finding is not None and finding.severity == "warning" and "becomes Keras 3" in finding.detail


@pytest.mark.parametrize("backend", ["torch", "jax", "theano"])
def test_keras_is_judged_by_its_backend(backend: str) -> None:
    assert found("2.10.1", {"keras": "3.3.3"}, variables={"KERAS_BACKEND": backend}) is None
    assert found("2.10.1", {"keras": "3.3.3"}, environment={"keras_backend": backend}) is None
    assert found("2.10.1", {"keras": "3.3.3"}, variables={"KERAS_BACKEND": "tensorflow"}) is not None


def test_conda_chose_both() -> None:
    assert found("2.10.0", {"keras": "2.11.0"}, installer="conda") is None


def test_tf_keras_is_of_tensorflow_s_own_minor_release() -> None:
    assert found("2.16.2", {"keras": "3.4.1", "tf-keras": "2.16.0"}) is None
    newer = found("2.16.2", {"keras": "3.4.1", "tf-keras": "2.20.1"})
    assert newer is not None and newer.severity == "error"
    assert newer.fixes[0].commands[0].endswith("'tf-keras==2.16.*'")
    older = found("2.20.0", {"keras": "3.10.0", "tf-keras": "2.19.0"})
    assert older is not None and older.severity == "warning" and "may fail" in older.detail


def test_the_variable_for_keras_2_needs_its_package() -> None:
    legacy = {"TF_USE_LEGACY_KERAS": "1"}
    missing = found("2.17.0", {"keras": "3.5.0"}, variables=legacy)
    assert missing is not None and "tf-keras is not installed" in missing.title
    assert missing.fixes[0].commands[0].endswith("'tf-keras==2.17.*'")
    assert found("2.17.0", {"keras": "3.5.0", "tf-keras": "2.17.0"}, variables=legacy) is None
    assert found("2.17.0", {"keras": "3.5.0"}, variables={"TF_USE_LEGACY_KERAS": "0"}) is None
    assert found("2.15.1", {"keras": "2.15.0"}, variables=legacy) is None


@pytest.mark.parametrize("library", ["transformers", "tensorflow-probability", "tf-models-official"])
def test_a_library_that_needs_keras_2_is_named_where_there_is_only_keras_3(library: str) -> None:
    version = {"transformers": "4.40.0", "tensorflow-probability": "0.24.0", "tf-models-official": "2.17.0"}
    finding = found("2.16.1", {"keras": "3.3.3", library: version[library]})
    assert finding is not None and library in finding.title
    assert finding.fixes[0].commands[0].endswith("'tf-keras==2.16.*'")
    assert found("2.16.1", {"keras": "3.3.3", library: version[library], "tf-keras": "2.16.0"}) is None
    assert found("2.15.1", {"keras": "2.15.0", library: version[library]}) is None


def test_transformers_without_tensorflow_code_or_on_pytorch_needs_none() -> None:
    assert found("2.19.0", {"keras": "3.9.0", "transformers": "5.0.0"}) is None
    torch = [cpu_build("2.6.0", "torch")]
    packages = {"keras": "3.9.0", "transformers": "4.50.0"}
    assert found("2.19.0", packages, others=torch) is None
    assert found("2.19.0", packages, others=torch, framework="tensorflow") is not None


def test_each_known_keras_has_a_tensorflow_and_the_releases_do_not_overlap() -> None:
    partners = keras_partners()
    for release in [(1, 4), (1, 15), (2, 2), (2, 6), (2, 15), (2, 16), (2, 21)]:
        assert any(each.tensorflow.holds(release) for each in partners)
    starts = [each.keras.first for each in partners]
    assert starts == sorted(starts)
