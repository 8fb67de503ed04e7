"""Questions written as text: the words of the command line and of the API's query string."""

from __future__ import annotations

from typing import TypeVar, cast, get_args

from sightline.definitions.catalog import did_you_mean
from sightline.definitions.schema.metric import Grain
from sightline.metrics.question import COMPARISONS, Order, Question, QuestionError

Word = TypeVar("Word", bound=str)


def parse_question(
    *,
    metrics: str,
    by: str = "",
    grain: str = "",
    where: str = "",
    period: str = "",
    compare: str = "",
    order: str = "",
    limit: int | None = None,
) -> Question:
    """Return the question. Lists are separated by commas; `-name` in `order` is descending. Raises QuestionError."""
    names = split_names(metrics)
    if not names:
        raise QuestionError("no metric was asked for", hint="name at least one, for example --metrics leads")
    return Question(
        metrics=names,
        group_by=split_names(by),
        grain=cast(Grain, _one_of(grain, "grain", get_args(Grain))) if grain else None,
        where=where or None,
        period=period or "all_time",
        compare=_one_of(compare, "comparison", COMPARISONS) if compare else "none",
        order=tuple(_order(text) for text in split_names(order)),
        limit=limit,
    )


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of a comma-separated list, without blanks."""
    return tuple(part for part in (piece.strip() for piece in text.split(",")) if part)


def _order(text: str) -> Order:
    return Order(column=text.removeprefix("-"), descending=text.startswith("-"))


def _one_of(text: str, kind: str, allowed: tuple[Word, ...]) -> Word:
    for word in allowed:
        if word == text:
            return word
    hint = did_you_mean(text, allowed)
    raise QuestionError(
        f'unknown {kind} "{text}"', hint=hint if hint.startswith("allowed") else f"{hint} allowed: {', '.join(allowed)}"
    )
