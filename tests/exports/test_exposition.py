"""What Prometheus reads: every published metric under its exported name, and nothing that is no number."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import get_args

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from club_home import club_warehouse
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer, policy_of
from sightline.definitions.schema.metric import Metric
from sightline.errors import NotAllowed
from sightline.exports.exposition import exposition
from sightline.exports.families import families
from sightline.exports.points import SHAPES
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

pytestmark = [pytest.mark.req("SAA-4"), pytest.mark.req("PLT-9")]
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def series_in(text: str) -> Series:
    return {
        (
            sample.name,
            frozenset((key, value) for key, value in sample.labels.items() if key != "workspace"),
        ): sample.value
        for family in plain_text(text)
        for sample in family.samples
    }


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


@pytest.fixture(scope="module")
def scraped(club: Warehouse, now: datetime) -> Series:
    return series_in(exposition(SYSTEM_VIEWER, warehouse=club, now=now).content.decode())


def test_a_metric_has_its_exported_name_and_labels(scraped: Series, club: Warehouse, now: datetime) -> None:
    asked = ask(
        Question(("revenue",), group_by=("tier",), period="last_30_days"), SYSTEM_VIEWER, warehouse=club, now=now
    )
    for row in range(asked.n_rows):
        tier = {"basic": "Basic", "gold": "Gold"}[asked.value(row, "tier")]
        assert scraped[key("chom_revenue", tier=tier)] == asked.cell(row, "revenue").value
    assert asked.n_rows == 2


def test_a_label_may_have_another_name_than_its_dimension(scraped: Series) -> None:
    assert {dict(labels)["plan"] for name, labels in scraped if name == "chom_payers"} == {"Basic", "Gold"}


def test_a_period_that_is_exported_is_a_label(scraped: Series) -> None:
    week = scraped[key("chom_revenue_by_channel", channel="shop", period="last_week")]
    assert 0 < week < scraped[key("chom_revenue_by_channel", channel="shop", period="last_30_days")]


def test_label_values_are_quoted(scraped: Series) -> None:
    assert key("chom_revenue_by_channel", channel='the "web"', period="last_week") in scraped


def test_what_packs_hide_is_not_there(scraped: Series) -> None:
    assert not [name for name, _ in scraped if "raw" in name]


def test_stages_of_a_funnel_and_mature_cohorts_are_series(club: Warehouse, scraped: Series) -> None:
    stages = {dict(labels)["stage"] for name, labels in scraped if name == "chom_steps"}
    assert stages == {"joined", "paid"}


def test_a_retention_has_a_series_per_cohort_and_age(scraped: Series) -> None:
    ages = [dict(labels) for name, labels in scraped if name == "chom_kept"]
    assert {"cohort", "month"} == set(ages[0])
    assert {"0", "1"} <= {each["month"] for each in ages}
    assert all(each["cohort"].endswith("-01") for each in ages)


def test_a_score_has_its_labels(scraped: Series) -> None:
    assert 0 <= scraped[key("chom_health_score", tier="Gold")] <= 100


def test_what_is_no_number_is_left_out_and_counted(scraped: Series) -> None:
    assert not [name for name, _ in scraped if name in ("chom_rare_rate", "chom_undefined_rate")]
    assert scraped[key("sightline_export_left_out", metric="chom_rare_rate", reason="too_few")] == 1
    reasons = {dict(labels)["metric"]: dict(labels)["reason"] for name, labels in scraped if name.endswith("left_out")}
    assert reasons["chom_undefined_rate"] in ("zero_denominator", "undefined", "no_data")


def test_levels_of_dashboards_are_figures_of_their_own(scraped: Series, club: Warehouse, now: datetime) -> None:
    total = scraped[key("chom_mean_payment_by", period="last_30_days")]
    asked = ask(Question(("mean_payment",), period="last_30_days"), SYSTEM_VIEWER, warehouse=club, now=now)
    assert total == asked.cell(0, "mean_payment").value
    gold = scraped[key("chom_mean_payment_by", period="last_30_days", tier="Gold")]
    assert gold == 30.0
    assert total != gold


def test_two_members_of_one_name_are_two_series(scraped: Series) -> None:
    named = {dict(labels).get("by_member") for name, labels in scraped if name == "chom_revenue_by"}
    assert {"Ada", "Bob (m2)", "Bob (m3)"} <= named


@pytest.mark.parametrize(
    ("accept", "content_type"), [(OPENMETRICS, "application/openmetrics-text"), ("", "text/plain")]
)
def test_both_formats_are_sound(
    club: Warehouse, now: datetime, accept: str, content_type: str, scraped: Series, promtool: str
) -> None:
    made = exposition(SYSTEM_VIEWER, warehouse=club, now=now, accept=accept)
    text = made.content.decode()
    assert made.content_type.startswith(content_type)
    found = list(openmetrics(text) if accept else plain_text(text))
    assert {sample.name for family in found for sample in family.samples} == {name for name, _ in scraped}
    assert text.endswith("# EOF\n") == bool(accept)
    assert "# HELP chom_revenue Revenue. Money received, in the " in text
    assert "# TYPE chom_revenue gauge" in text
    assert "Unit: EUR." in text
    if not accept:
        done = subprocess.run([promtool, "check", "metrics"], input=made.content, capture_output=True, check=False)
        assert b"error" not in done.stderr.lower()


def test_a_unit_is_declared_where_the_name_ends_with_it(tmp_path: Path, now: datetime) -> None:
    changed = {
        "metrics/more.yaml": "metrics: {wait_days: {type: interval, entity: member, start: {dataset: members}, "
        "end: {dataset: payments}, description: Wait.}}"
    }
    text = exposition(
        SYSTEM_VIEWER, warehouse=club_warehouse(tmp_path, now=now, changes=changed), now=now, accept=OPENMETRICS
    ).content.decode()
    assert "# UNIT chom_wait_days days" in text
    assert "# UNIT chom_revenue " not in text


def test_row_policy_and_masks_hold(club: Warehouse, now: datetime, scraped: Series) -> None:
    town = Viewer("pat", policy_of(club.catalog.roles["town"], {"city": ["Bonn"]}))
    seen = series_in(exposition(town, warehouse=club, now=now).content.decode())
    basic = key("chom_revenue", tier="Basic")
    assert seen[basic] < scraped[basic]
    assert seen[key("chom_revenue", tier="Gold")] == scraped[key("chom_revenue", tier="Gold")]
    assert not [labels for _, labels in seen if "Ada" in dict(labels).values()]


def test_who_may_see_no_numbers_gets_none(club: Warehouse, now: datetime) -> None:
    clerk = Viewer("clerk", policy_of(club.catalog.roles["clerk"], {}))
    with pytest.raises(NotAllowed):
        exposition(clerk, warehouse=club, now=now)


def test_it_is_made_once_per_snapshot_and_viewer(club: Warehouse, now: datetime) -> None:
    town = Viewer("pat", policy_of(club.catalog.roles["town"], {"city": ["Bonn"]}))
    club.cache.clear()
    assert [exposition(town, warehouse=club, now=now).is_new for _ in range(2)] == [True, False]
    assert exposition(SYSTEM_VIEWER, warehouse=club, now=now).is_new


def test_what_only_dashboards_show_can_be_left_out(club: Warehouse, now: datetime, scraped: Series) -> None:
    found = series_in(exposition(SYSTEM_VIEWER, warehouse=club, now=now, dashboards=False).content.decode())
    assert found.items() <= scraped.items() | {
        item for item in found.items() if item[0][0].startswith("sightline_export")
    }
    assert not [name for name, _ in found if name.endswith("_by")]
    assert ("chom_revenue", frozenset({("tier", "Gold")})) in found


def test_the_number_of_series_is_bounded_and_told(tmp_path: Path, now: datetime) -> None:
    made = club_warehouse(tmp_path, now=now)
    bounded = made.catalog.settings.model_copy(update={"metric_series": 1})
    object.__setattr__(made.catalog, "settings", bounded)
    found = series_in(exposition(SYSTEM_VIEWER, warehouse=made, now=now).content.decode())
    assert len([name for name, _ in found if name == "chom_revenue"]) == 1
    assert found[key("sightline_export_left_out", metric="chom_revenue", reason="cardinality")] == 1


def test_the_workspace_has_the_last_word_on_the_prefix(club: Warehouse) -> None:
    chosen = club.catalog.settings.model_copy(update={"metric_prefix": "own_"})
    catalog = club.catalog.__class__(**{**vars(club.catalog), "settings": chosen})
    assert all(each.name.startswith("own_") for each in families(catalog, club.joins))


def test_every_type_of_metric_has_a_shape() -> None:
    union = get_args(get_args(Metric)[0])
    types = {get_args(member.model_fields["type"].annotation)[0] for member in union}
    assert types <= set(SHAPES), f"say in exports/points.py how these are read: {types - set(SHAPES)}"


@pytest.mark.parametrize(
    ("export", "code"),
    [
        ("payments_b{colour}", "PACK-E013"),
        ("{name: b, period: last_moon}", "PACK-E030"),
        ("payments", "PACK-E043"),
        ("1b", "PACK-E005"),
    ],
)
def test_a_wrong_export_is_a_problem_of_the_definitions(
    export: str, code: str, problems: Callable[[dict[str, str]], list[str]]
) -> None:
    text = f"metrics: {{other: {{type: simple, dataset: payments, agg: count, description: B., export: {export!r}}}}}"
    text = text.replace("'{", "{").replace("}'", "}") if export.startswith("{") else text
    assert code in problems({"metrics/other.yaml": text})
