"""How fresh the data of each member is, such as of each school and program: the late ones first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sightline.accounts.access import Access
from sightline.dashboards import formats
from sightline.dashboards.units import Unit, unit_of
from sightline.definitions.built_in import KEPT
from sightline.definitions.catalog import Catalog
from sightline.definitions.dimensions import Joins
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Simple
from sightline.errors import UserError
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.members import members
from sightline.metrics.question import Order, Question
from sightline.metrics.warehouse import warehouse_of
from sightline.web.shell import base_of

SHOWN = 8
ASKED = 500
MOST_ARCHIVED = 10_000
RANK = {"critical": 0, "warning": 1, None: 2, "good": 3}
WORDS = {"critical": "Late", "warning": "Aging", "good": "Fresh"}


@dataclass(frozen=True)
class Age:
    """How long ago the newest row of one kind was: as text, and by the metric's bands."""

    text: str
    status: str
    words: str


@dataclass(frozen=True)
class MemberLine:
    """One member with an age for each metric. `href` is its page, "" without one."""

    label: str
    href: str
    ages: tuple[Age, ...]


@dataclass(frozen=True)
class FreshnessTable:
    """The members of one entity, those behind first. `late` counts all that are behind, `total` all there are."""

    entity: str
    label: str
    headings: tuple[tuple[str, str], ...]
    lines: tuple[MemberLine, ...]
    late: int
    total: int


def member_freshness(access: Access, *, now: datetime) -> list[FreshnessTable]:
    """Return a table for each entity whose members some age is known of, as far as the viewer may see."""
    warehouse = warehouse_of(access.folder)
    found = []
    for entity, metrics in _entities(access.catalog, warehouse.joins).items():
        order = tuple(Order(name, descending=True) for name in metrics)
        question = Question(metrics, group_by=(entity,), order=order, limit=ASKED)
        try:
            answer = ask(question, access.viewer, warehouse=warehouse, now=now)
            gone = members(entity, access.viewer, warehouse=warehouse, limit=MOST_ARCHIVED, archived=True)
        except UserError:  # what cannot be asked is told where definitions are checked
            continue
        table = _table(entity, metrics, answer, access, archived={str(each.key) for each in gone})
        found += [table] if table.lines else []
    return found


def _entities(catalog: Catalog, joins: Joins) -> dict[str, tuple[str, ...]]:
    """Return the entities with names that the rows of each age belong to, and the ages: the fewest members first."""
    found: dict[str, list[tuple[str, int]]] = {}
    for name, metric in catalog.metrics.items():
        if not isinstance(metric, Simple) or metric.agg != "age" or metric.hidden or metric.dataset in KEPT:
            continue
        for key, dimension in joins.dimensions(metric.dataset).items():
            named = dimension.labels and dimension.pii is None and dimension.labels[0] != metric.dataset
            if key == dimension.entity and named:
                found.setdefault(key, []).append((name, len(dimension.path)))
    farthest = sorted(found, key=lambda entity: -max(steps for _, steps in found[entity]))
    return {entity: tuple(name for name, _ in found[entity]) for entity in farthest}


def _table(
    entity: str, metrics: tuple[str, ...], answer: Answer, access: Access, *, archived: set[str]
) -> FreshnessTable:
    rows = [row for row in range(answer.n_rows) if answer.value(row, entity) is not None]
    rows = [row for row in rows if str(answer.value(row, entity)) not in archived]
    rows.sort(key=lambda row: _rank(answer, row, metrics))
    behind = [row for row in rows if any(answer.cell(row, name).status in ("critical", "warning") for name in metrics)]
    catalog = access.catalog
    return FreshnessTable(
        entity=entity,
        label=label_of(entity),
        headings=tuple((name, label_of(name, catalog.metric(name).label)) for name in metrics),
        lines=tuple(_line(entity, metrics, answer, row, access) for row in rows[:SHOWN]),
        late=len(behind),
        total=len(rows),
    )


def _rank(answer: Answer, row: int, metrics: tuple[str, ...]) -> tuple[int, float]:
    cells = [answer.cell(row, name) for name in metrics]
    return min(RANK[cell.status] for cell in cells), -max(cell.value or 0.0 for cell in cells)


def _line(entity: str, metrics: tuple[str, ...], answer: Answer, row: int, access: Access) -> MemberLine:
    key = str(answer.value(row, entity))
    dashboard = next((name for name, each in access.catalog.dashboards.items() if each.entity == entity), "")
    href = f"{base_of(access.workspace)}d/{dashboard}?{urlencode({entity: key})}" if dashboard else ""
    currency = access.catalog.settings.currency
    ages = tuple(
        _age(answer, row, name, unit_of(access.catalog.metric(name).unit, currency=currency)) for name in metrics
    )
    return MemberLine(str(answer.value(row, f"{entity}_label") or key), href, ages)


def _age(answer: Answer, row: int, name: str, unit: Unit) -> Age:
    cell = answer.cell(row, name)
    return Age(formats.number(cell.value, unit, decimals=0), cell.status or "", WORDS.get(cell.status or "", ""))
