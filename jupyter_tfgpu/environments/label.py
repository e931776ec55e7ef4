"""The texts that name environments, and the kernels in them, in the kernel picker."""

from __future__ import annotations

import re
import string
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from .environment import Environment, Framework, OwnKernel

DEFAULT_TEMPLATE = "{name} · Python {python} · {framework}"
FIELDS = ("name", "python", "framework", "frameworks", "cuda", "kind", "language")
"""What a template may name. ``framework``: the first one; ``frameworks``: all; ``cuda``: the release that the
first was built with; ``kind``: conda, venv, …; ``language``: Python, R, …"""

LONGEST_TEMPLATE = 200
SEPARATOR = " · "
_TITLES = {"tensorflow": "TensorFlow", "torch": "PyTorch", "jax": "JAX", "mxnet": "MXNet"}


class LabelError(ValueError):
    """A template that no label can be made with. The text is for a person."""


class _Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What gets a label. ``way``: the parts of a path that no other subject has."""

    key: str
    way: tuple[str, ...]
    fields: dict[str, str]
    own_language: bool = False


_Part = tuple[tuple[str, str | None], ...]
"""A part between two separators: texts, each with the field that follows it."""


def kernel_key(environment_id: str, kernel: str | None) -> str:
    """By what a kernel of an environment is known: its Python's (None) by the environment's id alone."""
    return environment_id if kernel is None else f"{environment_id}/{kernel}"


def labels(environments: Iterable[Environment], template: str = DEFAULT_TEMPLATE) -> dict[str, str]:
    """A label for each environment and each of its own kernels, by :func:`kernel_key`; no two are equal.

    ``tf2 · Python 3.11 · TensorFlow 2.21 (CPU build)``; a part whose field is not known is left out. Where
    two would be equal, what tells their paths apart is added: ``tf2 (miniforge3) · …``. An own kernel's
    label names its language, whether or not the template does. Raises :class:`LabelError`.
    """
    parts = _parts(template)
    subjects = [subject for environment in environments for subject in _subjects(environment)]
    groups: defaultdict[str, list[_Subject]] = defaultdict(list)
    for subject in subjects:
        groups[_text(parts, subject)].append(subject)
    made = {group[0].key: text for text, group in groups.items() if len(group) == 1}
    used = set(made.values())
    for _, group in sorted(groups.items()):
        if len(group) > 1:
            group.sort(key=lambda each: (each.way, each.key))
            for subject, extra in zip(group, _differences(group), strict=True):
                made[subject.key] = _unused(_text(parts, subject, extra), subject.key, used)
    return made


def check_template(template: str) -> None:
    """Raises :class:`LabelError` where no label can be made with this template."""
    _parts(template)


def framework_label(framework: Framework) -> str:
    """``TensorFlow 2.20``, ``PyTorch 2.7 (CPU build)``, ``JAX``."""
    text = _TITLES[framework.name]
    if framework.version:
        text += f" {minor(framework.version)}"
    return f"{text} (CPU build)" if framework.build == "cpu" else text


def minor(version: str) -> str:
    """A version's first two numbers: ``2.21.0`` is 2.21, ``12`` stays 12, what is no version stays too."""
    match = re.match(r"\d+(\.\d+)?", version)
    return match[0] if match else version


def _subjects(environment: Environment) -> list[_Subject]:
    way = Path(environment.prefix).parts
    frameworks = environment.frameworks
    python = _Subject(
        key=kernel_key(environment.id, None),
        way=way,
        fields={
            "name": plain(environment.name),
            "kind": environment.kind,
            "python": minor(environment.python) if environment.python else "",
            "framework": framework_label(frameworks[0]) if frameworks else "",
            "frameworks": ", ".join(framework_label(each) for each in frameworks),
            "cuda": minor(frameworks[0].cuda) if frameworks and frameworks[0].cuda else "",
            "language": "Python" if environment.python else "",
        },
    )
    return [python, *(_own(environment, way, kernel) for kernel in environment.own_kernels)]


