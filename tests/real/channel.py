"""A conda channel in a folder: packages laid out, packed and indexed as conda's are.

The format is conda's second one, a ``.conda`` file: two tar archives in a zip archive, of which one holds
``info/index.json`` and ``info/paths.json``.
https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/packages.html
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rattler.index import index_fs
from rattler.platform import Subdir

EVERYWHERE = "noarch"
HERE = str(Subdir.current())
"""This machine's folder in a channel, such as ``linux-64``."""
_BLOCK = 1 << 17


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of a package, by its text, or by where it lies on this disk.

    ``placeholder``: text in it that stands for the prefix and is replaced by it at installation.
    """

    path: str
    text: str | None = None
    source: Path | None = None
    executable: bool = False
    placeholder: str | None = None


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package before it is packed."""

    name: str
    version: str = "1.0"
    build: str = "0"
    depends: tuple[str, ...] = ()
    files: tuple[File, ...] = field(default=(), repr=False)
    subdir: str = EVERYWHERE


def write_channel(folder: Path, packages: Iterable[Package]) -> str:
    """Packs the packages into the folder and indexes it. Returns the channel's ``file://`` address."""
    (folder / EVERYWHERE).mkdir(parents=True, exist_ok=True)
    for package in packages:
        _pack(folder / package.subdir, package)
    asyncio.run(index_fs(folder))
    return folder.as_uri()


def _pack(subdir: Path, package: Package) -> None:
    subdir.mkdir(parents=True, exist_ok=True)
    name = f"{package.name}-{package.version}-{package.build}"
    index = {
        "name": package.name,
        "version": package.version,
        "build": package.build,
        "build_number": 0,
        "depends": list(package.depends),
        "subdir": package.subdir,
        **({"noarch": "generic"} if package.subdir == EVERYWHERE else _architecture(package.subdir)),
    }
    paths = {"paths_version": 1, "paths": [_path_entry(file) for file in package.files]}
    information = (
        File(path="info/index.json", text=json.dumps(index)),
        File(path="info/paths.json", text=json.dumps(paths)),
        File(path="info/files", text="".join(f"{file.path}\n" for file in package.files)),
    )
    with zipfile.ZipFile(subdir / f"{name}.conda", "w") as archive:
        archive.writestr("metadata.json", json.dumps({"conda_pkg_format_version": 2}))
        archive.writestr(f"info-{name}.tar.zst", _framed(_archive(information)))
        archive.writestr(f"pkg-{name}.tar.zst", _framed(_archive(package.files)))


def _archive(files: Iterable[File]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for file in files:
            if file.source is not None:
                archive.add(file.source, file.path, recursive=False)
                continue
            text = (file.text or "").encode()
            info = tarfile.TarInfo(file.path)
            info.size, info.mode = len(text), 0o755 if file.executable else 0o644
            archive.addfile(info, io.BytesIO(text))
    return content.getvalue()


def _framed(content: bytes) -> bytes:
    """The content as a frame of Zstandard that compresses nothing, which takes no time (RFC 8878, 3.1.1)."""
    blocks = [content[start : start + _BLOCK] for start in range(0, len(content), _BLOCK)] or [b""]
    # The magic number; no size, no checksum; a window of 128 KiB, the largest size of a block.
    framed = [b"\x28\xb5\x2f\xfd", b"\x00", b"\x38"]
    for number, block in enumerate(blocks, 1):
        is_last = number == len(blocks)
        framed += [(len(block) << 3 | is_last).to_bytes(3, "little"), block]  # type 0: a raw block
    return b"".join(framed)


def _architecture(subdir: str) -> dict[str, str]:
    platform, _, bits = subdir.partition("-")
    return {"platform": platform, "arch": {"64": "x86_64", "32": "x86"}.get(bits, bits)}


def _path_entry(file: File) -> dict[str, Any]:
    if file.source is not None and file.source.is_symlink():
        content = file.source.read_bytes() if file.source.is_file() else b""
        return {"_path": file.path, "path_type": "softlink", **_size(content)}
    content = file.source.read_bytes() if file.source is not None else (file.text or "").encode()
    entry = {"_path": file.path, "path_type": "hardlink", **_size(content)}
    if file.placeholder is not None:
        entry |= {"prefix_placeholder": file.placeholder, "file_mode": "text"}
    return entry


def _size(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size_in_bytes": len(content)}


def files_below(folder: Path, into: str, leave_out: Iterable[str] = ()) -> Iterable[File]:
    """Every file below a folder, to lie below ``into``; ``leave_out``: folders by their path in it."""
    left_out = set(leave_out)
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        relative = here.relative_to(folder)
        folders[:] = sorted(name for name in folders if str(relative / name) not in left_out)
        for name in sorted(names):
            yield File(path=(Path(into) / relative / name).as_posix(), source=here / name)
