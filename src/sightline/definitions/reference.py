"""The reference of the pack language, written from the schemas so that it cannot drift.

`python -m sightline.definitions.reference docs/definitions.md` writes it; a test keeps it current.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sightline.definitions.bands import ALLOWED as BANDS
from sightline.definitions.expressions import GRAMMAR
from sightline.definitions.kinds import KINDS, SETTINGS, Kind
from sightline.definitions.periods import ALLOWED as PERIODS
from sightline.definitions.schema.base import Described
from sightline.definitions.schema.dashboard import PANELS, Panel
from sightline.definitions.schema.dataset import CHECKS, CheckBase
from sightline.definitions.schema.metric import Metric, MetricBase

STATUS = (
    "by the first of `excellent` (Ahead), `good` (On track), `critical` (Off track) and `warning` (Watch) that "
    "holds the value, without bands by the target (`near_target` is the share of it that may be missing on watch); "
    "then a `status:` rule moves it by one step: `worse_for` whole periods running lower it, coming to the target "
    "in time (`reaches_target_in`) raises it from off track, and `ahead_by` a share of the target raises it from on "
    "track. Tables, bullet bars, states over time and exported alerts go by the value alone"
)
HEAD = """\
# The pack language

Written by `python -m sightline.definitions.reference`; do not edit. Editors complete and check with the JSON Schemas
in [schemas/](schemas/). Unknown keys are errors. A problem is told with file, line, column and one of the
[codes](errors.md); `sightline check` lists them all.
"""


def reference() -> str:
    """Return the text of docs/definitions.md."""
    lines = [HEAD, "## Files", "", "| kind | where | holds |", "|---|---|---|"]
    lines += [f"| {kind.name} | `{_where(kind)}` | {_holds(kind)} |" for kind in (*KINDS.values(), SETTINGS)]
    lines += ["", "## Words with a grammar", "", f"- **Period**: {PERIODS}.", f"- **Band**: {BANDS}."]
    lines += [f"- **Status**: {STATUS}."]
    lines += [f"- **Expression**: {GRAMMAR}.", "- **Length of time**: `26h`, `30 days`, `24 months`.", ""]
    for kind in (*KINDS.values(), SETTINGS):
        lines += _kind(kind)
    return "\n".join(lines).rstrip() + "\n"


def _where(kind: Kind) -> str:
    return f"{kind.place}*.yaml" if kind.is_folder else kind.place


def _holds(kind: Kind) -> str:
    return f"many, by name, under `{kind.map_key}:`" if kind.map_key else f"one, named by `{kind.name_key}:`"


def _kind(kind: Kind) -> Iterator[str]:
    yield f"## {kind.name.capitalize()}"
    yield ""
    if kind.name == "metric":
        yield from _family("type", {_word(model): model for model in _nested(Metric)}, MetricBase)
        return
    yield from _model(kind.shape, Described if issubclass(kind.shape, Described) else BaseModel)
    if kind.name == "dataset":
        yield from _family("check", CHECKS, CheckBase)
    if kind.name == "dashboard":
        yield from _family("panel", PANELS, Panel)


def _family(noun: str, members: dict[str, type[Any]], common: type[BaseModel]) -> Iterator[str]:
    yield f"### Every {noun}"
    yield ""
    yield from _model(common, BaseModel)
    for name, member in members.items():
        yield f"### {noun} `{name}`"
        yield ""
        yield from _model(member, common)


def _model(model: type[BaseModel], base: type[BaseModel]) -> Iterator[str]:
    described = model.__doc__ or ""
    if described and described != base.__doc__:
        yield " ".join(described.split())
        yield ""
    own = {
        name: field
        for name, field in model.model_fields.items()
        if name not in base.model_fields or field.default != base.model_fields[name].default
    }
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    for name, field in own.items():
        meaning = (field.description or "").replace("|", "\\|")
        yield f"| `{name}` | {_type(field.annotation)} | {_default(field)} | {meaning} |"
    yield ""
    for nested in dict.fromkeys(inner for field in own.values() for inner in _nested(field.annotation)):
        if not issubclass(nested, Panel | CheckBase):
            yield f"`{nested.__name__}`: " + ", ".join(f"`{key}`" for key in nested.model_fields)
            yield ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value in (None, "", [], {}) or isinstance(value, BaseModel):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in arguments)
    if origin in (Union, UnionType):
        words = [_type(each) for each in arguments if each is not type(None)]
        return " or ".join(dict.fromkeys(words)) if len(words) < 6 else "one of those below"
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"mapping of name to {_type(arguments[1])}"
    words_of = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return words_of.get(annotation, f"`{annotation.__name__}`" if _is_model(annotation) else "date")


def _nested(annotation: Any) -> list[type[BaseModel]]:
    if _is_model(annotation):
        return [annotation]
    return [inner for each in get_args(annotation) for inner in _nested(each)]


def _word(model: type[BaseModel]) -> str:
    return str(get_args(model.model_fields["type"].annotation)[0])


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/definitions.md").write_text(reference(), encoding="utf-8")
