"""Sources as pages show them: the words of their states, the strip of their last syncs, the figures on top."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sightline.accounts.access import Access
from sightline.dashboards import dates
from sightline.dashboards.export import MEDIA, Export, Form, written
from sightline.dashboards.formats import plural
from sightline.dashboards.parts import Delta, Tone
from sightline.dashboards.sheets import Heading, Sheet
from sightline.ingest.overview import Overview, SourceLine, Totals
from sightline.web.schedule_words import schedule_words

STATES: Mapping[str, tuple[str, str, str]] = {
    "fresh": ("ok", "good", "Fresh"),
    "live": ("pulse", "good", "Live"),
    "stale": ("clock", "warn", "Stale"),
    "differs": ("bad", "bad", "Counts differ"),
    "partial": ("warn", "warn", "Incomplete"),
    "failed": ("bad", "bad", "Failed"),
    "paused": ("none", "", "Paused"),
    "waiting": ("none", "", "Not read yet"),
}
"""Icon, tone and word of a source's state."""
RUNS: Mapping[str, tuple[str, str, str]] = {
    "queued": ("clock", "info", "Waiting"),
    "running": ("sync", "info", "Running"),
    "done": ("ok", "good", "Done"),
    "partial": ("warn", "warn", "Incomplete"),
    "failed": ("bad", "bad", "Failed"),
}
MOST_ERRORS = 0.05
SLOTS, STEP, WIDTH = 30, 5, 3.4
TALL = {"partial": "sw", "failed": "sb"}


@dataclass(frozen=True)
class Row:
    """A source in the table. Empty `today` or `held`: nobody may or can know."""

    line: SourceLine
    icon: str
    tone: str
    word: str
    last: str
    schedule: str
    bars: tuple[Bar, ...]
    said: str


@dataclass(frozen=True)
class Bar:
    """One sync in the strip: where it stands, how tall, in which colour."""

    x: float
    y: int
    height: int
    css: str


@dataclass(frozen=True)
class Tile:
    """A figure on top. `bullet` is a share of the track from 0 to 100, `target` where the tick stands."""

    label: str
    value: str
    small: str = ""
    note: str = ""
    delta: Delta | None = None
    tone: str = ""
    href: str = ""


def row_of(line: SourceLine, *, zone: str, now: datetime) -> Row:
    """Return a source as the table shows it."""
    glyph, tone, word = STATES[line.state]
    if line.is_pushed and line.state == "waiting":
        word = "Nothing yet"
    return Row(
        line=line,
        icon=glyph,
        tone=tone,
        word=word,
        last=when(line.last_at, zone=zone, now=now),
        schedule="As it is sent" if line.is_pushed else schedule_words(line.cron, zone=line.zone, home_zone=zone),
        bars=bars_of(line),
        said=strip_words(line),
    )


def when(moment: datetime | None, *, zone: str, now: datetime) -> str:
    """Return the time of today, else the day and the time; an en dash when there is none."""
    if moment is None:
        return "–"
    local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    return f"{local:%H:%M}" if local.date() == today else dates.moment(moment, zone=zone, today=today)


def bars_of(line: SourceLine) -> tuple[Bar, ...]:
    """Return the strip of the last syncs, the newest at the right."""
    start = SLOTS - len(line.recent)
    found = []
    for place, run in enumerate(line.recent, start):
        css = TALL.get(run.state, "sg")
        found.append(Bar(place * STEP, 5 if css == "sg" else 0, 9 if css == "sg" else 14, css))
    return tuple(found)


def strip_words(line: SourceLine) -> str:
    """Return what the strip says, in words."""
    if not line.recent:
        return "No sync yet"
    counts = Counter(run.state for run in line.recent)
    said = f"{counts['done']} of {plural(len(line.recent), 'sync')} succeeded"
    rough = [f"{counts[state]} {word}" for state, word in (("partial", "incomplete"), ("failed", "failed"))]
    return ", ".join([said, *(each for each in rough if not each.startswith("0 "))])


