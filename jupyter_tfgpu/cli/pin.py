"""``jupyter tfgpu pin show | set | clear | resolve``."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..api.errors import BadInput
from ..api.wire import PinAnswer, PinSet, SetPin
from .common import add_json, complain, print_json, printable, service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="show|set|clear|resolve")
    show = actions.add_parser("show", help="the stored pins")
    show.set_defaults(act=_show)
    set_ = actions.add_parser("set", help="which GPU a notebook, kernel or kernelspec gets")
    _add_target(set_)
    _add_pin(set_)
    set_.add_argument(
        "--now",
        action="store_true",
        help="with --kernel: nothing in it has touched a GPU, it can take it now",
    )
    set_.set_defaults(act=_set)
    clear = actions.add_parser("clear", help="forget a pin")
    _add_target(clear)
    clear.set_defaults(act=_clear)
    resolve = actions.add_parser("resolve", help="the variables that a pin comes to at this moment")
    _add_pin(resolve)
    resolve.set_defaults(act=_resolve)
    for action in (show, set_, clear, resolve):
        add_json(action)


def _add_pin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pin", metavar="PIN", help="all, none, auto, auto:2, 0, 0,2, GPU-…, MIG-…")


def _add_target(parser: argparse.ArgumentParser) -> None:
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--notebook", metavar="PATH", help="the notebook's file")
    target.add_argument("--kernel", metavar="ID", help="a running kernel")
    target.add_argument("--spec", metavar="NAME", help="a kernelspec")


def run(arguments: argparse.Namespace) -> int:
    arguments.act(arguments)
    return 0


def _show(arguments: argparse.Namespace) -> None:
    with service() as asked:
        pins = asked.pinning.all()
        gone = {} if arguments.json else asked.pinning.gone(pins.pins)
    if arguments.json:
        print_json(pins)
        return
    for pin in pins.pins:
        print(printable(f"{_target(pin)}: {pin.pin}{_without(gone.get(pin.pin, ()))}"))
    print(f"all others: {pins.default}")
    if pins.problem:
        print(printable(pins.problem))


def _without(gone: tuple[str, ...]) -> str:
    if not gone:
        return ""
    return f" ({', '.join(gone)} {'is' if len(gone) == 1 else 'are'} no longer on this machine)"


def _set(arguments: argparse.Namespace) -> None:
    if arguments.now and arguments.kernel is None:
        raise BadInput("--now goes with --kernel.", reason="bad-target")
    with service() as asked:
        change = asked.pinning.set_now if arguments.now else asked.pinning.set
        _print(change(_wanted(arguments, arguments.pin), asked.running()), arguments.json)


def _resolve(arguments: argparse.Namespace) -> None:
    with service() as asked:
        found = asked.pinning.resolve(arguments.pin)
    if arguments.json:
        print_json(found)
        return
    for name, value in found.variables.items():
        print(printable(f"{name}={value}"))
    if found.note:
        complain(found.note)


def _clear(arguments: argparse.Namespace) -> None:
    with service() as asked:
        _print(asked.pinning.clear(_wanted(arguments, None), asked.running()), arguments.json)


def _wanted(arguments: argparse.Namespace, pin: str | None) -> SetPin:
    notebook = str(Path(arguments.notebook).absolute()) if arguments.notebook else None
    return SetPin(pin=pin, notebook=notebook, kernel_id=arguments.kernel, kernelspec=arguments.spec)


def _print(done: PinSet, as_json: bool) -> None:
    if as_json:
        print_json(done)
    else:
        print(f"{done.pin}. {done.message}" if done.message else done.pin)
        for warning in done.warnings:
            print(printable(warning))


def _target(pin: PinAnswer) -> str:
    if pin.notebook is not None:
        return pin.notebook
    return f"kernel {pin.kernel_id}" if pin.kernel_id is not None else f"kernelspec {pin.kernelspec}"
