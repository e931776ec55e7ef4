"""The tables as files: rows read and written back, the old ones as they are."""

from __future__ import annotations

import csv
from pathlib import Path

from packaging.version import Version

from jupyter_tfgpu.doctor.knowledge.tables import FOLDER

Row = dict[str, str]


class Table:
    """One of the CSV files. ``added``: the rows that :meth:`add` has put in."""

    def __init__(self, name: str, folder: Path = FOLDER) -> None:
        self.path = folder / f"{name}.csv"
        with self.path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            self.rows: list[Row] = list(reader)
            self.columns = tuple(reader.fieldnames or ())
        self.added: list[Row] = []
        self.changed = False

    def add(self, **values: str) -> None:
        """A row behind the last. Raises ValueError where a column is missing or unknown, or has no source."""
        if set(values) != set(self.columns) or not values["source"]:
            raise ValueError(f"{self.path.name} has the columns {', '.join(self.columns)}: {values}")
        self.rows.append(values)
        self.added.append(values)
        self.changed = True

    def known(self, column: str = "version", **where: str) -> set[str]:
        """What stands in this column, a list of words each word, in the rows of these values."""
        rows = (row for row in self.rows if all(row[name] == value for name, value in where.items()))
        return {word for row in rows for word in row[column].split()}

    def extend(self, row: Row, column: str, words: set[str]) -> None:
        """Adds versions to a row's list of them, oldest first."""
        row[column] = " ".join(sorted({*row[column].split(), *words}, key=Version))
        self.changed = True

    def write(self) -> None:
        with self.path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)
