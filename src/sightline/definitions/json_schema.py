"""JSON Schemas of the pack language, for editors: one file per kind of definition file.

`python -m sightline.definitions.json_schema docs/schemas` writes them; a test keeps them current.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from sightline.definitions.kinds import KINDS, SETTINGS, Kind


def schemas() -> dict[str, str]:
    """Return the text of each schema by file name."""
    return {f"{kind.name}.json": _text(_schema(kind)) for kind in (*KINDS.values(), SETTINGS)}


def write_schemas(folder: Path) -> list[Path]:
    """Write the schemas into a folder and return the files that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in schemas().items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _schema(kind: Kind) -> dict[str, Any]:
    schema = TypeAdapter(kind.file_shape).json_schema()
    where = f"{kind.place}*.yaml" if kind.is_folder else kind.place
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": f"Sightline {where}"}


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for changed_file in write_schemas(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/schemas")):
        sys.stdout.write(f"wrote {changed_file}\n")
