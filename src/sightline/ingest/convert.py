"""Text to typed values, as SQL over a whole column at once.

Every column comes with the text that could not be converted: empty means that all is well. What is accepted:

- integer: 1234, 1,234, 1 234, 12.0; number and decimal also 1,234.56, 1.234,56, 12,50, $1,234.50, 40 EUR, (12.50), 1e6
- boolean: yes/no, true/false, y/n, t/f, on/off, 1/0
- date and timestamp: ISO 8601, 2026/02/28, 28.02.2026, 02/28/2026 or 28/02/2026, 28 Feb 2026, Feb 28, 2026, 20260228;
  a timestamp may carry an offset, or be seconds or milliseconds since 1970

A time without zone is local time of the source. In the hour that a change to summer time skips it is moved forward by
that hour; in the hour that comes twice it is the second of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from sightline.definitions.schema.dataset import ColumnType, Dataset
from sightline.ingest.mapping import Mapped
from sightline.lake import sql
from sightline.lake.rules import BAD_PREFIX
from sightline.lake.schema import SQL_TYPES

TRUE_WORDS = ("true", "t", "yes", "y", "on", "1", "1.0")
FALSE_WORDS = ("false", "f", "no", "n", "off", "0", "0.0")
EMPTY_WORDS = ("null", "none", "nan", "na", "n/a", "#n/a", "-", "\\n")
"""What stands for no value in columns that are not text; in text these words are themselves."""

_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y")
_DAY_FIRST, _MONTH_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y"), ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y")
_TIMES = ("", " %H:%M:%S", " %H:%M", " %H:%M:%S.%f", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_SLASHED = r"^(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}"
_ZONED = r":\d{2}(:\d{2}(\.\d+)?)?\s?(z|[+-]\d{2}(:?\d{2})?|utc|gmt)$"
_PLAIN_MOMENT = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$"
_CURRENCY = r"^[a-z]{3}\s|\s?[a-z]{3}$|r\$|[$€£¥₹]"


@dataclass(frozen=True)
class Reading:
    """How the values of a file are read: the zone of times without one, and whether a day comes before its month."""

    zone: str
    day_first: bool = False


def typed_rows(
    dataset: Dataset, mapped: Mapped, reading: Reading, *, source: str, bindings: sql.Bindings
) -> exp.Select:
    """Return the query of typed rows over a relation of raw text: each column, its `_bad_…`, `_row` and `_malformed`.

    In three steps, so that no long expression stands there twice: texts, values, and the texts that have no value.
    Each converter tries the plain form first, because what comes after costs several times as much.
    """
    texts = exp.select("_row", "_malformed").from_(source)
    values = exp.select("*")
    typed = exp.select("_row", "_malformed")
    for number, (name, position) in enumerate(mapped.positions.items()):
        kind = dataset.columns[name].type
        text, value = exp.column(f"t{number}"), exp.column(f"v{number}")
        texts = texts.select(exp.alias_(_text(kind, name, position, mapped, bindings), f"t{number}"))
        values = values.select(exp.alias_(_CONVERTERS[kind](text, reading, bindings), f"v{number}"))
        typed = typed.select(exp.alias_(value, name, quoted=True))
        if kind != "string":
            typed = typed.select(exp.alias_(_unread(text, value), BAD_PREFIX + name, quoted=True))
    return typed.from_(values.from_(texts.subquery("texts_")).subquery("values_"))


def _unread(text: exp.Column, value: exp.Column) -> exp.Case:
    """The text that has no value although it means one."""
    without = exp.Case().when(_among(text, EMPTY_WORDS), exp.null()).else_(text.copy())
    return exp.Case().when(_is_null(value.copy()), without)


def day_first_in(scratch: duckdb.DuckDBPyConnection, source: str, dataset: Dataset, mapped: Mapped) -> bool:
    """Return whether the dates with slashes have the day first: some first part is over 12, and no second is."""
    texts = [
        f"SELECT c{position} AS text FROM {source}"  # noqa: S608 # our own column names
        for name, position in mapped.positions.items()
        if position is not None and dataset.columns[name].type in ("date", "timestamp")
    ]
    if not texts:
        return False
    query = f"""
        SELECT max(CAST(regexp_extract(trim(text), $pattern, 1) AS INTEGER)) > 12,
               max(CAST(regexp_extract(trim(text), $pattern, 2) AS INTEGER)) > 12
        FROM ({" UNION ALL ".join(texts)}) AS texts WHERE regexp_matches(trim(text), $pattern)
    """  # noqa: S608 # our own column names
    first, second = scratch.execute(query, {"pattern": _SLASHED}).fetchone() or (None, None)
    return bool(first) and not second


def _text(kind: ColumnType, name: str, position: int | None, mapped: Mapped, bindings: sql.Bindings) -> exp.Expr:
    """The text of a value: trimmed, empty as NULL, replaced as the map says, and with its default."""
    text: exp.Expr = exp.null()
    if position is not None:
        text = exp.Nullif(this=_call("trim", sql.column(f"c{position}")), expression=exp.Literal.string(""))
    if replaced := mapped.file.values.get(name):
        case = exp.Case(this=text)
        for old, new in replaced.items():
            case = case.when(bindings.value(old), bindings.value(_written(new)))
        text = case.else_(text.copy())
    if name in mapped.file.defaults:
        if kind != "string":
            text = exp.Case().when(_among(text, EMPTY_WORDS), exp.null()).else_(text.copy())
        text = exp.Coalesce(this=text, expressions=[bindings.value(_written(mapped.file.defaults[name]))])
    return sql.cast(text, "VARCHAR")


def _written(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _call(function: str, *arguments: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this=function, expressions=list(arguments))


def _is_null(value: exp.Expr) -> exp.Is:
    return exp.Is(this=value, expression=exp.null())


def _among(text: exp.Expr, words: Sequence[str]) -> exp.In:
    return exp.In(this=_call("lower", text.copy()), expressions=[exp.Literal.string(word) for word in words])


def _matches(text: exp.Expr, pattern: str) -> exp.Anonymous:
    return _call("regexp_matches", text.copy(), exp.Literal.string(pattern))


def _replaced(text: exp.Expr, pattern: str, by: str) -> exp.Anonymous:
    return _call("regexp_replace", text, exp.Literal.string(pattern), exp.Literal.string(by), exp.Literal.string("g"))


def _string(text: exp.Expr, reading: Reading, bindings: sql.Bindings) -> exp.Expr:  # noqa: ARG001 # one signature
    return text.copy()


def _digits(text: exp.Expr) -> exp.Expr:
    """A written number in the form 1234.56: without currency and separators, minus for brackets."""
    bare = _replaced(_call("lower", text.copy()), _CURRENCY, "")
    bare = _replaced(bare, r"^\((.*)\)$", r"-\1")
    bare = _replaced(bare, r"[\s'’\x{a0}\x{202f}]", "")
    english = exp.Case().when(
        _matches(bare, r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"), _call("replace", bare.copy(), *_strings(",", ""))
    )
    dots_away = _call("replace", _call("replace", bare.copy(), *_strings(".", "")), *_strings(",", "."))
    return english.when(_matches(bare, r"^[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+$"), dots_away).else_(bare.copy())


def _strings(*values: str) -> list[exp.Literal]:
    return [exp.Literal.string(value) for value in values]


def _number_as(sql_type: str, pattern: str, text: exp.Expr) -> exp.Expr:
    digits = _digits(text)
    return exp.Case().when(_matches(digits, pattern), sql.try_cast(digits.copy(), sql_type))


def _integer(text: exp.Expr, reading: Reading, bindings: sql.Bindings) -> exp.Expr:  # noqa: ARG001 # one signature
    # a plain cast would round 12.6 to 13
    plain = exp.Case().when(_matches(text, r"^-?\d+$"), sql.try_cast(text.copy(), "BIGINT"))
    return exp.Coalesce(this=plain, expressions=[_number_as("BIGINT", r"^[+-]?\d+(\.0*)?$", text)])


def _number(text: exp.Expr, reading: Reading, bindings: sql.Bindings) -> exp.Expr:  # noqa: ARG001 # one signature
    plain = sql.try_cast(text.copy(), "DOUBLE")
    finite = exp.Case().when(_call("isfinite", plain), plain.copy())
    return exp.Coalesce(this=finite, expressions=[_number_as("DOUBLE", _NUMBER, text)])


def _decimal(text: exp.Expr, reading: Reading, bindings: sql.Bindings) -> exp.Expr:  # noqa: ARG001 # one signature
    kind = SQL_TYPES["decimal"]
    return exp.Coalesce(this=sql.try_cast(text.copy(), kind), expressions=[_number_as(kind, _NUMBER, text)])


def _boolean(text: exp.Expr, reading: Reading, bindings: sql.Bindings) -> exp.Expr:  # noqa: ARG001 # one signature
    return exp.Case().when(_among(text, TRUE_WORDS), exp.true()).when(_among(text, FALSE_WORDS), exp.false())


def _local(text: exp.Expr, reading: Reading) -> exp.Expr:
    """A moment on the source's own clock, of any of the known forms."""
    days = [*_DAYS, *(_DAY_FIRST if reading.day_first else _MONTH_FIRST)]
    forms = exp.Array(expressions=_strings(*(day + time for time in _TIMES for day in days)))
    iso = exp.Case().when(_matches(text, r"^\d{4}-\d{1,2}-\d{1,2}"), sql.try_cast(text.copy(), "TIMESTAMP"))
    # without a digit it is no date, but the parser knows words such as infinity and epoch
    other = exp.Case().when(_matches(text, r"\d"), _call("try_strptime", text.copy(), forms))
    return exp.Coalesce(this=iso, expressions=[other])


