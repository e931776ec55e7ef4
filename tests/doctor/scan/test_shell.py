"""What a login shell would have, read from its files, is what bash has, or it is not said."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from jupyter_tfgpu.doctor.scan.shell import shell_variables
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import a_machine
from tests.tools import require

PLAIN = r"""
# CUDA
export CUDA_HOME=/usr/local/cuda-11.1   # a comment
export PATH="$CUDA_HOME/bin:$PATH"
export LD_LIBRARY_PATH=${CUDA_HOME}/lib64${LD_LIBRARY_PATH:+:${LD_LIBRARY_PATH}}
export LD_LIBRARY_PATH=$LD_LIBRARY_PATH:/opt/extra/lib; export TF_CPP_MIN_LOG_LEVEL='2'
CUDNN_PATH=~/cudnn
export CUDNN_PATH XLA_FLAGS="--xla_gpu_cuda_data_dir=${CUDNN_PATH:-/none} --b='c'"
declare -x TF_ENABLE_ONEDNN_OPTS="0"
export TF_GONE=1 TF_ESCAPED=a\ b\$c TF_HASH=a#b
unset TF_GONE
TF_LOCAL=not-exported
export TF_DEFAULT="${TF_NONE-default}" TF_EMPTY=${TF_NONE:+x}
"""


def machine_with(folder: Path, **files: str) -> Machine:
    """A machine whose home has these files; ``bashrc`` is ``.bashrc``, ``etc_x`` is ``/etc/x``."""
    shell = files.pop("shell", "/bin/bash")
    machine = a_machine(folder, SHELL=shell)
    for name, text in files.items():
        inside = name.startswith("etc_")
        path = machine.path("/etc/" + name[4:]) if inside else machine.home / f".{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return machine


@pytest.mark.parametrize("name", ["profile", "bash_profile", "bashrc"])
def test_plain_lines_set_what_bash_sets(tmp_path: Path, name: str) -> None:
    machine = machine_with(tmp_path, **{name: PLAIN})
    said = subprocess.run(
        [require("bash"), "--noprofile", "--norc", "-c", f". {machine.home}/.{name}; exec env -0"],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(machine.home)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    bash = dict(line.split("=", 1) for line in said.split("\0") if line)
    found = shell_variables(machine)
    assert found == {name: bash[name] for name in found or ()}
    assert set(found or ()) == {name for name in bash if name.startswith(("CUDA", "CUDNN", "TF_", "XLA"))} | {
        "PATH",
        "LD_LIBRARY_PATH",
    }


def test_what_only_running_a_line_could_tell_is_not_said(tmp_path: Path) -> None:
    text = """
if [ -d /x ]; then
    export TF_INSIDE=1
fi
export TF_COMMAND=$(date) TF_AFTER=1
export TF_BACKTICK=`date`
export TF_TRIMMED=${PATH%%:*}
TF_FOR_ONE=1 python x.py
[ -d /y ] && export TF_TESTED=1
setup() {
  export TF_FUNCTION=1
}
export TF_LAST=1
TF_LAST=2 || true
cat <<END
export TF_TEXT=1
END
export TF_KNOWN=1
"""
    assert shell_variables(machine_with(tmp_path, bashrc=text)) == {"TF_KNOWN": "1"}


def test_a_list_of_folders_holds_at_least_what_plain_lines_add(tmp_path: Path) -> None:
    text = """
__conda_setup="$('/opt/conda/bin/conda' 'shell.bash' 'hook' 2> /dev/null)"
if [ $? -eq 0 ]; then
    eval "$__conda_setup"
else
    export PATH="/opt/conda/bin:$PATH"
fi
export PATH=/usr/local/cuda/bin:$PATH
"""
    found = shell_variables(machine_with(tmp_path, bashrc=text))
    assert found == {"PATH": "/usr/local/cuda/bin:/usr/local/bin:/usr/bin:/bin"}


def test_the_system_s_files_come_first(tmp_path: Path) -> None:
    machine = machine_with(
        tmp_path,
        etc_environment='PATH="/usr/games"\nCUDA_HOME=/usr/local/cuda\n',
        etc_profile="export LD_LIBRARY_PATH=/one\n",
        bashrc="export LD_LIBRARY_PATH=$CUDA_HOME/lib64:$LD_LIBRARY_PATH\n",
        profile="export LD_LIBRARY_PATH=/two:$LD_LIBRARY_PATH\n",
        bash_profile="export LD_LIBRARY_PATH=/three:$LD_LIBRARY_PATH\n",
    )
    assert shell_variables(machine) == {
        "CUDA_HOME": "/usr/local/cuda",
        "LD_LIBRARY_PATH": "/usr/local/cuda/lib64:/three:/one",
    }


def test_zsh_has_files_of_its_own(tmp_path: Path) -> None:
    machine = machine_with(
        tmp_path, shell="/usr/bin/zsh", zshrc="export CUDA_HOME=/z\n", bashrc="export CUDA_HOME=/b\n"
    )
    assert shell_variables(machine) == {"CUDA_HOME": "/z"}


@pytest.mark.parametrize(
    "text", ["", "alias ll='ls -l'\n", "export EDITOR=vi TF_TOKEN_x=secret\n", 'export CUDA_HOME="a\n']
)
def test_without_a_line_that_matters_nothing_is_known(tmp_path: Path, text: str) -> None:
    assert shell_variables(machine_with(tmp_path, bashrc=text)) is None


def test_windows_has_no_such_files(tmp_path: Path) -> None:
    assert shell_variables(Machine(root=tmp_path, home=tmp_path, environ={}, platform="win32")) is None


def test_a_file_that_is_none_is_not_read(tmp_path: Path) -> None:
    machine = machine_with(tmp_path, profile="export CUDA_HOME=/c\n")
    os.mkfifo(machine.home / ".bashrc")
    assert shell_variables(machine) == {"CUDA_HOME": "/c"}
