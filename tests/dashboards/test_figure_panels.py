"""One hero figure, dials, bars in parts, rings and states: each against a count in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

import pytest
from tiny_shop import Show

from panel_club import NOW, TODAY, rows_of, viewer, visits
from sightline.dashboards.build import dashboard_view
from sightline.dashboards.panel_views import (
    DistributionView,
    GaugeView,
    LinksView,
    StateTimelineView,
    StatView,
    TextView,
)
from sightline.dashboards.panels.gauge import INSIDE, arc
from sightline.dashboards.selection import parse
from sightline.dashboards.view import ChartView, DashboardView, HeatmapView, PanelView
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.dashboard import HistogramChart
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("SAA-8", "PLT-4")
Find = Callable[[DashboardView, str], PanelView]
Kind = TypeVar("Kind", bound=PanelView)
START = TODAY - timedelta(days=90)


def of(kind: type[Kind], view: PanelView) -> Kind:
    assert isinstance(view, kind), view
    return view


def recent_visits() -> list[dict[str, object]]:
    return [row for row in visits(TODAY) if isinstance(row["day"], date) and START <= row["day"] < TODAY]


def moods() -> Counter[str]:
    answers = rows_of(TODAY)["answers"]
    return Counter(str(row["mood"]) for row in answers if isinstance(row["day"], date) and START <= row["day"] < TODAY)


def nps() -> float:
    found = moods()
    return 100 * (found["happy"] - found["upset"]) / sum(found.values())


def per_person() -> float:
    rows = recent_visits()
    return len(rows) / len({row["person"] for row in rows})


@pytest.mark.req("EXE-1")
def test_a_score_opens_into_what_it_is_made_of(board: Show, panel: Find) -> None:
    shown = of(StatView, panel(board(), "stat_health"))
    mood, visits_ = 60 * (nps() + 100) / 200, 40 * min(1.0, (per_person() - 1) / 4)
    assert shown.figure.value == pytest.approx(mood + visits_)
    assert shown.scale == "/ 100"
    assert [(line.label, line.weight) for line in shown.components] == [("Mood", "60%"), ("Visits per visitor", "40%")]
    assert [line.earned for line in shown.components] == [f"{mood:.0f} of 60", f"{visits_:.0f} of 40"]
    assert shown.drag == f"Mood costs most: {60 - mood:.0f} points."


@pytest.mark.req("EXE-1")
def test_the_status_of_a_score_says_which_band_it_is_in(board: Show, panel: Find) -> None:
    shown = of(StatView, panel(board(), "stat_health"))
    assert (shown.figure.value or 0) >= 80
    assert (shown.standing.judged, shown.standing.words, shown.standing.reason) == ("good", "On track", "at least 80")


def test_a_dial_has_its_bands_its_value_and_its_words(board: Show, panel: Find) -> None:
    shown = of(GaugeView, panel(board(), "gauge_per_person"))
    assert shown.figure.value == pytest.approx(per_person())
    assert {band.status for band in shown.bands} == {"", "good", "warning", "critical"}
    assert shown.sentence == f"Visits per visitor: {per_person():.1f}, On track, at least 3."
    assert float(shown.high) > per_person()
    assert shown.value_path == arc(0, per_person(), 0, float(shown.high), radius=INSIDE)


@pytest.mark.parametrize(
    ("value", "end"), [(0, "24.0 100.0"), (50, "100.0 24.0"), (100, "176.0 100.0"), (250, "176.0 100.0")]
)
def test_an_arc_ends_where_the_value_is_and_never_beyond(value: float, end: str) -> None:
    assert arc(0, value, 0, 100, radius=INSIDE).endswith(end)


def test_the_parts_of_a_bar_are_the_answers(board: Show, panel: Find) -> None:
    shown, found = of(DistributionView, panel(board(), "distribution")), moods()
    whole = sum(found.values())
    assert [part.figure.value for part in shown.parts] == [found["happy"], found["fine"], found["upset"]]
    assert [part.width for part in shown.parts] == [
        pytest.approx(100 * found[m] / whole) for m in ("happy", "fine", "upset")
    ]
    assert sum(part.width for part in shown.parts) == pytest.approx(100)
    assert [part.colour for part in shown.parts] == [1, 0, 2]
    assert shown.score is not None
    assert shown.score.value == pytest.approx(nps())
    assert shown.standing.reason == "at least 30"


def test_the_parts_may_be_the_members_of_a_dimension(board: Show, panel: Find) -> None:
    shown = of(DistributionView, panel(board("detail"), "distribution"))
    found = Counter(str(row["channel"]) for row in recent_visits())
    assert {part.label: part.figure.value for part in shown.parts} == dict(found)


def test_a_ring_names_the_largest_and_adds_the_rest(board: Show, panel: Find) -> None:
    shown = of(ChartView, panel(board(), "donut"))
    ranked = Counter(str(row["channel"]) for row in recent_visits()).most_common()
    whole = sum(count for _, count in ranked)
    slices = shown.spec["datasets"]["slices"]
    assert [part["value"] for part in slices] == [ranked[0][1], ranked[1][1], ranked[2][1] + ranked[3][1]]
    assert slices[-1]["label"] == "2 more"
    assert slices[-1]["to"] == pytest.approx(1)
    assert len(shown.table.rows) == 4
    assert shown.finding == f"{ranked[0][0]} is {100 * ranked[0][1] / whole:.0f}% of visits"


def test_a_pie_is_the_donut_without_its_hole_and_says_the_whole_above(board: Show, panel: Find) -> None:
    ring, disc = of(ChartView, panel(board(), "donut")), of(ChartView, panel(board("detail"), "pie"))
    assert disc.spec["datasets"] == ring.spec["datasets"]
    assert (disc.chart, disc.spec["layer"][0]["mark"]["innerRadius"]) == ("pie", 0)
    assert ring.spec["layer"][0]["mark"]["innerRadius"] > 0
    assert not any(layer["mark"]["type"] == "text" for layer in disc.spec["layer"])
    assert disc.subtitle.endswith(f"{len(recent_visits()):,} in all")


def test_a_histogram_counts_members_by_range_of_all_and_by_segment(board: Show, panel: Find) -> None:
    shown = of(HeatmapView, panel(board("detail"), "histogram"))
    assert shown.columns == ("Below 2", "2 to 4", "4 and above")
    came = Counter((str(row["channel"]), str(row["person"])) for row in recent_visits())
    expected: Counter[tuple[str, str]] = Counter()
    for (channel, _), count in came.items():
        lies = shown.columns[(count >= 2) + (count >= 4)]
        expected[channel, lies] += 1
        expected["All", lies] += 1
    found = {
        (row.label, column): int(cell.figure.value or 0)
        for row in shown.heat_rows
        for column, cell in zip(shown.columns, row.cells, strict=True)
    }
    assert {key: count for key, count in found.items() if count} == dict(expected)
    assert shown.heat_rows[0].label == "All"


def test_a_member_with_parts_in_several_segments_counts_once_among_all(club: Warehouse) -> None:
    dashboard = club.catalog.dashboard("detail")
    (drawn,) = (each for each in dashboard.panels if isinstance(each, HistogramChart) and each.by)
    turned = drawn.model_copy(update={"of": "channel", "by": "person", "edges": [40.0]})
    only = dashboard.model_copy(update={"panels": [turned]})
    selection = parse({}, dashboard=only, catalog=club.catalog).selection
    page = dashboard_view(only, selection, SYSTEM_VIEWER, warehouse=club, now=NOW, problems=("a page of its own",))
    shown = of(HeatmapView, page.panels[0])
    came = Counter(str(row["channel"]) for row in recent_visits())
    large = sum(1 for count in came.values() if count >= 40)
    assert [cell.figure.value for cell in shown.heat_rows[0].cells] == [len(came) - large, large]
    assert len(shown.heat_rows) > 2


def test_without_edges_the_ranges_are_the_bands(board: Show, panel: Find) -> None:
    shown = of(HeatmapView, panel(board("detail"), "histogram_n2"))
    assert shown.columns[:3] == ("Off track, below 2", "Watch, 2 to 3", "On track, at least 3")
    assert [row.label for row in shown.heat_rows] == ["All"]


def test_every_bucket_has_the_word_of_its_band(board: Show, panel: Find) -> None:
    shown = of(StateTimelineView, panel(board("detail"), "state_timeline"))
    cells = {
        when: cell
        for when, cell in zip(shown.columns, shown.lines[0].cells, strict=True)
        if cell is not None and cell.figure.value is not None
    }
    assert {when: (cell.figure.text, cell.standing.words) for when, cell in cells.items()} == {
        "Aug 2025": ("4.0%", "On track"),
        "Sep 2025": ("5.0%", "On track"),
        "Oct 2025": ("6.0%", "Watch"),
        "Nov 2025": ("8.0%", "Watch"),
    }
    assert shown.legend == (
        ("good", "On track at most 5%"),
        ("warning", "Watch 5% to 10%"),
        ("critical", "Off track above 10%"),
    )
    assert ("period", "2025-11-01..2025-12-01") in cells["Nov 2025"].figure.explain.query


def test_members_come_with_the_worst_first(board: Show, panel: Find) -> None:
    shown = of(StateTimelineView, panel(board(), "state_timeline"))
    by_channel = {
        name: [row for row in visits(TODAY) if row["channel"] == name]
        for name in {str(r["channel"]) for r in visits(TODAY)}
    }
    year = (date(2025, 1, 1), date(2026, 1, 1))
    means = {}
    for name, rows in by_channel.items():
        inside = [row for row in rows if isinstance(row["day"], date) and year[0] <= row["day"] < year[1]]
        means[name] = len(inside) / len({row["person"] for row in inside})
    values = [means[line.label] for line in shown.lines]
    assert values == sorted(values)


def test_text_is_text_and_links_carry_the_selection(board: Show, panel: Find) -> None:
    page = board(channel="ads", period="last_30_days")
    assert of(TextView, panel(page, "text")).paragraphs == (
        "What this page is for: it shows every kind of panel.",
        "Nothing here is <b>marked up</b>.",
    )
    first, second = of(LinksView, panel(page, "links")).ways
    assert (first.label, first.text, first.link.page) == ("Detail", "The same in other ways.", "d/detail")
    assert (second.label, second.text) == ("This page", "Where you are")
    assert {("channel", "ads"), ("period", "last_30_days")} <= set(first.link.query)


def test_row_policy_reaches_every_figure(board: Show, panel: Find, club: Warehouse) -> None:
    shown = of(ChartView, panel(board(viewer=viewer(club, "ads")), "donut"))
    assert [row.cells[0].text for row in shown.table.rows] == ["ads"]
    assert panel(board(viewer=viewer(club, "ads")), "distribution").kind == "message"
