"""A question, as JSON."""

from __future__ import annotations

from ninja import Schema
from pydantic import ConfigDict, Field

from sightline.definitions.schema.metric import Grain
from sightline.metrics.question import Comparison, Filter, Operator, Order, Question
from sightline.metrics.question_text import parse_question

MAX_ROWS = 100_000
"""Most rows of one answer over HTTP. `meta.total_rows` always tells how many there are."""

MAX_NAMES = 50


class Strict(Schema):
    """A request body: an unknown key is an error, never ignored."""

    model_config = ConfigDict(extra="forbid")


class FilterBody(Strict):
    """A dimension held to some values; null among them is the missing value."""

    dimension: str
    values: list[str | int | float | bool | None] = Field(min_length=1, max_length=1000)
    operator: Operator = "in"


class OrderBody(Strict):
    column: str
    descending: bool = False


class QuestionBody(Strict):
    """Metrics, grouped, over a period: the same words as `sightline query`."""

    metrics: list[str] = Field(min_length=1, max_length=MAX_NAMES)
    by: list[str] = Field(
        default=[], max_length=MAX_NAMES, description="Dimensions or entities, one row per combination."
    )
    grain: Grain | None = Field(default=None, description="Adds a column `period` with the first day of each bucket.")
    where: str | None = Field(default=None, max_length=2000, description="A condition such as `source = 'organic'`.")
    filters: list[FilterBody] = Field(default=[], max_length=MAX_NAMES, description="The same as data; both apply.")
    period: str = Field(default="all_time", description="A preset or `2025-01-01..2025-02-01` (end excluded).")
    compare: Comparison = "none"
    order: list[OrderBody] = Field(default=[], max_length=MAX_NAMES)
    limit: int = Field(default=MAX_ROWS, ge=1, le=MAX_ROWS)
    explain: bool = Field(default=False, description="Adds the SQL and its bound values to `meta`.")

    def question(self) -> Question:
        """Return the question that is meant."""
        return Question(
            metrics=tuple(self.metrics),
            group_by=tuple(self.by),
            grain=self.grain,
            where=self.where,
            filters=tuple(Filter(f.dimension, tuple(f.values), f.operator) for f in self.filters),
            period=self.period,
            compare=self.compare,
            order=tuple(Order(o.column, o.descending) for o in self.order),
            limit=self.limit,
        )


class QuestionText(Strict):
    """A question in an address, in the words of the command line."""

    metrics: str = Field(max_length=4000, description="Names separated by commas.")
    by: str = Field(default="", max_length=4000, description="Dimensions or entities, separated by commas.")
    grain: str = Field(default="", description="hour, day, week, month, quarter or year")
    where: str = Field(default="", max_length=2000)
    period: str = ""
    compare: str = ""
    order: str = Field(default="", max_length=4000, description="Columns separated by commas; `-name` is descending.")
    limit: int = Field(default=MAX_ROWS, ge=1, le=MAX_ROWS)
    explain: bool = Field(default=False, description="Adds the SQL and its bound values to `meta`.")

    def question(self) -> Question:
        """Return the question that is meant. Raises QuestionError."""
        return parse_question(
            metrics=self.metrics,
            by=self.by,
            grain=self.grain,
            where=self.where,
            period=self.period,
            compare=self.compare,
            order=self.order,
            limit=self.limit,
        )


class ExplainText(QuestionText):
    """A question, and which of its numbers to explain."""

    metric: str = Field(default="", description="One of the metrics asked for; default: the first.")
    row: int = Field(default=0, ge=0, description="Row of the answer, counted from 0.")
