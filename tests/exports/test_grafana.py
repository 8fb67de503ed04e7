"""Dashboards of Grafana: every field is one of Grafana's own types, every panel kind has its drawing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.cog.runtime import panelcfg_config
from grafana_foundation_sdk.models import dashboard as official

from sightline.definitions.schema.dashboard import PANELS
from sightline.exports.files import ExportContext
from sightline.exports.grafana.files import grafana_files
from sightline.exports.grafana.kinds import DRAWINGS

pytestmark = [pytest.mark.req("SAA-8"), pytest.mark.req("PLT-9")]
Json = dict[str, Any]


@pytest.fixture(scope="module")
def files(context: ExportContext) -> dict[str, str]:
    register_default_plugins()
    return {each.path: each.text for each in grafana_files(context)}


@pytest.fixture(scope="module")
def overview(files: dict[str, str]) -> Json:
    return dict(json.loads(files["dashboards/club/overview.json"]))


def panel(board: Json, kind: str, number: int = 0) -> Json:
    return [each for each in board["panels"] if each["type"] == kind][number]


def lost(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Yield what the official types do not know of our document, or read otherwise."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            yield from lost(value, theirs[key], f"{path}.{key}") if key in theirs else [f"{path}.{key}"]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from lost(one, other, f"{path}[{index}]")
    elif ours != theirs:
        yield f"{path}: {ours!r}, read as {theirs!r}"


@pytest.mark.parametrize("name", ["overview", "member"])
def test_every_field_is_one_of_the_official_types(files: dict[str, str], name: str) -> None:
    ours = json.loads(files[f"dashboards/club/{name}.json"])
    theirs = json.loads(JSONEncoder().encode(official.Dashboard.from_json(ours)))
    assert list(lost(ours, theirs)) == []
    assert all(panelcfg_config(each["type"]) for each in ours["panels"])


def test_a_field_that_grafana_does_not_know_would_be_seen(overview: Json) -> None:
    changed = json.loads(json.dumps(overview))
    changed["panels"][0]["options"]["grafMode"] = "area"
    theirs = json.loads(JSONEncoder().encode(official.Dashboard.from_json(changed)))
    assert list(lost(changed, theirs)) == [".panels[0].options.grafMode"]


def test_every_kind_of_panel_has_its_drawing() -> None:
    assert set(PANELS) <= set(DRAWINGS), f"say in grafana/kinds.py what these are: {set(PANELS) - set(DRAWINGS)}"


def test_panels_are_drawn_by_kind_without_overlap(overview: Json) -> None:
    kinds = [each["type"] for each in overview["panels"]]
    assert kinds == [
        *["stat"] * 3,
        *["table"] * 2,
        *["timeseries"] * 2,
        *["barchart"] * 2,
        "timeseries",
        *["bargauge"] * 2,
        "xychart",
        "heatmap",
        "table",
        "bargauge",
    ]
    taken: set[tuple[int, int]] = set()
    for each in overview["panels"]:
        place = each["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_variables_ask_for_label_values(overview: Json) -> None:
    source, tier, channel, town = overview["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    assert tier["query"]["query"] == 'label_values(chom_joined_by{workspace="club", tier!=""}, tier)'
    assert (tier["multi"], tier["includeAll"], tier["allValue"]) == (True, True, ".{0}")
    assert (town["name"], town["label"], town["multi"]) == ("city", "Town", False)
    assert channel["label"] == "Channel"


def test_the_entity_of_a_dashboard_is_a_variable_without_all(files: dict[str, str]) -> None:
    board = json.loads(files["dashboards/club/member.json"])
    member = board["templating"]["list"][1]
    assert (member["name"], member["includeAll"], member["multi"]) == ("member", False, False)
    assert 'member="$member"' in board["panels"][0]["targets"][0]["expr"]


def test_queries_hold_period_condition_and_variables(overview: Json) -> None:
    assert panel(overview, "stat", 1)["targets"][0]["expr"] == (
        'chom_mean_payment_by{workspace="club", period="last_30_days", by_city="", by_member="", by_tier="", '
        'channel=~"$channel", city=~"$city", tier=~"$tier"}'.replace('by_city="", ', "")
    )
    assert "where=\"tier = 'gold'\"" in panel(overview, "table", 1)["targets"][0]["expr"]
    assert 'period="last_week"' in panel(overview, "timeseries")["targets"][0]["expr"]


def test_units_and_bands(overview: Json) -> None:
    defaults = panel(overview, "stat", 1)["fieldConfig"]["defaults"]
    assert defaults["unit"] == "currencyEUR"
    assert defaults["color"] == {"mode": "thresholds"}
    assert defaults["thresholds"]["steps"] == [
        {"value": None, "color": "red"},
        {"value": 10.0, "color": "orange"},
        {"value": 20.0, "color": "green"},
    ]
    assert panel(overview, "stat", 2)["fieldConfig"]["defaults"]["unit"] == "percentunit"


def test_tables_have_named_columns_sorting_and_drill_down(overview: Json) -> None:
    table = panel(overview, "table")
    organize = table["transformations"][1]["options"]
    assert organize["renameByName"] == {
        "by_member": "Member",
        "by_city": "City",
        "by_tier": "Tier",
        "Value #A": "Revenue",
        "Value #B": "Count",
    }
    assert table["options"]["sortBy"] == [{"displayName": "Revenue", "desc": True}]
    (link,) = table["fieldConfig"]["defaults"]["links"]
    assert link["url"].startswith("/d/sightline-club-member?var-member=${__data.fields.by_member}")


def test_boards_are_dark_linked_and_annotated(overview: Json) -> None:
    assert (overview["style"], overview["schemaVersion"], overview["uid"]) == ("dark", 39, "sightline-club-overview")
    assert [each["type"] for each in overview["links"]] == ["dashboards", "link"]
    assert overview["links"][1]["url"] == "https://sightline.example.org/w/club/d/overview"
    assert "sightline_export_snapshot" in overview["annotations"]["list"][0]["expr"]
    assert overview["time"] == {"from": "now-90d", "to": "now"}


def test_provisioning_names_the_source_and_the_folder(files: dict[str, str]) -> None:
    (source,) = yaml.safe_load(files["provisioning/datasources/sightline.yaml"])["datasources"]
    assert (source["type"], source["uid"], source["url"]) == ("prometheus", "sightline", "http://prometheus:9090")
    (provider,) = yaml.safe_load(files["provisioning/dashboards/sightline.yaml"])["providers"]
    assert provider["type"] == "file"
    assert provider["options"]["path"].endswith("/club")
