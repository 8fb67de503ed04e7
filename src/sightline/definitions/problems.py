"""Validation errors in words: what is wrong, the value seen, what is allowed, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.documents import Document, KeyPath, path_words
from sightline.definitions.schema.base import NAME_PATTERN
from sightline.definitions.schema.dashboard import PANELS
from sightline.definitions.schema.dataset import CHECKS
from sightline.definitions.shapes import choices_of, data_path, keys_of, models_at, value_at

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "list_type": "a list",
    "date_type": "a date",
    "date_parsing": "a date such as 2025-01-31",
    "date_from_datetime_parsing": "a date such as 2025-01-31",
}
_CHOSEN_BY: dict[str, tuple[str, Collection[str]]] = {"check_kind": ("check", CHECKS), "panel_kind": ("panel", PANELS)}


@dataclass(frozen=True)
class Subject:
    """The object that is being validated: what it is, where it stands in its document, and its schema."""

    title: str  # metric "cpl"
    document: Document
    prefix: KeyPath
    shape: Any
    data: Any

    def issue(self, path: KeyPath, message: str, code: str, hint: str = "") -> Issue:
        """Return an issue about one field of this object."""
        words = path_words(path)
        location = self.document.at((*self.prefix, *path))
        return Issue(location, f"{self.title} › {words}" if words else self.title, message, code, hint)


@dataclass(frozen=True)
class _Fault:
    """One validation error, with its path in the data."""

    subject: Subject
    path: KeyPath
    error: str
    context: Mapping[str, Any]
    said: str

    @property
    def value(self) -> Any:
        return value_at(self.subject.data, self.path)

    def models(self, path: KeyPath) -> list[type[BaseModel]]:
        return models_at(self.subject.shape, self.subject.data, path)


def issues_of(error: ValidationError, subject: Subject) -> list[Issue]:
    """Return an issue for each problem of one object."""
    faults = [
        _Fault(
            subject=subject,
            path=data_path(subject.data, each["loc"], is_missing=each["type"] == "missing"),
            error=each["type"],
            context=each.get("ctx", {}),
            said=each["msg"],
        )
        for each in error.errors(include_url=False)
    ]
    issues = [_issue(fault) for fault in _telling(faults)]
    return list(dict.fromkeys([*issues, *_wrong_branches(faults, subject)]))


def _telling(faults: list[_Fault]) -> Iterable[_Fault]:
    """Leave out what a union says about its other branches: a wrong type, when the value also fits a branch's type."""
    for fault in faults:
        if fault.error not in _WANTED or not _rivals(fault, faults):
            yield fault


def _rivals(fault: _Fault, faults: list[_Fault]) -> list[_Fault]:
    return [each for each in faults if each is not fault and each.path[: len(fault.path)] == fault.path]


def _wrong_branches(faults: list[_Fault], subject: Subject) -> Iterable[Issue]:
    """One issue where no branch of a union takes a value of this type."""
    for path in dict.fromkeys(fault.path for fault in faults if fault.error in _WANTED):
        under = [fault for fault in faults if fault.path[: len(path)] == path]
        if len(under) > 1 and all(fault.error in _WANTED and fault.path == path for fault in under):
            wanted = " or ".join(dict.fromkeys(_WANTED[fault.error] for fault in under))
            seen = _seen(value_at(subject.data, path))
            yield subject.issue(path, f"must be {wanted}, not {seen}", "PACK-E005")


def _issue(fault: _Fault) -> Issue:
    if fault.error in _WANTED:
        return _wrong_type(fault)
    return _WORDS.get(fault.error, _other)(fault)


def _wrong_type(fault: _Fault) -> Issue:
    wanted, value = _WANTED[fault.error], fault.value
    hint = ""
    if wanted == "text" and isinstance(value, bool | int | float):
        hint = f'put it in quotes: "{str(value).lower() if isinstance(value, bool) else value}"'
    elif value is None:
        hint = "write a value, or delete the key"
    return fault.subject.issue(fault.path, f"must be {wanted}, not {_seen(value)}", "PACK-E005", hint)


