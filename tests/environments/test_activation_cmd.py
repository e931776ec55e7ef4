"""Activation on Windows: the command that is built, and what is read of what cmd prints.

cmd itself runs on Windows only. What it prints for ``set`` under ``cmd /u`` is laid down here as its
documentation describes it: UTF-16, little end first, a line a variable, CR LF after each.
"""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

from jupyter_tfgpu.environments.activation import activated
from jupyter_tfgpu.environments.activation.activation import changes
from jupyter_tfgpu.environments.activation.capture import Output
from jupyter_tfgpu.environments.activation.cmd import batch, command_line, parse, variables_for

PRINTED = (
    "ALLUSERSPROFILE=C:\\ProgramData\r\n"
    "CUDA_PATH=C:\\Users\\값\\env\\Library\r\n"
    "JUPYTER_TFGPU_ACTIVATION_1=C:\\env\\etc\\conda\\activate.d\\a.bat\r\n"
    "JUPYTER_TFGPU_ACTIVATION_TO=C:\\Temp\\variables\r\n"
    "Path=C:\\env\\extra;C:\\env;C:\\Windows\r\n"
    "PROMPT=$P$G\r\n"
    "ProgramFiles(x86)=C:\\Program Files (x86)\r\n"
    "XLA_FLAGS=--xla_gpu_cuda_data_dir=C:\\env\\Library\r\n"
    "LINES=one\r\ntwo\r\n"
).encode("utf-16-le")


def test_the_variables_that_cmd_prints() -> None:
    assert parse(PRINTED) == {
        "ALLUSERSPROFILE": "C:\\ProgramData",
        "CUDA_PATH": "C:\\Users\\값\\env\\Library",
        "PATH": "C:\\env\\extra;C:\\env;C:\\Windows",
        "PROMPT": "$P$G",
        "PROGRAMFILES(X86)": "C:\\Program Files (x86)",
        "XLA_FLAGS": "--xla_gpu_cuda_data_dir=C:\\env\\Library",
        "LINES": "one\ntwo",
    }


def test_what_changed_is_found_from_it() -> None:
    base = {
        "PATH": "C:\\env;C:\\Windows",
        "ALLUSERSPROFILE": "C:\\ProgramData",
        "PROMPT": "$P$G",
        "PROGRAMFILES(X86)": "C:\\Program Files (x86)",
        "GONE": "1",
    }
    found = changes(base, parse(PRINTED), separator=";")
    assert set(found.variables) == {"CUDA_PATH", "XLA_FLAGS", "LINES"}
    assert (found.path, found.unset) == (("C:\\env\\extra",), ("GONE",))
    after = activated(found, base, ";")
    assert after["PATH"] == "C:\\env\\extra;C:\\env;C:\\Windows"


def test_rubbish_is_no_variables() -> None:
    assert parse(b"") == {}
    assert parse(b"\x00") == {}
    assert parse("no sign of equality\r\n=C:=C:\\\r\n".encode("utf-16-le")) == {}


def test_no_path_stands_in_the_command_or_the_batch_file() -> None:
    script = Path("C:\\Users\\a & b %PATH% ^ 'x'\\etc\\conda\\activate.d\\a.bat")
    to = Path("C:\\Temp\\variables")
    variables = variables_for({"PATH": "C:\\Windows"}, [script, script], to)
    assert variables == {
        "PATH": "C:\\Windows",
        "JUPYTER_TFGPU_ACTIVATION_1": str(script),
        "JUPYTER_TFGPU_ACTIVATION_2": str(script),
        "JUPYTER_TFGPU_ACTIVATION_TO": str(to),
    }
    text = batch()
    assert text.isascii()
    assert text.splitlines()[:2] == [
        "@echo off",
        "if defined JUPYTER_TFGPU_ACTIVATION_1 echo jupyter-tfgpu-script& "
        'call "%JUPYTER_TFGPU_ACTIVATION_1%"',
    ]
    assert text.endswith('set > "%JUPYTER_TFGPU_ACTIVATION_TO%"\r\n')


def test_the_command_is_quoted_as_cmd_takes_it() -> None:
    file = PureWindowsPath("C:\\Users\\my name\\Temp\\run.bat")
    assert command_line("C:\\Windows\\system32\\cmd.exe", Path(str(file))) == (
        '"C:\\Windows\\system32\\cmd.exe" /d /u /s /c ""C:\\Users\\my name\\Temp\\run.bat""'
    )


def test_what_batch_files_print_is_told_by_file() -> None:
    scripts = [Path("a.bat"), Path("b.bat")]
    output = Output("jupyter-tfgpu-script\r\n".encode("utf-16-le"))
    output.feed("jupyter-tfgpu-script\r\njupyter-tfgpu-script\r\n".encode("utf-16-le"))
    output.feed("value\r\n".encode("utf-16-le") + b"[vcvarsall.bat] Environment initialized\r\n")
    output.close()
    assert output.running(scripts) == Path("b.bat")
    assert output.said(0, scripts[0]) == ""
    assert output.said(1, scripts[1]) == "value [vcvarsall.bat] Environment initialized"
