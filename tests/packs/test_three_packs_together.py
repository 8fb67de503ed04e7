"""Programs, saas and executive in one workspace: they load without a remark, and each role sees its own packs only.

Over HTTP, by every door: pages, search, choices, guides, the API and what Prometheus scrapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable
from django.http import HttpResponse
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from three_packs import ATTRIBUTES, PACKS, SEES, Traces, make_three_pack_home, traces_of

from sightline.accounts.actions.create_token import create_token
from sightline.accounts.models import Membership, User
from sightline.home import Home, WorkspaceFolder

pytestmark = [pytest.mark.req("PLT-8", "SAA-8", "EXE-6", "PRG-4.1"), pytest.mark.django_db]
HOMES = {"programs": "shelf", "saas": "business", "executive": "executive"}
METRICS = {"programs": "cpl", "saas": "mrr", "executive": "kpi_mrr"}
DATASETS = {"programs": "lead_stages", "saas": "mrr_changes", "executive": "kpi_values"}
DIMENSIONS = {"programs": "school", "saas": "account_manager", "executive": "horizon"}
EXPORTED = {"programs": "cpl", "saas": "chom_revenue_mrr", "executive": "kpi_mrr"}
"""A thing of each pack, by pack."""
PAGES = (
    *("metrics", "data", "palette", "palette?q=mrr", "palette?q=lead", "palette?q=churn", "guides/"),
    *(f"guides/{name}" for name in ("metrics", "quick-reference", "benchmarks", "reviews", "roles")),
)
SPEC_LABELS = {
    "revenue_mrr": "tier",
    "customers_total": "",
    "customers_new_total": "",
    "customers_churned_total": "",
    "churn_rate_monthly": "",
    "marketing_spend_total": "period channel",
    **dict.fromkeys(("users_active_daily", "users_active_weekly", "users_active_monthly", "user_logins_total"), ""),
    "session_duration_minutes": "",
    "actions_per_session": "",
    **{f"funnel_{each}_total": "" for each in ("signups", "activated", "trial_started", "paid")},
    "customer_health_score": "organization",
    "nps_score": "",
    "nps_responses": "category",
    "csat_score": "",
    "customer_engagement_score": "",
    "feature_users": "feature",
    "feature_usage_total": "feature",
    "time_to_first_value_days": "",
    "support_tickets_total": "status priority",
    "support_resolution_time_hours": "priority",
    "users_signups_total": "channel",
    "users_activated_total": "",
    "revenue_by_channel": "channel",
    "referrals_sent_total": "",
    "referrals_completed_total": "",
    **{f"email_campaign_{each}": "campaign" for each in ("sent", "opened", "clicked", "converted")},
    "landing_page_visits": "page",
    "landing_page_conversions": "page",
    "cohort_retention": "cohort month",
}
"""The names of SAA-4 with their labels, written from the spec. `revenue_by_channel` says its label in its name."""
Get = Callable[..., HttpResponse]


@pytest.fixture(scope="module")
def three_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_three_pack_home(tmp_path_factory)


@pytest.fixture(scope="module")
def folder(three_home: Path) -> WorkspaceFolder:
    return Home(three_home).workspace("demo")


@pytest.fixture(scope="module")
def traces(folder: WorkspaceFolder) -> dict[str, Traces]:
    return {pack: traces_of(pack, folder.catalog) for pack in PACKS}


@pytest.fixture
def as_(three_home: Path, settings: Settings) -> Callable[[str], tuple[Get, Get]]:
    """Return a function from a role to its browser and its API."""
    settings.SIGHTLINE_HOME = three_home
    settings.STATIC_ROOT = three_home / "static"

    def doors(role: str) -> tuple[Get, Get]:
        user = User.objects.create_user(f"{role}@example.org")
        Membership.objects.create(user=user, workspace="demo", role=role, attributes=dict(ATTRIBUTES.get(role, {})))
        browser = Client()
        browser.force_login(user)
        token = create_token(
            user=user, name="test", scopes=("read",), expires_at=None, now=datetime.now(UTC), by_operator=True
        )
        headers = {"Authorization": f"Bearer {token.secret}"}
        return (
            lambda path, **query: browser.get(f"/w/demo/{path}", query),
            lambda path, **query: Client().get(f"/api/v1/workspaces/demo/{path}", query, headers=headers),
        )

    return doors


@pytest.fixture
def rows_of(folder: WorkspaceFolder) -> Callable[[str], str]:
    """Return a function from a dataset to its files in SQL."""

    def files(dataset: str) -> str:
        return f"read_parquet({DeltaTable(folder.lake.folder(dataset)).file_uris()})"

    return files


def sql_of(sql: str, *names: str) -> tuple[Any, ...]:
    """Return the first row of plain SQL."""
    found = duckdb.connect().execute(sql.format(*names)).fetchone()
    assert found is not None
    return found


def calls_the_api(role: str, folder: WorkspaceFolder) -> bool:
    return bool({"*", "use_api"} & set(folder.catalog.roles[role].permissions))


def test_the_three_packs_load_together_without_a_remark(folder: WorkspaceFolder) -> None:
    assert [str(issue) for issue in folder.issues] == []
    assert {pack.pack for pack in folder.catalog.packs} == set(PACKS)
    assert set(folder.catalog.roles) == set(SEES)


@pytest.mark.parametrize("role", SEES)
def test_nothing_of_a_pack_is_named_to_who_sees_nothing_of_it(
    as_: Callable[[str], tuple[Get, Get]], folder: WorkspaceFolder, traces: dict[str, Traces], role: str
) -> None:
    page, api = as_(role)
    texts = {}
    for name in PAGES:
        path, _, query = name.partition("?q=")
        response = page(path, **({"q": query} if query else {}))
        assert response.status_code == 200, name
        texts[name] = response.content.decode()
    if calls_the_api(role, folder):
        texts |= {f"api {name}": api(name).content.decode() for name in ("metrics", "datasets")}
    for pack, traced in traces.items():
        found = {name: words for name, text in texts.items() if (words := traced.found(text))}
        if pack in SEES[role]:
            assert {"metrics", "data", "guides/metrics"} <= set(found)
        else:
            assert found == {}


@pytest.mark.parametrize("role", SEES)
def test_the_things_of_another_pack_are_as_unknown_as_things_that_do_not_exist(
    as_: Callable[[str], tuple[Get, Get]], folder: WorkspaceFolder, role: str
) -> None:
    page, api = as_(role)
    for pack in PACKS:
        found: dict[str, int] = {}
        seen_only = (f"d/{HOMES[pack]}", f"metrics/{METRICS[pack]}/tree", f"data/{DATASETS[pack]}")
        if pack not in SEES[role]:  # pages that would only be slow to draw
            seen_only += (f"metrics/{METRICS[pack]}", f"explain?metric={METRICS[pack]}", f"d/{HOMES[pack]}/saved")
        for path in seen_only[1:] if pack in SEES[role] else seen_only:
            found[path] = page(path).status_code
        found["members"] = page("members", dimension=DIMENSIONS[pack]).status_code
        if calls_the_api(role, folder):
            for path in (f"metrics/{METRICS[pack]}", f"datasets/{DATASETS[pack]}"):
                found[f"api {path}"] = api(path).status_code
            asked = api("query", metrics=METRICS[pack], period="last_month")
            assert asked.status_code == (200 if pack in SEES[role] else 400)
            made_up = api("query", metrics="no_such_metric", period="last_month").json()
            assert pack in SEES[role] or (asked.json()["code"], asked.json()["title"]) == (
                made_up["code"],
                made_up["title"],
            )
        assert found == dict.fromkeys(found, 200 if pack in SEES[role] else 404), pack


OF_PROGRAMS = {"paid_search", "paid_social", "aggregator", "email", "organic", "referral"}
OF_SAAS = {"organic", "paid", "referral", "direct", "social"}


@pytest.mark.parametrize(
    ("role", "path", "offered"),
    [
        ("admin", "d/trends", OF_PROGRAMS),
        ("admin", "d/growth", OF_SAAS),
        ("admin", "metrics/cpl", OF_PROGRAMS),
        ("admin", "members?dimension=channel", OF_PROGRAMS | OF_SAAS),
        ("reader", "metrics/signups", OF_SAAS),
        ("school_partner", "metrics/cpl", OF_PROGRAMS),
        ("school_partner", "members?dimension=channel", OF_PROGRAMS),
        ("founder", "members?dimension=channel", OF_SAAS),
    ],
)
def test_a_filter_offers_the_members_of_the_pages_pack_though_packs_share_the_dimensions_name(
    as_: Callable[[str], tuple[Get, Get]], role: str, path: str, offered: set[str]
) -> None:
    page, _ = as_(role)
    path, _, query = path.partition("?dimension=")
    text = page(path, **({"dimension": query} if query else {"period": "last_7_days"})).content.decode()
    assert set(re.findall(r'name="channel" value="([a-z_]+)"', text)) == offered


@pytest.mark.req("EXE-2")
def test_a_registry_mixes_metrics_of_other_packs_with_connected_values_and_with_those_entered_by_hand(
    as_: Callable[[str], tuple[Get, Get]], rows_of: Callable[[str], str]
) -> None:
    """Each figure is held against plain SQL over the files of the lake."""
    page, api = as_("admin")
    of_kpi = "SELECT value, entered_by FROM {} WHERE kpi = '{}' ORDER BY \"at\" DESC LIMIT 1"
    hand, connected = (sql_of(of_kpi, rows_of("kpi_values"), kpi) for kpi in ("training_completion", "cac"))
    assert (hand[1], connected[1]) == ("Ana Kowalska", "Finance and CRM connection")
    [mrr] = sql_of("SELECT sum(amount) FROM {}", rows_of("mrr_changes"))
    [inquiries] = sql_of(
        """SELECT count(*) FROM {0} WHERE timezone('{1}', created_at) >= date_trunc('month', {2}) - INTERVAL 12 MONTH
           AND timezone('{1}', created_at) < date_trunc('month', {2})""",
        *(rows_of("leads"), "America/New_York", "timezone('America/New_York', now())"),
    )
    text = " ".join(re.sub(r"<[^>]+>", " ", page("d/scorecard").content.decode()).split())
    for label in ("MRR", "Customers", "CAC", "Security incidents", "Training completion"):
        assert label in text
    names = ("mrr", "inquiries", "kpi_cac", "kpi_training_completion")
    answers = {
        name: api("query", metrics=name, period="all_time" if name == "mrr" else "last_12_months").json()
        for name in names
    }
    found = {name: float(answer["rows"][0][0]) for name, answer in answers.items()}
    assert found == pytest.approx(
        {
            "mrr": float(mrr),
            "inquiries": inquiries,
            "kpi_cac": float(connected[0]),
            "kpi_training_completion": float(hand[0]),
        }
    )


@pytest.mark.parametrize("role", ["founder", "leadership", "executive", "reader"])
def test_what_the_workspace_made_of_several_packs_is_unknown_to_who_does_not_see_them_all(
    as_: Callable[[str], tuple[Get, Get]], role: str
) -> None:
    page, _ = as_(role)
    assert page("d/scorecard").status_code == 404
    assert page("metrics/mrr_per_inquiry/tree").status_code == (200 if role == "reader" else 404)
    assert page("metrics").status_code == 200  # its formula would name what is not seen


Series = dict[str, dict[tuple[tuple[str, str], ...], float]]


def scraped(api: Get) -> Series:
    """Return the samples of a scrape by name and labels, without the label of the workspace."""
    found: Series = {}
    for family in text_string_to_metric_families(api("prometheus/metrics", dashboards="false").content.decode()):
        for each in family.samples:
            labels = tuple(sorted((key, value) for key, value in each.labels.items() if key != "workspace"))
            found.setdefault(each.name, {})[labels] = each.value
    return found


@pytest.mark.req("PLT-9", "SAA-4")
@pytest.mark.parametrize("role", ["leadership", "executive"])
def test_a_scrape_holds_the_figures_of_the_roles_own_packs_only(
    as_: Callable[[str], tuple[Get, Get]], role: str
) -> None:
    names = scraped(as_(role)[1])
    for pack, name in EXPORTED.items():
        own = [each for each in names if each.endswith(name)]
        assert bool(own) == (pack in SEES[role]), (pack, own)


@pytest.mark.req("PLT-9", "SAA-4")
def test_every_name_of_the_spec_is_scraped_with_its_labels_and_the_figures_of_the_rows(
    as_: Callable[[str], tuple[Get, Get]], rows_of: Callable[[str], str]
) -> None:
    found = scraped(as_("founder")[1])
    assert [name for name in SPEC_LABELS if f"chom_{name}" not in found] == []
    for name, labels in SPEC_LABELS.items():
        assert {tuple(key for key, _ in each) for each in found[f"chom_{name}"]} == {tuple(sorted(labels.split()))}, (
            name
        )
    rest = {name for name in found if not name.startswith("chom_")}
    assert not rest & {EXPORTED["programs"], EXPORTED["executive"]}
    by_tier = duckdb.connect().execute(f"SELECT tier, sum(amount) FROM {rows_of('mrr_changes')} GROUP BY tier")  # noqa: S608 - our own files
    wanted = {tier: float(amount) for tier, amount in by_tier.fetchall()}
    assert len(wanted) == 4
    assert {dict(key)["tier"].lower(): value for key, value in found["chom_revenue_mrr"].items()} == pytest.approx(
        wanted
    )
    [customers] = sql_of(
        "SELECT count(*) FROM (SELECT 1 FROM {} GROUP BY organization_id HAVING sum(amount) > 0)",
        rows_of("mrr_changes"),
    )
    assert found["chom_customers_total"][()] == customers


@pytest.mark.req("EXE-2")
def test_the_file_of_a_metrics_trend_is_of_the_period_its_page_shows(as_: Callable[[str], tuple[Get, Get]]) -> None:
    """The page of a monthly KPI looks at twelve months when nobody chose; its file, opened as bare, must too."""
    page, _ = as_("executive")
    lines = page("export-metric/kpi_mrr/m1.csv").content.decode("utf-8-sig").splitlines()
    assert len([line for line in lines if line.endswith(",Actual")]) == 12
    assert len([line for line in lines if line.endswith(",Forecast")]) == 6


def test_a_chart_marks_the_events_of_its_own_pack(as_: Callable[[str], tuple[Get, Get]]) -> None:
    browser, _ = as_("admin")
    told = {name: browser(f"metrics/{name}").content.decode() for name in ("inquiries", "mrr", "kpi_mrr")}
    marked = {name: {each for each in ("Mobile app", "Release 4") if each in page} for name, page in told.items()}
    assert marked == {"inquiries": set(), "mrr": {"Mobile app"}, "kpi_mrr": {"Release 4"}}
