"""Which two figures an effect is told by: none of too few observations, and none of a cohort that still matures."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from sightline.dashboards.page import Page
from sightline.dashboards.panels.list_effect import compared
from sightline.metrics.result import Cell

BEFORE = Cell("enrolled", 0.3, "ok", 200)
NOWHERE = cast("Page", None)  # nothing is formatted of a figure that is not judged


@pytest.mark.req("EXE-6")
@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (BEFORE, replace(BEFORE, value=0.1, maturing=0.4), ("Too early", "early", "still maturing")),
        (BEFORE, replace(BEFORE, value=0.5, state="too_few"), ("No value", "none", "too few after")),
        (replace(BEFORE, state="too_few"), BEFORE, ("No value", "none", "too few before")),
        (None, BEFORE, ("No value", "none", "before")),
        (BEFORE, replace(BEFORE, value=None, state="hidden"), ("No value", "none", "after")),
    ],
)
def test_what_cannot_be_judged_is_neither_better_nor_worse(
    before: Cell | None, after: Cell | None, words: tuple[str, str, str]
) -> None:
    found = compared("enrolled", before, after, NOWHERE)
    assert (found.text, found.status, found.reason) == words
