"""What the answer of each type of metric is as points: labels and a value, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sightline.definitions.exported import STAGE_LABEL
from sightline.definitions.schema.metric import Retention
from sightline.metrics.answer import Answer, Cell
from sightline.metrics.reading import maturing

IMMATURE, UNDEFINED = "immature", "undefined"


@dataclass(frozen=True)
class Point:
    """One figure. `labels` come beside those of its row; `why_not` is empty where there is a value to show."""

    labels: tuple[tuple[str, str], ...]
    value: float
    why_not: str = ""


@dataclass(frozen=True)
class Shape:
    """How a type of metric is read. One that is asked `alone` shares no question with others.

    `window` is the period of an export that names none.
    """

    points: Callable[[Answer, int, str], Iterator[Point]]
    alone: bool = False
    window: str = "last_30_days"


def shape_of(kind: str) -> Shape:
    """Return how a type of metric is read; a type without a line of its own is one figure per row."""
    return SHAPES.get(kind, FIGURE)


def _figure(answer: Answer, row: int, metric: str) -> Iterator[Point]:
    yield _point((), answer.cell(row, metric))


def _stages(answer: Answer, row: int, metric: str) -> Iterator[Point]:
    why_not = IMMATURE if maturing(answer, row, metric) is not None else ""
    for stage in answer.funnel(row=row):
        yield Point(((STAGE_LABEL, stage.name),), float(stage.count), why_not)


def _ages(answer: Answer, row: int, metric: str) -> Iterator[Point]:
    """Yield the share of a cohort at one age: `cohort` is its first day, the age stands in a label named by grain."""
    cohort, age = answer.value(row, "period"), answer.value(row, "age")
    definition = answer.catalog.metric(metric)
    grain: str = answer.question.grain or (definition.grain if isinstance(definition, Retention) else "age")
    yield _point((("cohort", str(cohort)), (grain, str(age))), answer.cell(row, metric))


def _point(labels: tuple[tuple[str, str], ...], cell: Cell) -> Point:
    if cell.state != "ok" or cell.value is None:
        return Point(labels, 0.0, cell.state if cell.state != "ok" else UNDEFINED)
    return Point(labels, float(cell.value), IMMATURE if cell.maturing is not None else "")


FIGURE = Shape(_figure)
SHAPES: dict[str, Shape] = {
    "simple": FIGURE,
    "ratio": FIGURE,
    "derived": FIGURE,
    "score": FIGURE,
    "cumulative": FIGURE,
    "semi_additive": FIGURE,
    "conversion": FIGURE,
    "interval": FIGURE,
    "movement": FIGURE,
    "funnel": Shape(_stages, alone=True),
    "retention": Shape(_ages, alone=True, window="last_12_months"),
}
"""One line per type of metric; a test names the types that lack one."""
