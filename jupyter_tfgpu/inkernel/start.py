"""Starts an ipykernel as its own launcher does, with our part in it.

Run as a script by the kernel's interpreter in place of ``-m ipykernel_launcher`` or ``-m ipykernel``,
whatever its Python, so the syntax here is every Python's; before 3.6 the kernel starts without our part.
The launcher itself runs unchanged: only ``IPKernelApp.start`` is wrapped, so that our part is loaded
between initialising and starting. If a launcher of the future does it otherwise, the kernel just starts.
"""

import time

_begun = time.time() if not hasattr(time, "perf_counter") else time.perf_counter()

import os  # noqa: E402
import sys  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:  # this file is to be valid for every Python, so its types stand in comments
    from typing import Any, Dict, Optional, Tuple  # noqa: F401

FOLDER = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "_jupyter_tfgpu"  # private: `jupyter_tfgpu` need not be installed here, nor be this one
LAUNCH = os.environ.pop("JUPYTER_TFGPU_LAUNCH", None)  # so that no child process takes it for its own


def safe_path():
    # type: () -> bool
    """Whether Python was told (-I, -P) to put no folder of its own first."""
    return bool(getattr(sys.flags, "safe_path", False) or getattr(sys.flags, "isolated", False))


def prepare_path():
    # type: () -> None
    """Leaves sys.path as ``python -m`` makes it: the working folder in place of this script's."""
    if not safe_path():
        del sys.path[0]


def restore_path():
    # type: () -> None
    """Puts first what ``python -m`` puts there; ipykernel's launcher takes it out by its own rule."""
    if safe_path():
        return
    try:
        folder = os.getcwd() if sys.version_info >= (3, 7) else ""
    except OSError:
        folder = ""
    sys.path.insert(0, folder)


def module_to_run():
    # type: () -> Tuple[str, Optional[Dict[str, Any]]]
    """What the command ran as ``-m`` before, and the launch file's content; None where there is none."""
    import json

    try:
        with open(str(LAUNCH), encoding="utf-8") as file:
            launch = json.load(file)
        module = launch["module"]
        return (module if module in ("ipykernel_launcher", "ipykernel") else "ipykernel_launcher"), launch
    except Exception:
        return "ipykernel_launcher", None


def load(shell, launch):
    # type: (Any, Optional[Dict[str, Any]]) -> Any
    """Loads this folder as a package under its private name, and our part into the shell."""
    import importlib
    import types

    package = types.ModuleType(PACKAGE)
    package.__path__ = [FOLDER]
    sys.modules[PACKAGE] = package
    return importlib.import_module(PACKAGE + ".extension").load(shell, launch or {})


def hook(app_class, launch, spent):
    # type: (Any, Optional[Dict[str, Any]], float) -> None
    """Has our part loaded when the kernel is about to start. ``spent``: seconds of ours until now."""
    plain = app_class.start

    def start(self):
        # type: (Any) -> Any
        begun = time.perf_counter()
        app_class.start = plain
        try:
            if getattr(self, "shell", None) is not None:
                part = load(self.shell, launch)
                part.span = spent + time.perf_counter() - begun
        except Exception as error:
            self.log.warning("jupyter-tfgpu is left out of this kernel: %r", error)
        return plain(self)

    app_class.start = start


def main():
    # type: () -> None
    """Our part, guarded, then ipykernel's launcher."""
    module = "ipykernel_launcher"
    prepare_path()
    if sys.version_info >= (3, 6):
        spent = time.perf_counter() - _begun
        try:
            from ipykernel import kernelapp

            begun = time.perf_counter()
            import runpy

            module, launch = module_to_run()
            hook(kernelapp.IPKernelApp, launch, spent + time.perf_counter() - begun)
        except Exception as error:
            sys.stderr.write("jupyter-tfgpu is left out of this kernel: %r\n" % (error,))
    restore_path()
    import runpy

    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
