"""``make lab``: JupyterLab with the extension. Arguments go on to ``jupyter tfgpu lab``."""

from __future__ import annotations

import os
import sys

from scripts.common import BIN, ROOT, Stop, child_environment, say
from scripts.prepare import prepare


def main(arguments: list[str]) -> int:
    """Sets up what is missing, then becomes JupyterLab; returns only where that fails."""
    try:
        prepare("lab")
    except Stop as stop:
        print(f"[tfgpu] {stop}", file=sys.stderr)
        return 1
    simulate = os.environ.get("SIMULATE", "")
    if simulate not in ("", "0"):
        arguments = ["--simulate" if simulate == "1" else f"--simulate={simulate}", *arguments]
    if os.geteuid() == 0 and "--allow-root" not in arguments:
        say("you are root: JupyterLab is started with --allow-root, and what runs in it may do anything")
        arguments = [*arguments, "--allow-root"]
    command = [str(BIN / "jupyter"), "tfgpu", "lab", *arguments]
    os.chdir(ROOT)
    os.execve(command[0], command, child_environment())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
