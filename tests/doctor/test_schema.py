"""The snapshot's format: our types generate the schema that was given, field by field."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from jupyter_tfgpu.doctor import Snapshot
from jupyter_tfgpu.doctor.knowledge.tables import FOLDER

ADDED = {"simulated", "host.nodes_on_demand", "environment.keras_backend"}
"""Fields that we have besides: readers ignore what they do not know."""
NULLABLE_HERE = {"gpus[].index"}
"""The format says that every field may be null; the schema's own type for this one says integer."""


def test_our_types_and_the_given_schema_are_the_same() -> None:
    given = json.loads((FOLDER / "snapshot.schema.json").read_bytes())
    generated = msgspec.json.schema(Snapshot)
    assert shape(generated, generated) == shape(given, given)


def shape(node: dict[str, Any], root: dict[str, Any], path: str = "") -> dict[str, Any]:
    """A schema as a flat table: path to types, allowed values, pattern, null and what is required."""
    node, nullable = resolved(node, root)
    values = node.get("enum", [node["const"]] if "const" in node else [])
    types = node.get("type", [])
    kinds = {types} if isinstance(types, str) else set(types)
    nullable = nullable or "null" in kinds or None in values
    values = sorted(value for value in values if value is not None)
    kinds -= {"null"}
    if values:
        kinds = {"string" if isinstance(values[0], str) else "integer"}
    rows: dict[str, Any] = {
        path: {
            "types": sorted(kinds),
            "values": values,
            "pattern": node.get("pattern"),
            "null": nullable or path in NULLABLE_HERE,
            "required": sorted(node.get("required", [])),
        }
    }
    for name, child in node.get("properties", {}).items():
        below = f"{path}.{name}".lstrip(".")
        if below not in ADDED:
            rows |= shape(child, root, below)
    items = node.get("items")
    if (items and items.get("type") != "object") or (items and items.get("properties")):
        rows |= shape(items, root, f"{path}[]")
    return rows


def resolved(node: dict[str, Any], root: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Without references and without ``anyOf`` with null; and whether null was in it."""
    if "$ref" in node:
        return resolved(root["$defs"][node["$ref"].rpartition("/")[2]], root)
    options = node.get("anyOf")
    if options is None:
        return node, False
    [rest] = [each for each in options if each.get("type") != "null"]
    return resolved(rest, root)[0], len(options) > 1


def test_the_comparison_notices_a_difference() -> None:
    given = json.loads((FOLDER / "snapshot.schema.json").read_bytes())
    changed = json.loads(json.dumps(given))
    del changed["properties"]["driver"]["properties"]["status"]["enum"][0]
    assert shape(changed, changed) != shape(given, given)
