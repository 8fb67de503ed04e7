"""What conditions compare is alike, and what formulas reckon with are numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue
from sightline.definitions.dimensions import UnknownDimension
from sightline.definitions.documents import KeyPath
from sightline.definitions.expressions import ExpressionError, columns_in, parse_expression
from sightline.definitions.lineage import events_of, grouping_datasets
from sightline.definitions.panels import panel_metrics
from sightline.definitions.rules.aggregations import NUMERIC
from sightline.definitions.schema.dataset import Condition
from sightline.definitions.schema.metric import Derived, SemiAdditive, Simple
from sightline.definitions.value_types import Kind, require_kind

HINT = "compare text with text, numbers with numbers and dates as '2025-01-31'"


@dataclass(frozen=True)
class Written:
    """One expression: where it stands, what it must be, and of which type each name is in each dataset it is read in.

    A reader raises UnknownDimension or KeyError for a name it does not have, which other rules tell.
    """

    entry: Entry
    path: KeyPath
    text: str | None
    readers: Sequence[Callable[[str], str]]
    kind: Kind = "truth"


def types(book: Book) -> Iterator[Issue]:
    for source in (_metrics, _checks, _panels, _roles, _tieouts):
        for written in source(book):
            yield from _problems(written)


def _problems(written: Written) -> Iterator[Issue]:
    if written.text is None:
        return
    told: set[str] = set()
    for type_of in written.readers:
        try:
            tree = parse_expression(written.text)
            known = {name: type_of(name) for name in columns_in(tree)}
        except (ExpressionError, UnknownDimension, KeyError):
            continue
        try:
            require_kind(tree, written.kind, text=written.text, type_of=known.__getitem__)
        except ExpressionError as error:
            if error.message not in told:
                yield written.entry.issue(written.path, error.message, "PACK-E044", error.hint or HINT)
            told.add(error.message)


def _metrics(book: Book) -> Iterator[Written]:
    for entry in book.entries("metric"):
        metric = entry.value
        if isinstance(metric, Simple | SemiAdditive):
            readers = _columns(book, [metric.dataset])
            yield Written(entry, ("where",), metric.where, readers)
            kind: Kind = "number" if metric.agg in NUMERIC else "any"
            yield Written(entry, ("expression",), getattr(metric, "expression", None), readers, kind)
        if isinstance(metric, Derived):
            yield Written(entry, ("expression",), metric.expression, [_a_number], "number")
        for path, event in events_of(metric):
            yield Written(entry, (*path, "where"), event.where, _columns(book, [event.dataset]))


def _checks(book: Book) -> Iterator[Written]:
    for entry in book.entries("dataset"):
        held = {name: column.type for name, column in entry.value.columns.items()}
        for index, check in enumerate(entry.value.checks):
            if isinstance(check, Condition):
                yield Written(entry, ("checks", index, "condition"), check.condition, [held.__getitem__])


def _panels(book: Book) -> Iterator[Written]:
    for entry in book.entries("dashboard"):
        for index, panel in enumerate(entry.value.panels):
            names = [name for _, name in panel_metrics(panel)]
            yield Written(entry, ("panels", index, "where"), panel.where, _dimensions(book, names))
        finding = entry.value.finding
        if finding:
            readers = _dimensions(book, [finding.metric, *finding.share_of])
            yield Written(entry, ("finding", "where"), finding.where, readers)


def _roles(book: Book) -> Iterator[Written]:
    for entry in book.entries("role"):
        rows = entry.value.rows
        for dataset, rule in rows.items():
            datasets = sorted(set(book.catalog.datasets) - set(rows)) if dataset == "*" else [dataset]
            if rule != "all":
                yield Written(entry, ("rows", dataset), rule, _columns(book, datasets))


def _tieouts(book: Book) -> Iterator[Written]:
    for entry in book.entries("tieout"):
        for side in ("left", "right"):
            yield Written(entry, (side,), getattr(entry.value, side), [_a_number], "number")


def _a_number(_: str) -> str:
    return "number"


def _columns(book: Book, datasets: Sequence[str]) -> list[Callable[[str], str]]:
    def reader(dataset: str) -> Callable[[str], str]:
        return lambda name: book.joins.column(dataset, name).type

    return [reader(each) for each in _sound(book, datasets)]


def _dimensions(book: Book, metrics: Sequence[str]) -> list[Callable[[str], str]]:
    datasets = sorted({each for name in metrics for each in grouping_datasets(book.catalog.metrics, name)})

    def reader(dataset: str) -> Callable[[str], str]:
        return lambda name: book.joins.resolve(dataset, name).type

    return [reader(each) for each in _sound(book, datasets)]


def _sound(book: Book, datasets: Sequence[str]) -> list[str]:
    return [] if book.broken("dataset") else [name for name in datasets if book.dataset(name)]
