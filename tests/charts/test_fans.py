"""The fan of a forecast: where it begins, what it holds, and what is written at its end."""

from __future__ import annotations

import re

import pytest
from chart_samples import DOLLARS, every_chart, fan, weeks

from sightline.charts.files import draw
from sightline.charts.line import bounds_of, line_chart
from sightline.charts.theme import themes

pytestmark = pytest.mark.req("SAA-1", "PLT-4")


def test_the_words_of_the_fan_stand_in_the_drawing() -> None:
    drawn = draw(every_chart()["fan"], form="svg").decode()
    for words in ("30 Nov", "2-week forecast", "$740", "$640", "$840"):
        assert words in drawn
    assert ">$700<" not in drawn  # the last actual value is where the fan begins, and its words would lie in it
    narrow = draw(every_chart(narrow=True)["fan"], form="svg").decode()
    assert "2-week forecast" not in narrow
    assert "30 Nov" in narrow


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_bands_and_zone_have_the_colours_of_the_theme(mode: str) -> None:
    drawn = draw(every_chart()["fan"], form="svg", mode=mode).decode()  # type: ignore[arg-type] # a mode
    for style in ("band80", "band95", "zone"):
        assert themes()[mode]["style"][style]["fill"] in drawn  # type: ignore[index] # a mode


def test_the_axis_holds_the_widest_interval() -> None:
    line = weeks("A", 100, 120, 110, 130)
    low, high = bounds_of([line], axis=DOLLARS, fan=fan())
    assert low == 0
    assert high >= 920
    assert bounds_of([line], axis=DOLLARS)[1] < 200


def test_the_words_at_the_end_do_not_meet() -> None:
    flat = fan()
    last = flat.steps[-1].__class__("2025-12-08", 700, (699, 701), (698, 702), "$700", ("$699", "$701"), ("", ""))
    spec = line_chart([weeks("A", 900, 1200, 1100, 700)], axis=DOLLARS, fan=flat.__class__(flat.start, (last,), "", ""))
    drawn = draw(spec, form="svg").decode()
    places = {}
    for words in ("$701", "$700", "$699"):
        found = re.search(r'translate\([\d.]+,([\d.]+)\)"[^>]*>' + re.escape(words), drawn)
        assert found is not None
        places[words] = float(found[1])
    assert places["$700"] - places["$701"] >= 12
    assert places["$699"] - places["$700"] >= 12


def test_a_line_without_a_fan_is_drawn_as_before() -> None:
    line = weeks("A", 900, 1200, 1100, 700)
    assert "zone" not in str(line_chart([line], axis=DOLLARS))
