"""Panels lie in rows of twelve columns; one that says `below` stands under the panel before it."""

from __future__ import annotations

from sightline.dashboards.view import PanelView, Strip
from sightline.web.panels import groups_of


def panel(name: str, span: int, *, below: bool = False) -> Strip:
    return Strip(panel=PanelView(id=name, title=name, span=span, below=below))


def laid(*blocks: Strip) -> list[list[list[str]]]:
    return [[[each.id for each in column] for column in group.columns] for group in groups_of(blocks)]


def test_a_panel_below_shares_the_columns_of_the_one_before() -> None:
    side = [panel("health", 4), panel("risks", 4, below=True), panel("actions", 12, below=True)]
    assert laid(*side, panel("table", 8), panel("next", 6)) == [
        [["health", "risks", "actions"], ["table"]],
        [["next"]],
    ]


def test_the_first_of_a_row_has_nothing_above_it() -> None:
    tiles = Strip(tiles=(PanelView(id="tile", title="tile"),))
    assert laid(panel("a", 4, below=True), panel("b", 8)) == [[["a"], ["b"]]]
    assert laid(panel("a", 12), tiles, panel("b", 6, below=True), panel("c", 6)) == [[["a"]], [], [["b"], ["c"]]]


def test_rows_end_at_twelve_columns() -> None:
    assert laid(panel("a", 6), panel("b", 6), panel("c", 4)) == [[["a"], ["b"]], [["c"]]]
