"""How a number came to be: formula in words, operands, filters, period, sources, SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sightline.definitions.catalog import Catalog
from sightline.definitions.dimensions import NONE, Dimension
from sightline.definitions.expressions import parse_expression
from sightline.definitions.policy import Policy
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.metric import (
    Component,
    Conversion,
    Cumulative,
    Derived,
    Event,
    Funnel,
    Interval,
    Metric,
    Movement,
    Ratio,
    Retention,
    Score,
    SemiAdditive,
    Simple,
)
from sightline.metrics.calendar import Calendar
from sightline.metrics.compile.currency import exchange_of
from sightline.metrics.compile.exchange import base_of
from sightline.metrics.parts import parts_of
from sightline.metrics.plan import PERIOD, leaves_of
from sightline.metrics.question import Filter
from sightline.metrics.reading import cell, number
from sightline.metrics.result import Cell, Explanation, Operand
from sightline.metrics.unrated import unrated_in

if TYPE_CHECKING:
    from sightline.metrics.answer import Answer

AGGREGATIONS = {
    "sum": "sum of {0}",
    "count": "number of {1}",
    "count_distinct": "number of different {0}",
    "min": "smallest {0}",
    "max": "largest {0}",
    "avg": "average {0}",
    "median": "median {0}",
    "percentile": "percentile of {0}",
    "age": "hours since the newest {0}",
}


def explain(answer: Answer, name: str, row: int) -> Explanation:
    """Return the explanation of one metric in one row."""
    metric = answer.catalog.metric(name)
    value = cell(answer, row, name) if answer.n_rows else Cell(metric=name, value=None, state="no_data", n=0)
    parts = _operands(answer, row, name, metric) if answer.n_rows else ()
    return Explanation(
        metric=name,
        label=label_of(name, metric.label),
        description=metric.description,
        unit=metric.unit,
        direction=metric.direction,
        owner=metric.owner,
        cell=value,
        formula=formula(name, answer.catalog),
        filled=_filled(metric, parts, value),
        operands=parts,
        filters=(*_filters(answer, row), ("Row access", row_access(answer.policy))),
        period=answer.period,
        comparison=answer.comparison,
        zone=answer.zone,
        sources=answer.sources,
        snapshot=answer.snapshot.id,
        definition=str(answer.catalog.locations.get(("metric", name), "")),
        digest=answer.catalog.digest,
        sql=answer.sql,
        notes=(*answer.notes, *_remarks(answer, row, name, metric, value)),
    )


def formula(name: str, catalog: Catalog) -> str:
    """Return the metric's formula in words."""
    metric = catalog.metric(name)
    if isinstance(metric, Ratio):
        return f"{_label(metric.numerator, catalog)} ÷ {_label(metric.denominator, catalog)}"
    if isinstance(metric, Derived):
        words = {part.name: f"{_label(part.metric, catalog)}{part.when}" for part in parts_of(metric)}
        return _worded(metric.expression, words)
    if isinstance(metric, Conversion):
        within = f" within {metric.window}" if metric.window else ""
        share = f"{metric.entity} with {_event(metric.conversion, catalog)}{within}"
        base = f"{metric.entity} with {_event(metric.base, catalog)}"
        return f"{share} ÷ {base}" if metric.show == "rate" else f"number of {share}"
    if isinstance(metric, Interval):
        what = "median" if metric.percentile == 0.5 else f"{metric.percentile:.0%} quantile"
        start, end = _event(metric.start, catalog), _event(metric.end, catalog)
        return f"{what} of the days from {start} to {end}, by {metric.entity}"
    if isinstance(metric, Funnel):
        return " → ".join(label_of(stage.name, stage.label) for stage in metric.stages)
    if isinstance(metric, Cumulative):
        window = f"over {metric.window}" if metric.window else f"since the start of the {metric.to_date or 'data'}"
        return f"{_label(metric.metric, catalog)} {window}"
    if isinstance(metric, Score):
        return " + ".join(f"{each.weight:g} × {_component(each, catalog)}" for each in metric.components) + ", of 100"
    if isinstance(metric, Movement):
        what = f"number of {metric.entity}" if metric.show == "entities" else f"{metric.kind} {metric.column}"
        stretch = f"the last {metric.window} of the period" if metric.window else "the period"
        return f"{what}: by {metric.entity}, level at the end against level at the beginning of {stretch}"
    if isinstance(metric, Retention):
        share = f"{metric.entity} with {_event(metric.active, catalog)} so many periods later"
        whole = f"{metric.entity} whose first {_event(metric.first, catalog)} is in the cohort's period"
        return f"{share} ÷ {whole}" if metric.show == "rate" else f"number of {share}"
    return _aggregated(metric, catalog)


