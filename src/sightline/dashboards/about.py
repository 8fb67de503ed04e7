"""The address of one number: which metric, where and when. The explain drawer and the rows behind share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from sightline.dashboards.selection import Selection, parse
from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.metric import Grain
from sightline.errors import UserError
from sightline.metrics.answer import Answer
from sightline.metrics.plan import AGE
from sightline.metrics.question import Question
from sightline.metrics.rows import PAGE, RowsRequest


class NoMetric(UserError):
    """The address does not say which number it is about."""

    code = "SL-E072"


@dataclass(frozen=True)
class About:
    """One number. `selection` is where it was seen; `question` has it as the only row."""

    metric: str
    question: Question
    selection: Selection
    problems: tuple[str, ...]
    age: int | None = None

    def row(self, answer: Answer) -> int:
        """Return in which row of the answer it stands: the first, or of a cohort the one of its age."""
        ages = answer.data.get(AGE, [])
        return ages.index(self.age) if self.age in ages else 0

    def rows(self, *, page: int = 1, page_size: int = PAGE) -> RowsRequest:
        """Return the request for the rows behind the number."""
        asked = self.question
        return RowsRequest(
            metric=self.metric,
            filters=asked.filters,
            where=asked.where,
            period=asked.period,
            page=page,
            page_size=page_size,
        )


def about(query: Mapping[str, Sequence[str]], *, catalog: Catalog) -> About:
    """Return the number that `explain?…` or `rows?…` is about. Raises NoMetric or UnknownName."""
    metric = str((query.get("metric") or ("",))[-1])
    if not metric:
        raise NoMetric("this address names no metric", hint="Open it from a number on a dashboard.")
    catalog.metric(metric)
    parsed = parse(query, dashboard=None, catalog=catalog)
    where = str((query.get("where") or ("",))[-1]) or None
    selection = parsed.selection
    unbounded = selection.period == "all_time" and selection.compare not in ("target", "peers")
    question = Question(
        metrics=(metric,),
        where=where,
        filters=selection.filters,
        period=selection.period,
        compare="none" if unbounded else selection.compare,
    )
    return About(metric, replace(question, grain=_grain(query)), selection, parsed.problems, _age(query))


def _grain(query: Mapping[str, Sequence[str]]) -> Grain | None:
    """Return the length of a cohort's buckets; other numbers have no buckets of their own."""
    written = str((query.get("grain") or ("",))[-1])
    return next((grain for grain in get_args(Grain) if grain == written), None) if "age" in query else None


def _age(query: Mapping[str, Sequence[str]]) -> int | None:
    written = str((query.get("age") or ("",))[-1])
    return int(written) if written.isascii() and written.isdigit() and len(written) < 5 else None
