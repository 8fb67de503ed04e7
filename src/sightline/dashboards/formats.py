"""Numbers in words and digits (ui.md §8): true minus, one unit, no more digits than are meant."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from math import floor, isfinite
from typing import Literal

from sightline.dashboards.units import WITHOUT_CENTS, Unit

Place = Literal["tile", "prose", "table", "exact"]
"""Tiles are exact below 100,000, prose below 10,000; tables always; `exact` keeps the decimals as well."""

MINUS = "−"
MISSING = "–"
MOST_DECIMALS = 4
_SHORT_FROM = {"tile": 100_000, "prose": 10_000}
_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_THREE = Context(prec=3, rounding=ROUND_HALF_UP)
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def number(
    value: float | None, unit: Unit, *, place: Place = "table", decimals: int | None = None, bare: bool = False
) -> str:
    """Return the value as people read it; `bare` leaves the unit to the column's head. None is an en dash."""
    if value is None or not isfinite(value):
        return MISSING
    scaled = value * 100 if unit.is_rate else value
    digits = _digits(abs(scaled), unit, place, decimals)
    if digits.strip("0.,") == "":
        return _dressed(digits, unit, bare, negative=False)  # never −0.0
    return _dressed(digits, unit, bare, negative=value < 0)


def spoken(value: float | None, unit: Unit, *, place: Place = "table") -> str:
    """Return the value for a screen reader: minus as a word, units in full."""
    if value is None or not isfinite(value):
        return "no value"
    bare_unit = Unit(unit.kind, prefix=unit.prefix, suffix=unit.spoken, code=unit.code)
    return number(value, bare_unit, place=place).replace(MINUS, "minus ")


def _digits(size: float, unit: Unit, place: Place, decimals: int | None) -> str:
    if place == "exact":
        return _trimmed(size, 2 if unit.kind == "money" else MOST_DECIMALS)
    if size >= _SHORT_FROM.get(place, float("inf")) and unit.kind in {"count", "money", "score"}:
        return abbreviated(size)
    return fixed(size, _decimals(size, unit) if decimals is None else decimals)


def _decimals(size: float, unit: Unit) -> int:
    """How many decimals carry meaning for a number of this size (percent: already times 100)."""
    if unit.kind == "percent":
        return 0 if round_half_up(size, 1) > 100 else 2 if size < 2 and size != 0 else 1
    if unit.kind == "money":
        return 0 if size >= 10 or size == 0 or unit.code in WITHOUT_CENTS else 2
    if size == floor(size) and unit.kind in {"count", "time", "score"}:
        return 0
    if unit.kind == "count":
        return 0 if size >= 100 else 1 if size >= 1 else 2
    if round_half_up(size, 1) >= (10 if unit.kind == "score" else 100):
        return 0
    return 1 if round_half_up(size, 2) >= 1 or size == 0 else _below_one(size)


def _below_one(size: float) -> int:
    """Two decimals (0.42, 0.02), and more where two would say nothing (0.004)."""
    return next((places for places in (2, 3) if round_half_up(size, places) > 0), MOST_DECIMALS)


def column_decimals(values: Sequence[float | None], unit: Unit) -> int | None:
    """Return one number of decimals for a whole column, so that its points line up; None: each its own."""
    sizes = [abs(value) * (100 if unit.is_rate else 1) for value in values if value is not None and isfinite(value)]
    if not sizes:
        return None
    if unit.kind == "percent":
        return 2 if max(sizes) < 5 else 0 if min(sizes) > 100 else 1 if max(sizes) <= 100 else None
    if unit.kind == "money":
        return 0 if max(sizes) >= 10 or unit.code in WITHOUT_CENTS else 2
    if all(size == floor(size) for size in sizes):
        return 0
    wanted = max(_decimals(size, unit) for size in sizes if size)
    most = 0 if max(sizes) >= 1000 else _decimals(max(sizes), unit) + 1
    return _until_nothing_vanishes(min(wanted, most), sizes)


def _until_nothing_vanishes(places: int, sizes: Sequence[float]) -> int:
    """Return so many decimals, or more, that no value but zero reads as zero, and no part of one as a whole."""
    parts = [size for size in sizes if 0 < size < 1]
    if not parts:
        return places
    enough = (each for each in range(max(places, 1), MOST_DECIMALS) if all(round_half_up(p, each) for p in parts))
    return next(enough, MOST_DECIMALS)


