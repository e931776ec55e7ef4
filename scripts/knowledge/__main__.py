"""``make knowledge``: what the index has and the tables have not; ``ARGS=--write`` reads it and writes it.

Wheels of TensorFlow and PyTorch have up to a gigabyte: those of new releases are downloaded one at a time.
"""

from __future__ import annotations

import argparse
import sys

from packaging.version import Version

from scripts.common import Stop, say
from scripts.knowledge import index, reading
from scripts.knowledge.releases import RELEASES, TABLES, New
from scripts.knowledge.tables import Row, Table

TAGS = tuple(f"cp3{minor}" for minor in range(9, 16))
"""The Pythons that a release is looked for."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make knowledge", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--write", action="store_true", help="read what is new and write it into the tables")
    parser.add_argument("packages", nargs="*", help=f"of {', '.join(RELEASES)}; without: all")
    chosen = parser.parse_args()
    unknown = set(chosen.packages) - set(RELEASES)
    if unknown:
        parser.error(f"no such package: {', '.join(sorted(unknown))}")
    try:
        return refresh(chosen.packages or list(RELEASES), write=chosen.write)
    except Stop as error:
        print(error, file=sys.stderr)
        return 1


def refresh(packages: list[str], *, write: bool) -> int:
    """Everything about these packages; 0: done, or nothing is new."""
    tables = {name: Table(name) for name in (*TABLES, "wheel_pythons")}
    for package in packages:
        # pip does not tell an index that it cannot reach from one that has nothing.
        if not any(index.versions(package, tag, "linux_x86_64") for tag in TAGS):
            raise Stop(f"The index gives no wheel of {package} at all: see whether pip reaches it.")
        _pythons(tables["wheel_pythons"], package)
        _releases(tables, package, read=write)
    changed = [table for table in tables.values() if table.changed]
    for table in changed if write else []:
        table.write()
        say(f"{table.path.name}: written, {len(table.added)} rows more")
    if not write and changed:
        say("nothing is written: make knowledge ARGS=--write reads it and writes it")
    return 0


def _pythons(table: Table, package: str) -> None:
    """Which releases have a wheel for which Python. One that has had none so far gets a row."""
    rows = [row for row in table.rows if row["package"] == package]
    for platform in dict.fromkeys(row["platform"] for row in rows if row["platform"] in index.PLATFORMS):
        here = {row["python_tag"]: row for row in rows if row["platform"] == platform}
        for tag in TAGS:
            found = set(index.versions(package, tag, platform))
            if tag in here:
                listed = here[tag]["versions"].split()
                oldest = min(map(Version, table.known("versions", package=package)))
                _extend(table, here[tag], {each for each in found - set(listed) if Version(each) > oldest})
            elif found:
                first = rows[0]
                say(f"{package}: has wheels for {tag} on {platform}: {' '.join(sorted(found))}")
                table.add(
                    framework=first["framework"],
                    package=package,
                    platform=platform,
                    python_tag=tag,
                    versions=" ".join(index.versions(package, tag, platform)),
                    source=first["source"],
                )


def _extend(table: Table, row: Row, found: set[str]) -> None:
    if found:
        say(f"{row['package']}: new for {row['python_tag']} on {row['platform']}: {' '.join(sorted(found))}")
        table.extend(row, "versions", found)


def _releases(tables: dict[str, Table], package: str, *, read: bool) -> None:
    name, platforms, rows_of = RELEASES[package]
    for platform in platforms:
        having = {tag: index.versions(package, tag, platform) for tag in TAGS}
        where = {"package": package} if "package" in tables[name].columns else {}
        known = tables[name].known(**where)
        for version in dict.fromkeys(each for found in having.values() for each in found):
            if version in known or Version(version) < min(map(Version, known)):
                continue
            tags = [tag for tag, found in having.items() if version in found]
            say(f"{package} {version} ({platform}, {' '.join(tags)}): not in {name}")
            if read:
                facts, wheel = reading.read(package, version, tags[len(tags) // 2], platform)
                rows_of(New(package, version, platform, tags, facts, wheel), tables)


if __name__ == "__main__":
    sys.exit(main())
