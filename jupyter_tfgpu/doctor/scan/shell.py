"""The variables that the user's login shell or terminal would have, as far as its files say so plainly.

The files are read as data; no shell is started. Followed are ``export NAME=value`` and ``NAME=value``, with
``$NAME``, ``${NAME}``, ``${NAME:-…}`` and ``${NAME:+…}`` in the value. Not followed: what stands inside an
``if``, ``case``, loop or function, command substitutions, files that a file reads in its turn, and module
systems. So a variable that is absent here may be set all the same, and a list of folders holds at least
these.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...environments.activation.plain import CLOSES, OPENS, lines
from ...environments.files import read_text
from ...machine import Machine
from .variables import that_matter

_BYTES = 1 << 18
_MOST_FILES = 50
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"
_NAME = re.compile(r"[A-Za-z_]\w*")
_TOUCHED = re.compile(r"(?<![\w$-])([A-Za-z_]\w*)\+?=")
_BRACED = r"\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"
_WORD = re.compile(
    r"\s*(?:(?P<word>(?:'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|" + _BRACED + r"|[^\s;'\"\\#&|<>()`]|(?<=\S)#)+)"
    r"|(?P<end>;)|(?P<comment>#.*))"
)
"""The next word of a line, as it stands there; what is none of these makes the line more than plain."""
_EXPANSION = (
    r"\$(?P<name>[A-Za-z_]\w*)"
    r"|\$\{(?P<braced>[A-Za-z_]\w*)(?:(?P<how>:?[-+])(?P<other>[^{}]*(?:\{[^{}]*\}[^{}]*)*))?\}"
)
_PIECE = re.compile(
    rf"'(?P<single>[^']*)'|\"(?P<double>(?:\\.|[^\"\\])*)\"|\\(?P<escaped>.)|{_EXPANSION}|(?P<text>[^'\"\\$`]+)"
)
_QUOTED_PIECE = re.compile(rf"\\(?P<escaped>[$`\"\\])|{_EXPANSION}|(?P<text>[^\\$`]+|\\)")


def shell_variables(machine: Machine) -> dict[str, str] | None:
    """Of those the variables that matter and that a file of the shell's sets. None: no file sets one."""
    if machine.platform == "win32":
        return None
    shell = _Shell(machine)
    for path in shell_files(machine)[1:]:
        shell.read(read_text(path, _BYTES) or "")
    found = that_matter({name: shell.known[name] for name in shell.exported if name in shell.known})
    return found or None


def shell_files(machine: Machine) -> tuple[Path, ...]:
    """The shell's files, there or not, in the order in which a login that opens a terminal reads them."""
    home = machine.home
    if machine.platform == "win32":
        return ()
    if Path(machine.environ.get("SHELL") or "bash").name == "zsh":
        system = ["/etc/zshenv", "/etc/zsh/zshenv", "/etc/zprofile", "/etc/zsh/zprofile", "/etc/zshrc"]
        own = [".zshenv", ".zprofile", ".zshrc"]
    else:
        scripts = [name for name in machine.listdir("/etc/profile.d") or () if name.endswith(".sh")]
        system = ["/etc/profile", *(f"/etc/profile.d/{name}" for name in scripts[:_MOST_FILES])]
        system.append("/etc/bash.bashrc")
        logins = (".bash_profile", ".bash_login", ".profile")
        own = [next((name for name in logins if (home / name).exists()), logins[0]), ".bashrc"]
    return (*map(machine.path, ("/etc/environment", *system)), *(home / name for name in own))


class _Shell:
    """What a shell would know after reading files: ``known`` values by name, and which are ``exported``.

    What only running a line could tell is forgotten, but for a list of folders: the line most likely adds
    to it.
    """

    def __init__(self, machine: Machine) -> None:
        self.known: dict[str, str] = {"PATH": _DEFAULT_PATH, "HOME": str(machine.home)}
        self.exported: set[str] = set()
        for line in (read_text(machine.path("/etc/environment"), _BYTES) or "").splitlines():
            name, equals, value = line.strip().removeprefix("export ").partition("=")
            if equals and _NAME.fullmatch(name):
                self.known[name] = value.strip().strip("\"'")
                if name != "PATH":  # every system sets one there
                    self.exported.add(name)

    def read(self, text: str) -> None:
        depth = 0
        for line in lines(text):
            depth = max(0, depth - len(CLOSES.findall(line)))
            if depth or not self._follow(line):
                for name in _TOUCHED.findall(line):
                    if not name.endswith("PATH"):
                        self.known.pop(name, None)
            depth += len(OPENS.findall(line))

    def _follow(self, line: str) -> bool:
        """Carries out what a line sets and removes. False: it does something else, in part or wholly."""
        statements = _statements(line)
        return statements is not None and all(map(self._statement, statements))

    def _statement(self, words: list[str]) -> bool:
        exports = words[0] == "export" or words[:2] in (["declare", "-x"], ["typeset", "-x"])
        if words[0] == "unset":
            for name in words[1:]:
                self.known.pop(name, None)
                self.exported.discard(name)
            return True
        return all(self._one(word, exports) for word in words[(2 if words[1:2] == ["-x"] else 1) * exports :])

    def _one(self, word: str, exports: bool) -> bool:
        """One ``NAME=value``, or a name after ``export``. False: it is neither, or its value is not plain."""
        name, equals, raw = word.partition("=")
        if not _NAME.fullmatch(name) or not (equals or exports):
            return False
        if equals:
            value = self._expanded(raw, _PIECE)
            if value is None:
                return False
            self.known[name] = value
        if exports:
            self.exported.add(name)
        return True

    def _expanded(self, raw: str, pieces: re.Pattern[str]) -> str | None:
        """A word as the shell would understand it; None: only running it could tell."""
        found: list[str] = []
        at = 0
        if pieces is _PIECE and (raw == "~" or raw.startswith("~/")):
            found.append(self.known["HOME"])
            at = 1
        while at < len(raw):
            piece = pieces.match(raw, at)
            text = self._piece(piece.groupdict()) if piece else None
            if piece is None or text is None:
                return None
            found.append(text)
            at = piece.end()
        return "".join(found)

    def _piece(self, piece: dict[str, str | None]) -> str | None:
        for kind in ("single", "escaped", "text"):
            if piece.get(kind) is not None:
                return piece[kind]
        inside = piece.get("double")
        if inside is not None:
            return self._expanded(inside, _QUOTED_PIECE)
        value = self.known.get(piece["name"] or piece["braced"] or "", "")
        how = piece["how"]
        if how is None:
            return value
        if bool(value) == how.endswith("+"):  # ":-" where there is none, ":+" where there is one
            return self._expanded(piece["other"] or "", _QUOTED_PIECE)
        return "" if how.endswith("+") else value


def _statements(line: str) -> list[list[str]] | None:
    """The words of the commands in a line. None: it holds more than words, such as a pipe or a test."""
    found: list[list[str]] = [[]]
    at = 0
    while line[at:].strip():
        match = _WORD.match(line, at)
        if match is None:
            return None
        if match["word"]:
            found[-1].append(match["word"])
        elif match["end"]:
            found.append([])
        at = match.end()
    return [words for words in found if words]
