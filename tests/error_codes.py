"""Every stable code in the source, and `docs/errors.md` written from them: `python tests/error_codes.py`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sightline.definitions.codes import CODES

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "sightline"
DOCUMENT = ROOT / "docs" / "errors.md"
CODE = re.compile(r"(?:SL|PACK)-[EW]\d{3}")

HEAD = """\
# Codes of errors and warnings

Written by `python tests/error_codes.py`; do not edit. A code is stable: scripts may rely on it, and it is never reused.
Every message carries its code in brackets, says what is wrong, where, what is allowed, and the next step.
"""


@dataclass(frozen=True)
class ErrorClass:
    """One error class as it stands in the source."""

    code: str
    name: str
    meaning: str
    place: str


def error_classes() -> list[ErrorClass]:
    """Return every class that declares a code, by code."""
    found = [each for path in sorted(SOURCE.rglob("*.py")) for each in _classes(path)]
    return sorted(found, key=lambda each: (each.code, each.name))


def document() -> str:
    """Return the text of docs/errors.md."""
    lines = [HEAD, "## In definitions", "", "| code | meaning |", "|---|---|"]
    lines += [f"| `{code}` | {meaning} |" for code, meaning in CODES.items()]
    lines += [
        "",
        "## When something is asked or done",
        "",
        "| code | name | meaning | raised by |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{each.code}` | {each.name} | {each.meaning} | {each.place} |" for each in error_classes()]
    return "\n".join(lines) + "\n"


def codes_in_source() -> dict[str, str]:
    """Return every code that a string of the source holds, with the first file that does."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for code in CODE.findall(path.read_text(encoding="utf-8")):
            found.setdefault(code, path.relative_to(ROOT).as_posix())
    return found


def _classes(path: Path) -> Iterator[ErrorClass]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                code = _declared(statement)
                if code:
                    meaning = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
                    place = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
                    yield ErrorClass(code, node.name, meaning, f"`{place}`")


def _declared(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign):
        targets, value = [statement.target], statement.value
    else:
        return None
    is_code = any(isinstance(target, ast.Name) and target.id == "code" for target in targets)
    text = value.value if isinstance(value, ast.Constant) else None
    return text if is_code and isinstance(text, str) and CODE.fullmatch(text) else None


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
