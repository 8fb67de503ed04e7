"""Money: amounts in two currencies never meet in one figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue
from sightline.definitions.currencies import NOTHING, MixedMoney, Money, amount, code_of, divided, money_in
from sightline.definitions.documents import KeyPath
from sightline.definitions.expressions import ExpressionError, parse_expression
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.metric import Cumulative, Derived, Metric, Ratio, SemiAdditive, Simple

HINT = "convert one of them first, where the exchange rate of its day is known"


def one_currency(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        try:
            found = _made_of(entry.value, book, (entry.name,))
        except MixedMoney as error:
            codes = " and ".join(error.codes)
            yield entry.issue(_place(entry.value), f"amounts in {codes} meet", "PACK-E045", HINT)
        else:
            yield from _declared(entry, found, book)


def _declared(entry: Entry, found: Money, book: Book) -> Iterator[Issue]:
    """A column or a quotient cannot change its currency by what its unit is called; a formula may convert it."""
    exchange = getattr(entry.value, "convert", None)
    if exchange and found != amount(exchange.target(book.catalog.settings.currency)):
        return  # what cannot be converted is told by the rule of conversions
    unit = code_of(entry.value.unit)
    converts = isinstance(entry.value, Derived) or _is_formula(entry.value)
    if unit and found and unit not in found and not converts:
        held = " and ".join(sorted(found))
        yield entry.issue(("unit",), f"the amounts are in {held}, the unit is {unit}", "PACK-E045", HINT)


def _is_formula(metric: Metric) -> bool:
    """Whether a formula over columns may make another currency of theirs; what is converted has its target's."""
    return isinstance(metric, Simple) and bool(metric.expression) and metric.convert is None


def _place(metric: Metric) -> KeyPath:
    return ("numerator",) if isinstance(metric, Ratio) else ("expression",)


def _money(name: str, book: Book, above: tuple[str, ...]) -> Money:
    """Return the currency in which formulas see a metric; what is wrong inside it is told where it stands."""
    metric = book.catalog.metrics.get(name)
    if metric is None or name in above:
        return NOTHING
    unit = code_of(metric.unit)
    try:
        found = _made_of(metric, book, (*above, name))
    except MixedMoney:
        return amount(unit)
    if isinstance(metric, Derived) or _is_formula(metric):
        return amount(unit) or found
    return found or amount(unit)


def _made_of(metric: Metric, book: Book, above: tuple[str, ...]) -> Money:
    match metric:
        case Ratio():
            return divided(_money(metric.numerator, book, above), _money(metric.denominator, book, above))
        case Derived():
            earlier = {name: _money(each.metric, book, above) for name, each in metric.inputs.items()}
            return _in_text(metric.expression, earlier, book, above)
        case Cumulative():
            return _money(metric.metric, book, above)
        case Simple() | SemiAdditive():
            return _of_columns(metric, book)
    return NOTHING


def _of_columns(metric: Simple | SemiAdditive, book: Book) -> Money:
    dataset = book.dataset(metric.dataset)
    if dataset is None or metric.agg in ("count", "count_distinct"):
        return NOTHING
    target = metric.convert.target(book.catalog.settings.currency) if metric.convert else None
    columns = {name: _known(dataset, name, target) for name in dataset.columns}
    expression = getattr(metric, "expression", None)
    if expression:
        return _in_text(expression, columns, None, ())
    return columns.get(metric.column or "", NOTHING)


def _known(dataset: Dataset, name: str, target: str | None) -> Money:
    """Return the currency a column is declared to be in; one known only by row is none, unless it is converted."""
    written = dataset.columns[name].currency
    return amount(target if written in dataset.columns else written)


def _in_text(text: str, known: Mapping[str, Money], book: Book | None, above: tuple[str, ...]) -> Money:
    def money_of(name: str) -> Money:
        if name in known or book is None:
            return known.get(name, NOTHING)
        return _money(name, book, above)

    try:
        return money_in(parse_expression(text), money_of)
    except ExpressionError:
        return NOTHING
