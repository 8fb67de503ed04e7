"""Comparison with peers: each group against all that the viewer may see, recomputed and never averaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from sightline.metrics.plan import PERIOD
from sightline.metrics.question import Question
from sightline.metrics.result import Column

if TYPE_CHECKING:
    from sightline.metrics.answer import Answer


def with_peers(answer: Answer, ask_again: Callable[[Question], Answer]) -> Answer:
    """Return the answer with the figure of all groups together beside each group's own."""
    question = answer.question
    whole = ask_again(replace(question, group_by=(), compare="none", order=(), limit=None))
    position = {bucket: row for row, bucket in enumerate(whole.data.get(PERIOD, [None]))}
    table, columns = answer.table, list(answer.columns)
    for name in question.metrics:
        reference = [
            whole.value(position[bucket], name) if bucket in position else None
            for bucket in answer.data.get(PERIOD, [None] * answer.n_rows)
        ]
        points = answer.catalog.metric(name).unit == "percent"
        changes = [_change(now, then, points=points) for now, then in zip(answer.data[name], reference, strict=True)]
        at = next(index for index, column in enumerate(columns) if column.name == name)
        own = columns[at]
        for suffix, label, unit, role, values in (
            ("__previous", "all together", own.unit, "previous", reference),
            ("__change", "against all", "points" if points else "percent", "change", changes),
        ):
            table = table.append_column(f"{name}{suffix}", pa.array(values, type=pa.float64()))
            at += 1
            columns.insert(at, Column(f"{name}{suffix}", f"{own.label}, {label}", "number", unit, role, name))  # type: ignore[arg-type] # the loop's literals are roles
    return replace(answer, table=table, columns=tuple(columns), read=type(answer.read)())


def _change(now: float | None, then: float | None, *, points: bool) -> float | None:
    if now is None or then is None:
        return None
    if points:
        return now - then
    return (now - then) / abs(then) if then else None