def _at(local: exp.Expr, reading: Reading, bindings: sql.Bindings) -> exp.Expr:
    """A moment on the source's clock as a moment; in UTC, the session's own zone, this needs no calendar."""
    if reading.zone == "UTC":
        return sql.cast(local, "TIMESTAMPTZ")
    return exp.AtTimeZone(this=exp.paren(local), zone=bindings.value(reading.zone))


def _moment(text: exp.Expr, reading: Reading, bindings: sql.Bindings) -> exp.Expr:
    plain = sql.try_cast(text.copy(), "TIMESTAMP")
    zoned = sql.try_cast(text.copy(), "TIMESTAMPTZ")
    seconds = _call("to_timestamp", sql.try_cast(text.copy(), "BIGINT"))
    thousandths = exp.Div(this=sql.try_cast(text.copy(), "DOUBLE"), expression=exp.Literal.number(1000))
    return (
        exp.Case()
        .when(_matches(text, _PLAIN_MOMENT), _at(plain, reading, bindings))
        .when(_matches(_call("lower", text.copy()), _ZONED), zoned)
        .when(_matches(text, r"^\d{10}$"), seconds)
        .when(_matches(text, r"^\d{13}$"), _call("to_timestamp", thousandths))
        .else_(_at(_local(text, reading), reading, bindings))
    )


def _day(text: exp.Expr, reading: Reading, bindings: sql.Bindings) -> exp.Expr:
    """A date; of a moment with an offset the day it has in the reading's zone."""
    zoned = sql.local_day(sql.try_cast(text.copy(), "TIMESTAMPTZ"), bindings.value(reading.zone))
    return (
        exp.Case()
        .when(_matches(text, r"^\d{4}-\d{2}-\d{2}$"), sql.try_cast(text.copy(), "DATE"))
        .when(_matches(_call("lower", text.copy()), _ZONED), zoned)
        .else_(sql.cast(_local(text, reading), "DATE"))
    )


_CONVERTERS = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _day,
    "timestamp": _moment,
}
