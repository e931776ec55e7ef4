"""A redacted snapshot names nobody, and is diagnosed as before."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.doctor import Report, Snapshot, decode_snapshot, diagnose, personal_names, redact
from jupyter_tfgpu.machine import Machine
from tests.doctor.made import healthy, snapshot
from tests.doctor.scoring import Case, all_cases

FIRST = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"
SECOND = "GPU-1d2f63b2-5c2e-4d9a-9d0a-0c1f7a3c8e55"
INSTANCE = "MIG-feee0c61-26ec-5616-bb59-b6d777cc4f34"


def two_devices(**changes: Any) -> Snapshot:
    gpus = [
        {
            "index": 0,
            "uuid": FIRST,
            "mig": [INSTANCE],
            "processes": [{"pid": 7, "kernel_id": "5f0c", "notebook": "/home/ada/thesis.ipynb"}],
        },
        {"index": 1, "uuid": SECOND},
    ]
    return snapshot(gpus=gpus, **changes)


def text(facts: Snapshot) -> str:
    return msgspec.json.encode(facts).decode()


def test_home_folders_users_and_notebooks_are_gone() -> None:
    facts = two_devices(
        kernelspec={"name": "ada-tf", "executable": "/home/ada/envs/tf/bin/python"},
        variables={"PATH": "/home/ada/bin:/scratch/ada/tools:/usr/bin", "LD_LIBRARY_PATH": "/home/ada/cuda"},
        log="File /home/ada/thesis.ipynb",
    )
    redacted = redact(facts)
    assert "ada" not in text(redacted) and "thesis" not in text(redacted)
    assert redacted.log == "File /home/user/<notebook>.ipynb"
    assert redacted.variables == {
        "PATH": "/home/user/bin:/scratch/<name>/tools:/usr/bin",
        "LD_LIBRARY_PATH": "/home/user/cuda",
    }
    assert redacted.gpus is not None and redacted.gpus[0].processes is not None
    assert redacted.gpus[0].processes[0].notebook is redacted.gpus[0].processes[0].kernel_id is None


def test_windows_and_macos_homes_are_found_too() -> None:
    facts = snapshot(
        environment={"prefix": r"C:\Users\Ada Lovelace\envs\tf"}, variables={"PATH": "/Users/ada/bin"}
    )
    redacted = redact(facts)
    assert redacted.environment is not None
    assert redacted.environment.prefix == r"C:\Users\user\envs\tf"
    assert redacted.variables == {"PATH": "/Users/user2/bin"}


@pytest.mark.parametrize(
    "path",
    [
        "/home/jovyan/work",
        "/root/envs",
        "/home/linuxbrew/.linuxbrew/bin",
        r"C:\Users\Public\x",
        "/home/user/x",
    ],
)
def test_a_home_that_tells_nothing_stays(path: str) -> None:
    assert redact(snapshot(variables={"PATH": path})).variables == {"PATH": path}


def test_a_user_called_like_a_part_of_paths_changes_no_path() -> None:
    variables = {"LD_LIBRARY_PATH": "/usr/local/nvidia/lib64:/home/nvidia/cuda"}
    facts = snapshot(variables=variables, log="nvidia says numpy")
    redacted = redact(facts, names=["nvidia", "lib64", "tensorflow"])
    assert redacted.variables == variables and redacted.log == "nvidia says numpy"


def test_an_environment_called_like_a_device_keeps_its_name() -> None:
    facts = snapshot(environment={"prefix": "/opt/TF-GPU-2/x"}, variables={"CUDA_VISIBLE_DEVICES": "GPU-c0"})
    redacted = redact(facts)
    assert redacted.environment is not None and redacted.environment.prefix == "/opt/TF-GPU-2/x"
    assert redacted.variables is not None and "c0" not in redacted.variables["CUDA_VISIBLE_DEVICES"]


def test_names_that_are_handed_in_are_taken_out() -> None:
    facts = snapshot(log="node gpu17.lab says no")
    assert redact(facts, names=["gpu17.lab"]).log == "node <name> says no"


def test_the_names_of_this_user_and_machine_are_found(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/hostname").write_text("gpu17.lab\n")
    machine = Machine(root=tmp_path, home=Path("/home/ada"), environ={"USER": "countess"})
    assert personal_names(machine) == ("ada", "countess", "gpu17.lab", "gpu17")


def test_groups_are_kept_only_where_a_finding_may_rest_on_them() -> None:
    redacted = redact(snapshot(host={"groups": ["video", "lovelace-project"]}))
    assert redacted.host is not None and redacted.host.groups == ("video", "<name>")


def test_a_user_called_like_a_package_does_not_rename_the_package() -> None:
    facts = healthy()
    facts["environment"]["prefix"] = "/home/tensorflow/envs/tf"
    redacted = redact(msgspec.convert(facts, Snapshot))
    assert redacted.environment is not None and redacted.environment.frameworks is not None
    assert redacted.environment.frameworks[0].name == "tensorflow"
    assert redacted.environment.distributions is not None
    assert redacted.environment.distributions[0].name == "tensorflow"


def test_ids_of_kernels_and_containers_are_gone_from_logs() -> None:
    container = "4f" * 32
    redacted = redact(snapshot(log=f"kernel 5f0cb7f2-8a4e-4f51-9f0b-2f1f6f1f2f3f in {container}"))
    assert redacted.log == "kernel <id> in <id>"


def test_a_device_has_one_stand_in_wherever_it_is_named() -> None:
    facts = two_devices(
        variables={"CUDA_VISIBLE_DEVICES": f"{SECOND},{INSTANCE}"}, log=f"lost {FIRST.upper()[4:]}"
    )
    redacted = redact(facts)
    assert redacted.gpus is not None and redacted.gpus[0].mig is not None
    assert redacted.variables == {
        "CUDA_VISIBLE_DEVICES": f"{redacted.gpus[1].uuid},{redacted.gpus[0].mig[0]}"
    }
    stand_ins = {redacted.gpus[0].uuid, redacted.gpus[1].uuid, redacted.gpus[0].mig[0]}
    assert len(stand_ins) == 3 and not stand_ins & {FIRST, SECOND, INSTANCE}
    assert redact(redacted) == redact(redact(redacted))


@pytest.mark.parametrize("length", range(1, 36, 5))
def test_a_prefix_of_a_uuid_stays_a_prefix_of_the_same_device(length: int) -> None:
    facts = two_devices(variables={"CUDA_VISIBLE_DEVICES": SECOND[: 4 + length]})
    redacted = redact(facts)
    assert redacted.gpus is not None and redacted.variables is not None
    prefix = redacted.variables["CUDA_VISIBLE_DEVICES"]
    assert (redacted.gpus[1].uuid or "").startswith(prefix)
    assert not (redacted.gpus[0].uuid or "").startswith(prefix)


def test_a_device_that_is_not_there_stays_one_that_is_not_there() -> None:
    redacted = redact(
        two_devices(variables={"CUDA_VISIBLE_DEVICES": "GPU-00c0ffee-aaaa-bbbb-cccc-ddddeeeeffff"})
    )
    assert redacted.gpus is not None and redacted.variables is not None
    visible = redacted.variables["CUDA_VISIBLE_DEVICES"]
    assert "c0ffee" not in visible
    assert not any((each.uuid or "").startswith(visible) for each in redacted.gpus)


def without_ids(value: Report | Snapshot) -> str:
    text = msgspec.json.encode(value).decode()
    return re.sub(r"\b(MIG|GPU)-[0-9a-f]{8}-[0-9a-f-]+", r"\1-X", text, flags=re.IGNORECASE)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in all_cases()])
def test_the_report_elsewhere_is_the_one_here(case: Case) -> None:
    sent = decode_snapshot(msgspec.json.encode(redact(case.snapshot)))
    here, elsewhere = diagnose(case.snapshot), diagnose(sent)
    if without_ids(sent) == without_ids(case.snapshot):
        assert without_ids(elsewhere) == without_ids(here)
    found = [(each.code, each.severity, each.framework, len(each.fixes)) for each in here.findings]
    # Where notebooks or users were named, the report names them no more.
    assert [(e.code, e.severity, e.framework, len(e.fixes)) for e in elsewhere.findings] == found
    assert elsewhere.verdict == here.verdict


def test_most_cases_name_nobody_and_are_compared_word_for_word() -> None:
    same = [case for case in all_cases() if without_ids(redact(case.snapshot)) == without_ids(case.snapshot)]
    assert len(same) > 0.8 * len(all_cases())
