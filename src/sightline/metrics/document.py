"""The JSON form of an answer and of an explanation: one shape for the API, the command line and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from sightline.definitions.schema.metric import Funnel
from sightline.metrics.answer import Answer, Column, Explanation, SourceState
from sightline.metrics.question import Period
from sightline.metrics.reading import maturing, observations, state_of
from sightline.metrics.rows import RowsPage

Document = dict[str, Any]


def answer_document(answer: Answer, *, with_sql: bool = False) -> Document:
    """Return `{"columns", "rows", "meta"}`; `to_json` writes it. SQL and its bound values only when asked for."""
    columns, rows = visible(answer)
    return {
        "columns": [_column(column) for column in columns],
        "rows": rows,
        "meta": _meta(answer, with_sql=with_sql),
    }


def visible(answer: Answer) -> tuple[tuple[Column, ...], list[list[Any]]]:
    """Return columns and rows as people read them: a funnel has a row per stage."""
    return _stages(answer) if is_funnel(answer) else (answer.columns, answer.rows())


def is_funnel(answer: Answer) -> bool:
    """Return whether the answer is about a funnel, which is always asked for alone."""
    return isinstance(answer.catalog.metric(answer.question.metrics[0]), Funnel)


def _stages(answer: Answer) -> tuple[tuple[Column, ...], list[list[Any]]]:
    name = answer.question.metrics[0]
    groups = tuple(column for column in answer.columns if column.metric is None)
    label, unit = next((column.label, column.unit) for column in answer.columns if column.metric == name)
    columns = (
        *groups,
        Column("stage", "Stage", "string", "", "dimension"),
        Column("stage_label", "Stage name", "string", "", "label"),
        Column(name, label, "integer", unit, "metric", name),
        Column(f"{name}__step_rate", "Of the stage before", "number", "percent", "metric"),
        Column(f"{name}__overall_rate", "Of the first stage", "number", "percent", "metric"),
        Column(f"{name}__median_days", "Median time from the stage before", "number", "days", "metric"),
    )
    rows = [
        [
            *(answer.value(row, column.name) for column in groups),
            *(stage.name, stage.label, stage.count, stage.step_rate, stage.overall_rate, stage.median_days),
        ]
        for row in range(answer.n_rows)
        for stage in answer.funnel(row=row)
    ]
    return columns, rows


def explanation_document(explanation: Explanation) -> Document:
    """Return one explained number: definition, formula with operands, filters, sources and SQL."""
    document = asdict(explanation)
    document["period"] = period_document(explanation.period)
    document["comparison"] = period_document(explanation.comparison)
    document["filters"] = [{"name": name, "value": value} for name, value in explanation.filters]
    return document


def rows_document(page: RowsPage) -> Document:
    """Return one page of rows; the SQL stays here."""
    return {
        "dataset": page.dataset,
        "label": page.label,
        "columns": [
            {"name": each.name, "label": each.label, "type": each.type, "unit": each.unit} for each in page.columns
        ],
        "rows": page.rows,
        "total": page.total,
        "different": page.different,
        "page": page.page,
        "pages": page.pages,
        "period": period_document(page.period),
        "snapshot": page.snapshot.id,
    }


def period_document(period: Period | None) -> Document | None:
    """Return name, first day and the day after the last; an open side is null."""
    if period is None:
        return None
    return {"name": period.name, "start": period.start, "end": period.end}


def data_through(sources: tuple[SourceState, ...]) -> datetime | None:
    """Return the moment up to which every dated source of the answer has data: the earliest of their newest rows."""
    return min((source.data_through for source in sources if source.data_through), default=None)


def to_json(document: Any, *, indent: bool = False) -> bytes:
    """Return UTF-8 JSON. Numbers keep every digit, moments are UTC with a `Z`, days are `2018-01-31`."""
    options = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_SERIALIZE_NUMPY
    return orjson.dumps(document, default=_plain, option=options | (orjson.OPT_INDENT_2 if indent else 0))


def text_of(value: object) -> str:
    """Return a value as CSV and tables write it: full precision, ISO dates, nothing for a missing one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    plain = _plain(value) if isinstance(value, datetime | date) else value
    return str(plain)


def _column(column: Column) -> Document:
    return {
        "name": column.name,
        "label": column.label,
        "type": column.type,
        "unit": column.unit,
        "role": column.role,
        "metric": column.metric,
    }


def _meta(answer: Answer, *, with_sql: bool) -> Document:
    meta: Document = {
        "snapshot": answer.snapshot.id,
        "data_through": data_through(answer.sources),
        "elapsed_ms": round(answer.elapsed_ms, 3),
        "period": period_document(answer.period),
        "compare": answer.compare,
        "comparison": period_document(answer.comparison),
        "zone": answer.zone,
        "to_date": answer.is_open,
        "asked_at": answer.asked_at,
        "total_rows": answer.total_rows,
        "states": states_of(answer),
        "sources": [asdict(source) for source in answer.sources],
        "notes": list(answer.notes),
    }
    if with_sql:
        meta |= {"sql": answer.sql, "parameters": {name: _bound(value) for name, value in answer.parameters.items()}}
    return meta


def _bound(value: object) -> object:
    """Return a bound value; of the lake's files only how many, since their paths say things about the server."""
    if isinstance(value, str) and value.endswith(".parquet"):
        return f"{len(value.splitlines())} files"
    return value


def states_of(answer: Answer) -> list[Document]:
    """Return every figure that is not a plain number (row, metric, why, n), and every cohort that still matures."""
    metrics = () if is_funnel(answer) else answer.question.metrics
    states = []
    for row in range(answer.n_rows):
        for metric in metrics:
            state, share = state_of(answer, row, metric), maturing(answer, row, metric)
            if state != "ok" or share is not None:
                n = observations(answer, row, metric)
                states.append({"row": row, "metric": metric, "state": state, "n": n, "maturing": share})
    return states


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value).encode()) if value.is_finite() else None
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")
