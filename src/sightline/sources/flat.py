"""Nested answers as flat records, and values found in them by a dotted path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sightline.sources.base import Record


def flattened(value: Mapping[str, Any], *, without: frozenset[str] = frozenset()) -> Record:
    """Return one level of names: `{"a": {"b": 1}}` → `{"a.b": 1}`. Lists become JSON text. `without`: left out."""
    return dict(_flat(value, "", without))


def _flat(value: Mapping[str, Any], prefix: str, without: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if name in without:
            continue
        if isinstance(inner, Mapping) and inner:
            yield from _flat(inner, f"{prefix}{name}.", without)
        elif isinstance(inner, list | Mapping):
            yield prefix + name, json.dumps(inner, ensure_ascii=False, separators=(",", ":")) if inner else None
        else:
            yield prefix + name, inner


def found_at(value: Any, path: str) -> Any:
    """Return what is at a dotted path such as `paging.next.after`, or None; an empty path is the value itself."""
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
