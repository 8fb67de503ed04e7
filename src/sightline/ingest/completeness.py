"""Where data is incomplete: metrics that have a floor, asked for and held against it, member by member."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sightline.definitions.catalog import Catalog
from sightline.definitions.lineage import grouping_datasets
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Completeness
from sightline.errors import UserError
from sightline.home import WorkspaceFolder
from sightline.ingest.data_events import About
from sightline.ingest.models import DataEvent
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.explain import plain
from sightline.metrics.members import members
from sightline.metrics.question import Question
from sightline.metrics.warehouse import warehouse_of

KIND = "incomplete"
MOST_ARCHIVED = 10_000


@dataclass(frozen=True)
class Low:
    """A figure below its floor, in words and numbers."""

    message: str
    detail: dict[str, object]


def incomplete(folder: WorkspaceFolder, *, now: datetime) -> Iterator[tuple[About, Low | None]]:
    """Yield what has a floor: with what it lacks, or None when it is met, or no longer judged."""
    open_now = DataEvent.objects.filter(workspace=folder.name, kind=KIND, ended_at=None)
    was = {About(folder.name, KIND, dataset=each.dataset, subject=each.subject) for each in open_now}
    seen: set[About] = set()
    for name, metric in folder.catalog.metrics.items():
        if metric.completeness is None:
            continue
        try:
            for about, low in _judged(folder, name, metric.completeness, now=now):
                seen.add(about)
                yield about, low
        except UserError:  # a definition that cannot be asked is reported by the check of definitions
            seen |= {about for about in was if about.subject.partition(" ")[0] == name}
    yield from ((about, None) for about in was - seen)


def _judged(
    folder: WorkspaceFolder, name: str, floor: Completeness, *, now: datetime
) -> Iterator[tuple[About, Low | None]]:
    groups = (floor.by,) if floor.by else ()
    warehouse = warehouse_of(folder)
    question = Question((name,), group_by=groups, period=floor.period)
    answer = ask(question, SYSTEM_VIEWER, warehouse=warehouse, now=now)
    dataset = min(grouping_datasets(folder.catalog.metrics, name), default="")
    gone = set()
    if floor.by:
        archived = members(floor.by, SYSTEM_VIEWER, warehouse=warehouse, limit=MOST_ARCHIVED, archived=True)
        gone = {member.key for member in archived}
    for row in range(answer.n_rows):
        member = answer.value(row, floor.by) if floor.by else None
        cell = answer.cell(row, name)
        if cell.value is None or cell.state == "too_few" or (member is not None and str(member) in gone):
            continue
        subject = f"{name} {member}" if floor.by else name
        about = About(folder.name, KIND, dataset=dataset, subject=subject[:200])
        yield about, _low(answer, row, name, floor, cell.value) if cell.value < floor.floor else None


def _low(answer: Answer, row: int, name: str, floor: Completeness, value: float) -> Low:
    label, unit = _label(name, answer.catalog), answer.catalog.metric(name).unit
    of = f" of {_member(answer, row, floor.by)}" if floor.by else ""
    detail: dict[str, object] = {"metric": name, "value": value, "floor": floor.floor, "period": floor.period}
    if floor.by:
        detail |= {"by": floor.by, "member": answer.value(row, floor.by)}
    shown, limit = (f"{value:.1%}", f"{floor.floor:.1%}") if unit == "percent" else (f"{value:.1f}", plain(floor.floor))
    return Low(f"{label}{of} is {shown}, below {limit}.", detail)


def _label(name: str, catalog: Catalog) -> str:
    return label_of(name, catalog.metric(name).label)


def _member(answer: Answer, row: int, by: str) -> str:
    label = answer.value(row, f"{by}_label")
    return str(label) if label else answer.dimensions[0].word(answer.value(row, by))
