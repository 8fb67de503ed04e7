"""The filter bar: every choice is a plain link, and the whole bar is a form that works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sightline.dashboards import dates
from sightline.dashboards.page import Page
from sightline.dashboards.selection import BASES, COMPARES, PERIODS, Selection, Value, period_words, written
from sightline.dashboards.view import Chip, FilterBar, Option
from sightline.definitions.dimensions import NONE
from sightline.definitions.schema.dashboard import Dashboard
from sightline.metrics.members import Member
from sightline.metrics.question import Comparison

MOST_OPTIONS = 200
SEARCH_FROM = 8
_OFFERED: tuple[Comparison, ...] = ("none", "previous_period", "previous_year", "same_weekdays")

Members = Callable[[str], Sequence[Member]]
"""The members of a dimension that the viewer may see; () when it cannot be listed."""


def filter_bar(page: Page, *, variables: Sequence[tuple[str, str, bool]], entity: str, members: Members) -> FilterBar:
    """Return the bar. `variables` are (dimension, label, several allowed); the page's own entity has no chip."""
    named = [name for name, _, _ in variables]
    extra = [
        (item.dimension, page.dimension(item.dimension), True)
        for item in page.selection.filters
        if item.dimension not in (*named, entity)
    ]
    chips = tuple(_variable(page, *each, members=members) for each in (*variables, *extra))
    hidden = [(f"sort.{panel}", column) for panel, column in page.selection.sorts]
    hidden += [("at", str(page.selection.at))] if page.selection.at is not None else []
    hidden += [("view", page.selection.view)] if page.selection.view else []
    hidden += [(entity, written(value)) for value in page.selection.values(entity)] if entity else []
    return FilterBar(
        period=_period(page),
        compare=_compare(page),
        variables=chips,
        hidden=tuple(hidden),
        clear=page.link(page.selection.without_filters(keep=entity)),
        share=page.selection.link(page.path, full=True),
        any_active=any(chip.active for chip in chips),
    )


def variables_of(dashboard: Dashboard, page: Page) -> list[tuple[str, str, bool]]:
    """Return the dashboard's variables as (dimension, label, several allowed), without its own entity."""
    found = []
    for each in dashboard.variables:
        name = each if isinstance(each, str) else each.dimension
        label = page.dimension(name) if isinstance(each, str) else each.label or page.dimension(name)
        if name != dashboard.entity:
            found.append((name, label, True if isinstance(each, str) else each.multiple))
    return found


def _period(page: Page) -> Chip:
    chosen = page.selection.period
    offered = list(PERIODS) if chosen in PERIODS else [chosen, *PERIODS]
    options = tuple(
        Option(
            name, period_words(name, today=page.today), name == chosen, page.link(replace(page.selection, period=name))
        )
        for name in offered
    )
    active = chosen != page.selection.defaults[0]
    clear = page.link(replace(page.selection, period=page.selection.defaults[0] or chosen))
    return Chip("period", "Period", period_words(chosen, today=page.today), active, options=options, clear=clear)


def _compare(page: Page) -> Chip:
    chosen = page.selection.compare
    offered = _OFFERED if chosen in _OFFERED else (*_OFFERED, chosen)
    options = tuple(
        Option(name, COMPARES[name], name == chosen, page.link(replace(page.selection, compare=name)))
        for name in offered
    )
    unbounded = page.selection.period == "all_time" and chosen in BASES and chosen not in ("none", "target", "peers")
    words = "Nothing before all time" if unbounded else _compared_days(page)
    active = chosen != page.selection.defaults[1]
    return Chip("compare", "vs", words, active, options=options)


def _compared_days(page: Page) -> str:
    """Return what is compared with, by its days where that says more than the name does."""
    chosen = page.selection.compare
    if chosen in ("none", "target", "peers"):
        return COMPARES[chosen]
    compared = page.calendar.comparison(page.calendar.period(page.selection.period), chosen)
    if compared is None or compared.start is None or compared.end is None:
        return COMPARES[chosen]
    return dates.span(compared, today=page.today)


def _variable(page: Page, name: str, label: str, several: bool, *, members: Members) -> Chip:
    chosen = page.selection.values(name)
    found = list(members(name))
    labels: dict[str, str] = {written(member.key): member.label for member in found}
    selected = tuple((written(value), labels.get(written(value), _plain(value))) for value in chosen)
    options = tuple(
        Option(key, text, key in dict(selected), page.link(_toggled(page.selection, name, key, several)))
        for key, text in labels.items()
    )
    shown = list(options[:MOST_OPTIONS])
    missing = [(key, text) for key, text in selected if key not in {option.value for option in shown}]
    shown += [Option(key, text, True, page.link(_toggled(page.selection, name, key, several))) for key, text in missing]
    return Chip(
        name=name,
        label=label,
        value_words=_words([text for _, text in selected]),
        active=bool(chosen),
        multiple=several,
        options=tuple(shown),
        selected=selected,
        clear=page.link(page.selection.with_values(name, ())),
        searchable=len(options) > SEARCH_FROM,
    )


def _words(labels: Sequence[str]) -> str:
    if not labels:
        return "All"
    return labels[0] if len(labels) == 1 else f"{labels[0]} +{len(labels) - 1}"


def _plain(value: Value) -> str:
    return NONE if value is None else written(value)


def _toggled(selection: Selection, name: str, key: str, several: bool) -> Selection:
    value: Value = None if key == "~" else key[1:] if key.startswith("~~") else key
    chosen = selection.values(name)
    if key in {written(each) for each in chosen}:
        return selection.with_values(name, [each for each in chosen if written(each) != key])
    return selection.with_values(name, [*chosen, value] if several else [value])
