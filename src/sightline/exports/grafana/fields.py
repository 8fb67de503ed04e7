"""How a figure is written and coloured in Grafana: units, thresholds from bands."""

from __future__ import annotations

from typing import Any

from sightline.dashboards.units import Unit
from sightline.definitions.bands import parsed
from sightline.definitions.catalog import Catalog
from sightline.exports.band_rules import steps
from sightline.exports.names import unit

Json = dict[str, Any]

COLOURS = {"excellent": "blue", "good": "green", "warning": "orange", "critical": "red", None: "text"}
CURRENCIES = {
    "USD": "currencyUSD",
    "EUR": "currencyEUR",
    "GBP": "currencyGBP",
    "JPY": "currencyJPY",
    "INR": "currencyINR",
    "BRL": "currencyBRL",
    "CHF": "currencyCHF",
}
TIMES = {
    "milliseconds": "ms",
    "seconds": "s",
    "minutes": "m",
    "hours": "h",
    "days": "d",
}


def unit_id(written: Unit) -> str:
    """Return Grafana's name of a unit; what it has no name for is written as prefix or suffix."""
    if written.kind == "percent":
        return "percentunit"
    if written.kind == "money":
        return CURRENCIES.get(written.code, f"currency:{written.prefix.strip()}")
    if written.kind == "time":
        return TIMES.get(written.spoken.strip(), f"suffix:{written.suffix}")
    return f"suffix:{written.suffix}" if written.suffix else "short"


def thresholds(catalog: Catalog, metric: str) -> Json:
    """Return the scale of colours of a metric."""
    found = [
        {"value": each.since, "color": COLOURS[each.status]} for each in steps(parsed(catalog.metric(metric).bands))
    ]
    return {"mode": "absolute", "steps": found}


def has_bands(catalog: Catalog, metric: str) -> bool:
    """Return whether the metric's values have a status."""
    return bool(parsed(catalog.metric(metric).bands))


def field_defaults(catalog: Catalog, metric: str, *, by_value: bool) -> Json:
    """Return how the figures of a metric are written. `by_value`: coloured by their status, else series by series."""
    coloured = "thresholds" if by_value and has_bands(catalog, metric) else "palette-classic"
    return {
        "unit": unit_id(unit(catalog, metric)),
        "thresholds": thresholds(catalog, metric),
        "color": {"mode": coloured},
        "noValue": "No value",
    }


def own_fields(catalog: Catalog, name: str, metric: str, *, cells: bool = False) -> Json:
    """Return the override that writes one column or series in the unit of its own metric."""
    properties: list[Json] = [
        {"id": "unit", "value": unit_id(unit(catalog, metric))},
        {"id": "thresholds", "value": thresholds(catalog, metric)},
    ]
    if cells and has_bands(catalog, metric):
        properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
        properties.append({"id": "color", "value": {"mode": "thresholds"}})
    return {"matcher": {"id": "byName", "options": name}, "properties": properties}
