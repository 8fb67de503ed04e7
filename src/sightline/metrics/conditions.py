"""The conditions of a question are sound before anything is read: names, operators, and values of the right type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from sightline.definitions.catalog import did_you_mean
from sightline.definitions.dimensions import Dimension, Joins, UnknownDimension
from sightline.definitions.expressions import ExpressionError, attributes_in, columns_in, parse_expression
from sightline.definitions.value_types import KINDS, WORDS, Kind, fits, require_condition
from sightline.metrics.question import Filter, Operator, QuestionError

Readers = Mapping[str, str]
"""Who is asked, in words (`metric "leads"`), and the dataset it reads."""


def require_conditions(filters: tuple[Filter, ...], where: str | None, *, readers: Readers, joins: Joins) -> None:
    """Raise QuestionError for a filter or a `where` that some reader cannot apply."""
    for held in filters:
        _require_filter(held, dimension_seen(held.dimension, readers=readers, joins=joins))
    if not where:
        return
    try:
        tree = parse_expression(where)
        if attributes_in(tree):
            raise ExpressionError("$user stands in the rules of roles, not in questions", hint="Write the value.")
        seen = {name: dimension_seen(name, readers=readers, joins=joins) for name in sorted(columns_in(tree))}
        for number in range(len(readers)):
            types = {name: dimensions[number].type for name, dimensions in seen.items()}
            require_condition(tree, text=where, type_of=types.__getitem__)
    except ExpressionError as error:
        raise QuestionError(error.message, hint=error.hint) from error


def _require_filter(held: Filter, seen: list[Dimension]) -> None:
    if held.operator not in get_args(Operator):
        raise QuestionError(f'unknown operator "{held.operator}"', hint=did_you_mean(held.operator, get_args(Operator)))
    known = [value for value in held.values if value is not None]
    if held.operator not in ("in", "not_in") and (len(known) != 1 or len(held.values) != 1):
        raise QuestionError(f'"{held.dimension} {held.operator}" takes exactly one value, and a known one')
    for kind in {KINDS[each.type] for each in seen}:
        wanted: Kind = "text" if held.operator == "contains" else kind
        if not all(fits(value, wanted) for value in known):
            raise QuestionError(
                f'"{held.dimension}" holds {WORDS[wanted]}, which not every value of the filter is',
                hint="Compare text with text, numbers with numbers and dates as 2025-01-31.",
            )


def dimension_seen(name: str, *, readers: Readers, joins: Joins) -> list[Dimension]:
    """Return the dimension as each reader's dataset reaches it. Raises QuestionError when one does not."""
    seen: list[Dimension] = []
    for reader, dataset in readers.items():
        try:
            seen.append(joins.resolve(dataset, name))
        except UnknownDimension as error:
            hint = did_you_mean(name, _shared_names(readers, joins))
            raise QuestionError(f'{reader} (dataset {dataset}) has no dimension "{name}"', hint=hint) from error
    return seen


def _shared_names(readers: Readers, joins: Joins) -> set[str]:
    reached = [{name for name in joins.dimensions(dataset) if "__" not in name} for dataset in readers.values()]
    return set.intersection(*reached) if reached else set()
