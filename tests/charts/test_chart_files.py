"""Charts as files, and the script for the browser."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from chart_samples import every_chart

from sightline.charts import files
from sightline.charts.bundle import script
from sightline.charts.files import ChartNotDrawn, draw
from sightline.charts.heatmap import heatmap_chart


@pytest.mark.parametrize("name", ["line", "fan", "bar", "ranked", "scatter"])
def test_every_kind_is_drawn_as_svg_in_both_modes(name: str) -> None:
    spec = every_chart()[name]
    light, dark = draw(spec, form="svg", mode="light"), draw(spec, form="svg", mode="dark")
    assert light.startswith(b"<svg")
    assert light != dark


def test_the_words_of_the_data_stand_in_the_drawing() -> None:
    drawn = draw(every_chart()["line"], form="svg").decode()
    assert "$700 MS Finance" in drawn
    assert "Target $1,000" in drawn


def test_a_png_is_a_png() -> None:
    assert draw(every_chart()["scatter"], form="png").startswith(b"\x89PNG")


def test_a_heatmap_prints_each_value() -> None:
    drawn = draw(
        heatmap_chart([("Jan", "Search", 0.1, "10%"), ("Feb", "Search", 0.2, "20%")], mode="light"), form="svg"
    )
    assert b"20%" in drawn


def test_a_value_that_is_not_firm_keeps_dark_words_where_values_are_below_zero() -> None:
    cells = [("Jan", "A", -2.0, "−2"), ("Feb", "A", -1.0, "−1"), ("Mar", "A", None, "3 of 4")]
    drawn = draw(heatmap_chart(cells, mode="light"), form="svg").decode()
    colours = {words: fill for fill, words in re.findall(r'fill="(#[0-9a-f]+)"[^>]*>([^<>]+)</text>', drawn)}
    assert colours["−2"] == colours["3 of 4"] != colours["−1"]


def test_data_behind_an_address_is_refused() -> None:
    spec = {"data": {"url": "http://127.0.0.1:9/data.json"}, "mark": "point", "encoding": {}}
    with pytest.raises(ChartNotDrawn):
        draw(spec, form="svg")


def test_a_busy_drawing_is_waited_for_and_then_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Lock()
    monkeypatch.setattr(files, "_LOCK", held)
    monkeypatch.setattr(files, "WAIT_SECONDS", 0.01)
    with held, pytest.raises(ChartNotDrawn, match="Other charts"):
        draw(every_chart()["line"], form="svg")


def test_the_script_is_made_once_and_kept(tmp_path: Path) -> None:
    first = script(cache_folder=tmp_path)
    kept = list(tmp_path.iterdir())
    assert len(kept) == 1
    assert script(cache_folder=tmp_path) == first
    assert first.name == f"vega-{first.digest}.js"


def test_a_torn_script_is_made_again(tmp_path: Path) -> None:
    first = script(cache_folder=tmp_path)
    next(tmp_path.iterdir()).write_bytes(b"torn")
    assert script(cache_folder=tmp_path) == first


def test_the_script_leaks_no_global_names() -> None:
    body = script().body
    assert body.split(b"*/", 1)[1].startswith(b"(function(){")
    assert b"window.vegaEmbed" in body
    assert b"window.sightlineThemes" in body
