"""Labels of events never stand on one another; where there is no room an event keeps its line and its tip."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.charts.events import event_layers
from sightline.charts.series import Event

SINCE, UNTIL = "2026-01-01T00:00:00", "2026-12-31T00:00:00"
LETTER = 5.6
"""The mean width of a letter of 11 pixels in the page's fonts, in pixels."""


WIDTHS = {12: 680, 8: 620, 6: 500, 4: 220}
"""The axis of a panel over so many columns, in pixels, as measured on a page 1,440 wide (12: on one of 1,024)."""


def drawn(events: list[Event], *, narrow: bool, columns: int = 12) -> tuple[list[dict[str, Any]], set[int]]:
    layer = event_layers(events, since=SINCE, until=UNTIL, narrow=narrow, columns=columns)[0]
    shown = {int(part["mark"]["dy"]) // 13 for part in layer["layer"] if part["mark"]["type"] == "text"}
    return layer["data"]["values"], shown


@given(
    days=st.lists(st.integers(1, 28), min_size=1, max_size=25),
    months=st.lists(st.integers(1, 12), min_size=25, max_size=25),
    letters=st.lists(st.integers(1, 40), min_size=25, max_size=25),
    narrow=st.booleans(),
    columns=st.sampled_from(sorted(WIDTHS)),
)
def test_labels_do_not_meet(days: list[int], months: list[int], letters: list[int], narrow: bool, columns: int) -> None:
    events = [
        Event(f"2026-{month:02}-{day:02}T00:00:00", "x" * size)
        for day, month, size in zip(days, months, letters, strict=False)
    ]
    rows, shown = drawn(events, narrow=narrow, columns=columns)
    assert len(rows) == len(events)
    width = 300 if narrow else WIDTHS[columns]
    for level in range(3):
        taken = []
        for row in rows:
            if row["level"] != level:
                continue
            month, day = int(row["at"][5:7]), int(row["at"][8:10])
            at = ((month - 1) * 30.4 + day) / 365 * width
            size = len(row["label"]) * LETTER
            taken.append((at - size, at) if row["late"] else (at, at + size))
        taken.sort()
        assert all(before[1] <= after[0] + 4 for before, after in pairwise(taken))
    assert shown <= {0, 1, 2}


@pytest.mark.parametrize("narrow", [True, False])
def test_an_event_without_room_keeps_its_line_and_its_tip(narrow: bool) -> None:
    rows, _ = drawn([Event("2026-03-01T00:00:00", f"Event number {n}") for n in range(5)], narrow=narrow)
    assert [row["level"] for row in rows] == [0, 1, 2, 3, 3]
    assert [row["text"] for row in rows] == [f"Event number {n}" for n in range(5)]
