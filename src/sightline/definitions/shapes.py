"""What a schema allows at one place of a definition: the models there, their keys, and the path of an error."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from sightline.definitions.documents import KeyPath


def data_path(data: Any, loc: tuple[str | int, ...], *, is_missing: bool = False) -> KeyPath:
    """Return the path in the data of a validation error, without the branch names that unions add to it."""
    return _best(data, loc, is_missing)[1]


def _best(data: Any, loc: tuple[str | int, ...], is_missing: bool) -> tuple[int, KeyPath]:
    if not loc:
        return 0, ()
    part, rest = loc[0], loc[1:]
    if is_missing and not rest and isinstance(data, Mapping):
        return 1, (part,)
    skipped = _best(data, rest, is_missing)
    if not _has(data, part):
        return skipped
    score, path = _best(data[part], rest, is_missing)
    return (score + 1, (part, *path)) if score + 1 > skipped[0] else skipped


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, Mapping):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data)


def value_at(data: Any, path: KeyPath) -> Any:
    """Return the value at a path, None when there is none."""
    for part in path:
        if not _has(data, part):
            return None
        data = data[part]
    return data


def models_at(shape: Any, data: Any, path: KeyPath) -> list[type[BaseModel]]:
    """Return the models that the value at this path may be, best match first."""
    shapes = _unfold(shape)
    for part in path:
        following: list[Any] = []
        for each in _fitting(shapes, data):
            following += _step(each, part)
        shapes = [inner for each in following for inner in _unfold(each)]
        data = data[part] if _has(data, part) else None
    return [each for each in _fitting(shapes, data) if _is_model(each)]


def keys_of(models: list[type[BaseModel]]) -> list[str]:
    """Return the keys that these models have, in the order they are declared."""
    return list(dict.fromkeys(field.alias or name for model in models for name, field in model.model_fields.items()))


def choices_of(models: list[type[BaseModel]], key: str) -> list[str]:
    """Return the words a key may hold in any of these models."""
    found: list[str] = []
    for model in models:
        if key in model.model_fields:
            found += _literals(model.model_fields[key].annotation)
    return list(dict.fromkeys(found))


def _unfold(shape: Any) -> list[Any]:
    origin = get_origin(shape)
    if origin is Annotated:
        return _unfold(get_args(shape)[0])
    if origin in (Union, UnionType):
        return [inner for each in get_args(shape) for inner in _unfold(each)]
    return [shape]


def _is_model(shape: Any) -> bool:
    return isinstance(shape, type) and issubclass(shape, BaseModel)


def _fitting(shapes: list[Any], data: Any) -> list[Any]:
    """Keep what can hold this data: of several models those whose fixed words agree and that know most of its keys."""
    models = [each for each in shapes if _is_model(each)]
    if len(models) < 2 or not isinstance(data, Mapping):
        return shapes
    agreeing = [model for model in models if _agrees(model, data)] or models
    known = {model: sum(key in model.model_fields for key in data) for model in agreeing}
    most = max(known.values())
    best = [model for model in agreeing if known[model] == most]
    return [*best, *(each for each in shapes if not _is_model(each))]


def _agrees(model: type[BaseModel], data: Mapping[str, Any]) -> bool:
    for name, field in model.model_fields.items():
        words = _literals(field.annotation) if get_origin(field.annotation) is Literal else []
        if field.is_required() and words and name in data and data[name] not in words:
            return False
    return True


def _literals(annotation: Any) -> list[str]:
    return [str(word) for each in _unfold(annotation) if get_origin(each) is Literal for word in get_args(each)]


def _step(shape: Any, part: str | int) -> list[Any]:
    """Return the shapes one step further: a field of a model, an item of a list, a value of a mapping."""
    if _is_model(shape):
        field = shape.model_fields.get(str(part))
        return [field.annotation] if field else []
    arguments = get_args(shape)
    if get_origin(shape) is list and isinstance(part, int):
        return [arguments[0]]
    if get_origin(shape) is dict:
        return [arguments[1]]
    return []
