"""Are the GPU's device nodes there, and may this user open them?"""

from __future__ import annotations

from ..fixes import containers, host
from ..nodes import CONTROL, DXG, UVM, Nodes, nodes
from ..report import Finding, Fix
from ..subject import Subject
from .rule import Found, Rule


def device_nodes_missing(subject: Subject) -> Found | None:
    """The driver is loaded, but this kernel cannot open its device nodes, or they are not there.

    Not so where nvidia-modprobe makes /dev/nvidia-uvm as soon as a program asks for it.
    Silent in a container that got no node at all (that is the container's own cause), and where nothing
    says that the kernel module is loaded.
    """
    if subject.host.os not in ("linux", None) or subject.nvidia_gpu is False:
        return None
    found = nodes(subject)
    if subject.driver.status == "no-permission" or (found is not None and found.denied):
        return _denied(subject, found)
    if _cut_off(subject):
        return _denied(subject, found)
    if found is None or subject.host.jetson:
        return None
    if subject.host.wsl or found.dxg:
        return _no_dxg(subject, found)
    if subject.driver.status not in ("ok", "not-loaded", "error", None) or not _loaded(subject):
        return None
    if not found.gpus and subject.host.container:
        return None  # it was given none
    if not found.gpus and not found.control:
        return _none(subject)
    if not found.uvm and found.control and found.gpus and not subject.host.nodes_on_demand:
        return _no_uvm(subject)
    return None


def _loaded(subject: Subject) -> bool:
    """Whether the kernel module is loaded: NVML works only then."""
    return subject.driver.status == "ok" or bool(subject.driver.kernel_module_version)


def _cut_off(subject: Subject) -> bool:
    """A running container that may no longer open its nodes: NVML has no more to say than "Unknown Error"."""
    driver = subject.driver
    return bool(
        subject.host.container
        and driver.status == "error"
        and "unknown error" in (driver.message or "").lower()
        and not subject.host.wsl
    )


def _denied(subject: Subject, found: Nodes | None) -> Found:
    names = found.denied if found else ()
    listed = ", ".join(names) or "the GPU's device nodes"
    fixes: tuple[Fix, ...] = host.allow_nodes(subject, _group(subject))
    if _cut_off(subject):
        fixes = containers.restart_container(subject)
    elif subject.host.container:
        fixes = containers.open_nodes(subject)
    message = (subject.driver.message,) if subject.driver.message else ()
    return Found(
        Finding(
            code="device-nodes-missing",
            severity="error",
            title="This user may not open the GPU",
            detail=(
                f"The NVIDIA driver is there, but programs of this user may not open {listed} here, so no "
                "framework can use the GPU."
            ),
            evidence=(*(f"not allowed: {each}" for each in names), *message)
            or (f"NVML says: {subject.driver.status}",),
            fixes=fixes,
        )
    )


def _group(subject: Subject) -> str | None:
    """The group that owns the nodes on this system, where this user is known not to be in it."""
    groups = subject.host.groups
    if subject.host.jetson and (groups is None or "video" not in groups):
        return "video"
    return None


def _none(subject: Subject) -> Found:
    return Found(
        Finding(
            code="device-nodes-missing",
            severity="error",
            title="The GPU's device nodes are not there",
            detail=(
                f"The NVIDIA driver is loaded, but this kernel finds no {CONTROL} and no /dev/nvidia0. A "
                "service with a /dev of its own (PrivateDevices, a spawner that isolates devices) does not "
                "see them; nor does anybody before they are made."
            ),
            evidence=("device nodes of the GPU: none", _module(subject)),
            fixes=host.make_nodes(subject, uvm_only=False),
        )
    )


def _no_uvm(subject: Subject) -> Found:
    return Found(
        Finding(
            code="device-nodes-missing",
            severity="error",
            title=f"The device node {UVM} is not there",
            detail=(
                f"CUDA cannot start without {UVM}: nvidia-smi works, and every framework fails with an "
                "unknown error. The node comes with the driver's module nvidia-uvm, which nobody has loaded "
                "here."
            ),
            evidence=(f"there: {', '.join(subject.host.device_nodes or ())}", f"not there: {UVM}"),
            fixes=host.make_nodes(subject, uvm_only=True),
        )
    )


def _no_dxg(subject: Subject, found: Nodes) -> Found | None:
    """Under WSL2 the GPU is /dev/dxg; WSL 1 and Windows before 10 21H2 have none."""
    if found.dxg or subject.host.container or not subject.nvidia_gpu or subject.driver.status == "ok":
        return None
    return Found(
        Finding(
            code="device-nodes-missing",
            severity="error",
            title="WSL gives no GPU to this Linux",
            detail=(
                f"The machine has a GPU ({subject.gpu_names}), but there is no {DXG}, through which WSL2 "
                "reaches it. WSL 1 has none, nor has Windows before 10 21H2, nor an outdated WSL."
            ),
            evidence=(f"not there: {DXG}",),
            fixes=host.enable_wsl_gpu(subject),
        )
    )


def _module(subject: Subject) -> str:
    version = subject.driver.kernel_module_version
    return f"kernel module {version} is loaded" if version else "the driver answers"


RULES = (Rule("device-nodes-missing", "machine", device_nodes_missing),)
