"""A form made from the settings of a connector: one field per setting, and back from what was typed."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sightline.definitions.schema.base import label_of
from sightline.errors import UserError
from sightline.sources.base import ConnectorConfig

Widget = Literal["text", "number", "check", "choice", "lines", "yaml", "secret"]
UPPER = ("url", "id", "tls", "sql", "sftp", "ca", "api", "mb", "graphql")
PREFIX, SECRET = "c-", "s-"
"""How the names of inputs begin: settings, and secrets."""


class BadSetting(UserError):
    """A setting of a source cannot be read as it was typed."""

    code = "SL-E372"

    def __init__(self, message: str, *, field: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


@dataclass(frozen=True)
class Setting:
    """One labelled input. `stored` tells that a secret is kept: its value is never shown."""

    name: str
    input: str
    label: str
    widget: Widget
    help: str
    needed: bool
    value: str = ""
    options: tuple[str, ...] = ()
    stored: bool = False
    error: str = ""
    parts: tuple[str, ...] = ()
    example: str = ""
    rows: int = 4
    is_rare: bool = False

    @property
    def id(self) -> str:
        return f"f-{self.input}"


def settings_of(
    config: type[ConnectorConfig], *, values: Mapping[str, Any], typed: Mapping[str, str], stored: Iterable[str]
) -> list[Setting]:
    """Return the inputs for a connector's settings as they are declared, lists after the rest and rare ones at the end.

    `values` are those in force; what was `typed` wins. Secrets never have a value.
    """
    kept = set(stored)
    found = [_setting(name, field, values, typed, kept) for name, field in config.model_fields.items()]
    return sorted(found, key=lambda each: (each.is_rare, each.widget in ("lines", "yaml")))


def config_from(config: type[ConnectorConfig], typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that were typed, without secrets and without what is the default. Raises BadSetting."""
    found = {}
    for name, field in config.model_fields.items():
        widget = widget_of(field)
        if widget == "secret":
            continue
        value = _read(name, widget, field, typed.get(PREFIX + name, ""))
        if value is not None and value != _plain(field.default):
            found[name] = value
    return found


def secrets_from(config: type[ConnectorConfig], typed: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets that were typed; an empty field keeps what is stored."""
    names = [name for name, field in config.model_fields.items() if widget_of(field) == "secret"]
    return {name: typed[SECRET + name] for name in names if typed.get(SECRET + name)}


def widget_of(field: FieldInfo) -> Widget:
    """Return how a setting is typed in."""
    kinds = _kinds(field.annotation)
    first = kinds[0] if kinds else str
    if SecretStr in kinds:
        return "secret"
    if get_origin(first) is Literal:
        return "choice"
    if first is bool:
        return "check"
    if first in (int, float):
        return "number"
    if get_origin(first) in (tuple, list) and get_args(first)[0] is str:
        return "lines"
    return "text" if first is str else "yaml"


def _setting(
    name: str, field: FieldInfo, values: Mapping[str, Any], typed: Mapping[str, str], stored: set[str]
) -> Setting:
    widget = widget_of(field)
    prefix = SECRET if widget == "secret" else PREFIX
    now = typed[prefix + name] if prefix + name in typed else _shown(widget, values.get(name, _plain(field.default)))
    choices = get_args(_kinds(field.annotation)[0]) if widget == "choice" else ()
    return Setting(
        name=name,
        input=prefix + name,
        label=words_of(name),
        widget=widget,
        help=(field.description or "").replace("`", ""),
        needed=field.is_required(),
        value="" if widget == "secret" else now,
        options=tuple(map(str, choices)),
        stored=name in stored,
        parts=_parts(field) if widget == "yaml" else (),
        example=_example(field) if widget == "yaml" else "",
        is_rare=widget == "number" and not field.is_required() and _plain(field.default) is not None,
        rows=max(3, min(18, now.count("\n") + 2)) if widget in ("yaml", "lines") else 1,
    )


def words_of(name: str) -> str:
    """Return a setting's name as words: base_url → Base URL."""
    return " ".join(word.upper() if word.lower() in UPPER else word for word in label_of(name).split())


def _kinds(annotation: Any) -> list[Any]:
    """Return what an annotation allows, without None."""
    origin = get_origin(annotation)
    if origin is Union or origin is types.UnionType:
        return [kind for each in get_args(annotation) if each is not type(None) for kind in _kinds(each)]
    return [annotation]


def _parts(field: FieldInfo) -> tuple[str, ...]:
    """Return what the entries of a list of objects have, one line each: name, needed or default, meaning."""
    model = _model(field)
    return tuple(_part(name, each) for name, each in model.model_fields.items()) if model else ()


def _example(field: FieldInfo) -> str:
    """Return the beginning of an entry of a list of objects: what it cannot do without."""
    model = _model(field)
    needed = [name for name, each in model.model_fields.items() if each.is_required()] if model else []
    return "\n".join(f"{'  ' if number else '- '}{name}: …" for number, name in enumerate(needed))


def _model(field: FieldInfo) -> type[BaseModel] | None:
    """Return what the entries of a list of objects are; None for anything else."""
    kinds = [each for kind in _kinds(field.annotation) for each in (kind, *get_args(kind))]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _part(name: str, field: FieldInfo) -> str:
    need = " (needed)" if field.is_required() else ""
    return f"{name}{need}" + (f": {field.description.replace('`', '')}" if field.description else "")


def _plain(value: Any) -> Any:
    """Return a default as the plain value that a specification would have."""
    if value is PydanticUndefined:
        return None
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value


def _shown(widget: Widget, value: Any) -> str:
    if value is None or value == "":
        return ""
    if widget == "check":
        return "on" if value else ""
    if widget == "lines":
        return "\n".join(map(str, value))
    if widget == "yaml":
        return yaml.safe_dump(value, sort_keys=False, allow_unicode=True) if value else ""
    return str(value)


def _read(name: str, widget: Widget, field: FieldInfo, text: str) -> Any:
    """Return the value of what was typed; None when nothing was."""
    if widget == "check":
        return bool(text)
    if not text.strip():
        return None if field.is_required() or not _plain(field.default) else _emptied(field)
    if widget == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if widget == "yaml":
        return _yaml(name, text)
    return _number(name, text) if widget == "number" else text.strip()


def _emptied(field: FieldInfo) -> Any:
    """Return the value of a setting that has a default and was emptied: nothing of its kind, else the default."""
    default = _plain(field.default)
    return type(default)() if isinstance(default, list | dict) else None


def _yaml(name: str, text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        said = getattr(error, "problem", None) or "it cannot be read"
        raise BadSetting(f"{words_of(name)} is not YAML{where}: {said}", field=name) from error


def _number(name: str, text: str) -> int | float:
    try:
        return int(text) if text.strip().lstrip("-").isdigit() else float(text)
    except ValueError as error:
        raise BadSetting(f"{words_of(name)} is not a number: {text[:40]}", field=name) from error
