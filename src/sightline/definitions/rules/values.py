"""Values with a grammar of their own: periods, bands, zones, dates, tie-outs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sightline.definitions.bands import LADDER, parse_band
from sightline.definitions.book import Book, Entry
from sightline.definitions.catalog import Issue, did_you_mean
from sightline.definitions.documents import KeyPath
from sightline.definitions.durations import parse_duration
from sightline.definitions.lineage import grouping_datasets
from sightline.definitions.periods import parse_period
from sightline.definitions.schema.bands import Ranges
from sightline.definitions.schema.metric import Conversion, Funnel, Interval

_ANY_DAY = date(2024, 2, 29)
_PRESETS = ("last_30_days", "last_90_days", "last_12_months", "this_month", "month_to_date", "year_to_date", "all_time")


def periods(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dashboard"):
        named: list[tuple[KeyPath, str]] = [(("period",), entry.value.period)]
        named += [(("panels", i, "period"), panel.period) for i, panel in enumerate(entry.value.panels) if panel.period]
        for path, text in named:
            try:
                parse_period(text, today=_ANY_DAY)
            except ValueError as error:
                message, _, allowed = str(error).partition("; ")
                near = did_you_mean(text, _PRESETS)
                hint = " ".join(filter(None, [near if near.startswith("did") else "", allowed]))
                yield entry.issue(path, message, "PACK-E030", hint)


def bands(book: Book) -> Iterator[Issue]:
    for entry in book.entries("metric"):
        written = entry.value.bands
        if written is None:
            continue
        yield from _ranges(entry, ("bands",), written)
        for index, each in enumerate(written.segments):
            yield from _ranges(entry, ("bands", "segments", index), each)


def segments(book: Book) -> Iterator[Issue]:
    """A segment, of a target or of bands, is of dimensions that the metric can be grouped by."""
    if book.broken("dataset"):
        return
    for entry in book.entries("metric"):
        targets = [(("targets", index), each.segment) for index, each in enumerate(entry.value.targets)]
        own = entry.value.bands.segments if entry.value.bands else []
        ranges = [(("bands", "segments", index), each.segment) for index, each in enumerate(own)]
        for place, segment in (*targets, *ranges):
            if segment:
                yield from _dimensions_of(book, entry, place, segment)


def _dimensions_of(book: Book, entry: Entry, place: KeyPath, segment: Mapping[str, str]) -> Iterator[Issue]:
    for dataset in sorted(grouping_datasets(book.catalog.metrics, entry.name)):
        reached = book.joins.dimensions(dataset) if book.dataset(dataset) else set(segment)
        for name in segment:
            if name not in reached:
                message = f'"{name}" is not a dimension of {dataset}'
                hint = did_you_mean(name, (each for each in reached if "__" not in each))
                yield entry.issue((*place, "segment", name), message, "PACK-E013", hint)


def _ranges(entry: Entry, place: KeyPath, ranges: Ranges) -> Iterator[Issue]:
    for status in LADDER:
        text = getattr(ranges, status)
        if text is None:
            continue
        try:
            parse_band(text)
        except ValueError as error:
            message, _, allowed = str(error).partition("; ")
            yield entry.issue((*place, status), message, "PACK-E031", allowed)


def zones(book: Book) -> Iterator[Issue]:
    for entry in (*book.entries("dataset"), *book.entries("settings")):
        zone = entry.value.zone
        if zone is not None and not _is_zone(zone):
            hint = did_you_mean(zone, available_timezones())
            hint = hint if hint.startswith("did") else "a name of the time zone database such as Europe/Berlin"
            yield entry.issue(("zone",), f'unknown time zone "{zone}"', "PACK-E034", hint)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def holidays(book: Book) -> Iterator[Issue]:
    for entry in book.entries("settings"):
        for index, text in enumerate(entry.value.holidays):
            try:
                date.fromisoformat(text)
            except ValueError:
                yield entry.issue(("holidays", index), f'"{text}" is not a date', "PACK-E035", "write it as 2025-12-25")


def contradictions(book: Book) -> Iterator[Issue]:
    for entry in book.entries("dataset"):
        freshness = entry.value.freshness
        if freshness and parse_duration(freshness.warn).approximate > parse_duration(freshness.error).approximate:
            message = f"warn ({freshness.warn}) is longer than error ({freshness.error})"
            yield entry.issue(("freshness", "warn"), message, "PACK-E033", "data is late before it is stale")
    for entry in book.entries("metric"):
        for index, target in enumerate(entry.value.targets):
            if target.since and target.until and target.since >= target.until:
                message = f"until {target.until} is not after since {target.since}"
                hint = "the end is excluded: a target for January has until: the first of February"
                yield entry.issue(("targets", index, "until"), message, "PACK-E033", hint)
        if entry.value.type == "cumulative" and bool(entry.value.window) == bool(entry.value.to_date):
            hint = "window: 28 days, or to_date: month"
            yield entry.issue((), "a cumulative metric has either a window or to_date", "PACK-E033", hint)


def maturation(book: Book) -> Iterator[Issue]:
    """Only a cohort matures: a ratio of cohorts does so with them, and any other figure would not heed it."""
    for entry in book.entries("metric"):
        if entry.value.maturation and not isinstance(entry.value, Conversion | Funnel | Interval):
            message = f"a metric of type {entry.value.type} has no cohort that matures"
            hint = "set it on the conversion, funnel or interval it is made of"
            yield entry.issue(("maturation",), message, "PACK-E046", hint)


def tieouts(book: Book) -> Iterator[Issue]:
    for entry in book.entries("tieout"):
        tieout = entry.value
        if bool(tieout.parts) == bool(tieout.left and tieout.right) or bool(tieout.left) != bool(tieout.right):
            hint = "parts: a metric with by: its groups, or left: and right: two expressions"
            yield entry.issue((), "the tie-out compares nothing", "PACK-E037", hint)
        if tieout.parts:
            yield from book.unknown(entry, ("parts",), "metric", tieout.parts)
            yield from _groups(book, entry)


def _groups(book: Book, entry: Entry) -> Iterator[Issue]:
    if not entry.value.by:
        yield entry.issue(("parts",), "the parts are of nothing", "PACK-E037", "name the dimensions under by")
    datasets = [] if book.broken("dataset") else sorted(grouping_datasets(book.catalog.metrics, entry.value.parts))
    for index, name in enumerate(entry.value.by):
        for dataset in datasets:
            reached = book.joins.dimensions(dataset) if book.dataset(dataset) else {name}
            if name not in reached:
                message = f'"{name}" is not a dimension of {dataset}'
                hint = did_you_mean(name, (each for each in reached if "__" not in each))
                yield entry.issue(("by", index), message, "PACK-E013", hint)
