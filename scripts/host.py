"""What this machine has, and what may be installed on it from the distribution."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.common import Stop, ci, run, say

NODE_MAJOR = 20
BROWSERS = ("chromium", "google-chrome-stable", "google-chrome", "chromium-browser")


def output(*command: str | Path) -> str:
    """What a short command prints; an empty text where it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def node_on_path() -> bool:
    """Whether the machine's own Node.js is new enough for the frontend's tools."""
    match = re.match(r"v(\d+)\.", output("node", "--version"))
    return match is not None and int(match.group(1)) >= NODE_MAJOR


def ensure_venv_module() -> None:
    """``python3 -m venv`` works: Debian and Ubuntu keep it in a package of its own."""
    if output(sys.executable, "-c", "import ensurepip, venv; print('yes')").strip() == "yes":
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    apt([f"python{version}-venv"], "to make a virtual environment")


def ensure_gcc() -> None:
    """A C compiler, for the stand-in driver."""
    if shutil.which("gcc") is None:
        _wanted(["gcc", "libc6-dev"], "to build the stand-in driver")


def ensure_browser() -> None:
    """Chromium, where the distribution has it as a package (Ubuntu has it as a snap only)."""
    if browser() is None and not chromium_is_snap():
        _wanted(["chromium", "fonts-dejavu-core"], "for the browser tests")


def _wanted(packages: list[str], why: str) -> None:
    """Installs what tests need. Where that may not be, the tests skip, or with ``CI`` set all stops."""
    try:
        apt(packages, why)
    except Stop as stop:
        if ci():
            raise
        say(f"{stop} The tests that need it are skipped.")


def browser() -> Path | None:
    """A Chromium that Playwright can drive: ``TFGPU_CHROMIUM``, else one on PATH that is no snap."""
    named = os.environ.get("TFGPU_CHROMIUM")
    if named:
        return Path(named)
    for name in BROWSERS:
        found = shutil.which(name)
        if found is not None and not is_snap(Path(found)):
            return Path(found)
    return None


def is_snap(program: Path) -> bool:
    """Whether a program is a snap or Ubuntu's script that leads to one; these cannot read our files."""
    if "/snap/" in str(program.resolve()):
        return True
    with program.open("rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"/snap/" in start


def chromium_is_snap() -> bool:
    """Whether this distribution's ``chromium`` package would only fetch a snap."""
    try:
        release = Path("/etc/os-release").read_text()
    except OSError:
        return False
    return re.search(r'^ID="?ubuntu"?$', release, re.M) is not None


def apt(packages: list[str], why: str) -> None:
    """Installs packages of the distribution, as root or through sudo where that asks no password.

    Raises:
        Stop: with the command that a person has to type.
    """
    names = " ".join(packages)
    advice = (
        f"{names} {'is' if len(packages) == 1 else 'are'} needed {why}; type: sudo apt-get install {names}"
    )
    if shutil.which("apt-get") is None:
        raise Stop(f"{names} {'is' if len(packages) == 1 else 'are'} needed {why}; install from your system.")
    prefix = privilege()
    if prefix is None:
        raise Stop(advice)
    say(f"installing {names} from the distribution, {why}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [*prefix, "apt-get", "install", "-y", "--no-install-recommends", *packages]
    try:
        run([*prefix, "apt-get", "update"], env=environment)
        run(install, env=environment)
    except Stop as stop:
        raise Stop(f"{advice} (tried: {stop})") from stop


def privilege() -> list[str] | None:
    """What stands before a command that changes the system: nothing for root, sudo, or None."""
    if os.geteuid() == 0:
        return []
    # -n: never ask for a password; a question would hang an unattended run.
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None
