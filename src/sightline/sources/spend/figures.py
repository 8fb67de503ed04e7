"""Dates and amounts as exports write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Order = Literal["day first", "month first"]

NOTHING = frozenset({"", "-", "--", "—", "–", "n/a", "null"})
SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
WRITTEN = ("%b %d, %Y", "%d %b %Y", "%B %d, %Y", "%d %B %Y")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def order_of(texts: Iterable[str]) -> Order | Literal["needless"] | None:
    """Return which of two numbers in a date is the day, as some date of a file tells; None when none tells.

    "needless" when no date is written so.
    """
    open_question = False
    for text in texts:
        if found := SLASHED.fullmatch(text.strip()):
            first, second = int(found[1]), int(found[2])
            if first > 12:
                return "day first"
            if second > 12:
                return "month first"
            open_question = open_question or first != second
    return None if open_question else "needless"


def date_of(text: str, order: Order) -> date | None:
    """Return a date as written in an export; None when it is none."""
    text = text.strip()
    try:
        if re.match(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text[:10])
        if found := DOTTED.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := SLASHED.fullmatch(text):
            day, month = (found[1], found[2]) if order == "day first" else (found[2], found[1])
            return date(int(found[3]), int(month), int(day))
    except ValueError:
        return None
    return _written(text)


def _written(text: str) -> date | None:
    for form in WRITTEN:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def amount_of(text: str | None, decimal: str) -> Decimal | None:
    """Return a number; None for nothing. Raises ValueError for what is no number.

    `decimal` is the mark of the export's language. It decides only where both readings are possible (1,234): a mark
    that three digits do not follow separates no thousands.
    """
    plain = re.sub(r"[^\d.,+\-−'’]", "", text or "").replace("−", "-").replace("'", "").replace("’", "")
    if (text or "").strip().casefold() in NOTHING:
        return None
    grouping = "." if decimal == "," else ","
    if grouping in plain and not re.fullmatch(rf"[+-]?\d{{1,3}}(?:\{grouping}\d{{3}})+(?:\{decimal}\d+)?", plain):
        decimal, grouping = grouping, decimal
        if not re.fullmatch(rf"[+-]?(?:\d+|\d{{1,3}}(?:\{grouping}\d{{3}})+)\{decimal}\d+", plain):
            raise ValueError(f'"{text}" is no number')
    number = plain.replace(grouping, "").replace(decimal, ".")
    if not NUMBER.fullmatch(number):
        raise ValueError(f'"{text}" is no number')
    return Decimal(number)
