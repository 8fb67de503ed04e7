"""Bands in other languages: as conditions of PromQL, and as the steps of a scale of colours."""

from __future__ import annotations

from dataclasses import dataclass

from sightline.definitions.bands import LADDER, Band, Status, status_in


@dataclass(frozen=True)
class Step:
    """From this value up (None: from the lowest) the status is this one, or none."""

    since: float | None
    status: Status | None


def condition(series: str, bands: dict[Status, Band], status: Status) -> str:
    """Return the PromQL that keeps the series whose status is this one; bands tried before it come first."""
    before = [bands[each] for each in LADDER[: LADDER.index(status)] if each in bands]
    excluded = [_within(series, each) for each in before if _overlap(each, bands[status])]
    return " unless ".join([_within(series, bands[status]), *excluded])


def steps(bands: dict[Status, Band]) -> tuple[Step, ...]:
    """Return the scale: where the status changes as the value rises. A step belongs to the values from it up."""
    bounds = sorted({bound for band in bands.values() for bound in (band.low, band.high) if bound is not None})
    found = [Step(None, status_in(bands, bounds[0] - 1.0 if bounds else 0.0))]
    for index, bound in enumerate(bounds):
        above = bounds[index + 1] if index + 1 < len(bounds) else bound + 2.0
        status = status_in(bands, (bound + above) / 2)
        if status != found[-1].status:
            found.append(Step(bound, status))
    return tuple(found)


def _within(series: str, band: Band) -> str:
    if band.low is not None and band.low == band.high:
        return f"({series} == {band.low!r})"
    low = f" {'>=' if band.low_included else '>'} {band.low!r}" if band.low is not None else ""
    high = f" {'<=' if band.high_included else '<'} {band.high!r}" if band.high is not None else ""
    return f"({series}{low}{high})"


def _overlap(one: Band, other: Band) -> bool:
    """Return whether a value may lie in both; touching bounds that both include count."""
    for below, above in ((one, other), (other, one)):
        if below.high is None or above.low is None:
            continue
        if below.high < above.low or (below.high == above.low and not (below.high_included and above.low_included)):
            return False
    return True
