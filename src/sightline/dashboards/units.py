"""What a unit means for writing: sign before, suffix after, name aloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["count", "percent", "ratio", "multiple", "money", "time", "score"]

SIGNS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "CNY": "CN¥",
    "INR": "₹",
    "KRW": "₩",
    "BRL": "R$",
    "CAD": "CA$",
    "AUD": "A$",
    "NZD": "NZ$",
    "MXN": "MX$",
    "HKD": "HK$",
    "SGD": "S$",
    "ILS": "₪",
    "TRY": "₺",
    "UAH": "₴",
    "VND": "₫",
    "NGN": "₦",
    "PHP": "₱",
    "THB": "฿",
}
SIGNLESS = frozenset(
    {
        "AED",
        "ARS",
        "BGN",
        "CHF",
        "CLP",
        "COP",
        "CZK",
        "DKK",
        "EGP",
        "HUF",
        "IDR",
        "ISK",
        "KES",
        "MAD",
        "MYR",
        "NOK",
        "PEN",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RSD",
        "SAR",
        "SEK",
        "TWD",
        "ZAR",
    }
)
WITHOUT_CENTS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})

_TIMES = {
    "milliseconds": ("ms", "milliseconds"),
    "seconds": ("s", "seconds"),
    "minutes": ("min", "minutes"),
    "hours": ("h", "hours"),
    "days": ("d", "days"),
    "weeks": ("wk", "weeks"),
    "months": ("mo", "months"),
    "years": ("yr", "years"),
}
_KINDS: dict[str, Kind] = {
    "percent": "percent",
    "rate": "percent",
    "share": "percent",
    "ratio": "ratio",
    "multiple": "multiple",
    "times": "multiple",
    "x": "multiple",
    "score": "score",
    "points": "score",
    "number": "score",
}


@dataclass(frozen=True)
class Unit:
    """How numbers of one unit are written. `header` stands in a column head, `code` is a currency's."""

    kind: Kind
    prefix: str = ""
    suffix: str = ""
    spoken: str = ""
    header: str = ""
    code: str = ""

    @property
    def is_rate(self) -> bool:
        return self.kind == "percent"


def unit_of(name: str, *, currency: str) -> Unit:
    """Return how `name` is written; `currency` is the workspace's, for the unit called `currency` or `money`."""
    lowered = name.strip().lower()
    code = currency if lowered in {"currency", "money"} else lowered.upper()
    if code in SIGNS or code in SIGNLESS:
        sign = SIGNS.get(code, f"{code} ")
        return Unit("money", prefix=sign, header=sign.strip(), code=code)
    time = _TIMES.get(lowered) or _TIMES.get(f"{lowered}s")
    if time:
        return Unit("time", suffix=f" {time[0]}", spoken=f" {time[1]}", header=time[0])
    kind = _KINDS.get(lowered, "count")
    if kind == "percent":
        return Unit(kind, suffix="%", spoken="%", header="%")
    if kind == "ratio":
        return Unit(kind, suffix=":1", spoken=" to 1")
    if kind == "multiple":
        return Unit(kind, suffix="×", spoken=" times", header="×")
    if kind == "score" or lowered in {"count", ""}:
        return Unit(kind)
    return Unit("count", spoken=f" {lowered}", header=lowered)
