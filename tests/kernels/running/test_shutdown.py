"""Where a kernel can be reached that no server can be asked about."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from jupyter_tfgpu.kernels.running.shutdown import ask_to_end, connection_file
from tests.kernels.running.test_jupyter_servers import LAUNCH

CONNECTION = {"control_port": 1, "shell_port": 2, "key": "k", "transport": "tcp", "ip": "127.0.0.1"}


@contextmanager
def kernel(*words: str) -> Iterator[int]:
    """A process with these words in its command line, which hears no message."""
    with subprocess.Popen([sys.executable, "-c", "input()", *words], stdin=subprocess.PIPE) as made:
        yield made.pid
        made.kill()


def write(path: Path, content: object = CONNECTION) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_the_file_in_the_command_line_counts_however_it_is_named_there(tmp_path: Path) -> None:
    file = write(tmp_path / "a=b c" / "kernel.json")
    other = write(tmp_path / "settings.json", {"key": "value"})
    for words in (["-f", str(file)], [f"-f={file}"], [str(other), f"--K.connection_file={file}"]):
        with kernel(*words) as pid:
            assert connection_file(msgspec.structs.replace(LAUNCH, pid=pid), tmp_path) == file


def test_else_the_one_of_the_kernels_id_counts(tmp_path: Path) -> None:
    with kernel("/no/such/kernel.json") as pid:
        launch = msgspec.structs.replace(LAUNCH, pid=pid)
        assert connection_file(launch, tmp_path) is None
        write(tmp_path / "kernel-k1.json", ["rubbish"])
        assert connection_file(launch, tmp_path) is None
        file = write(tmp_path / "kernel-k1.json")
        assert connection_file(launch, tmp_path) == file
    assert connection_file(msgspec.structs.replace(LAUNCH, pid=None), tmp_path) == file


def test_a_kernel_that_does_not_listen_is_not_said_to_have_ended(tmp_path: Path) -> None:
    file = write(tmp_path / "kernel-k1.json")
    with kernel() as pid:
        assert not ask_to_end(msgspec.structs.replace(LAUNCH, pid=pid), file, patience=0.2)