def abbreviated(size: float) -> str:
    """Return three significant figures with K, M, B or T: 12.5K, 2.04M. Trailing zeros go: 1.2M."""
    three = float(_THREE.create_decimal(repr(float(size))))  # rounded first: 999,950 is 1M, not 1,000K
    for scale, letter in _SCALES:
        if three >= scale:
            head = three / scale
            return _trimmed(head, 2 if head < 10 else 1 if head < 100 else 0) + letter
    return fixed(three, 0)


def round_half_up(value: float, places: int) -> float:
    """Return the value rounded as people do: halves away from zero, judged on the shortest decimal form."""
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def fixed(size: float, places: int) -> str:
    """Return the digits with thousands commas and so many decimals."""
    return f"{Decimal(repr(float(size))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):,f}"


def _trimmed(size: float, places: int) -> str:
    text = fixed(size, places)
    whole, _, rest = text.partition(".")
    kept = rest.rstrip("0")
    return f"{whole}.{kept}" if kept else whole


def _dressed(digits: str, unit: Unit, bare: bool, *, negative: bool) -> str:
    sign = MINUS if negative else ""
    return f"{sign}{digits}" if bare else f"{sign}{unit.prefix}{digits}{unit.suffix}"


def change_size(change: float, kind: Literal["relative", "difference"], unit: Unit) -> str:
    """Return the size of a change without its sign: 5.4%, 0.6 pp, $12, 1.5 d."""
    size = abs(change)
    if kind == "relative":
        percent = size * 100
        return f"{fixed(percent, 0 if round_half_up(percent, 1) > 100 else 1)}%"
    if unit.is_rate:
        return points(size)
    return number(size, unit)


def points(size: float) -> str:
    """Return a difference of rates in percentage points: 22 pp, 3.1 pp, 0.31 pp."""
    pp = size * 100
    return f"{fixed(pp, 0 if pp >= 10 else 1 if pp >= 0.5 or pp == 0 else 2)} pp"


def probability(share: float) -> str:
    """Return whole percent; the ends never claim certainty."""
    if share < 0.01:
        return "<1%"
    if share > 0.99:
        return ">99%"
    return f"{fixed(share * 100, 0)}%"


def share_range(low: float, high: float) -> str:
    """Return an interval of shares: 9–53%."""
    return f"{fixed(low * 100, 0)}–{fixed(high * 100, 0)}%"


def count_word(count: int, *, capital: bool = False) -> str:
    """Return small counts as words (three), others in digits."""
    word = _SMALL[count] if 0 <= count < len(_SMALL) else f"{count:,}"
    return word[:1].upper() + word[1:] if capital else word


def joined(names: Sequence[str], *, last: str = "and") -> str:
    """Return "A", "A and B" or "A, B and C"."""
    return f" {last} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def plural(count: int, one: str, many: str = "") -> str:
    """Return the count with its noun: 1 row, 1,247 rows."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def cut_words(count: int, grain: str | None) -> str:
    """Return what is said of buckets that the period cuts: is not a whole week, are not whole weeks."""
    return f"is not a whole {grain}" if count == 1 else f"are not whole {grain}s"


def many(noun: str) -> str:
    """Return the plural of a label: program, programs; category, categories; class, classes."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def limit(value: float, unit: Unit) -> str:
    """Return a benchmark or target with the decimals it is set with: 10%, $5,000, 2.5:1, 4.75."""
    scaled = abs(value * 100 if unit.is_rate else value)
    if scaled >= 10_000 or (unit.kind == "money" and scaled != floor(scaled)):
        return number(value, unit, place="prose")
    most = 2 if unit.is_rate or 1 <= scaled < 100 else 0 if scaled >= 100 else MOST_DECIMALS  # one by the day is long
    _, _, written = _trimmed(scaled, most).partition(".")
    return number(value, unit, place="prose", decimals=len(written))


def owner_words(owner: str) -> str:
    """Return an owner as people write it: head_of_sales is Head of sales, CRO stays CRO."""
    words = owner.replace("_", " ")
    return words[:1].upper() + words[1:]
