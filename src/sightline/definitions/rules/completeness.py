"""What metrics call incomplete: over a period that can be asked for, by what the metric reaches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sightline.definitions.book import Book
from sightline.definitions.catalog import Issue
from sightline.definitions.lineage import grouping_datasets
from sightline.definitions.periods import ALLOWED, parse_period
from sightline.definitions.schema.metric import Funnel, Retention

_ANY_DAY = date(2024, 2, 29)


def floors(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        wanted = entry.value.completeness
        if wanted is None:
            continue
        if isinstance(entry.value, Funnel | Retention):
            message = f"a {entry.value.type} has no single value"
            yield entry.issue(("completeness",), message, "PACK-E017", "a ratio or a score tells how complete data are")
        try:
            parse_period(wanted.period, today=_ANY_DAY)
        except ValueError:
            message = f'"{wanted.period}" is not a period'
            yield entry.issue(("completeness", "period"), message, "PACK-E030", ALLOWED)
        for dataset in sorted(grouping_datasets(book.catalog.metrics, entry.name)) if wanted.by else []:
            if dataset in book.catalog.datasets and wanted.by not in book.joins.dimensions(dataset):
                message = f'"{wanted.by}" is not a dimension of {dataset}'
                hint = "name what every dataset of the metric reaches"
                yield entry.issue(("completeness", "by"), message, "PACK-E013", hint)
