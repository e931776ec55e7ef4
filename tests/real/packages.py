"""Small conda packages that each prove one thing about an activated prefix."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.real.channel import HERE, File, Package
from tests.tools import require

PLACEHOLDER = "/placeholder/that/stands/for/the/prefix"

FROM_FILE = {"PROOF_FROM_FILE": "words, a ' and a \" and 값"}
"""What a package of variables sets (``etc/conda/env_vars.d``)."""

FROM_STATE = {"PROOF_FROM_STATE": "한 줄; && | \\ *", "PROOF_FROM_BOTH": "the state's"}
"""What ``conda env config vars set`` leaves in ``conda-meta/state``; it counts before the packages'."""

_LIBRARIES = """\
# Like the scripts of CUDA's packages: what they set depends on the prefix and on what was there before.
export LD_LIBRARY_PATH="$CONDA_PREFIX/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export XLA_FLAGS="--xla_gpu_cuda_data_dir=$CONDA_PREFIX"
"""

_LEAVING = "unset LD_LIBRARY_PATH XLA_FLAGS\nunset PROOF_CC PROOF_CXX PROOF_LINES\n"

_BASHISMS = """\
# Like the scripts of compilers' packages: functions, arrays, loops, and they talk.
_proof_export() {
  local name="$1" value="$2"
  if [[ -n "${!name}" ]]; then
    export "CONDA_BACKUP_${name}=${!name}"
  fi
  export "$name=$value"
}
declare -a _proof_tools=(CC CXX)
for _proof_tool in "${_proof_tools[@]}"; do
  _proof_export "PROOF_${_proof_tool}" "$CONDA_PREFIX/bin/${_proof_tool,,}"
done
echo "PROOF_NOT_A_VARIABLE=printed, not exported"
printf 'activating %s\\n' "$CONDA_PREFIX" >&2
export PROOF_LINES="$(printf 'one\\ntwo = 2\\n\\nfour')"
export PATH="$CONDA_PREFIX/libexec/proof:$PATH"
export PROOF_TEMPORARY=1
unset PROOF_TEMPORARY PROOF_UNWANTED
unset -f _proof_export
unset _proof_tools _proof_tool
"""

HANGING = """\
echo started >> "$CONDA_PREFIX/hung"
export PROOF_BEFORE_HANGING=1
sleep 600
"""


def activating(folder: Path) -> Package:
    """A package with a shared library, the scripts that have it found, and variables.

    ``folder``: where the library is compiled.
    """
    source = folder / "proof.c"
    source.write_text("int tfgpu_proof(void) { return 42; }\n")
    library = folder / "libtfgpu_proof.so"
    subprocess.run([require("gcc"), "-shared", "-fPIC", "-o", library, source], check=True)
    scripts = {"10-libraries.sh": _LIBRARIES, "20-bashisms.sh": _BASHISMS}
    return Package(
        name="proof-activating",
        files=(
            File(path="lib/libtfgpu_proof.so", source=library),
            *(File(path=f"etc/conda/activate.d/{name}", text=text) for name, text in scripts.items()),
            File(path="etc/conda/deactivate.d/proof.sh", text=_LEAVING),
            File(
                path="etc/conda/env_vars.d/proof.json",
                text=json.dumps({**FROM_FILE, "PROOF_FROM_BOTH": "the package's"}),
            ),
        ),
        subdir=HERE,
    )


def hanging() -> Package:
    """A package whose activation script does not come back. It counts how often it was run."""
    return Package(
        name="proof-hanging", files=(File(path="etc/conda/activate.d/proof-hanging.sh", text=HANGING),)
    )


_R = """\
#!/bin/sh
# Called as R is by its kernelspec: R --slave -e 'IRkernel::main()' --args CONNECTION_FILE
for file; do :; done
exec "{python}" "$(dirname "$0")/../lib/R/kernel.py" -f "$file"
"""

_R_KERNEL = """\
import json, os, re
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

class R(Kernel):
    implementation = "IRkernel"
    implementation_version = "1.3"
    banner = "R"
    language_info = {"name": "R", "mimetype": "text/x-r-source", "file_extension": ".r"}

    def do_execute(self, code, silent, *arguments, **named):
        if "Sys.getenv()" in code:
            text = json.dumps({"variables": dict(os.environ), "pid": os.getpid()})
        else:
            text = "[1] " + str(len(code))
        self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": text})
        return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}

IPKernelApp.launch_instance(kernel_class=R)
"""

R_PROBE = "cat(toJSON(Sys.getenv()))"
"""What has the kernel print its variables and its pid."""


def of_its_own(prefix: Path, path: str) -> dict[str, str]:
    """What the second kernel of :func:`r_like` sets where its environment has this PATH when active."""
    return {
        "R_LIBS_SITE": f"{prefix}/lib/R/library",
        "R_HOME": f"{prefix}/lib/R",
        "PATH": f"{prefix}/lib/R/bin:{path}",
    }


_R_ARGUMENTS = ("--slave", "-e", "IRkernel::main()", "--args", "{connection_file}")


def r_like(python: Path) -> tuple[Package, Package]:
    """An ``R`` that is in truth a kernel run by a Python elsewhere, and its two kernelspecs.

    The one names the program alone, as R's own installation of a kernelspec does; the other, as packages
    do, by a path in the prefix, with variables, two of which are on the active environment's, and a logo.
    """
    base = Package(
        name="r-base",
        version="4.4.2",
        files=(
            File(path="bin/R", text=_R.replace("{python}", str(python)), executable=True),
            File(path="lib/R/kernel.py", text=_R_KERNEL),
        ),
        subdir=HERE,
    )
    plain = {"argv": ["R", *_R_ARGUMENTS], "display_name": "R", "language": "R"}
    absolute = {
        "argv": [f"{PLACEHOLDER}/bin/R", *_R_ARGUMENTS],
        "display_name": "R 4.4.2",
        "language": "R",
        "env": {
            "R_LIBS_SITE": f"{PLACEHOLDER}/lib/R/library",
            "R_HOME": "${CONDA_PREFIX}/lib/R",
            "PATH": "${CONDA_PREFIX}/lib/R/bin:${PATH}",
        },
    }
    kernels = Package(
        name="r-irkernel",
        version="1.3.2",
        depends=("r-base",),
        files=(
            File(path="share/jupyter/kernels/ir/kernel.json", text=json.dumps(plain)),
            File(
                path="share/jupyter/kernels/ir44/kernel.json",
                text=json.dumps(absolute),
                placeholder=PLACEHOLDER,
            ),
            File(
                path="share/jupyter/kernels/ir44/logo-svg.svg",
                text="<svg xmlns='http://www.w3.org/2000/svg'/>",
            ),
        ),
        subdir=HERE,
    )
    return base, kernels
