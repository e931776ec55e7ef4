"""NumPy newer or older than what a framework was built for."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.knowledge.packages import numpy_limits
from tests.doctor.made import NO_GPU, cpu_build, framework, snapshot


def found(name: str, version: str, numpy: str | None, **changes: Any) -> Finding | None:
    """What the doctor says on NumPy beside this framework."""
    build = framework(version=version) if name == "tensorflow" else cpu_build(version, name)
    packages = [*changes.pop("packages", [{"name": name, "version": version, "installer": "pip"}])]
    packages += changes.pop("more", [])
    if numpy is not None:
        packages.append({"name": "numpy", "version": numpy, "installer": changes.pop("installer", "pip")})
    environment = {"frameworks": [build], "distributions": packages, **changes.pop("environment", {})}
    report = diagnose(snapshot(environment=environment, **changes), name)
    return next((each for each in report.findings if each.code == "numpy-incompatible"), None)


@pytest.mark.parametrize(
    ("name", "version", "numpy", "wanted"),
    [
        ("tensorflow", "1.15.0", "2.0.0", "numpy<1.20"),
        ("tensorflow", "2.10.1", "2.0.0", "numpy<2"),
        ("tensorflow", "2.17.1", "2.4.6", "numpy<2"),
        ("tensorflow", "2.6.5", "1.24.0", "numpy<1.24"),
        ("tensorflow", "2.8.4", "1.19.5", "numpy>=1.20"),
        ("tensorflow", "2.13.0", "1.21.6", "numpy>=1.22"),
        ("tensorflow", "2.15.1", "1.22.4", "numpy>=1.23"),
        ("tensorflow", "2.20.0", "1.24.4", "numpy>=1.25"),
        ("torch", "2.2.2+cu121", "2.0.1", "numpy<2"),
        ("jax", "0.4.25", "2.0.0", "numpy<2"),
        ("mxnet", "1.9.1", "1.24.4", "numpy<1.24"),
        ("mxnet", "1.5.1", "2.0.0", "numpy<2"),
        ("mxnet", "1.9.1", "2.0.0", "numpy<1.24"),
    ],
)
def test_a_numpy_that_the_build_cannot_use_is_named_with_the_one_it_needs(
    name: str, version: str, numpy: str, wanted: str
) -> None:
    finding = found(name, version, numpy)
    assert finding is not None and finding.severity == "error" and finding.framework == name
    assert numpy in finding.title and wanted in finding.detail
    assert f"'{wanted}'" in finding.fixes[0].commands[0]
    assert f"installed: numpy {numpy}" in finding.evidence


@pytest.mark.parametrize(
    ("name", "version", "numpy"),
    [
        ("tensorflow", "2.18.0", "2.0.2"),
        ("tensorflow", "2.18.0", "2.3.4"),
        ("tensorflow", "2.21.0", "2.4.6"),
        ("tensorflow", "2.12.0", "1.26.4"),
        ("tensorflow", "2.7.4", "1.24.4"),
        ("tensorflow", "2.6.0", "1.23.5"),
        ("tensorflow", "2.4.1", "1.18.5"),
        ("tensorflow", "2.14.0", None),
        ("torch", "2.3.0+cu121", "2.0.0"),
        ("torch", "1.13.1", "1.24.2"),
        ("jax", "0.4.26", "2.0.0"),
        ("mxnet", "1.9.1", "1.23.5"),
        ("mxnet", "1.5.1", "1.24.4"),
        ("mxnet", "2.0.0b1", "1.26.4"),
    ],
)
def test_one_that_it_can_use_is_not_named(name: str, version: str, numpy: str | None) -> None:
    assert found(name, version, numpy) is None


def test_on_windows_pytorch_took_longer_to_be_built_for_numpy_2() -> None:
    windows = {"os": "windows", "glibc": None}
    assert found("torch", "2.4.0", "2.1.0", host=windows) is not None
    assert found("torch", "2.4.1", "2.1.0", host=windows) is None
    assert found("torch", "2.4.0", "2.1.0") is None


def test_pytorch_can_be_imported_all_the_same_and_says_what_fails() -> None:
    finding = found("torch", "2.1.2", "2.0.0", **NO_GPU)
    assert (
        finding is not None and "torch.from_numpy" in finding.detail and "import fails" not in finding.detail
    )


def test_a_limit_that_only_some_layers_meet_counts_when_the_log_shows_it() -> None:
    assert found("tensorflow", "2.4.1", "1.20.3") is None
    said = "NotImplementedError: Cannot convert a symbolic Tensor (lstm/strided_slice:0) to a numpy array."
    loud = found("tensorflow", "2.4.1", "1.20.3", log=said)
    assert loud is not None and loud.severity == "error" and "numpy<1.20" in loud.fixes[0].commands[0]


def test_metadata_without_an_upper_limit_are_named_as_why_nobody_noticed() -> None:
    def of(requires: list[str]) -> Finding:
        own = [{"name": "tensorflow", "version": "2.14.0", "installer": "pip", "requires": requires}]
        finding = found("tensorflow", "2.14.0", "2.3.4", packages=own)
        assert finding is not None
        return finding

    assert "no upper limit" in of(["numpy>=1.23.5", "keras<2.15,>=2.14.0"]).detail
    assert "no upper limit" in of(["numpy (>=1.23.5)"]).detail
    assert "no upper limit" not in of(["numpy<2.0.0,>=1.23.5"]).detail
    assert "no upper limit" not in of([]).detail


def test_conda_s_builds_state_their_own_limits_but_numpy_2_breaks_tensorflow_s_all_the_same() -> None:
    def conda(name: str, version: str, channel: str) -> list[dict[str, str]]:
        return [{"name": name, "version": version, "installer": "conda", "channel": channel}]

    of_forge = conda("tensorflow", "2.12.1", "conda-forge")
    assert found("tensorflow", "2.12.1", "1.21.6", packages=of_forge, installer="conda") is None
    assert found("tensorflow", "2.12.1", "2.0.0", packages=of_forge, installer="pip") is not None
    assert found("torch", "2.2.2", "2.0.0", packages=conda("pytorch", "2.2.2", "conda-forge")) is None
    assert found("torch", "2.2.2", "2.0.0", packages=conda("pytorch", "2.2.2", "pytorch")) is not None


def test_the_fix_is_by_the_tool_that_installed_numpy() -> None:
    finding = found("tensorflow", "2.10.1", "2.0.0", installer="conda", environment={"kind": "conda"})
    assert finding is not None
    assert finding.fixes[0].commands == ("conda install -p /home/ada/envs/tf 'numpy<2'",)


def test_a_package_that_the_framework_imports_and_that_was_compiled_for_numpy_1_is_named() -> None:
    old = {"name": "h5py", "version": "3.10.0", "installer": "pip"}
    finding = found("tensorflow", "2.18.0", "2.0.2", more=[old])
    assert finding is not None and finding.title == "h5py 3.10.0 cannot be imported with NumPy 2.0.2"
    assert "'h5py>=3.11'" in finding.fixes[0].commands[0]
    assert found("tensorflow", "2.18.0", "1.26.4", more=[old]) is None
    assert found("tensorflow", "2.18.0", "2.0.2", more=[{**old, "version": "3.11.0"}]) is None
    assert found("tensorflow", "2.18.0", "2.0.2", more=[{**old, "installer": "conda"}]) is None
    assert found("torch", "2.5.1", "2.0.2", more=[old]) is None


def test_what_is_not_known_is_no_fault() -> None:
    assert found("tensorflow", "2.14.0", "") is None
    build = {
        "frameworks": [framework(version=None)],
        "distributions": [{"name": "numpy", "version": "2.0.0"}],
    }
    assert not [each for each in diagnose(snapshot(environment=build)).findings if "numpy" in each.code]


def test_the_distribution_tells_the_release_where_the_files_do_not() -> None:
    packages = [{"name": "tensorflow", "version": "2.14.0"}, {"name": "numpy", "version": "2.0.0"}]
    facts = snapshot(environment={"frameworks": None, "distributions": packages}, framework="tensorflow")
    assert "numpy-incompatible" in [each.code for each in diagnose(facts).findings]


def test_without_a_gpu_the_import_fails_too() -> None:
    assert found("tensorflow", "2.14.0", "2.0.0", **NO_GPU) is not None


@pytest.mark.parametrize("name", ["tensorflow", "torch", "jaxlib", "mxnet"])
def test_every_limit_has_one_end(name: str) -> None:
    limits = numpy_limits(name)
    assert limits and all((each.at_least is None) != (each.below is None) for each in limits)
