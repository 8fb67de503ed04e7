"""Comparison with the target: what should be reached, what of it is due by now, and the gap, as columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from sightline.definitions.schema.metric import Funnel
from sightline.metrics.result import Column

if TYPE_CHECKING:
    from sightline.metrics.answer import Answer

SHOWN = (("target", "target"), ("expected", "due by now"), ("gap", "gap to what is due"))
"""The fields of a cell that become columns, and what a column is called after its metric."""


def with_targets(answer: Answer) -> Answer:
    """Return the answer with `<metric>__target`, `__expected` and `__gap` beside each metric that has targets."""
    table, columns = answer.table, list(answer.columns)
    for name in answer.question.metrics:
        metric = answer.catalog.metric(name)
        if not metric.targets or isinstance(metric, Funnel):
            continue
        cells = [answer.cell(row, name) for row in range(answer.n_rows)]
        at = next(index for index, column in enumerate(columns) if column.name == name)
        own = columns[at]
        for field, words in SHOWN:
            values = pa.array([getattr(cell, field) for cell in cells], type=pa.float64())
            table = table.append_column(f"{name}__{field}", values)
            at += 1
            columns.insert(at, Column(f"{name}__{field}", f"{own.label}, {words}", "number", own.unit, "target", name))
    return replace(answer, table=table, columns=tuple(columns), read=type(answer.read)())
