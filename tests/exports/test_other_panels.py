"""Kinds of panels beyond charts: in Grafana's own types, with figures where there are some."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
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
  - {registry: [revenue, mean_payment], forecast: true}
  - {registry: {group: [Money, Heads]}, owner: [CFO, CEO]}
  - {chart: pie, metric: revenue, by: channel}
  - {chart: histogram, metric: revenue, of: member, by: channel, edges: [10, 20]}
  - {list: members, columns: [tier, city]}
  - {text: "Read *this* <first>.", title: Words}
  - {links: [overview], title: Ways}
"""

GROUPED = """
metrics:
  taken: {type: simple, dataset: payments, agg: sum, column: amount, unit: eur, label: Taken, group: Money, owner: CFO}
  heads: {type: simple, dataset: members, agg: count, label: Heads, group: Heads, owner: CEO}
  inside: {type: simple, dataset: members, agg: count, group: Heads, owner: CEO, hidden: true}
  others: {type: simple, dataset: members, agg: count, group: Heads, owner: CTO}
  elsewhere: {type: simple, dataset: members, agg: count, group: Other, owner: CFO}
"""


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Warehouse:
    return club_warehouse(
        tmp_path_factory.mktemp("more"),
        now=now,
        changes={"dashboards/more.yaml": MORE, "metrics/grouped.yaml": GROUPED},
    )


@pytest.fixture(scope="module")
def board(more: Warehouse) -> dict[str, Any]:
    files = {each.path: each.text for each in grafana_files(ExportContext(more.catalog))}
    return dict(json.loads(files["dashboards/club/more.json"]))


def test_kinds_and_official_types(board: dict[str, Any]) -> None:
    register_default_plugins()
    assert [each["type"] for each in board["panels"]] == [
        *("stat", "gauge", "piechart", "bargauge", "table", "barchart", "state-timeline", "bargauge", "bargauge"),
        *("piechart", "barchart"),
        *["text"] * 3,
    ]
    assert [each["options"]["pieType"] for each in board["panels"] if each["type"] == "piechart"] == ["donut", "pie"]
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


@pytest.mark.req("EXE-2")
def test_a_registry_of_groups_has_the_metrics_its_page_lists(
    board: dict[str, Any], more: Warehouse, now: datetime
) -> None:
    panel = board["panels"][8]
    assert [each["expr"].partition("{")[0] for each in panel["targets"]] == ["chom_taken_by", "chom_heads_by"]
    assert [each["refId"] for each in panel["targets"]] == ["A", "B"]
    text = exposition(SYSTEM_VIEWER, warehouse=more, now=now).content.decode()
    for name in ("chom_taken_by", "chom_heads_by"):
        assert f"\n{name}{{" in text
    for name in ("inside", "others", "elsewhere"):
        assert f"\nchom_{name}_by{{" not in text


def test_a_registry_of_more_metrics_than_letters_keeps_all(tmp_path: Path, now: datetime) -> None:
    names = [f"m{number:02}" for number in range(60)]
    metrics = "".join(f"  {name}: {{type: simple, dataset: payments, agg: count, group: All}}\n" for name in names)
    page = "dashboard: long\ntitle: Long\npanels: [{registry: {group: All}}]\n"
    changes = {"metrics/long.yaml": f"metrics:\n{metrics}", "dashboards/long.yaml": page}
    long = club_warehouse(tmp_path, now=now, changes=changes)
    files = {each.path: each.text for each in grafana_files(ExportContext(long.catalog))}
    targets = json.loads(files["dashboards/club/long.json"])["panels"][0]["targets"]
    assert [each["expr"].partition("{")[0] for each in targets] == [f"chom_{name}_by" for name in names]
    letters = [each["refId"] for each in targets]
    assert (letters[0], letters[25], letters[26], letters[59]) == ("A", "Z", "AA", "BH")
    assert len(set(letters)) == 60


def test_cohorts_stand_against_their_age(board: dict[str, Any]) -> None:
    group = board["panels"][4]["transformations"][0]["options"]
    assert (group["rowField"], group["columnField"]) == ("cohort", "month")


def test_words_are_no_mark_up_and_links_lead_to_dashboards(board: dict[str, Any]) -> None:
    *_, words, ways = board["panels"]
    assert words["options"]["content"] == "<p>Read *this* &lt;first&gt;.</p>"
    assert '<a href="/d/sightline-club-overview">Overview</a>' in ways["options"]["content"]