def _unknown_key(fault: _Fault) -> Issue:
    parent, key = fault.path[:-1], str(fault.path[-1])
    allowed = [
        each for each in keys_of(fault.models(parent)) if each not in (value_at(fault.subject.data, parent) or {})
    ]
    return fault.subject.issue(fault.path, f'unknown key "{key}"', "PACK-E003", did_you_mean(key, allowed))


def _missing_key(fault: _Fault) -> Issue:
    parent, key = fault.path[:-1], str(fault.path[-1])
    model = next((each for each in fault.models(parent) if key in each.model_fields), None)
    hint = (model.model_fields[key].description or "") if model else ""
    return fault.subject.issue(parent, f'the key "{key}" is missing', "PACK-E004", hint)


def _wrong_word(fault: _Fault) -> Issue:
    return _choice(fault, fault.path, fault.value, re.findall(r"'([^']*)'", str(fault.context.get("expected", ""))))


def _wrong_kind(fault: _Fault) -> Issue:
    words = re.findall(r"'([^']*)'", str(fault.context.get("expected_tags", "")))
    return _choice(fault, (*fault.path, _discriminator(fault)), fault.context.get("tag"), words)


def _choice(fault: _Fault, path: KeyPath, value: Any, allowed: list[str]) -> Issue:
    suggestion = did_you_mean(str(value), allowed)
    listed = "allowed: " + ", ".join(allowed)
    hint = listed if suggestion.startswith("allowed") else f"{suggestion} {listed}"
    return fault.subject.issue(path, f"{_seen(value)} is not one of the allowed values", "PACK-E005", hint)


def _no_kind(fault: _Fault) -> Issue:
    key = _discriminator(fault)
    allowed = choices_of(models_at(fault.subject.shape, None, fault.path), key)
    return fault.subject.issue(fault.path, f'the key "{key}" is missing', "PACK-E004", "allowed: " + ", ".join(allowed))


def _discriminator(fault: _Fault) -> str:
    return str(fault.context.get("discriminator", "")).strip("'")


def _unknown_member(fault: _Fault) -> Issue:
    """A check or panel that no kind fits: suggest the kind from the keys that were written."""
    noun, kinds = _CHOSEN_BY[fault.error]
    value = fault.value if isinstance(fault.value, dict) else {}
    written = [str(value["chart"])] if "chart" in value else [str(key) for key in value]
    hints = [did_you_mean(word, kinds) for word in written] or [did_you_mean("", kinds)]
    hint = next((each for each in hints if each.startswith("did")), hints[0])
    said = ", ".join(f'"{word}"' for word in written) or _seen(fault.value)
    return fault.subject.issue(fault.path, f"unknown {noun} {said}", "PACK-E005", hint)


def _wrong_pattern(fault: _Fault) -> Issue:
    value = fault.value if isinstance(fault.value, str) else str(fault.path[-1] if fault.path else "")
    pattern = str(fault.context.get("pattern", ""))
    if pattern == NAME_PATTERN:
        return fault.subject.issue(fault.path, f'"{value}" is not a name', "PACK-E005", name_hint(value))
    if "quarters" in pattern:
        hint = "a number and a unit: 26h, 30 days, 24 months"
        return fault.subject.issue(fault.path, f'"{value}" is not a length of time', "PACK-E005", hint)
    return fault.subject.issue(fault.path, f'"{value}" has the wrong form', "PACK-E005", f"it must match {pattern}")


def name_hint(written: str) -> str:
    """Return how a name is written, with the nearest one that is allowed."""
    name = re.sub(r"[^a-z0-9]+", "_", written.lower()).strip("_0123456789")
    return "lower-case letters, digits and underscores, a letter first" + (f': "{name}"' if name else "")


def _other(fault: _Fault) -> Issue:
    said = fault.said[:1].lower() + fault.said[1:]
    return fault.subject.issue(fault.path, f"{_seen(fault.value)}: {said}", "PACK-E005")


def _seen(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


_WORDS: dict[str, Callable[[_Fault], Issue]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "literal_error": _wrong_word,
    "union_tag_invalid": _wrong_kind,
    "union_tag_not_found": _no_kind,
    "check_kind": _unknown_member,
    "panel_kind": _unknown_member,
    "string_pattern_mismatch": _wrong_pattern,
}
