"""What only the log tells: causes beside the facts, never against them; harmless lines called so."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.doctor import Finding, Report, Snapshot, diagnose
from jupyter_tfgpu.doctor.messages import cause_texts, messages, recognised
from jupyter_tfgpu.doctor.order import ORDER
from jupyter_tfgpu.doctor.rules.likely import LIKELY
from jupyter_tfgpu.doctor.rules.told import CHOICES, release_of
from tests.doctor.made import NO_GPU, cpu_build, framework, snapshot
from tests.doctor.scoring import Case, all_cases

GPU = {"host": {"nvidia_pci_devices": 1}}
WITH_LOG = [pytest.param(case, id=case.id) for case in all_cases() if case.snapshot.log]


def report(log: str, asked: str | None = "tensorflow", **facts: Any) -> Report:
    """On a machine of which nothing is known but the log and these facts."""
    facts = {"schema": "tfgpu.snapshot/1", **facts, "log": log}
    return diagnose(msgspec.convert(facts, Snapshot), asked)


def found(log: str, asked: str | None = "tensorflow", **facts: Any) -> list[tuple[str, str]]:
    return [(each.severity, each.code) for each in report(log, asked, **facts).findings]


def serious(one: Report) -> list[str]:
    return [each.code for each in one.findings if each.severity != "info"]


@pytest.mark.parametrize("case", WITH_LOG)
def test_a_cases_log_is_recognised(case: Case) -> None:
    assert recognised(case.snapshot.log or "")


@pytest.mark.parametrize("case", WITH_LOG)
def test_a_cases_log_alone_never_names_a_wrong_cause(case: Case) -> None:
    """Without any fact but the framework and the system, what the log tells is the cause or nothing."""
    host = case.snapshot.host
    bare = msgspec.structs.replace(
        case.snapshot,
        host=None if host is None else type(host)(os=host.os, arch=host.arch),
        driver=None,
        gpus=None,
        environment=None,
        variables=None,
        shell_variables=None,
        other_environments=None,
        kernelspec=None,
        requested=None,
    )
    # Of a library that was not found the log alone does not tell where it is, or which other one is there.
    where = {
        "cuda-missing",
        "cuda-not-on-path",
        "cuda-version-mismatch",
        "activation-missing",
        "cudnn-missing",
    }
    right = case.primary | case.allowed
    for code in serious(diagnose(bare)):
        assert code in right or (code in where and right & where), (code, right)


@pytest.mark.parametrize("case", WITH_LOG)
def test_a_log_adds_no_other_cause_where_the_facts_tell_it(case: Case) -> None:
    without = serious(diagnose(msgspec.structs.replace(case.snapshot, log=None)))
    with_log = serious(diagnose(case.snapshot))
    if without and without[0] in case.primary:
        assert with_log[0] in case.primary
        assert set(with_log) <= case.primary | case.allowed


def test_the_words_for_causes_are_whole() -> None:
    told = {code for each in messages().values() if each.weight == "conclusive" for code in each.codes}
    told |= {code for name in LIKELY for code in messages()[name].codes if code in cause_texts()}
    for code in told - {"known-bug", "gpu-needs-jit", "no-gpu", "driver-state", "driver-too-new"}:
        assert cause_texts()[code].title and cause_texts()[code].fix
    assert set(cause_texts()) <= set(ORDER)
    assert all(messages()[name].weight == "conclusive" for name in CHOICES)
    assert all(messages()[name].weight == "hint" for name in LIKELY)


@pytest.mark.parametrize(
    ("log", "asked", "code"),
    [
        ("AssertionError: Torch not compiled with CUDA enabled", "torch", "cpu-only-build"),
        ("TypeError: Descriptors cannot be created directly.", "tensorflow", "protobuf-incompatible"),
        ("F The TensorFlow library was compiled to use AVX2 instructions, but these aren't available on your"
         " machine.", "tensorflow", "cpu-instructions-missing"),
        ("/lib64/libm.so.6: version `GLIBC_2.27' not found (required by x.so)", "torch", "glibc-too-old"),
        ("Failed to initialize NVML: Driver/library version mismatch", "torch", "driver-library-mismatch"),
        ("kernel version 367.57.0 does not match DSO version 367.48.0 -- cannot find working devices",
         "tensorflow", "driver-library-mismatch"),
        ("docker: could not select device driver \"\" with capabilities: [[gpu]].", "torch",
         "container-without-gpu"),
        ("The NVIDIA driver on your system is too old (found version 10010).", "torch", "driver-too-old"),
        ("CUDA error: the provided PTX was compiled with an unsupported toolchain.", "jax", "driver-too-old"),
        ("Loaded runtime CuDNN library: 9.1.0 but source was compiled with: 9.3.0.", "tensorflow",
         "cudnn-too-old"),
        ("Loaded runtime CuDNN library: 7101 (compatibility version 7100) but source was compiled with 7004",
         "tensorflow", "cudnn-too-new"),
        ("cuDNN version incompatibility: PyTorch was compiled  against (8, 3, 2) but found runtime version"
         " (8, 0, 5).", "torch", "library-shadowed"),
        ("NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch"
         " installation.\nThe current PyTorch install supports CUDA capabilities sm_50 sm_90.", "torch",
         "gpu-too-new"),
        ("Tesla K40m with CUDA capability sm_35 is not compatible with the current PyTorch installation.\n"
         "The current PyTorch install supports CUDA capabilities sm_37 sm_50 sm_60.", "torch", "gpu-too-old"),
        ("Found GPU0 NVIDIA GeForce RTX 5090 which is of cuda capability 12.0.\n    Minimum and Maximum cuda"
         " capability supported by this version of PyTorch is\n    (5.0) - (9.0)", "torch", "gpu-too-new"),
        ("Found GPU0 Tesla V100 which is of compute capability (CC) 7.0.\nThe following list shows the CCs"
         " this version of PyTorch was built for and the hardware CCs it supports:\n- 7.5 which supports"
         " hardware CC >=7.5,<8.0\n- 8.0 which supports hardware CC >=8.0,<9.0", "torch", "gpu-too-old"),
        ("CUDA backend failed to initialize: Found cuDNN version 8700, but JAX was built against version"
         " 8904, which is newer.", "jax", "cudnn-too-old"),
        ("LLVM ERROR: PTX version 8.5 does not support target 'sm_120'.", "tensorflow", "gpu-too-new"),
        ("Could not locate zlibwapi.dll. Please make sure it is in your library path!", "tensorflow",
         "zlibwapi-missing"),
        ("ImportError: Could not find the DLL(s) 'msvcp140_1.dll'. TensorFlow requires that", "tensorflow",
         "msvc-runtime-missing"),
        ("NVRM: Xid (PCI:0000:01:00): 79, GPU has fallen off the bus.", "torch", "gpu-lost"),
        ("jaxlib version 0.4.30 is newer than and incompatible with jax version 0.4.28.", "jax",
         "plugin-version-mismatch"),
        ("Can't find libdevice directory ${CUDA_DIR}/nvvm/libdevice.", "tensorflow", "libdevice-missing"),
        ("python: No module named ipykernel_launcher", "tensorflow", "ipykernel-missing"),
        ("cannot import name 'tf2' from 'tensorflow.python' (unknown location)", "tensorflow",
         "corrupt-install"),
        ("You are using ptxas 9.0.176, which is older than 9.2.88.", "tensorflow", "ptxas-too-old"),
        ("CUDA_VISIBLE_DEVICES is set to -1 - this hides all GPUs from CUDA", "tensorflow", "gpu-hidden"),
        ("ModuleNotFoundError: No module named 'tensorflow.keras'; 'tensorflow' is not a package",
         "tensorflow", "shadowed-packages"),
    ],
)  # fmt: skip
def test_a_message_that_is_conclusive_alone_is_a_finding(log: str, asked: str, code: str) -> None:
    one = report(log, asked)
    assert serious(one) == [code]
    [finding] = [each for each in one.findings if each.code == code]
    assert not finding.title.startswith("Probably")
    assert finding.evidence and finding.fixes


@pytest.mark.parametrize(
    ("log", "facts", "code"),
    [
        ("Could not load dynamic library 'libcudart.so.11.0'; dlerror: x", GPU, "cuda-missing"),
        ("Could not load dynamic library 'libcudnn.so.8'; dlerror: x", GPU, "cudnn-missing"),
        ("Could not load dynamic library 'libcudart.so.11.0'; dlerror: x",
         GPU | {"environment": {"distributions": [{"name": "cudatoolkit", "version": "11.3"}]}},
         "cuda-not-on-path"),
        ("Could not load dynamic library 'libcudart.so.11.0'; dlerror: x",
         GPU | {"environment": {"libraries": [{"file": "libcudart.so.11.0", "reachable": False}]}},
         "cuda-not-on-path"),
        ("Successfully opened dynamic library libcudart.so.11.0\n"
         "Could not load dynamic library 'libcusolver.so.10'; dlerror: x", GPU, "cuda-version-mismatch"),
        ("ImportError: libcublas.so.9.0: cannot open shared object file: x", {}, "cuda-missing"),
        ("Cannot dlopen some GPU libraries. Skipping registering GPU devices...", GPU, "cuda-missing"),
        ("failed call to cuInit: UNKNOWN ERROR (303)", {"host": {"container": "docker"}},
         "container-without-gpu"),
        ("failed call to cuInit: UNKNOWN ERROR (303)", GPU, "driver-missing"),
        ("kernel driver does not appear to be running on this host (h)", GPU, "driver-not-loaded"),
        ("Illegal instruction (core dumped)", {}, "cpu-instructions-missing"),
        ("ERROR: No matching distribution found for tensorflow==1.15", {}, "python-unsupported"),
        ("ERROR: No matching distribution found for tensorflow", {"host": {"arch": "aarch64"}},
         "platform-unsupported"),
        ("libtensorflow.so: undefined symbol: a, version libcublasLt.so.11", {}, "library-shadowed"),
    ],
)  # fmt: skip
def test_a_hint_is_used_where_nothing_else_is_known_and_says_so(
    log: str, facts: dict[str, Any], code: str
) -> None:
    one = report(log, **facts)
    assert serious(one) == [code]
    assert one.findings[0].title.startswith("Probably: ")
    assert "likely" in one.findings[0].detail


def test_a_translated_windows_error_is_a_hint_at_microsofts_runtime() -> None:
    facts = {"frameworks": [{"name": "tensorflow", "version": "2.3.0"}]}
    log = "ImportError: DLL load failed: 找不到指定的模块。"
    assert serious(report(log, host={"os": "windows"}, environment=facts)) == ["msvc-runtime-missing"]


@pytest.mark.parametrize(
    ("log", "facts"),
    [
        ("Torch not compiled with CUDA enabled", {"framework": "torch", "environment": {"frameworks": [
            {"name": "torch", "version": "2.5.1", "cuda_build": True}]}}),
        ("version `GLIBC_2.27' not found", {"host": {"glibc": "2.35"}}),
        ("Failed to initialize NVML: Driver/library version mismatch", {}),
        ("The TensorFlow library was compiled to use AVX instructions, but these aren't available on your "
         "machine.", {"host": {"cpu_flags": ["avx", "avx2"]}}),
        ("Could not load dynamic library 'libcudnn.so.9'; dlerror: x", {}),
        ("Could not load dynamic library 'libcudart.so.10.1'; dlerror: x", {}),
        ("Descriptors cannot be created directly.", {"environment": {"distributions": [
            {"name": "protobuf", "version": "3.20.3"}]}}),
        ("No module named 'tensorflow'", {}),
        ("nvidia-container-cli: requirement error: unsatisfied condition: cuda>=11.8", {}),
        ("failed call to cuInit: UNKNOWN ERROR (303)", {"environment": {"libraries": [
            {"file": "libcuda.so.1", "reachable": True}], "libraries_complete": False}}),
        ("GPU has fallen off the bus", {}),
        ("Found GPU0 GeForce GTX 960M which is of cuda capability 5.0.", {"framework": "torch"}),
        ("[Errno 2] FileNotFoundError: [Errno 2] No such file or directory: '/a/bin/python'",
         {"kernelspec": {"name": "a", "executable": "/a/bin/python", "executable_exists": True}}),
        ("Can't find libdevice directory", {"environment": {"tools": {
            "searched": True, "libdevice": {"path": "/a", "reachable": True}}}}),
        ("A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.0", {"environment": {
            "distributions": [{"name": "numpy", "version": "1.26.4"}]}}),
        ("A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.0", {}),
        ("Illegal instruction (core dumped)", {"host": {"cpu_flags": ["avx", "avx2"]}}),
        ("TensorFlow GPU support is not available on native Windows", {}),
        ("Loaded runtime CuDNN library: 8.1.0 but source was compiled with: 8.6.0.", {"environment": {
            "frameworks": [framework(cudnn="9.3")]}}),
    ],
)  # fmt: skip
def test_a_fact_that_speaks_against_the_log_wins(log: str, facts: dict[str, Any]) -> None:
    """An old log on a machine where all is well by now."""
    before = serious(diagnose(snapshot(**facts)))
    assert serious(diagnose(snapshot(**facts, log=log))) == before


def test_what_the_facts_found_is_not_said_twice() -> None:
    log = "Torch not compiled with CUDA enabled"
    facts = {"frameworks": [cpu_build("2.5.1+cpu", "torch")]}
    [finding] = [each for each in diagnose(snapshot(environment=facts, log=log), "torch").findings]
    assert finding.code == "cpu-only-build" and "log" not in " ".join(finding.evidence)


def test_without_a_gpu_a_message_about_it_explains_itself() -> None:
    one = diagnose(snapshot(**NO_GPU, log="failed call to cuInit: UNKNOWN ERROR (303)"))
    assert serious(one) == [] and one.verdict == "cpu"


def test_an_import_that_fails_is_found_without_a_gpu_too() -> None:
    one = diagnose(snapshot(**NO_GPU, log="TypeError: Descriptors cannot not be created directly."))
    assert one.verdict == "broken"
    assert serious(one) == ["protobuf-incompatible"]


def test_another_frameworks_message_says_nothing_about_this_one() -> None:
    log = "Could not load dynamic library 'libcudart.so.11.0'; dlerror: x"
    torch = {"frameworks": [{"name": "torch", "version": "2.5.1", "cuda_build": True}]}
    assert serious(diagnose(snapshot(environment=torch, log=log, framework="torch"))) == []


def test_where_two_are_judged_a_message_is_its_own_frameworks() -> None:
    both = {"frameworks": [framework(), {"name": "torch", "version": "2.5.1"}], "distributions": []}
    one = diagnose(snapshot(environment=both, log="Torch not compiled with CUDA enabled"))
    assert [(each.framework, each.code) for each in one.findings] == [("torch", "cpu-only-build")]
    assert one.verdict == "degraded"


def test_a_gpu_beside_the_one_that_is_left_out_may_be_the_one_that_is_used() -> None:
    gpus = [
        {"index": 0, "name": "GeForce RTX 3060", "vendor": "nvidia", "compute_capability": "8.6"},
        {"index": 1, "name": "GeForce GT 640", "vendor": "nvidia", "compute_capability": "3.0"},
    ]
    log = (
        "Ignoring visible gpu device (device: 1, name: GeForce GT 640, pci bus id: 0000:02:00.0, compute "
        "capability: 3.0) with Cuda compute capability 3.0. The minimum required Cuda capability is 3.5."
    )
    assert found(log) == [("error", "gpu-too-old")]
    assert ("error", "gpu-too-old") not in found(log, gpus=gpus)


def test_on_a_machine_without_a_gpu_an_illegal_instruction_is_still_one() -> None:
    assert found("Illegal instruction (core dumped)", host={"nvidia_pci_devices": 0}, gpus=[]) == [
        ("error", "cpu-instructions-missing"),
        ("info", "no-gpu"),
    ]


def test_a_message_that_does_not_tell_whose_it_is_counts_once() -> None:
    both = {"frameworks": [framework(), {"name": "torch", "version": "2.5.1"}], "distributions": []}
    log = "/lib64/libm.so.6: version `GLIBC_2.99' not found (required by x.so)"
    one = diagnose(snapshot(environment=both, log=log))
    assert [(each.framework, each.code) for each in one.findings] == [("tensorflow", "glibc-too-old")]


def test_a_board_in_a_gap_of_pytorchs_ranges_is_not_called_too_old() -> None:
    """PyTorch warns so on a Jetson Orin, and works."""
    log = (
        "Found GPU0 Orin which is of compute capability (CC) 8.7.\nThe following list shows the CCs this "
        "version of PyTorch was built for and the hardware CCs it supports:\n- 8.0 which supports hardware "
        "CC >=8.0,<9.0 except {8.7}\n- 9.0 which supports hardware CC >=9.0,<10.0"
    )
    assert found(log, "torch") == []


def test_without_a_known_gpu_a_library_that_is_not_found_is_no_fault() -> None:
    assert found("Could not load dynamic library 'libcudart.so.11.0'; dlerror: x") == []
    assert found("kernel driver does not appear to be running on this host (h)") == []
    assert found("Found no NVIDIA driver on your system", "torch") == []


def test_a_gpu_that_was_registered_speaks_against_a_missing_library() -> None:
    log = (
        "Could not load dynamic library 'libcudnn.so.8'; dlerror: x\n"
        "Created device /job:localhost/replica:0/task:0/device:GPU:0 with 9632 MB memory:  -> device: 0"
    )
    assert found(log, **GPU) == []


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("7.2.1", (7, 2, 1)), ("8, 3, 2", (8, 3, 2)), ("7101", (7, 1, 1)), ("90100", (9, 1, 0)),
        ("5005", (5, 0, 5)), ("8902", (8, 9, 2)), ("8", (8,)),
    ],
)  # fmt: skip
def test_cudnns_ways_of_counting(text: str, release: tuple[int, ...]) -> None:
    assert release_of(text) == release


def harmless(log: str, **facts: Any) -> Finding | None:
    every = diagnose(snapshot(**facts, log=log)).findings
    return next((each for each in every if each.code == "harmless-message"), None)


def test_a_harmless_line_is_called_so_with_its_meaning() -> None:
    line = (
        "E0000 cuda_dnn.cc:8310] Unable to register cuDNN factory: Attempting to register factory for plugin "
        "cuDNN when one has already been registered"
    )
    finding = harmless(line)
    assert finding is not None
    assert (finding.severity, finding.evidence) == ("info", (line,))
    assert "registered twice" in finding.detail
    assert diagnose(snapshot(log=line)).verdict == "ok"


def test_each_kind_of_harmless_line_is_cited_once() -> None:
    log = "TF-TRT Warning: Could not find TensorRT\n" * 3 + "oneDNN custom operations are on\n" * 3
    finding = harmless(log)
    assert finding is not None and len(finding.evidence) == 2


def test_a_ptxas_that_only_text_calls_older_is_harmless() -> None:
    """TensorFlow 1.12 compared the versions as text."""
    assert harmless("You are using ptxas 10.0.145, which is older than 9.2.88") is not None
    assert harmless("You are using ptxas 9.0.176, which is older than 9.2.88") is None


def test_a_gpu_that_was_registered_is_no_harmless_message() -> None:
    """It is good news, not a line to explain away."""
    assert harmless("Created TensorFlow device (/device:GPU:0 with 7522 MB memory) -> physical GPU") is None
