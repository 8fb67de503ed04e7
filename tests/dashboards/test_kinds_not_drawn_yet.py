"""Kinds of panels that the language has and the pages do not draw yet: named here, and said on the page."""

from __future__ import annotations

from sightline.dashboards.build import not_drawn
from sightline.dashboards.panels.registry import KINDS
from sightline.definitions.schema.dashboard import PANELS

NOT_DRAWN = {"registry", "list"}
"""A ratchet: it may only become smaller."""


def test_every_other_kind_is_drawn() -> None:
    assert set(PANELS) - set(KINDS) <= NOT_DRAWN


def test_the_page_says_so_in_words() -> None:
    assert not_drawn("state_timeline").text == "panels of the kind state timeline are not drawn here yet"
