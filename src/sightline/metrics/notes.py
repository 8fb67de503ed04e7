"""What the reader of an answer must know beside its figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Interval, Target
from sightline.metrics.calendar import DAY
from sightline.metrics.plan import Leaf, leaves_of, outcomes_known_by, rows_known_by
from sightline.metrics.unrated import unrated_in

if TYPE_CHECKING:
    from sightline.metrics.answer import Answer


def notes_of(answer: Answer) -> tuple[str, ...]:
    """Return the notes, each headed by the label of a metric that was asked for."""
    found: list[str] = []
    for name in answer.question.metrics:
        label = label_of(name, answer.catalog.metric(name).label)
        leaves = leaves_of((name,), answer.catalog)
        found += [f"{label}: {note}" for note in (*_excluded(answer, name), *_late(answer, name))]
        found += [f"{label}: {note}" for note in _undated(answer, leaves)]
        found += [f"{label}: {note}" for note in unrated_in(answer, name, range(answer.n_rows))]
    return tuple(found)


def _excluded(answer: Answer, name: str) -> Iterator[str]:
    left_out = _total(answer, f"{name}__excluded")
    if isinstance(answer.catalog.metric(name), Interval) and left_out:
        verb = "is" if left_out == 1 else "are"
        yield f"{left_out:,} dated before its start {verb} left out of the figure"


def _late(answer: Answer, name: str) -> Iterator[str]:
    """Say it when time stops before today: the data does not reach yesterday."""
    cohorts, amounts = outcomes_known_by((name,), answer.catalog), any(each.per for each in _targets(answer, name))
    for words, sources in (
        ("maturity and waiting times count", cohorts),
        ("what is due by now counts", rows_known_by((name,), answer.catalog) if amounts else frozenset()),
    ):
        last = answer.horizon.last_day(sources)
        if last < answer.today - DAY:
            yield f"the data ends on {last}; {words} up to that day, not up to today"


def _targets(answer: Answer, name: str) -> list[Target]:
    return answer.catalog.metric(name).targets


def _undated(answer: Answer, leaves: dict[str, Leaf]) -> Iterator[str]:
    for leaf in leaves:
        rows = answer.value(0, f"{leaf}__undated") if answer.n_rows else 0
        if not rows:
            continue
        words = "1 row without a time" if rows == 1 else f"{rows:,} rows without a time"
        verb = "is" if rows == 1 else "are"
        of = f" of {label_of(leaf, answer.catalog.metric(leaf).label).lower()}" if len(leaves) > 1 else ""
        if answer.question.grain:
            yield f"{words}{of} {verb} left out: no {answer.question.grain} can hold what has no time"
        else:
            yield f"{words}{of} {verb} in the figure, but would be in no day, week or month of it"


def _total(answer: Answer, column: str) -> int:
    if column not in answer.table.column_names:
        return 0
    return int(sum(value or 0 for value in answer.table.column(column).to_pylist()))
