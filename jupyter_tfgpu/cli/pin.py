"""``jupyter tfgpu pin show | set | clear``."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..api.wire import PinAnswer, SetPin
from .common import add_json, print_json, service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|set|clear")
    add_json(actions.add_parser("show", help="the stored pins"))
    set_ = actions.add_parser("set", help="which GPU a notebook, kernel or kernelspec gets")
    _add_target(set_)
    set_.add_argument("pin", metavar="PIN", help="all, none, auto, auto:2, 0, 0,2, GPU-…, MIG-…")
    add_json(set_)
    clear = actions.add_parser("clear", help="forget a pin")
    _add_target(clear)
    add_json(clear)


def _add_target(parser: argparse.ArgumentParser) -> None:
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--notebook", metavar="PATH", help="the notebook's file")
    target.add_argument("--kernel", metavar="ID", help="a running kernel")
    target.add_argument("--spec", metavar="NAME", help="a kernelspec")


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        if arguments.action == "show":
            pins = asked.pinning.all()
            if arguments.json:
                print_json(pins)
                return 0
            for pin in pins.pins:
                print(f"{_target(pin)}: {pin.pin}")
            print(f"all others: {pins.default}")
            return 0
        wanted = SetPin(
            pin=getattr(arguments, "pin", None),
            notebook=str(Path(arguments.notebook).absolute()) if arguments.notebook else None,
            kernel_id=arguments.kernel,
            kernelspec=arguments.spec,
        )
        running = asked.running()
        done = (
            asked.pinning.set(wanted, running)
            if arguments.action == "set"
            else asked.pinning.clear(wanted, running)
        )
    if arguments.json:
        print_json(done)
    else:
        print(done.message or done.pin)
    return 0


def _target(pin: PinAnswer) -> str:
    if pin.notebook is not None:
        return pin.notebook
    return f"kernel {pin.kernel_id}" if pin.kernel_id is not None else f"kernelspec {pin.kernelspec}"
