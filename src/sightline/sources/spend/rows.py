"""An export as records: one per day and campaign, whatever the export was broken down by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from sightline.sources.base import Record
from sightline.sources.files.config import FILE, MALFORMED, ROW
from sightline.sources.files.formats import Opened
from sightline.sources.files.readers import open_file
from sightline.sources.spend.config import SpendConfig
from sightline.sources.spend.figures import Order, amount_of, date_of, order_of
from sightline.sources.spend.header import Header, UnclearExport, header_of, unclear, understood

KEY = ("date", "channel", "campaign_id")
COUNTS = ("impressions", "clicks", "conversions")
COLUMNS = (*KEY, "campaign", "spend", "currency", *COUNTS, FILE, ROW, MALFORMED)
TOTALS = ("total", "gesamt", "summe")
MICRO = Decimal(1_000_000)


@dataclass
class Sums:
    """What one campaign cost on one day, summed over the rows that tell of it."""

    campaign: str
    currency: str | None
    amounts: dict[str, Decimal | None] = field(default_factory=dict)

    def add(self, name: str, amount: Decimal | None) -> None:
        known = self.amounts.get(name)
        self.amounts[name] = known if amount is None else amount + (known or Decimal(0))


@dataclass(frozen=True)
class Row:
    """A row of an export: its number, its texts by meaning, and what is wrong when it could not be split."""

    number: int
    texts: dict[str, str]
    cells: tuple[str, ...]
    malformed: str | None

    @property
    def is_total(self) -> bool:
        """Whether the row sums up others: it says so where a date or name would stand, or names no campaign."""
        if self.malformed is not None:
            return self.malformed.partition(": ")[2].strip('" ').casefold().startswith(TOTALS)
        says_so = any(cell.strip().casefold().startswith(TOTALS) for cell in self.cells)
        names = (self.texts.get("campaign", "") + self.texts.get("campaign_id", "")).strip(" -–—")
        return not names or (says_so and not any(sign.isdigit() for sign in self.texts.get("date", "")))


def spend_of(path: Path, name: str, config: SpendConfig) -> Iterator[Record]:
    """Yield the records of an export, then its rows that make no sense. Raises UnclearExport."""
    header, opened = _opened(path, name)
    if "date" not in header.positions:
        raise UnclearExport(f'"{name}" has no column of the day', hint='Add the segment or breakdown "Day".')
    order = _order(header, opened, name, config)
    sums: dict[tuple[str, str], Sums] = {}
    wrong: list[Record] = []
    for row in _rows(_opened(path, name)[1], header):
        try:
            _add(row, sums, header, order, config, name)
        except ValueError as error:
            wrong.append({FILE: name, ROW: str(row.number), MALFORMED: str(error)})
    channel = config.channel or header.platform
    yield from (_record(day, channel, campaign, found, name) for (day, campaign), found in sums.items())
    yield from wrong


def _opened(path: Path, name: str) -> tuple[Header, Opened]:
    header = header_of(path)
    opened = open_file(
        path, delimiter=header.delimiter if header else None, skipped_lines=header.lines_above if header else 0
    )
    found = header or understood(opened.columns)
    if found is None:
        raise unclear(name)
    return found, opened


def _order(header: Header, opened: Opened, name: str, config: SpendConfig) -> Order:
    """Return how dates are written. The file is read for that once: the last date may be the first to tell."""
    if config.dates:
        return config.dates
    found = order_of(row.texts["date"] for row in _rows(opened, header))
    if found is None:
        hint = 'Set "dates" to "day first" or "month first".'
        raise UnclearExport(f'"{name}" has dates such as 3/4/2026, and none tells which number is the day', hint=hint)
    return "day first" if found == "needless" else found


def _rows(opened: Opened, header: Header) -> Iterator[Row]:
    """Yield rows without totals."""
    for batch in opened.batches():
        *values, numbers, malformed = (column.to_pylist() for column in batch.columns)
        for index, number in enumerate(numbers):
            cells = tuple(column[index] or "" for column in values)
            texts = {meaning: cells[position].strip() for meaning, position in header.positions.items()}
            row = Row(number, texts, cells, malformed[index])
            if not row.is_total:
                yield row


def _add(
    row: Row, sums: dict[tuple[str, str], Sums], header: Header, order: Order, config: SpendConfig, name: str
) -> None:
    """Add a row to its campaign's day. Raises ValueError for a row, UnclearExport for a file that makes no sense."""
    if row.malformed is not None:
        raise ValueError(row.malformed)
    day, texts = _day(row, order, name), row.texts
    decimal = config.decimal or header.decimal
    amounts = {meaning: amount_of(texts.get(meaning), decimal) for meaning in ("spend", *COUNTS)}
    if header.micros and amounts["spend"] is not None:
        amounts["spend"] /= MICRO
    campaign = texts.get("campaign", "")
    currency = texts.get("currency") or header.currency or config.currency
    found = sums.setdefault((day.isoformat(), texts.get("campaign_id") or campaign), Sums(campaign, currency))
    if found.currency != currency:
        raise UnclearExport(f'"{name}" has campaign "{campaign}" on {day} in {found.currency} and in {currency}')
    for meaning, amount in amounts.items():
        found.add(meaning, amount)


def _day(row: Row, order: Order, name: str) -> date:
    text, until = row.texts["date"], row.texts.get("until", "")
    day = date_of(text, order)
    if day is None:
        raise ValueError(f'"{text}" is no date')
    if until and (last := date_of(until, order)) is not None and last != day:
        hint = 'Export by day: choose the breakdown "Day".'
        raise UnclearExport(f'"{name}" has a row for {day} to {last}, not for a day', hint=hint)
    return day


def _record(day: str, channel: str, campaign_id: str, sums: Sums, name: str) -> Record:
    figures = {meaning: None if amount is None else format(amount, "f") for meaning, amount in sums.amounts.items()}
    told = {"date": day, "channel": channel, "campaign_id": campaign_id, "campaign": sums.campaign}
    return {**told, "currency": sums.currency, **figures, FILE: name}
