"""Kinds of panels beyond charts: in Grafana's own types, with figures where there are some."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as official

from club_home import club_warehouse
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.exports.exposition import exposition
from sightline.exports.files import ExportContext
from sightline.exports.grafana.files import grafana_files
from sightline.metrics.warehouse import Warehouse

pytestmark = pytest.mark.req("SAA-8")
MORE = """
dashboard: more
title: More
variables: [tier]
period: last_30_days
panels:
  - {stat: revenue}
  - {gauge: mean_payment, low: 0, high: 40}
  - {chart: donut, metric: revenue, by: channel}
  - {chart: waterfall, metrics: [payments, payers, joined]}
  - {chart: cohort, metric: cohort_retention, period: last_6_months, grain: month}
  - {chart: distribution, metric: payments, by: channel}
  - {chart: state_timeline, metric: mean_payment, by: tier, grain: week}
  - {registry: [revenue, mean_payment]}
  - {list: members, columns: [tier, city]}
  - {text: "Read *this* <first>.", title: Words}
  - {links: [overview], title: Ways}
"""


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Warehouse:
    return club_warehouse(tmp_path_factory.mktemp("more"), now=now, changes={"dashboards/more.yaml": MORE})


@pytest.fixture(scope="module")
def board(more: Warehouse) -> dict[str, Any]:
    files = {each.path: each.text for each in grafana_files(ExportContext(more.catalog))}
    return dict(json.loads(files["dashboards/club/more.json"]))


def test_kinds_and_official_types(board: dict[str, Any]) -> None:
    register_default_plugins()
    assert [each["type"] for each in board["panels"]] == [
        *("stat", "gauge", "piechart", "bargauge", "table", "barchart", "state-timeline", "bargauge"),
        *["text"] * 3,
    ]
    theirs = json.loads(JSONEncoder().encode(official.Dashboard.from_json(board)))
    for ours, read in zip(board["panels"], theirs["panels"], strict=True):
        assert ours["options"].keys() <= read["options"].keys(), ours["title"]


def test_every_figure_has_its_series(board: dict[str, Any], more: Warehouse, now: datetime) -> None:
    text = exposition(SYSTEM_VIEWER, warehouse=more, now=now).content.decode()
    for panel in board["panels"]:
        for target in panel["targets"]:
            name, _, rest = target["expr"].partition("{")
            period = rest.partition('period="')[2].partition('"')[0]
            assert f"{name}{{" in text
            assert any(line.startswith(f"{name}{{") and f'period="{period}"' in line for line in text.splitlines())


def test_cohorts_stand_against_their_age(board: dict[str, Any]) -> None:
    group = board["panels"][4]["transformations"][0]["options"]
    assert (group["rowField"], group["columnField"]) == ("cohort", "month")


def test_words_are_no_mark_up_and_links_lead_to_dashboards(board: dict[str, Any]) -> None:
    *_, words, ways = board["panels"]
    assert words["options"]["content"] == "<p>Read *this* &lt;first&gt;.</p>"
    assert '<a href="/d/sightline-club-overview">Overview</a>' in ways["options"]["content"]
