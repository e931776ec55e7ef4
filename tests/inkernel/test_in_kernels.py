"""Our part in real kernels, of environments that have nothing of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_tfgpu.kernels import LaunchServices
from jupyter_tfgpu.kernels.running.launchfile import report_path
from tests.inkernel.conftest import FRAMEWORK, StartKernel
from tests.inkernel.samples import NO_GPU, content, device, finding, holder, report
from tests.kernels.bare import bare_environment
from tests.kernels.kernels_here import OURS, PLAIN, kernel

MIME = "application/vnd.jupyter-tfgpu.report+json"
OLD = [
    pytest.param(version, marks=pytest.mark.slow)
    for version in ("3.6", "3.7", "3.8", "3.9", "3.10", "3.12", "3.13")
]


def python(version: str) -> Path:
    return bare_environment(version) / "bin" / "python"


@pytest.mark.parametrize("version", ["3.11", *OLD])
def test_the_whole_part_works_in_a_kernel_of_any_python(kernel_with: StartKernel, version: str) -> None:
    with kernel_with(report(finding()), python(version)) as running:
        assert running.value("'.'.join(map(str, sys.version_info[:2]))") == f"'{version}'"
        assert running.run("import jupyter_tfgpu").status == "error"

        cell = running.run("print('before')\nmodel.fit()")
        assert [kind for kind, _ in cell.outputs][:2] == ["display_data", "stream"]
        assert cell.text == "before\nfitted\n"
        (shown,) = cell.displays
        assert "✖ This TensorFlow has no GPU code [cpu-only-build]" in shown["text/plain"]
        assert "pip install &#x27;tensorflow[and-cuda]&#x27;" in shown["text/html"]
        assert shown[MIME]["findings"] == [finding()]
        assert running.run("model.fit()").displays == []

        assert running.run("%tfgpu watch block").text == ""
        blocked = running.run("model.fit()")
        assert blocked.status == "error"
        assert "To run it all the same: %tfgpu allow" in str(blocked.error)
        assert blocked.text == ""
        running.run("%tfgpu allow")
        assert running.run("model.fit()").text == "fitted\n"
        assert running.run("model.fit()").status == "error"
        running.run("%tfgpu watch off")
        assert running.run("model.fit()").text == "fitted\n"

        checked = running.run("%tfgpu check").displays[0]
        assert checked["text/plain"].startswith("TensorFlow 2.21.0 cannot use the GPU\n✖")
        assert "Started with all (the default)" in running.run("%tfgpu pin").text


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.9", "3.10", "3.12", "3.13"])
@pytest.mark.parametrize("module", ["ipykernel_launcher", "ipykernel"])
def test_sys_path_and_argv_are_the_plain_launcher_s(
    launch_services: LaunchServices, version: str, module: str, tmp_path: Path
) -> None:
    seen = []
    for provisioner in (OURS, PLAIN):
        with kernel(python(version), provisioner=provisioner, module=module, cwd=tmp_path) as running:
            seen.append(
                running.run("import os, sys\nprint(sys.path, sys.argv[0], os.getcwd(), sys.flags)").text
            )
    assert seen[0] == seen[1]


@pytest.mark.slow
def test_a_kernel_of_python_2_starts_without_our_part(launch_services: LaunchServices) -> None:
    folder = sorted((Path.home() / ".pyenv" / "versions").glob("2.7.*"))
    if not folder:
        pytest.skip("Python 2.7 is not there")
    start = Path(__file__).parents[2] / "jupyter_tfgpu" / "inkernel" / "start.py"
    done = subprocess.run(
        [folder[-1] / "bin" / "python", start],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert "No module named ipykernel_launcher" in done.stderr


@pytest.mark.parametrize(
    "cell",
    [
        "!echo x\nmodel.fit()",
        "%matplotlib --list\nmodel.fit()",
        "%%time\nmodel.fit()",
        "%%capture held\nmodel.fit()",
        "%time model.fit()",
        "import asyncio\nawait asyncio.sleep(0)\nmodel.fit()",
        "def train():\n    return model.fit()\ntrain()",
    ],
)
def test_the_notice_stands_before_cells_of_every_kind(kernel_with: StartKernel, cell: str) -> None:
    with kernel_with(report(finding())) as running:
        done = running.run(cell)
        assert done.status == "ok"
        assert len(done.displays) == 1
        assert done.outputs[0][0] == "display_data"


def test_a_cause_is_shown_once_and_a_new_one_when_it_comes(
    kernel_with: StartKernel, launch_services: LaunchServices
) -> None:
    with kernel_with(report(finding())) as running:
        assert len(running.run("model.fit()").displays) == 1
        path = report_path(launch_services.runtime_dir, running.id)
        path.write_text(json.dumps(report(finding(), finding("low-memory", "warning"))))
        (second,) = running.run("model.fit()").displays
        assert [one["code"] for one in second[MIME]["findings"]] == ["low-memory"]
        assert running.run("model.fit()").displays == []
        running.restart()
        running.run(FRAMEWORK)
        assert len(running.run("model.fit()").displays) == 1


def test_without_a_gpu_nothing_is_said_and_nothing_blocked(kernel_with: StartKernel) -> None:
    with kernel_with(report(NO_GPU, verdict="cpu")) as running:
        running.run("%tfgpu watch block")
        cell = running.run("model.fit()")
        assert (cell.status, cell.outputs) == ("ok", [("stream", "fitted\n")])


@pytest.mark.parametrize("content", [None, b"", b"{", json.dumps(report(schema="x")).encode()])
def test_without_a_report_that_can_be_shown_the_cell_just_runs(
    kernel_with: StartKernel, content: bytes | None
) -> None:
    with kernel_with(content) as running:
        running.run("%tfgpu watch block")
        cell = running.run("model.fit()")
        assert (cell.status, cell.outputs) == ("ok", [("stream", "fitted\n")])


def test_cells_without_training_and_of_other_packages_get_nothing(kernel_with: StartKernel) -> None:
    with kernel_with(report(finding())) as running:
        classical = FRAMEWORK.replace("keras", "sklearn").replace("Sequential", "SVC").replace("model", "svc")
        running.run(classical)
        for cell in ("1 + 1", "svc.fit()", "def train():\n    model.fit()", "print('model.fit()')"):
            assert running.run(cell).displays == []
        assert running.run("model.fit(").status == "error"
        assert running.run("model.fit()").displays != []


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.9", "3.13"])
def test_a_cell_that_only_python_s_own_compiler_can_take_runs(kernel_with: StartKernel, version: str) -> None:
    with kernel_with(report(finding()), python(version)) as running:
        deep = f"value = {' + '.join(['1'] * 1500)}\nmodel.fit()"
        cell = running.run(deep)
        assert (cell.status, cell.text) == ("ok", "fitted\n")
        assert running.value("value") == "1500"
        assert len(running.run("model.fit()").displays) + len(cell.displays) == 1


@pytest.mark.parametrize("version", ["3.11", *OLD])
def test_the_first_import_of_a_framework_is_noticed_and_blocked_until_it_ran(
    kernel_with: StartKernel, version: str, tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text("print('imported')\n")
    of_torch = finding("cuda-missing", framework="torch", title="The CUDA libraries are missing")
    with kernel_with(report(finding(), of_torch), python(version)) as running:
        running.run("%tfgpu watch block")
        for _ in range(2):  # it was stopped, so it is still the first
            blocked = running.run("x = 1\nimport torch")
            assert blocked.status == "error"
            assert "The CUDA libraries are missing [cuda-missing]" in str(blocked.error)
        assert running.run("print('no framework')").status == "ok"
        running.run("%tfgpu allow")
        assert running.run("import torch").text == "imported\n"
        assert running.run("model.fit()").text == "fitted\n", "an import does not use up the permission"
        assert running.run("model.fit()").status == "error"
        running.run("%tfgpu watch warn")
        assert running.run("import torch").displays == []

        running.restart()
        (shown,) = running.run("import torch").displays
        assert shown["text/plain"].startswith("Before this cell imports PyTorch:\n✖ The CUDA libraries are")
        assert shown[MIME]["kernel_id"] == running.id


def test_what_is_blocked_is_said_in_a_sentence_without_a_traceback(kernel_with: StartKernel) -> None:
    with kernel_with(report(finding())) as running:
        running.run("%tfgpu watch block")
        running.client.execute("model.fit()")
        while (message := running.client.get_iopub_msg(timeout=60))["msg_type"] != "error":
            pass
        assert message["content"]["ename"] == "CellNotRun"
        assert message["content"]["traceback"] == [message["content"]["evalue"]]
        assert message["content"]["evalue"] == (
            "The cell was not run: This TensorFlow has no GPU code [cpu-only-build]. "
            "To run it all the same: %tfgpu allow"
        )


def test_an_interrupt_while_the_report_is_waited_for_ends_the_cell(kernel_with: StartKernel) -> None:
    waiting = "def read(wait):\n    raise KeyboardInterrupt\n"
    with kernel_with(report(finding())) as running:
        running.run(waiting + "get_ipython()._jupyter_tfgpu.watcher.reports.read = read")
        cell = running.run("model.fit()")
        assert (cell.status, cell.text) == ("error", "")
        assert cell.error == "CellNotRun: Interrupted before the cell ran."
        assert running.run("print('on')").text == "on\n"


@pytest.mark.parametrize("version", ["3.11", *OLD])
def test_what_the_server_saw_last_counts_where_it_is_of_now(
    kernel_with: StartKernel, version: str, tmp_path: Path
) -> None:
    file = tmp_path / "state.json"
    other = holder("k2", 70, "/home/me/train.ipynb")
    taken = finding("gpu-memory-taken", "warning")
    with kernel_with(report(taken, verdict="degraded"), python(version), file) as running:
        mine = holder(running.id, 70)
        file.write_text(json.dumps(content(device(free=10, holders=[mine]))))
        assert running.run("model.fit()").displays == [], "it is its own"
        file.write_text(json.dumps(content(device(free=10, holders=[other]))))
        (shown,) = running.run("model.fit()").displays
        assert "train.ipynb (70.0 GiB) holds most of the memory of GPU 0 (NVIDIA A100)" in shown["text/plain"]
        file.write_text(json.dumps(content(device(state="lost"), driver="gpu-lost")))
        running.run("%tfgpu watch block")
        blocked = running.run("model.fit()")
        assert "A GPU of this kernel is lost [gpu-lost]" in str(blocked.error)
        for nothing in ("{", json.dumps(content(device(state="lost"), taken_at=1.0))):
            file.write_text(nothing)
            assert running.run("model.fit()").text == "fitted\n"


@pytest.mark.parametrize("version", ["3.11", *OLD])
def test_devices_that_were_chosen_too_late_are_told(kernel_with: StartKernel, version: str) -> None:
    torch = """
