"""``make bench``: every script in tests/benchmarks, one after the other, nothing else beside them."""

from __future__ import annotations

import subprocess
import sys

from scripts import host
from scripts.checks import real_environments
from scripts.common import BIN, ROOT, Stop, child_environment, say
from scripts.prepare import prepare


def main(names: list[str]) -> int:
    """Runs all benchmarks, or those named (without ``.py``). Exit code 1: one of them failed."""
    try:
        prepare("test")
        variables = {**child_environment(), **real_environments(everything=False)}
        browser = host.browser()
        if browser is not None:
            variables["TFGPU_CHROMIUM"] = str(browser)
    except Stop as stop:
        print(f"[tfgpu] {stop}", file=sys.stderr)
        return 1
    scripts = sorted(path for path in (ROOT / "tests" / "benchmarks").glob("*.py") if path.name[0] != "_")
    unknown = set(names) - {path.stem for path in scripts}
    if unknown:
        print(f"[tfgpu] no such benchmark: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 1
    failed = []
    for script in scripts:
        if names and script.stem not in names:
            continue
        say(script.stem)
        module = f"tests.benchmarks.{script.stem}"
        if subprocess.run([BIN / "python", "-m", module], cwd=ROOT, env=variables).returncode != 0:
            failed.append(script.stem)
    if failed:
        say(f"FAILED  {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
