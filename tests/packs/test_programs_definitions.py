"""The programs pack as content: it loads without a remark, ties out, and every panel of its pages can be answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from sample_company import NOW, Company

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.selection import parse
from sightline.definitions.loader import check, shipped_pack
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.dashboard import Panel, TablePanel
from sightline.metrics.ask import ask
from sightline.metrics.question import Filter, Question
from sightline.metrics.tieouts import run_tieouts

PAGES = ("shelf", "program", "school", "funnel", "trends", "cost")


def test_the_pack_and_the_example_load_without_a_remark(repository: Path) -> None:
    programs = shipped_pack("programs")
    assert programs is not None
    for folder in (programs, repository / "examples" / "olist"):
        assert [str(issue) for issue in check(folder).issues] == []


@pytest.mark.req("PLT-3.6")
def test_every_tie_out_of_the_pack_holds_on_the_sample(company: Company) -> None:
    results = run_tieouts(company.warehouse, now=NOW)
    assert {result.name for result in results} == set(company.warehouse.catalog.tieouts)
    assert len(results) >= 10
    assert [(result.name, result.message) for result in results if result.state != "ok"] == []
    assert all(result.left is not None for result in results)


@pytest.mark.req("PRG-3.1")
def test_cohort_and_period_view_are_never_called_the_same(company: Company) -> None:
    for name, metric in company.warehouse.catalog.metrics.items():
        if metric.type in ("conversion", "funnel"):
            assert "(cohort)" in metric.label, name
        if name.endswith("_in_period"):
            assert metric.type == "ratio"
            assert "(in period)" in metric.label


@pytest.mark.req("PRG-2.2", "PRG-3.1")
@pytest.mark.parametrize(
    ("step", "benchmark"),
    [("inquiry_to_opportunity", 0.10), ("opportunity_to_application", 0.15), ("application_to_enrollment", 0.15)],
)
def test_both_views_of_a_step_carry_the_benchmark_of_validation(company: Company, step: str, benchmark: float) -> None:
    for name in (step, f"{step}_in_period"):
        metric = company.warehouse.catalog.metric(name)
        assert metric.benchmark == benchmark
        assert metric.min_n > 0


@pytest.mark.req("PRG-3.5")
def test_every_pair_of_stages_has_its_median_and_its_90th_percentile(company: Company) -> None:
    stages = ["inquiry", "opportunity", "application", "enrollment"]
    for index, start in enumerate(stages):
        for end in stages[index + 1 :]:
            median = company.warehouse.catalog.metric(f"median_days_{start}_to_{end}")
            tail = company.warehouse.catalog.metric(f"p90_days_{start}_to_{end}")
            assert (median.type, tail.type) == ("interval", "interval")


def test_the_documentation_names_every_metric_page_role_and_tie_out(company: Company, repository: Path) -> None:
    text = (repository / "docs" / "packs" / "programs.md").read_text()
    catalog = company.warehouse.catalog
    for names in (catalog.datasets, catalog.metrics, catalog.dashboards, catalog.roles, catalog.tieouts):
        assert [name for name in names if f"`{name}`" not in text] == []
    assert [name for name, metric in catalog.metrics.items() if metric.description not in text] == []


def test_every_visible_metric_says_what_it_is_and_whose_it_is(company: Company) -> None:
    for name, metric in company.warehouse.catalog.metrics.items():
        if not metric.hidden:
            assert metric.label, name
            assert len(metric.description) > 20, name
            assert metric.owner, name
            assert metric.group, name


def _questions(panel: Panel) -> list[Question]:
    """Return what a panel asks, as plain questions (the filters of the page left out)."""
    get = panel.model_dump().get
    names = [each if isinstance(each, str) else each["metric"] for each in get("metrics") or []]
    names += [each for each in (get("tile"), get("metric"), get("x"), get("y"), get("size")) if each]
    names += [each for each in (get("sparkline"), get("badges")) if isinstance(panel, TablePanel) and each]
    names += get("stages") or []
    by = get("by") or []
    groups = [by] if isinstance(by, str) else list(by)
    groups += [each for each in (get("group"), get("stack"), get("colour"), *(get("columns") or [])) if each]
    grain = get("grain")
    if get("chart") == "heatmap":
        names, groups, grain = [get("metric")], [get("y")], get("x")
        if grain not in ("month", "week", "day"):
            groups, grain = [*groups, grain], None
    return [Question((name,), group_by=tuple(groups), grain=grain, period="last_12_months") for name in names]


@pytest.mark.req("PRG-6", "PRG-3.6", "PRG-3.7", "PRG-3.8", "PRG-3.9", "PRG-3.10")
@pytest.mark.parametrize("page", PAGES)
def test_every_panel_of_a_page_can_be_answered(company: Company, page: str) -> None:
    dashboard = company.warehouse.catalog.dashboard(page)
    member = {"program": ("program", "mba"), "school": ("school", "business")}.get(page)
    for panel in dashboard.panels:
        for question in _questions(panel):
            narrowed = (Filter(member[0], (member[1],)),) if member else ()
            asked = Question(question.metrics, question.group_by, question.grain, None, narrowed, question.period)
            found = ask(asked, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)
            assert found.n_rows > 0, (page, question)


@pytest.mark.req("PRG-6", "PRG-3.1", "PRG-3.6", "PRG-3.7", "PRG-3.8", "PRG-3.9", "PRG-3.10")
@pytest.mark.parametrize("page", PAGES)
def test_every_panel_of_a_page_shows_figures(company: Company, page: str) -> None:
    dashboard, catalog = company.warehouse.catalog.dashboard(page), company.warehouse.catalog
    chosen = {"program": {"program": ["mba"]}, "school": {"school": ["business"]}}.get(page, {})
    parsed = parse(chosen, dashboard=dashboard, catalog=catalog)
    assert parsed.problems == ()
    view = dashboard_view(dashboard, parsed.selection, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)
    assert len(view.panels) == len(dashboard.panels)
    assert [(panel.title, panel.state, panel.message) for panel in view.panels if panel.state != "ok"] == []


@pytest.mark.req("PRG-6")
def test_the_shelf_opens_with_the_programs_below_the_benchmark(company: Company) -> None:
    dashboard, catalog = company.warehouse.catalog.dashboard("shelf"), company.warehouse.catalog
    selection = parse({}, dashboard=dashboard, catalog=catalog).selection
    view = dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)
    said = "".join(text for text, _ in view.standfirst.parts)
    assert said.startswith("Three programs sit below the 10% benchmark")
    assert all(name in said for name in ("MS Finance", "Master of Public Health", "Engineering Management"))


@pytest.mark.req("PRG-6", "PRG-3.9", "PRG-3.10")
def test_the_shelf_shows_what_the_design_shows(company: Company) -> None:
    shelf = company.warehouse.catalog.dashboard("shelf")
    kinds = [
        panel.model_dump().get("chart") or ("tile" if hasattr(panel, "tile") else "table") for panel in shelf.panels
    ]
    assert kinds[:7] == ["tile"] * 6 + ["table"]
    assert {"scatter", "bar", "heatmap"} <= set(kinds)
    table = shelf.panels[6].model_dump()
    assert (table["by"], table["group"], table["badges"], table["sparkline"]) == (
        "program",
        "school",
        "roi",
        "inquiries",
    )
    scatter = next(panel.model_dump() for panel in shelf.panels if panel.model_dump().get("chart") == "scatter")
    assert scatter["quadrants"] == "median"
    assert len(scatter["captions"]) == 4


@pytest.mark.req("PRG-3.6")
def test_programs_stand_side_by_side(company: Company) -> None:
    names = ("mba", "ms_finance", "ms_nursing")
    question = Question(
        ("inquiries", "cpl", "roi", "inquiry_to_opportunity"),
        group_by=("program",),
        filters=(Filter("program", names),),
        period="last_90_days",
        compare="peers",
    )
    found = ask(question, SYSTEM_VIEWER, warehouse=company.warehouse, now=NOW)
    assert set(found.data["program"]) == set(names)
    assert sorted(found.data["program_label"]) == ["MBA", "MS Finance", "MS Nursing"]
    assert all(found.cell(row, "cpl").previous is not None for row in range(3))


@pytest.mark.req("PRG-4.1")
def test_the_four_roles_may_do_what_they_should(company: Company) -> None:
    roles = company.warehouse.catalog.roles
    assert set(roles) == {"admin", "leadership", "school_partner", "reader"}
    assert roles["admin"].permissions == ["*"]
    assert {"view", "export", "manage_alerts"} <= set(roles["leadership"].permissions)
    assert roles["leadership"].rows == {"*": "all"}
    assert roles["school_partner"].rows == {"*": "school in $user.school"}
    assert roles["reader"].permissions == ["view"]
