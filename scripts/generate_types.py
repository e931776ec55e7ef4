"""Writes labextension/openapi.json from the wire types; with ``--check`` says whether it is up to date.

The TypeScript types are then made of that document by ``jlpm types:api``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jupyter_tfgpu.api.openapi import openapi

TARGET = Path(__file__).parent.parent / "labextension" / "openapi.json"


def main() -> int:
    text = json.dumps(openapi(), indent=2, sort_keys=True) + "\n"
    if "--check" in sys.argv[1:]:
        if TARGET.exists() and TARGET.read_text() == text:
            return 0
        print(f"{TARGET.name} differs from jupyter_tfgpu/api/wire.py: run `make types`.", file=sys.stderr)
        return 1
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
