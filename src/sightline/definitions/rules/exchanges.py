"""Conversions of money: amounts whose currency stands in a column, and one rate for each currency and day."""

from __future__ import annotations

from collections.abc import Iterator

from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.currencies import ISO_4217
from sightline.definitions.lineage import currencies_of, names_in
from sightline.definitions.rules.columns import NUMBERS
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.metric import Exchange, SemiAdditive, Simple

CODE = "PACK-E047"


def conversions(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        metric = entry.value
        if not isinstance(metric, Simple | SemiAdditive) or metric.convert is None:
            continue
        if metric.convert.to != "workspace" and metric.convert.to not in ISO_4217:
            hint = "an ISO 4217 code, or workspace; " + did_you_mean(metric.convert.to, ISO_4217)
            yield entry.issue(("convert", "to"), f'"{metric.convert.to}" is no currency', "PACK-E041", hint)
        if dataset := book.dataset(metric.dataset):
            yield from _amounts(entry, metric, dataset)
        if rates := book.dataset(metric.convert.rates):
            yield from _rates(book, entry, metric.convert, rates)


def _amounts(entry: Entry, metric: Simple | SemiAdditive, dataset: Dataset) -> Iterator[Issue]:
    """What is converted is an amount, and one column says in which currency it is."""
    if metric.agg in ("count", "count_distinct"):
        message = f"{metric.agg} adds up no amounts that could be converted"
        yield entry.issue(("convert",), message, CODE, "leave convert out")
        return
    named = sorted(currencies_of(metric, dataset))
    if len(named) > 1:
        message = f"the amounts are in the currencies of {' and '.join(named)}"
        yield entry.issue(("convert",), message, CODE, "make a metric of each, and add them in a derived one")
    elif not named:
        used = sorted(names_in(metric.expression) if isinstance(metric, Simple) and metric.expression else ())
        words = ", ".join(used or [metric.column or "rows"])
        message = f'no column of dataset "{dataset.name}" says in which currency {words} is'
        hint = "name that column under currency: of the amount, in the dataset"
        yield entry.issue(("convert",), message, CODE, hint)


def _rates(book: Book, entry: Entry, exchange: Exchange, rates: Dataset) -> Iterator[Issue]:
    """The dataset of rates has a currency, a day and a rate, and its key lets no day have two rates."""
    path = ("convert", "rates")
    for field, name in (("currency", exchange.currency), ("rate", exchange.rate)):
        place = ("convert", field) if field in exchange.model_fields_set else path
        yield from book.unknown_column(entry, place, rates, name)
    rate = rates.columns.get(exchange.rate)
    if rate and rate.type not in NUMBERS:
        message = f'column "{exchange.rate}" of dataset "{rates.name}" is a {rate.type}'
        yield entry.issue(path, message, "PACK-E019", "a rate is of type " + ", ".join(NUMBERS))
    if rate and rate.currency in rates.columns:
        message = f'the rates of dataset "{rates.name}" are in several currencies'
        yield entry.issue(path, message, CODE, "quote them all in one: its code stands under currency: of the rate")
    day = rates.columns.get(rates.time or "")
    if not rates.time:
        message = f'dataset "{rates.name}" has no time column, so its rates have no day'
        yield entry.issue(path, message, "PACK-E026", "name it under time in the dataset")
    elif day and day.type != "date":
        message = f'the time of dataset "{rates.name}" is a {day.type}'
        yield entry.issue(path, message, "PACK-E019", "the day of a rate is a date")
    elif exchange.currency in rates.columns and set(rates.key_columns) != {exchange.currency, rates.time}:
        key = ", ".join(rates.key_columns) or "missing"
        message = f'the key of dataset "{rates.name}" is {key}, so a currency may have several rates on one day'
        yield entry.issue(path, message, CODE, f"make its key {exchange.currency}, {rates.time}")
