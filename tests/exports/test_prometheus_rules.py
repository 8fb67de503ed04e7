"""Rules from the definitions, accepted by the real promtool."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sightline.definitions.bands import Status, parse_band, parsed
from sightline.definitions.catalog import Catalog
from sightline.definitions.exported import Exported
from sightline.definitions.schema.bands import Bands, SegmentRanges
from sightline.definitions.schema.metric import Simple
from sightline.definitions.schema.pack import Settings
from sightline.exports.band_rules import condition, steps
from sightline.exports.files import ExportContext, write_files
from sightline.exports.prometheus_rules import _alerts, rule_files

pytestmark = [pytest.mark.req("SAA-8"), pytest.mark.req("PLT-9")]


@pytest.fixture(scope="module")
def folder(context: ExportContext, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("rules")
    write_files(rule_files(context), made)
    return made


@pytest.fixture(scope="module")
def rules(folder: Path) -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load((folder / "club.rules.yaml").read_text())["groups"]
    return {rule.get("alert") or rule["record"]: rule for group in groups for rule in group["rules"]}


def test_promtool_accepts_the_rules(folder: Path, promtool: str) -> None:
    done = subprocess.run(
        [promtool, "check", "rules", str(folder / "club.rules.yaml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


def test_promtool_accepts_the_scrape_config(folder: Path, promtool: str) -> None:
    (folder / "sightline-club.token").write_text("sl_x_y")
    done = subprocess.run(
        [promtool, "check", "config", "--syntax-only", str(folder / "scrape_configs.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_bands_become_alerts_that_say_what_to_do(rules: dict[str, dict[str, Any]]) -> None:
    critical = rules["SightlineChomMeanPaymentCritical"]
    assert critical["expr"] == '(chom_mean_payment{workspace="club"} < 10.0)'
    assert critical["for"] == "15m"
    assert critical["labels"] == {
        "severity": "critical",
        "workspace": "club",
        "metric": "mean_payment",
        "owner": "treasurer",
    }
    told = critical["annotations"]
    assert told["summary"] == "Mean payment is €{{ $value | humanize }}: critical"
    assert (told["description"], told["owner"]) == ("Money per payment.", "treasurer")
    assert told["url"] == "https://sightline.example.org/w/club/metrics/mean_payment"


def test_a_value_in_two_bands_alerts_once(rules: dict[str, dict[str, Any]]) -> None:
    series = 'chom_mean_payment{workspace="club"}'
    assert rules["SightlineChomMeanPaymentWarning"]["expr"] == f"({series} >= 10.0 <= 20.0) unless ({series} >= 20.0)"


def test_percentages_are_written_as_such(rules: dict[str, dict[str, Any]]) -> None:
    alert = rules["SightlineChomPaidAfterJoiningCritical"]
    assert alert["expr"] == '(chom_paid_after_joining{workspace="club"} <= 0.5)'
    assert "humanizePercentage" in alert["annotations"]["summary"]


def test_ratios_of_added_up_parts_are_recorded(rules: dict[str, dict[str, Any]]) -> None:
    top, bottom = (f'sum by (workspace) ({name}{{workspace="club"}})' for name in ("chom_revenue", "chom_payments"))
    assert rules["chom_mean_payment:ratio"]["expr"] == f"{top} / ({bottom} != 0)"
    assert "chom_rare_rate:ratio" not in rules, "people who paid cannot be added up"


def test_targets_are_recorded_while_they_hold(rules: dict[str, dict[str, Any]]) -> None:
    target = rules["chom_mean_payment:target"]
    assert target["expr"] == "vector(15.0) and (vector(time()) >= 1735689600) and (vector(time()) < 4070908800)"
    assert target["labels"]["owner"] == "treasurer"
    assert rules["chom_mean_payment:target_gap"]["expr"].startswith('chom_mean_payment{workspace="club"} - on ()')
    assert rules["chom_revenue:target"]["labels"]["tier"] == "gold", "an amount per month is of no 30 days"


@pytest.mark.parametrize(
    ("good", "warning", "critical", "expected"),
    [
        (">= 20", "10..20", "< 10", [(None, "critical"), (10.0, "warning"), (20.0, "good")]),
        ("<= 65", "65..80", "> 80", [(None, "good"), (65.0, "warning"), (80.0, "critical")]),
        ("3..5", None, "< 1", [(None, "critical"), (1.0, None), (3.0, "good"), (5.0, None)]),
    ],
)
def test_bands_become_a_scale(
    good: str, warning: str | None, critical: str, expected: list[tuple[float | None, Status | None]]
) -> None:
    bands = {name: parse_band(text) for name, text in (("good", good), ("critical", critical)) if text}
    ordered = {"good": bands["good"], "critical": bands["critical"]}
    if warning:
        ordered["warning"] = parse_band(warning)
    assert [(each.since, each.status) for each in steps(ordered)] == expected  # type: ignore[arg-type] # words of the ladder


def test_what_is_better_than_good_is_a_step_of_its_own() -> None:
    bands = parsed(Bands(excellent="> 5", good="3..5", warning="< 3"))
    assert [(each.since, each.status) for each in steps(bands)] == [
        (None, "warning"),
        (3.0, "good"),
        (5.0, "excellent"),
    ]
    assert condition("x", bands, "warning") == "(x < 3.0)"


def test_a_segment_alerts_by_its_own_ranges_and_the_whole_by_the_rest() -> None:
    own = SegmentRanges(segment={"channel": "paid"}, critical="> 300")
    metric = Simple(type="simple", dataset="spend", agg="sum", bands=Bands(critical="> 150", segments=[own]))
    context = ExportContext(Catalog(settings=Settings(workspace="club"), metrics={"cost": metric}))
    found = {each["alert"]: each["expr"] for each in _alerts(Exported("cost", "cost", ("channel",)), metric, context)}
    paid = 'cost{workspace="club", channel="paid"}'
    assert found == {
        "SightlineCostCritical": f'(cost{{workspace="club"}} > 150.0) unless {paid}',
        "SightlineCostPaidCritical": f"({paid} > 300.0)",
    }


def test_bands_that_do_not_touch_need_no_exclusion() -> None:
    bands = {"good": parse_band("> 5"), "critical": parse_band("< 1")}
    assert condition("x", bands, "critical") == "(x < 1.0)"  # type: ignore[arg-type] # words of the ladder
    assert parsed(None) == {}
