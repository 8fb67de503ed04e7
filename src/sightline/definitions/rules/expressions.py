"""Expressions: they parse, and every name in them means something where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sightline.definitions.book import Book, Entry
from sightline.definitions.built_in import KEPT
from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.dimensions import UnknownDimension
from sightline.definitions.documents import KeyPath
from sightline.definitions.expressions import ExpressionError, attributes_in, columns_in, parse_expression
from sightline.definitions.lineage import events_of, grouping_datasets
from sightline.definitions.panels import panel_metrics
from sightline.definitions.schema.dashboard import ListPanel
from sightline.definitions.schema.dataset import Condition
from sightline.definitions.schema.metric import Derived, SemiAdditive, Simple

Names = Callable[[str], Iterator[tuple[str, str, str]]]
"""From a name in an expression to its problems: message, code, hint."""


def of_metrics(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        metric = entry.value
        if isinstance(metric, Simple | SemiAdditive):
            columns = _columns(book, [metric.dataset])
            yield from _check(entry, ("where",), metric.where, columns)
            yield from _check(entry, ("expression",), getattr(metric, "expression", None), columns)
        if isinstance(metric, Derived):
            yield from _check(entry, ("expression",), metric.expression, _anything)
        for path, event in events_of(metric):
            yield from _check(entry, (*path, "where"), event.where, _columns(book, [event.dataset]))


def of_checks(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dataset"):
        for index, check in enumerate(entry.value.checks):
            if isinstance(check, Condition):
                names = _own_columns(book, entry.value.name)
                yield from _check(entry, ("checks", index, "condition"), check.condition, names)


def of_panels(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dashboard"):
        for index, panel in enumerate(entry.value.panels):
            metrics = [name for _, name in panel_metrics(panel)]
            datasets = sorted({each for name in metrics for each in grouping_datasets(book.catalog.metrics, name)})
            datasets += [panel.list] if isinstance(panel, ListPanel) else []
            yield from _check(entry, ("panels", index, "where"), panel.where, _dimensions(book, datasets))
        finding = entry.value.finding
        if finding:
            names = (finding.metric, *finding.share_of)
            datasets = sorted({each for name in names for each in grouping_datasets(book.catalog.metrics, name)})
            yield from _check(entry, ("finding", "where"), finding.where, _dimensions(book, datasets))


def of_roles(book: Book) -> Iterator[Issue]:
    """A rule for "*" holds for every dataset without one of its own, so its names must be reached from each."""
    for entry in book.entries("role"):
        rows = entry.value.rows
        for dataset, rule in rows.items():
            if rule != "all":
                datasets = sorted(set(book.catalog.datasets) - set(rows) - set(KEPT)) if dataset == "*" else [dataset]
                names = _columns(book, datasets)
                yield from _check(entry, ("rows", dataset), rule, names, may_ask_who=True)


def of_tieouts(book: Book) -> Iterator[Issue]:
    for entry in book.entries("tieout"):
        for side in ("left", "right"):
            yield from _check(entry, (side,), getattr(entry.value, side), _metrics(book))


def _check(
    entry: Entry, path: KeyPath, text: str | None, names: Names, *, may_ask_who: bool = False
) -> Iterator[Issue]:
    if text is None:
        return
    try:
        tree = parse_expression(text)
    except ExpressionError as error:
        yield entry.issue(path, error.message, "PACK-E020", error.hint)
        return
    if not may_ask_who and attributes_in(tree):
        hint = "a number must be the same for everyone who may see the rows; use it in roles"
        yield entry.issue(path, f'$user stands in "{text}"', "PACK-E020", hint)
    for name in sorted(columns_in(tree)):
        for message, code, hint in names(name):
            yield entry.issue(path, f'{message} in "{text}"', code, hint)


def _anything(_: str) -> Iterator[tuple[str, str, str]]:
    """The names of a derived metric are checked with the other references."""
    return iter(())


def _metrics(book: Book) -> Names:
    def problems(name: str) -> Iterator[tuple[str, str, str]]:
        if not book.is_known("metric", name):
            yield f'unknown metric "{name}"', "PACK-E012", book.suggest("metric", name)

    return problems


def _own_columns(book: Book, dataset: str) -> Names:
    def problems(name: str) -> Iterator[tuple[str, str, str]]:
        columns = book.catalog.datasets[dataset].columns
        if name not in columns:
            yield f'unknown column "{name}"', "PACK-E011", did_you_mean(name, columns)

    return problems


def _columns(book: Book, datasets: Sequence[str]) -> Names:
    def problems(name: str) -> Iterator[tuple[str, str, str]]:
        for dataset in _sound(book, datasets):
            try:
                book.joins.column(dataset, name)
            except UnknownDimension as error:
                yield error.message, "PACK-E013", error.hint

    return problems


def _dimensions(book: Book, datasets: Sequence[str]) -> Names:
    def problems(name: str) -> Iterator[tuple[str, str, str]]:
        for dataset in _sound(book, datasets):
            try:
                book.joins.resolve(dataset, name)
            except UnknownDimension as error:
                yield error.message, "PACK-E013", error.hint

    return problems


def _sound(book: Book, datasets: Sequence[str]) -> list[str]:
    """Keep the datasets whose reach is known: a broken dataset has its own issue and may be what is missing."""
    return [] if book.broken("dataset") else [name for name in datasets if book.dataset(name)]
