"""The names that Google Ads and Meta give their columns, and what they mean."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sightline.sources.files.formats import SUFFIXES, UnreadableFile, encoding_of
from sightline.sources.files.readers import first_lines

GOOGLE, META = "google_ads", "meta"
MOST_LINES_ABOVE = 40

SPEND: Mapping[str, tuple[str, str]] = {
    "cost": (GOOGLE, "."),
    "cost_micros": (GOOGLE, "."),
    "metrics.cost_micros": (GOOGLE, "."),
    "costo": (GOOGLE, "."),
    "kosten": (GOOGLE, ","),
    "coût": (GOOGLE, ","),
    "coste": (GOOGLE, ","),
    "amount spent": (META, "."),
    "spend": (META, "."),
    "ausgegebener betrag": (META, ","),
    "montant dépensé": (META, ","),
    "importe gastado": (META, ","),
}
"""Name of the amount → who exports it, and the decimal mark of its language."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "date": (
        "day",
        "tag",
        "jour",
        "día",
        "date",
        "datum",
        "fecha",
        "segments.date",
        "reporting starts",
        "date_start",
        "berichtsstart",
        "beginn der berichterstattung",
        "début des rapports",
        "inicio del informe",
    ),
    "until": (
        "reporting ends",
        "date_stop",
        "berichtsende",
        "ende der berichterstattung",
        "fin des rapports",
        "fin del informe",
    ),
    "campaign_id": (
        "campaign id",
        "campaign_id",
        "campaign.id",
        "kampagnen-id",
        "id de campagne",
        "id de la campagne",
        "id de campaña",
        "id. de campaña",
        "id. de la campaña",
        "identificador de la campaña",
    ),
    "campaign": (
        "campaign",
        "campaign name",
        "campaign_name",
        "campaign.name",
        "kampagne",
        "kampagnenname",
        "campagne",
        "nom de la campagne",
        "campaña",
        "nombre de la campaña",
    ),
    "spend": tuple(SPEND),
    "currency": (
        "currency code",
        "currency",
        "account_currency",
        "customer.currency_code",
        "währungscode",
        "währung",
        "code de devise",
        "code devise",
        "devise",
        "código de moneda",
        "moneda",
        "divisa",
    ),
    "impressions": ("impressions", "impr.", "metrics.impressions", "impressionen", "impresiones"),
    "clicks": (
        "link clicks",
        "link-klicks",
        "clics sur un lien",
        "clics en el enlace",
        "clicks",
        "metrics.clicks",
        "klicks",
        "clics",
        "clicks (all)",
        "klicks (alle)",
        "clics (tous)",
        "clics (todos)",
    ),
    "conversions": (
        "conversions",
        "conversiones",
        "metrics.conversions",
        "results",
        "ergebnisse",
        "résultats",
        "resultados",
    ),
}
"""What a column means → its names, the most telling first: the day before the beginning of a period, clicks that lead
away before all clicks."""

MEANINGS = {name: (meaning, rank) for meaning, names in NAMES.items() for rank, name in enumerate(names)}
CURRENCY = re.compile(r"\s*\(([A-Z]{3})\)$")


class UnclearExport(UnreadableFile):
    """A file is no daily export of Google Ads or Meta, or leaves open what its dates or amounts mean."""

    code = "SL-E335"


@dataclass(frozen=True)
class Header:
    """How the columns of a file are understood: meaning → position. `lines_above` it, and the `delimiter` of a CSV."""

    positions: Mapping[str, int]
    platform: str
    decimal: str
    micros: bool
    currency: str | None
    lines_above: int = 0
    delimiter: str | None = None


def header_of(path: Path) -> Header | None:
    """Return the header of a CSV file, which some lines may precede; None for a file of another format."""
    if SUFFIXES.get(path.suffix.lower()) != "csv":
        return None
    lines = first_lines(path, encoding_of(path))[:MOST_LINES_ABOVE]
    for number, line in enumerate(lines):
        for delimiter in (",", "\t", ";"):
            found = understood(next(csv.reader([line], delimiter=delimiter), []))
            if found is not None:
                return Header(
                    found.positions, found.platform, found.decimal, found.micros, found.currency, number, delimiter
                )
    raise unclear(path.name)


def understood(names: Sequence[str]) -> Header | None:
    """Return what columns mean; None when these are no names of an export."""
    found: dict[str, tuple[int, int]] = {}
    for position, name in enumerate(names):
        meaning, rank = MEANINGS.get(plain_name(name), ("", 0))
        if meaning and (meaning not in found or rank < found[meaning][0]):
            found[meaning] = (rank, position)
    if "spend" not in found or not {"campaign", "campaign_id"} & set(found):
        return None
    positions = {meaning: position for meaning, (_, position) in found.items()}
    amount = names[positions["spend"]]
    platform, decimal = SPEND[plain_name(amount)]
    currency = CURRENCY.search(" ".join(amount.split()))
    return Header(positions, platform, decimal, "micros" in plain_name(amount), currency.group(1) if currency else None)


def plain_name(name: str) -> str:
    """Return a column's name without its currency and without what only looks different."""
    return CURRENCY.sub("", " ".join(name.replace("\ufeff", "").split())).casefold()


def unclear(name: str) -> UnclearExport:
    """Return the error for a file whose columns are not those of an export."""
    return UnclearExport(
        f'"{name}" has no columns of a campaign and of its cost as Google Ads and Meta name them',
        hint="Export campaigns by day as CSV, or read the file with the `files` connector and map its columns.",
    )
