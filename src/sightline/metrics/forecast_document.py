"""The JSON form of a forecast: one shape for the API, the command line and scripts."""

from __future__ import annotations

from dataclasses import asdict

from sightline.metrics.document import Document, data_through, period_document
from sightline.metrics.forecast import Forecast, SeriesForecast


def forecast_document(found: Forecast) -> Document:
    """Return `{"metric", …, "series", "meta"}`; `to_json` writes it. A series without steps says why in `refused`."""
    return {
        "metric": found.metric,
        "label": found.label,
        "unit": found.unit,
        "grain": found.grain,
        "periods": found.periods,
        "dimensions": [column.name for column in found.dimensions if column.role == "dimension"],
        "series": [_series(each) for each in found.series],
        "meta": {
            "snapshot": found.snapshot,
            "data_through": data_through(found.sources),
            "period": period_document(found.period),
            "zone": found.zone,
            "asked_at": found.asked_at,
            "sources": [asdict(source) for source in found.sources],
            "notes": list(found.notes),
        },
    }


def _series(series: SeriesForecast) -> Document:
    return {
        "key": list(series.key),
        "labels": list(series.labels),
        "refused": series.refused,
        "model": series.model,
        "season": series.season,
        "trained_on": {
            "first": series.buckets[0] if series.buckets else None,
            "last": series.buckets[-1] if series.buckets else None,
            "buckets": len(series.buckets),
        },
        "left_out": [asdict(each) for each in series.left_out],
        "backtest": asdict(series.backtest) if series.backtest else None,
        "steps": [asdict(step) for step in series.steps],
    }