def tiles_of(found: Overview, *, base: str, now: datetime) -> list[Tile]:
    """Return the figures on top of the list."""
    return [_fresh(found.lines), _today(found.totals, now), _errors(found.totals), *_held(found.lines, base)]


def _fresh(lines: Sequence[SourceLine]) -> Tile:
    counts = Counter(line.state for line in lines)
    fine = counts["fresh"] + counts["live"]
    rest = [
        f"{number} {STATES[state][2].lower()}" for state, number in counts.items() if state not in ("fresh", "live")
    ]
    return Tile("Sources fresh", str(fine), f"of {len(lines)}", ", ".join(rest) or "all of them")


def _today(totals: Totals, now: datetime) -> Tile:
    base = f"vs last {now:%A}, same time"
    value = f"{totals.today:,}"
    if not totals.week_ago:
        return Tile("Rows synced today", value, note=f"none last {now:%A} by this time")
    change = totals.today / totals.week_ago - 1
    return Tile("Rows synced today", value, delta=_delta(f"{abs(change):.1%}", change, "none", base))


def _errors(totals: Totals) -> Tile:
    objective = "objective below 5%"
    if not totals.received:
        return Tile("Sync errors, 30 d", "–", note=f"no rows were read, {objective}")
    share = totals.rejected / totals.received
    tone = "bad" if share >= MOST_ERRORS else ""
    note = f"over the objective of 5%: {totals.rejected:,} rows" if tone else objective
    if not totals.received_before:
        return Tile("Sync errors, 30 d", f"{share:.1%}", note=note, tone=tone)
    change = share - totals.rejected_before / totals.received_before
    good: Tone = "good" if change < 0 else "bad"
    text = f"{abs(change) * 100:.1f} pp"
    return Tile(
        "Sync errors, 30 d", f"{share:.1%}", delta=_delta(text, change, good, f"30 d before, {note}"), tone=tone
    )


def _held(lines: Sequence[SourceLine], base: str) -> list[Tile]:
    known = [line.held for line in lines if line.held is not None]
    if not known:
        return []
    number = sum(known)
    note = "kept out of every metric" if number else "every row passed its checks"
    return [Tile("Quarantined rows", f"{number:,}", note=note, href=f"{base}data/quarantine" if number else "")]


def _delta(text: str, change: float, tone: Tone, base: str) -> Delta:
    way: Literal["up", "down", "flat"] = "up" if change > 0 else "down" if change < 0 else "flat"
    judged = {"good": ", better", "bad": ", worse"}.get(tone, "") if change else ""
    return Delta(text, way, tone if change else "none", base, f"{way} {text}{judged}, {base}")


def sources_file(rows: Sequence[Row], access: Access, *, form: Form, now: datetime) -> Export:
    """Return the table of sources as a file."""
    zone = access.folder.catalog.settings.zone
    texts = ("Source", "Name", "Kind", "Freshness")
    headings = [Heading(each, "text") for each in texts]
    headings += [Heading("Last sync", "datetime"), Heading("Schedule", "text"), Heading("Last 30 syncs", "text")]
    headings += [Heading("Rows today", "integer"), Heading("Quarantined", "integer")]
    lines = tuple(
        (
            row.line.label,
            row.line.name,
            row.line.kind_label,
            row.word,
            row.line.last_at and row.line.last_at.astimezone(ZoneInfo(zone)),
            row.schedule,
            row.said,
            row.line.today,
            row.line.held,
        )
        for row in rows
    )
    about = (
        ("Title", "Data sources"),
        ("Time zone", zone),
        ("Rows", f"{len(lines):,}, all of them"),
        ("Generated at", dates.moment(now, zone=zone)),
        ("By", access.viewer.name),
    )
    sheet = Sheet("Data sources", tuple(headings), lines, about)
    name = f"sources-{dates.stamp(now, zone=zone)}.{form.partition('_')[0]}"
    return Export(name, MEDIA[form], written(sheet, form), len(lines), len(lines))