import os, types
sys.modules["torch"], sys.modules["torch.cuda"] = types.ModuleType("torch"), types.ModuleType("torch.cuda")
sys.modules["torch.cuda"]._initialized = False
"""
    with kernel_with(None, python(version), env={"CUDA_VISIBLE_DEVICES": "0"}) as running:
        running.run(torch)
        running.run("os.environ['CUDA_VISIBLE_DEVICES'] = '1'")
        assert running.run("model.fit()").displays == []
        running.run("sys.modules['torch.cuda']._initialized = True")
        running.run("os.environ['CUDA_VISIBLE_DEVICES'] = '2'")
        (shown,) = running.run("model.fit()").displays
        assert [one["code"] for one in shown[MIME]["findings"]] == ["visible-devices-late"]
        assert "with CUDA_VISIBLE_DEVICES=1" in shown["text/plain"]
        assert running.run("model.fit()").displays == []


def test_the_next_training_cell_uses_the_permission_up_needed_or_not(
    kernel_with: StartKernel, launch_services: LaunchServices
) -> None:
    with kernel_with(report(verdict="ok")) as running:
        running.run("%tfgpu watch block")
        running.run("%tfgpu allow")
        assert running.run("model.fit()").text == "fitted\n"
        path = report_path(launch_services.runtime_dir, running.id)
        path.write_text(json.dumps(report(finding())))
        assert running.run("model.fit()").status == "error"


def test_what_an_allowed_cell_runs_is_allowed_too(kernel_with: StartKernel) -> None:
    with kernel_with(report(finding())) as running:
        running.run("%tfgpu watch block")
        captured = "%%capture held\nmodel.fit()"
        assert running.run(captured).status == "error"
        running.run("%tfgpu allow")
        assert running.run(captured).status == "ok"
        assert running.run("held.show()").text == "fitted\n"
        assert running.run(captured).status == "error"


ODD = {
    "of one megabyte": "data = '" + "x" * (1 << 20) + "'\nprint(len(data))",
    "of many lines, training last": "x = 1\n" * 2_000 + "model.fit()",
    "deeply nested": "value = " + "[" * 80 + "]" * 80 + "\nmodel.fit()",
    "that does not parse": "model.fit(\nimport torch",
    "with a null byte": "print('a')\x00\nmodel.fit()",
    "of the shell": "!echo model.fit\n!!echo fit",
    "of another language": "%%bash\necho import torch; model.fit",
    "of HTML": "%%html\n<b>model.fit()</b>",
    "of help": "model.fit?",
    "of an unknown magic": "%%nonsense\nmodel.fit()",
    "of nothing": "  \n",
    "of a comment": "# import torch; model.fit()",
    "that changes the shell": "get_ipython().ast_transformers = []\nmodel.fit()",
    "whose import fails": "import tensorflow.nowhere",
}


def test_odd_cells_do_what_they_do_without_us(kernel_with: StartKernel, tmp_path: Path) -> None:
    seen = []
    for provisioner in (OURS, PLAIN):
        with kernel_with(report(verdict="ok"), provisioner=provisioner) as running:
            cells = {name: running.run(cell) for name, cell in ODD.items()}
            seen.append({name: (one.status, one.text, one.error) for name, one in cells.items()})
            assert running.run("model.fit()").text == "fitted\n"
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 100,
        json.dumps(report({**finding(), "severity": ["error"]})).encode(),
        json.dumps(report({"code": {}, "title": [], "severity": "error"})).encode(),
        json.dumps(report(summary={"a": "b"}, framework=3, environment=[])).encode(),
    ],
    ids=["zeros", "severity", "finding", "head"],
)
def test_a_forged_report_breaks_no_cell(kernel_with: StartKernel, content: bytes) -> None:
    with kernel_with(content) as running:
        cell = running.run("model.fit()")
        assert (cell.status, cell.outputs) == ("ok", [("stream", "fitted\n")])


def test_a_fault_of_ours_breaks_no_cell(kernel_with: StartKernel) -> None:
    with kernel_with(report(finding())) as running:
        running.run("get_ipython()._jupyter_tfgpu.watcher._recogniser = None")
        cell = running.run("model.fit()")
        assert (cell.status, cell.outputs) == ("ok", [("stream", "fitted\n")])
        assert running.run("model.fit()").text == "fitted\n"


def test_the_user_s_own_settings_and_children_are_untouched(kernel_with: StartKernel, tmp_path: Path) -> None:
    profile = tmp_path / "ipython" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    (profile / "startup" / "00.py").write_text("from_startup = 1\n")
    (profile / "ipython_kernel_config.py").write_text(
        "c.IPKernelApp.exec_lines = ['from_lines = 2']\nc.IPKernelApp.extensions = ['storemagic']\n"
    )
    with kernel_with(
        None, env={"IPYTHONDIR": str(tmp_path / "ipython"), "PYTHONPATH": "/nowhere"}
    ) as running:
        assert running.value("from_startup + from_lines") == "3"
        child = (
            "import os, sys; print([n for n in os.environ if 'TFGPU_LAUNCH' in n], os.environ['PYTHONPATH'])"
        )
        assert running.run(
            f"import sys, subprocess\nprint(subprocess.check_output([sys.executable, '-c', {child!r}]))"
        )
        assert "[] /nowhere" in running.run(f'!{sys.executable} -c "{child}"').text
        assert running.value("'_begun' in globals()") == "False"


def test_magics_that_need_more_ask_the_server_s_program(kernel_with: StartKernel, tmp_path: Path) -> None:
    env = {
        "JUPYTER_TFGPU_SIMULATE": "default",
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "PYTHONHOME": "/nowhere",
    }
    # PYTHONHOME would keep any Python from starting; it is for the kernel, not for our program.
    set_it = "import os\nos.environ['PYTHONHOME'] = '/nowhere'"
    with kernel_with(None, python("3.11"), env={**env, "PYTHONHOME": ""}) as running:
        running.run(set_it)
        cell = running.run("%tfgpu")
        assert cell.status == "ok", cell
        assert cell.displays[0]["text/plain"].splitlines()[0].split() == [
            "GPU",
            "name",
            "memory",
            "use",
            "this",
            "kernel",
        ]
        assert "The devices are simulated." in cell.text
        assert "Started with all (the default)" in cell.text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%tfgpu nonsense", "does not know “nonsense”"),
        ("%tfgpu watch sometimes", "Usage: %tfgpu watch off|warn|block"),
        ("%tfgpu pin gpu0", "“gpu0” names no device"),
        ("%tfgpu pin " + "0," * 5000, "at most 1000 characters"),
    ],
)
def test_a_wrong_word_gets_a_sentence(
    kernel_with: StartKernel, launch_services: LaunchServices, line: str, says: str
) -> None:
    with kernel_with(None, env={"JUPYTER_TFGPU_SIMULATE": "default"}) as running:
        cell = running.run(line)
        assert says in cell.text
        assert "Traceback" not in cell.text


def test_load_ext_does_the_same_where_nobody_started_the_kernel_for_us() -> None:
    with kernel(provisioner=PLAIN, env={"JUPYTER_TFGPU_SIMULATE": "default"}) as running:
        assert running.run("%load_ext jupyter_tfgpu").status == "ok"
        assert running.run("%load_ext jupyter_tfgpu\n%reload_ext jupyter_tfgpu").status == "ok"
        running.run(FRAMEWORK)
        assert running.run("model.fit()").text == "fitted\n"
        registered = "get_ipython().events.callbacks['pre_run_cell']"
        assert running.value(f"sum('Part.remember' in repr(one) for one in {registered})") == "1"
        assert "not started with a pin" in running.run("%tfgpu pin").text
        assert running.run("%tfgpu check").displays != []


def test_load_ext_in_a_kernel_of_ours_changes_nothing(kernel_with: StartKernel) -> None:
    with kernel_with(report(finding())) as running:
        running.run("%load_ext jupyter_tfgpu")
        assert len(running.run("model.fit()").displays) == 1
