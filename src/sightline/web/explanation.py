"""An explanation in finished words, for the drawer and the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sightline.dashboards import dates, formats
from sightline.dashboards.freshness import reached
from sightline.dashboards.parts import Standing
from sightline.dashboards.units import Unit, unit_of
from sightline.definitions.catalog import Catalog
from sightline.metrics.answer import Answer
from sightline.metrics.result import Explanation, SourceState

STATES = {
    "no_data": "No data in this period",
    "hidden": "Your role does not show what this is computed from",
    "zero_denominator": "Nothing to divide by in this period",
    "too_few": "Fewer observations than this metric asks for",
    "mixed_currencies": "Amounts in several currencies are not added",
    "no_rate": "No exchange rate for these amounts on their days",
    "no_history": "The data does not reach back to the earlier figure",
    "undefined": "Not defined for these values",
    "not_reached": "Not reached yet by enough of them",
}
DIRECTIONS = {"up": "Higher is better", "down": "Lower is better", "neutral": "Neither direction is better"}


@dataclass(frozen=True)
class Line:
    """One step of the lineage."""

    icon: str
    title: str
    words: str
    state: str = ""


@dataclass(frozen=True)
class Shown:
    """Everything the drawer prints.

    `caveat` says why the value is not a plain number, `unusual` what is odd about the data it is made of.
    """

    metric: str
    label: str
    value: str
    summary: str
    caveat: str
    unusual: tuple[str, ...]
    status: str
    status_words: str
    status_reason: str
    description: str
    formula: str
    filled: str
    operands: tuple[tuple[str, str], ...]
    filters: tuple[tuple[str, str], ...]
    lineage: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    sql: str


def explained(
    found: Explanation,
    answer: Answer,
    catalog: Catalog,
    *,
    stands: Standing,
    unusual: Mapping[str, str] | None = None,
) -> Shown:
    """Return an explanation as the page prints it; `unusual` says of datasets what is odd about them now."""
    odd = unusual or {}
    currency = catalog.settings.currency
    unit, cell = unit_of(found.unit, currency=currency), found.cell
    return Shown(
        metric=found.metric,
        label=found.label,
        value=exact(cell.value, unit),
        summary=_summary(found, answer),
        caveat=_caveat(found),
        unusual=tuple(odd[source.dataset] for source in found.sources if source.dataset in odd),
        status=stands.status or "",
        status_words=stands.words if stands.status else "",
        status_reason=stands.reason if stands.status else "",
        description=found.description,
        formula=found.formula,
        filled=found.filled,
        operands=tuple(
            (each.label, exact(each.value, unit_of(each.unit, currency=currency))) for each in found.operands
        ),
        filters=_filters(found, answer),
        lineage=_lineage(found, answer),
        facts=_facts(found, unit, answer),
        notes=found.notes,
        sql=found.sql,
    )


def exact(value: float | None, unit: Unit) -> str:
    """Return a number with all that is meant: money with its cents, anything else with up to four decimals."""
    if unit.kind == "money" and value is not None and value != round(value):
        return formats.number(value, unit, decimals=2)
    return formats.number(value, unit, place="exact")


def _summary(found: Explanation, answer: Answer) -> str:
    days = dates.span(found.period, today=answer.today)
    to_date = ", to date" if answer.is_open else ""
    n = f" {formats.plural(found.cell.n, 'observation')}." if found.cell.n is not None else ""
    return f"{found.label}, {days[0].lower() + days[1:] if days == 'All time' else days}{to_date}.{n}"


def _caveat(found: Explanation) -> str:
    cell = found.cell
    if cell.maturing is not None:
        return f"Maturing: {cell.maturing:.0%} of this cohort has had time to convert"
    return STATES.get(cell.state, "")


def _filters(found: Explanation, answer: Answer) -> tuple[tuple[str, str], ...]:
    lines = [("Period", dates.span(found.period, today=answer.today))]
    if found.comparison is not None:
        lines.append(("Compared with", dates.span(found.comparison, today=answer.today)))
    held = ((name, words[:1].upper() + words[1:]) for name, words in found.filters)
    return (*lines, *held, ("Time zone", found.zone))


def _lineage(found: Explanation, answer: Answer) -> tuple[Line, ...]:
    sources = [Line("db", source.label, _source(source, answer), source.state) for source in found.sources]
    step = Line(
        "layers", f"Snapshot {found.snapshot}", "One version of all datasets; the same question gives the same answer"
    )
    return (*sources, step, Line("hash", found.metric, found.definition))


def _source(source: SourceState, answer: Answer) -> str:
    if source.state == "empty":
        return "Nothing loaded yet"
    words = []
    if source.data_through is not None:
        words.append(f"Data to {reached(source, catalog=answer.catalog, today=answer.today)}")
    if source.loaded_at is not None:
        words.append(f"loaded {dates.moment(source.loaded_at, zone=answer.zone, today=answer.today)}")
    return ", ".join(words)


def _facts(found: Explanation, unit: Unit, answer: Answer) -> tuple[tuple[str, str], ...]:
    cell, facts = found.cell, []
    if cell.previous is not None:
        facts.append(("Before", exact(cell.previous, unit)))
    if cell.target is not None:
        facts.append(("Target", exact(cell.target, unit)))
    if cell.expected is not None and cell.expected != cell.target:
        facts.append(("Due by now", exact(cell.expected, unit)))
    if cell.excluded:
        why = "without an exchange rate" if cell.unrated else "with events out of order"
        facts.append(("Left out", f"{formats.plural(cell.excluded, 'row')} {why}"))
    facts.append(("Direction", DIRECTIONS.get(found.direction, found.direction)))
    facts += [("Owner", found.owner.replace("_", " ").capitalize())] if found.owner else []
    return (
        *facts,
        ("Definitions", found.digest[:8]),
        ("Asked", dates.moment(answer.asked_at, zone=answer.zone, today=answer.today)),
    )