def _own(environment: Environment, way: tuple[str, ...], kernel: OwnKernel) -> _Subject:
    fields = {
        "name": plain(environment.name),
        "kind": environment.kind,
        "language": plain(kernel.display_name),
    }
    return _Subject(
        key=kernel_key(environment.id, kernel.name),
        way=(*way, kernel.name),
        fields={name: fields.get(name, "") for name in FIELDS},
        own_language=True,
    )


def _parts(template: str) -> list[_Part]:
    if not template.strip():
        raise LabelError("The template of the labels is empty.")
    if len(template) > LONGEST_TEMPLATE:
        raise LabelError(f"The template of the labels has more than {LONGEST_TEMPLATE} characters.")
    if not all(character.isprintable() for character in template):
        raise LabelError("The template of the labels holds a line break or another control character.")
    parts = [_part(template, part) for part in re.split(r"\s+·\s+", template.strip())]
    if not any(field for part in parts for _, field in part):
        raise LabelError(f"The template {template!r} names no field, so that all labels would be equal.")
    return parts


def _part(template: str, text: str) -> _Part:
    known = ", ".join(f"{{{field}}}" for field in FIELDS)
    try:
        pieces = list(string.Formatter().parse(text))
    except ValueError as error:
        raise LabelError(f"The template {template!r} cannot be read: {error}.") from None
    for _, field, form, conversion in pieces:
        if field is not None and (field not in FIELDS or form or conversion):
            raise LabelError(f"In the template {template!r} braces can hold these words alone: {known}.")
    return tuple((literal, field) for literal, field, _, _ in pieces)


def _text(parts: Sequence[_Part], subject: _Subject, extra: str = "") -> str:
    """The label; ``extra`` tells it from others that would be equal."""
    fields = dict(subject.fields)
    named = {field for part in parts for _, field in part if field}
    if extra and "name" in named:
        fields["name"] = f"{fields['name']} ({extra})"
    texts = [_filled(part, fields) for part in parts]
    if subject.own_language and "language" not in named:
        texts.append(fields["language"])
    if extra and "name" not in named:
        texts.append(extra)
    return SEPARATOR.join(text for text in texts if text) or fields["name"]


def _filled(part: _Part, fields: Mapping[str, str]) -> str:
    """The part with its fields; empty where it has some and none of them is known."""
    named = [fields[field] for _, field in part if field]
    if named and not any(named):
        return ""
    return " ".join("".join(text + (fields[field] if field else "") for text, field in part).split())


def _differences(group: Sequence[_Subject]) -> list[str]:
    """What tells subjects apart: their names, else their paths, counted from the ends of these and
    without the end that they share."""
    names = [subject.fields["name"] for subject in group]
    if len(set(names)) == len(names):
        return names
    ways = [subject.way for subject in group]
    most = max(len(way) for way in ways)
    length = next((n for n in range(1, most) if len({way[-n:] for way in ways}) == len(ways)), most)
    tails = [way[-length:] for way in ways]
    shared = 0
    while len({tail[-shared - 1 :] for tail in tails}) == 1 and shared + 1 < length:
        shared += 1
    return [plain("/".join(tail[: len(tail) - shared]).lstrip("/")) for tail in tails]


def _unused(text: str, key: str, used: set[str]) -> str:
    """The text with as much of the key as makes it one that is not used; it then is."""
    candidates = (text, f"{text} ({key[:6]})")
    chosen = next((each for each in candidates if each not in used), f"{text} ({key})")
    while chosen in used:  # an environment can be called anything
        chosen += "'"
    used.add(chosen)
    return chosen


def plain(text: str) -> str:
    """A name on one line: what cannot be printed, such as a line break, becomes a space."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split()) or "?"


__all__ = [
    "DEFAULT_TEMPLATE",
    "FIELDS",
    "LabelError",
    "check_template",
    "framework_label",
    "kernel_key",
    "labels",
    "plain",
]