def _component(part: Component, catalog: Catalog) -> str:
    """Return a component in words, with the values between which it earns."""
    label = part.label.lower() or _label(part.metric, catalog)
    return f"{label} ({part.worst:g} to {part.best:g})"


def _aggregated(metric: Simple | SemiAdditive, catalog: Catalog) -> str:
    dataset = catalog.dataset(metric.dataset)
    rows = label_of(dataset.name, dataset.label).lower()
    column = metric.column or getattr(metric, "expression", None) or _default_column(metric, dataset)
    spec = dataset.columns.get(column)
    words = AGGREGATIONS[metric.agg].format(label_of(column, spec.label if spec else "").lower(), rows)
    if "{0}" in AGGREGATIONS[metric.agg]:
        words += f" in {rows}"
    if isinstance(metric, SemiAdditive):
        words += f" on the {metric.take} day"
    words += f" where {metric.where}" if metric.where else ""
    if metric.convert:
        target = metric.convert.target(catalog.settings.currency)
        words += f", each in {target} at the rate of its own day"
    return words


def _default_column(metric: Simple | SemiAdditive, dataset: Dataset) -> str:
    return metric.time or dataset.time or "rows" if metric.agg == "age" else "rows"


def _label(name: str, catalog: Catalog) -> str:
    return label_of(name, catalog.metric(name).label).lower()


def _event(event: Event, catalog: Catalog) -> str:
    if event.label:
        return event.label
    dataset = catalog.dataset(event.dataset)
    return label_of(dataset.name, dataset.label).lower() + (f" where {event.where}" if event.where else "")


def _worded(expression: str, labels: dict[str, str]) -> str:
    parse_expression(expression)
    text = re.sub(r"[a-z][a-z0-9_]*", lambda match: labels.get(match[0], match[0]), expression)
    return text.replace(" / ", " ÷ ").replace(" * ", " × ").replace(" - ", " − ")


def _operands(answer: Answer, row: int, name: str, metric: Metric) -> tuple[Operand, ...]:
    if isinstance(metric, Conversion):
        base, reached = answer.value(row, f"{name}__n"), answer.value(row, f"{name}__converted")
        return (
            Operand("converted", _event(metric.conversion, answer.catalog), number(reached), "count"),
            Operand("base", _event(metric.base, answer.catalog), number(base), "count"),
        )
    return tuple(
        Operand(
            part.name,
            label_of(part.metric, answer.catalog.metric(part.metric).label) + part.when,
            number(answer.value(row, part.metric + part.suffix)),
            answer.catalog.metric(part.metric).unit,
        )
        for part in parts_of(metric)
    )


def _filled(metric: Metric, parts: tuple[Operand, ...], value: Cell) -> str:
    """Return the formula with the numbers in it: `98,800 ÷ 1,392 = 70.98`."""
    result = plain(value.value)
    if isinstance(metric, (Ratio, Conversion)) and len(parts) == 2:
        if isinstance(metric, Conversion) and metric.show == "count":
            return result
        return f"{plain(parts[0].value)} ÷ {plain(parts[1].value)} = {result}"
    if isinstance(metric, Derived):
        return f"{_worded(metric.expression, {part.name: plain(part.value) for part in parts})} = {result}"
    if isinstance(metric, Score):
        return f"{_earned(metric, {part.name: part.value for part in parts})} = {result}"
    return result


def _earned(metric: Score, values: dict[str, float | None]) -> str:
    """Return what each component earns of its weight, and how the sum is made one of 100."""
    earned, weights = [], 0.0
    for each in metric.components:
        value = values.get(each.metric)
        if value is None:
            continue  # without a value it is left out, with its weight
        share = min(1.0, max(0.0, (value - each.worst) / (each.best - each.worst)))
        earned.append(f"{each.weight:g} × {share:.2f}")
        weights += each.weight
    return f"100 × ({' + '.join(earned)}) ÷ {weights:g}" if earned else "no component has a value"


