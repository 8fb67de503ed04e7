"""YAML files that remember where everything stands.

The dialect is YAML 1.2's core: only `true` and `false` are booleans, dates stay text, keys are always text. So
`no`, `on`, `12:30` and `2025-01-01` mean what they look like. Aliases and tags are refused: a definition is read
by people in reviews, and what an alias expands to cannot be seen where it is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sightline.definitions.catalog import Issue, Location

KeyPath = tuple[str | int, ...]

_MOST_BYTES = 2_000_000
_CORE = "tag:yaml.org,2002:"
_RESOLVERS = (
    (f"{_CORE}bool", r"true|false|True|False", "tfTF"),
    (f"{_CORE}null", r"~|null|Null|", "~nN\0"),
    (f"{_CORE}int", r"[-+]?[0-9]+", "-+0123456789"),
    (f"{_CORE}float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
)
_NEXT_STEP = (
    ("mapping values are not allowed", 'put text that holds ": " in quotes, and check the indentation above'),
    ("could not find expected ':'", "a key ends with a colon and a space"),
    ("block end", "items of one list or mapping start in the same column"),
    ("undefined alias", "write the value out; text that starts with * goes in quotes"),
    ("cannot start any token", "put text that starts with a special character in quotes"),
)


class _Dialect(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the base is chosen at run time: libyaml when the wheel has it
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in _RESOLVERS:
    _firsts = [*_first.replace("\0", ""), ""] if "\0" in _first else list(_first)
    _Dialect.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), _firsts)


@dataclass(frozen=True)
class Document:
    """One file: its plain data, and the line and column (from 1) of every key and list item by path."""

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    positions: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)

    def at(self, path: KeyPath) -> Location:
        """Return where this path stands, or the nearest thing above it that exists."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.positions:
                return Location(self.file, *self.positions[path[:length]])
        return Location(self.file)


def read_document(path: Path, *, shown: str) -> tuple[Document | None, list[Issue]]:
    """Return the document and its problems; no document when nothing of it can be used."""
    try:
        raw = path.read_bytes()
        if len(raw) > _MOST_BYTES:
            return None, [
                _unusable(shown, f"the file has {len(raw):,} bytes", f"at most {_MOST_BYTES:,} bytes are read")
            ]
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [_unusable(shown, f"byte {error.start} is not UTF-8 text", "save the file as UTF-8")]
    except OSError as error:
        return None, [_unusable(shown, f"cannot be read: {error.strerror}", "check the file and its permissions")]
    return parse_document(text, shown=shown)


def parse_document(text: str, *, shown: str) -> tuple[Document | None, list[Issue]]:
    """Return the document in a text, and its problems."""
    try:
        root = _compose(text)
    except yaml.YAMLError as error:
        return None, [_syntax_issue(error, text, shown)]
    except RecursionError:
        return None, [_unusable(shown, "nested too deeply", "definitions are at most a few levels deep")]
    if root is None:
        return None, [_unusable(shown, "the file is empty", "delete it, or write a definition")]
    reader = _Reader(shown)
    data = reader.read(root, ())
    if not isinstance(data, dict):
        kind = "a list" if isinstance(data, list) else "a single value"
        return None, [*reader.issues, _unusable(shown, f"the file holds {kind}", "it must hold keys and values")]
    return Document(shown, data, reader.positions), reader.issues


def _compose(text: str) -> yaml.Node | None:
    loader = _Dialect(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


class _Reader:
    """Turns nodes into plain data, noting positions and problems on the way."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.positions: dict[KeyPath, tuple[int, int]] = {}
        self.issues: list[Issue] = []
        self._seen: set[int] = set()

    def read(self, node: yaml.Node, path: KeyPath) -> Any:
        if id(node) in self._seen:
            self._report(
                node, "PACK-E001", path, "a value is used twice through an alias", "write it out where it is used"
            )
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._report(key_node, "PACK-E001", path, "a key is a list or a mapping", "a key is one word")
                continue
            key = key_node.value
            if key in data:
                line = self.positions[(*path, key)][0]
                hint = f"it stands on line {line} already; keep one of them"
                self._report(key_node, "PACK-E002", (*path, key), f'key "{key}" is written twice', hint)
                continue
            self._note(key_node, (*path, key))
            data[key] = self.read(value_node, (*path, key))
        return data

    def _item(self, node: yaml.Node, path: KeyPath) -> Any:
        self._note(node, path)
        return self.read(node, path)

    def _scalar(self, node: yaml.Node, path: KeyPath) -> Any:
        text, tag = str(node.value), node.tag.removeprefix(_CORE)
        match tag:
            case "str":
                return text
            case "int":
                return int(text) if len(text) < 40 else float(text)
            case "float":
                return float(text)
            case "bool":
                return text.lower() == "true"
            case "null":
                return None
        self._report(node, "PACK-E001", path, f'tag "{node.tag}" is not part of the language', "write plain values")
        return None

    def _note(self, node: yaml.Node, path: KeyPath) -> None:
        self.positions[path] = (node.start_mark.line + 1, node.start_mark.column + 1)

    def _report(self, node: yaml.Node, code: str, path: KeyPath, message: str, hint: str) -> None:
        location = Location(self.shown, node.start_mark.line + 1, node.start_mark.column + 1)
        self.issues.append(Issue(location, path_words(path) or "file", message, code, hint))


def path_words(path: KeyPath) -> str:
    """Return a path as people write it: `panels[2].metrics[0]`."""
    words = ""
    for part in path:
        words += f"[{part}]" if isinstance(part, int) else f".{part!s}"
    return words.removeprefix(".")


def _syntax_issue(error: yaml.YAMLError, text: str, shown: str) -> Issue:
    problem = str(getattr(error, "problem", "") or error).splitlines()[0]
    context = str(getattr(error, "context", "") or "")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    location = Location(shown, mark.line + 1, mark.column + 1) if mark else Location(shown)
    said = f"{problem} {context}"
    if mark and _has_tab(text, mark.line):
        return Issue(
            location, "file", "not valid YAML: the line is indented with a tab", "PACK-E001", "indent with spaces"
        )
    hint = next((step for sign, step in _NEXT_STEP if sign in said), "compare the indentation with the lines above")
    return Issue(location, "file", f"not valid YAML: {problem}", "PACK-E001", hint)


def _has_tab(text: str, line: int) -> bool:
    lines = text.splitlines()
    return line < len(lines) and "\t" in lines[line][: len(lines[line]) - len(lines[line].lstrip())]


def _unusable(shown: str, message: str, hint: str) -> Issue:
    return Issue(Location(shown), "file", message, "PACK-E006", hint)
