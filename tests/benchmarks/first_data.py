"""Seconds from a page that is ready to the first device in the sidebar, in a real browser.

``make bench ARGS=first_data``. The reference is the limit of 1 s.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "build" / "ui" / "first-data.json"
LIMIT = 1.0
LOADS = 10


def main() -> int:
    """Loads the page ten times. Exit code 1: the browser test failed."""
    command = [str(Path(sys.executable).parent / "jlpm"), "playwright", "test", "first-data"]
    variables = {**os.environ, "TFGPU_UI_LOADS": str(LOADS)}
    done = subprocess.run(
        command, cwd=ROOT / "tests" / "ui", env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        print(done.stdout, file=sys.stderr)
        return 1
    seconds = json.loads(FIGURES.read_text())["seconds"]
    median = statistics.median(seconds)
    print(
        f"first data in the sidebar: median {median:+.3f} s after the page was ready, "
        f"worst {max(seconds):+.3f} s, {len(seconds)} loads (below 0: before it was ready)"
    )
    print(f"ratio to the limit of {LIMIT:.0f} s: {max(0.0, median) / LIMIT:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