def plain(value: float | None) -> str:
    """Return a number with grouping and no more digits than it needs."""
    if value is None:
        return "–"
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 10 else f"{value:,.4f}"


def _filters(answer: Answer, row: int) -> tuple[tuple[str, str], ...]:
    found = [(each.label, _shown(answer, row, each)) for each in answer.dimensions] if answer.n_rows else []
    if answer.question.grain and answer.n_rows:
        found.append((answer.question.grain.capitalize(), str(answer.value(row, PERIOD))))
    found += [(label_of(each.dimension), in_words(each)) for each in answer.question.filters]
    if answer.question.where:
        found.append(("Where", answer.question.where))
    return tuple(found)


def _shown(answer: Answer, row: int, dimension: Dimension) -> str:
    label = answer.value(row, f"{dimension.name}_label")
    return str(label) if label else dimension.word(answer.value(row, dimension.name))


def in_words(held: Filter) -> str:
    """Return a filter as people say it."""
    values = ", ".join(NONE if value is None else str(value) for value in held.values)
    prefix = {"in": "", "not_in": "not ", "contains": "contains "}.get(held.operator, f"{held.operator} ")
    return f"{prefix}{values}"


def row_access(policy: Policy) -> str:
    """Return which rows the viewer may see, in words."""
    rules = sorted(set(policy.rows.values()))
    if not rules:
        return "no rows"
    if rules == ["all"]:
        return "all rows"

    def own(found: re.Match[str]) -> str:
        values = ", ".join(policy.attributes.get(found[2], ())) or "nothing"
        return f"is not {values}" if found[1] in ("not in", "!=") else f"is {values}"

    return re.sub(r"(not in|in|!=|=)\s*\$user\.(\w+)", own, "; ".join(rules))


def _converted(answer: Answer, name: str) -> Iterator[str]:
    """Yield how the amounts of each part were converted."""
    catalog, told = answer.catalog, set[str]()
    for leaf in leaves_of((name,), catalog).values():
        exchange = exchange_of(leaf, catalog)
        if exchange is None:
            continue
        rates = label_of(exchange.rates, catalog.dataset(exchange.rates).label).lower()
        base, target = base_of(catalog, exchange), exchange.target(catalog.settings.currency)
        by = "" if base == target else f", by way of {base}"
        words = f"Amounts are converted to {target}{by} at the last of the {rates} on or before each row's own day."
        if words not in told:
            yield words
        told.add(words)


def _earlier(answer: Answer, metric: Metric) -> Iterator[str]:
    """Yield of which days the parts are that a formula looks back to."""
    if answer.question.grain or answer.period.start is None or answer.period.end is None:
        return
    calendar = Calendar.of(answer.catalog.settings, answer.today)
    for part in parts_of(metric):
        if part.back:
            days = calendar.earlier(answer.period, part.back)
            label = label_of(part.metric, answer.catalog.metric(part.metric).label)
            yield f"{label}{part.when} is of {days.start} up to {days.end}, that day excluded."


def _left_out(answer: Answer, row: int, name: str) -> list[str]:
    return [*unrated_in(answer, name, (row,))] if answer.n_rows > 1 else []


def _remarks(answer: Answer, row: int, name: str, metric: Metric, value: Cell) -> tuple[str, ...]:
    found = []
    if value.maturing is not None:
        found.append(f"{value.maturing:.0%} of this cohort has had time to convert; the figure will still change.")
    if isinstance(metric, Interval):
        waiting = answer.value(row, f"{name}__waiting") or 0
        found.append(f"{value.n or 0:,} completed, {waiting:,} still waiting.")
        if value.excluded:
            whole = plain(number(answer.value(row, f"{name}__all_ordered")))
            found.append(f"{value.excluded:,} left out: dated before the start. With it the figure would be {whole}.")
    early = answer.value(row, f"{name}__early") or 0
    if isinstance(metric, Conversion) and early and not metric.window:
        found.append(f"{early:,} of the conversions are dated before the base event; they count.")
    found += [*_converted(answer, name), *(f"{each[:1].upper()}{each[1:]}." for each in _left_out(answer, row, name))]
    found += _earlier(answer, metric)
    if answer.is_open:
        found.append("The period has not ended: the figure is to date.")
    if answer.comparison and answer.comparison.start and answer.comparison.end:
        found.append(f"Compared with {answer.comparison.start} up to {answer.comparison.end}, that day excluded.")
    return tuple(found)
