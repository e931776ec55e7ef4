"""The driver's libcuda: how the loader comes to take the driver's own."""

from __future__ import annotations

import shlex

from ..report import Fix
from ..snapshot import Library
from ..stack import folder_of
from ..subject import Subject
from .automatic import set_variables
from .libraries import with_current


def _purge(subject: Subject, packages: str) -> tuple[str, ...]:
    """Removed by apt, where the system has it."""
    debians = ("ubuntu", "debian", "kubuntu", "linux mint", "pop!_os")
    if not (subject.host.os_version or "ubuntu").lower().startswith(debians):
        return ()
    return (f"sudo apt-get purge {packages}", "sudo ldconfig")


def drivers_own(subject: Subject, wrong: Library, right: Library | None) -> tuple[Fix, ...]:
    """The wrong one goes, or the driver's own comes first."""
    folder = folder_of(wrong)
    entries = str((subject.snapshot.variables or {}).get("LD_LIBRARY_PATH") or "").split(":")
    fixes: list[Fix] = []
    if subject.host.wsl and not subject.host.container and wrong.origin not in ("stub", "compat"):
        fixes.append(
            Fix(
                title="Remove the Linux driver inside WSL2: the driver is Windows' own",
                commands=_purge(subject, "'^nvidia-driver-.*' '^libnvidia-compute-.*'"),
                where="host",
            )
        )
    elif folder in entries:
        rest = [each for each in entries if each and each != folder]
        fixes.append(
            set_variables(
                subject,
                "libcuda-shadowed",
                f"Take {folder} out of LD_LIBRARY_PATH, in the kernelspec, then restart the kernel",
                {"LD_LIBRARY_PATH": ":".join(rest)},
            )
        )
    if wrong.origin == "compat" or "/compat/" in (wrong.path or ""):
        fixes.append(
            Fix(
                title="Remove the cuda-compat package, in the image too where this is a container; or use an "
                "image of a CUDA release that this driver serves by itself",
                commands=_purge(subject, "'cuda-compat-*'"),
                where="host",
            )
        )
    good = folder_of(right) if right else None
    if not fixes and good:
        fixes.append(
            set_variables(
                subject,
                "libcuda-shadowed",
                "Put the driver's folder first: LD_LIBRARY_PATH in the kernelspec, then restart the kernel",
                {"LD_LIBRARY_PATH": with_current(subject, "LD_LIBRARY_PATH", (good,))},
            )
        )
    return tuple(fixes) or (Fix(title=f"Remove {wrong.path or wrong.file}", where="host"),)


def within_reach(
    subject: Subject, folder: str | None, other_name: Library | None, wanted: str
) -> tuple[Fix, ...]:
    """The folder of libcuda on the loader's way, or a link by the name that is asked for.

    ``other_name``: the copy that is found by another name.
    """
    if other_name is not None:
        place = folder_of(other_name)
        if place is None:
            return (Fix(title=f"Make a link {wanted} beside {other_name.file}", where="host"),)
        there, link = shlex.quote(f"{place}/{other_name.file}"), shlex.quote(f"{place}/{wanted}")
        return (
            Fix(
                title=f"Make a link by the name {wanted}",
                commands=(f"sudo ln -s {there} {link}", "sudo ldconfig"),
                where="host",
            ),
        )
    if folder is None:
        return (Fix(title=f"Let the system's loader look in the folder of {wanted}", where="host"),)
    name = "ld.wsl" if subject.host.wsl else "nvidia-driver"
    return (
        Fix(
            title="Let the system's loader look there",
            commands=(
                f"echo {shlex.quote(folder)} | sudo tee /etc/ld.so.conf.d/{name}.conf",
                "sudo ldconfig",
            ),
            where="host",
        ),
        set_variables(
            subject,
            "libcuda-not-on-path",
            "Or let kernels of this environment look there: LD_LIBRARY_PATH in the kernelspec",
            {"LD_LIBRARY_PATH": with_current(subject, "LD_LIBRARY_PATH", (folder,))},
        ),
    )
