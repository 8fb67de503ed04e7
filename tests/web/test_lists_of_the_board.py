"""A role reads the lists it was granted, on dashboards, and no other row or column; without the grant, no list."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from cast import Cast, cast, home
from held_home import browser
from sightline.accounts.access import open_workspace
from sightline.accounts.models import Membership, User
from sightline.home import Home
from sightline.ingest.actions.enter_values import enter_values

__all__ = ["cast", "home"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("EXE-3", "EXE-6")]
NOW = datetime.now(UTC)
OBSERVER = """
roles:
  observer: {label: Observer, permissions: [view], rows: {"*": all}, masks: {"*": hide}}
  auditor: {label: Auditor, permissions: [view], rows: {"risks": "owner = 'CFO'"}, lists: [risks]}
"""
REGISTER = """
dashboard: register
title: Register
panels:
  - {list: risks, title: Risks, columns: [title, level, owner]}
  - {list: reviews, title: Reviews, columns: [outcome, reviewer]}
  - {list: kpi_values, title: Values, columns: [kpi, value]}
"""
W = "/w/board"


@pytest.fixture
def members(cast: Cast, home: Home, settings: Settings) -> dict[str, User]:
    """Return a member of the board, one who was granted no list, and one who sees a part, beside two risks."""
    settings.STATIC_ROOT = home.path / "static"
    settings.STATIC_ROOT.mkdir()
    folder = home.create_workspace("board", packs=["executive"])
    (folder.definitions / "dashboards").mkdir(parents=True, exist_ok=True)
    (folder.definitions / "dashboards" / "register.yaml").write_text(REGISTER)
    (folder.definitions / "roles.yaml").write_text(OBSERVER)
    Membership.objects.create(user=cast.owner, workspace="board", role="admin", attributes={})
    admin = open_workspace(cast.owner, "board")
    kpi = {"kpi": "mrr", "name": "MRR", "area": "Money", "owner": "CFO", "cadence": "monthly", "value_from": "manual"}
    common = {"level": "high", "trend": "rising", "mitigation": "Hedge quietly", "review_on": "2026-03-01"}
    risks = [
        {"risk_id": "r1", "title": "Rates rise", "owner": "CFO", **common},
        {"risk_id": "r2", "title": "Coaches leave", "owner": "CHRO", **common},
    ]
    review = {"review_id": "v1", "kpi": "mrr", "held_on": "2026-01-05", "review_cadence": "monthly"}
    reviews = [{**review, "reviewer": "Ada Byron", "outcome": "confirmed"}]
    values = [{"kpi": "mrr", "at": "2026-01-31", "value": "4321", "entered_by": "x"}]
    for dataset, rows in (("kpis", [kpi]), ("risks", risks), ("reviews", reviews), ("kpi_values", values)):
        enter_values(access=admin, dataset=dataset, rows=rows, reason="set up", now=NOW)
    found = {}
    for role in ("board", "observer", "auditor"):
        found[role] = User.objects.create(email=f"{role}@board.test", password="!")
        Membership.objects.create(user=found[role], workspace="board", role=role, attributes={})
    return found


def test_the_board_reads_the_columns_of_granted_lists_and_nothing_else(members: dict[str, User]) -> None:
    board = browser(members["board"])
    page = board.get(f"{W}/d/register").content.decode()
    assert "Rates rise" in page
    assert "Coaches leave" in page
    assert "Hedge quietly" not in page, "a column that the panel does not name"
    assert "confirmed" in page
    assert "Ada Byron" not in page, "names are hidden from the board"
    assert page.count("Not for your role") == 1, "values are no list of theirs"
    assert "4321" not in page
    for address in ("rows?dataset=risks", "export/register/list_risks.csv", "data/risks/rows"):
        assert board.get(f"{W}/{address}").status_code in (403, 404), address
    overview = board.get(f"{W}/d/risks_and_actions").content.decode()
    assert "Rates rise" in overview
    assert "Not for your role" not in overview


def test_without_the_grant_every_list_says_that_it_is_not_for_this_role(members: dict[str, User]) -> None:
    page = browser(members["observer"]).get(f"{W}/d/register").content.decode()
    assert page.count("Not for your role") == 3
    assert not any(word in page for word in ("Rates rise", "confirmed", "4321"))


def test_a_granted_list_has_only_the_rows_of_the_policy(members: dict[str, User]) -> None:
    page = browser(members["auditor"]).get(f"{W}/d/register").content.decode()
    assert "Rates rise" in page
    assert "Coaches leave" not in page
