"""A partner of one school learns nothing about another: every answer equals that of a lake which never had the rest.

Everything of the other schools is called `qx…` here, so that one search finds a trace of it in any text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_company import END, NOW

from sightline.dashboards.build import UnknownMember, dashboard_view
from sightline.dashboards.selection import parse
from sightline.definitions.loader import shipped_pack
from sightline.definitions.policy import Viewer, policy_of
from sightline.errors import SightlineError, UserError
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.members import members
from sightline.metrics.question import COMPARISONS, Filter, Order, Question
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse

OWN, OTHER = "business", "qx"
DIMENSIONS = (
    *("program", "school", "lead", "level", "status", "shelf", "archived"),
    *("channel", "source", "campaign", "country", "stage", "kind"),
)
VALUES: dict[str, tuple[Any, ...]] = {
    "school": (OWN, "qxschool1", "qxschool2", None),
    "program": ("mba", "ms_finance", "qxprogram4", "qxprogram9", None),
    "lead": ("L-000001", "QXL1", "QXL77"),
    "level": ("degree", "certificate"),
    "status": ("active", "in_validation"),
    "shelf": ("top", None),
    "channel": ("paid_search", "organic"),
    "source": ("alumni", "google_ads", None),
    "campaign": ("2026-q1-mba", "qxcampaign3"),
    "country": ("US", None),
    "stage": ("opportunity", "enrollment"),
    "kind": ("tuition",),
    "archived": (False,),
}
WHERES = (
    "school = 'qxschool1'",
    "school != 'business'",
    "program in ('mba', 'qxprogram4')",
    "level = 'degree' or school = 'qxschool2'",
    "not (school = 'business')",
    "school is null or school like 'qx%'",
    "coalesce(program, 'qx') = 'qx'",
    "nothing_like_this = 'qxschool1'",
)
PERIODS = (
    *("last_90_days", "last_6_months", "this_month", "this_quarter", "year_to_date", "all_time", "last_12_weeks"),
    *("2026-03-08..2026-03-09", "2025-12-15..2026-02-10", "2030-01-01..2030-02-01"),
)
GRAINS = (None, None, "week", "month", "quarter", "year")


@dataclasses.dataclass(frozen=True)
class Two:
    """The lake of everybody, the lake of the one school, and its partner."""

    everybody: Warehouse
    alone: Warehouse
    partner: Viewer


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, sample: ModuleType, make_warehouse: Callable[..., Warehouse]) -> Two:
    pack = shipped_pack("programs")
    tables = _disguised(sample.generate(seed=3, end=END, months=5, problems=False))
    own = {
        name: pa.Table.from_pylist([row for row in rows if not _strange(row)], schema)
        for name, (rows, schema) in tables.items()
    }
    whole = {name: pa.Table.from_pylist(rows, schema) for name, (rows, schema) in tables.items()}
    root = tmp_path_factory.mktemp("isolation")
    everybody = make_warehouse(root / "everybody", whole, pack=pack)
    alone = make_warehouse(root / "alone", own, pack=pack)
    alone = dataclasses.replace(alone, mask_key=everybody.mask_key)  # one workspace before and after
    role = everybody.catalog.roles["school_partner"]
    return Two(everybody, alone, Viewer("partner", policy_of(role, {"school": [OWN]})))


Named = dict[str, tuple[list[dict[str, Any]], pa.Schema]]


def _disguised(tables: dict[str, pa.Table]) -> Named:
    """Return the rows, with everything of the other schools renamed."""
    rows = {name: table.to_pylist() for name, table in tables.items()}
    schools = {row["school_id"]: f"qxschool{n}" for n, row in enumerate(rows["schools"]) if row["school_id"] != OWN}
    programs = {
        row["program_id"]: f"qxprogram{n}" for n, row in enumerate(rows["programs"]) if row["school_id"] in schools
    }
    leads = {row["lead_id"]: f"QXL{n}" for n, row in enumerate(rows["leads"]) if row["program_id"] in programs}
    for n, row in enumerate(rows["leads"]):
        if row["lead_id"] in leads:
            person = {"contact_id": f"QXC{n}", "full_name": f"Qx {n}", "email": f"qx{n}@qx.example", "phone": f"qx{n}"}
            row.update(person, campaign=row["campaign"] and f"qxcampaign{n % 7}")
    names = {"school_id": schools, "program_id": programs, "lead_id": leads}
    for table in rows.values():
        for row in table:
            row.update({key: known.get(row[key], row[key]) for key, known in names.items() if key in row})
            if "name" in row and _strange(row):
                row["name"] = f"Qx {row['name']}"
    return {name: (rows[name], table.schema) for name, table in tables.items()}


def _strange(row: dict[str, Any]) -> bool:
    return any(str(row.get(key, "")).lower().startswith(OTHER) for key in ("school_id", "program_id", "lead_id"))


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    dimension = draw(st.sampled_from(sorted(VALUES)))
    operator = draw(st.sampled_from(["in", "in", "not_in", "contains", ">="]))
    values = draw(st.lists(st.sampled_from(VALUES[dimension]), min_size=1, max_size=3, unique=True))
    if operator in ("contains", ">="):
        values = [str(values[0] or OTHER)]
    return Filter(dimension, tuple(values), operator)  # type: ignore[arg-type]  # keywords of the question under test


@st.composite
def questions(draw: st.DrawFn, names: list[str]) -> Question:
    metrics = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    if "funnel" in metrics:
        metrics = ["funnel"]
    group_by = tuple(draw(st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True)))
    columns = [*group_by, *metrics] if metrics != ["funnel"] else list(group_by)
    order = (Order(draw(st.sampled_from(columns)), draw(st.booleans())),) if columns and draw(st.booleans()) else ()
    period = draw(st.sampled_from(PERIODS))
    fine = ["hour", "day"] if period == "2026-03-08..2026-03-09" else []
    grain = draw(st.sampled_from([*GRAINS, *fine])) if "lead" not in group_by else None  # small answers, quick tests
    return Question(
        metrics=tuple(metrics),
        group_by=group_by,
        grain=grain,  # type: ignore[arg-type]  # keywords of the question under test
        where=draw(st.none() | st.sampled_from(WHERES)),
        filters=tuple(draw(st.lists(filters(), max_size=2))),
        period=period,
        compare=draw(st.sampled_from(COMPARISONS)),
        order=order,
        limit=draw(st.none() | st.integers(1, 30)),
    )


def _clean(value: object) -> bool:
    return OTHER not in repr(value).lower()


def _mentioned(question: Question | RowsRequest) -> bool:
    """Whether the asker said the other's name, so that an echo of the question is no news."""
    return not _clean((question.filters, question.where))


def _outcome(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except SightlineError as error:
        return (type(error), str(error))


def _facts(answer: Answer) -> dict[str, Any]:
    sources = [dataclasses.replace(each, loaded_at=None) for each in answer.sources]
    cells = [
        [answer.cell(row, name) for name in answer.question.metrics]
        for row in range(answer.n_rows)
        if answer.question.metrics != ("funnel",)
    ]
    stages = [answer.funnel(row=row) for row in range(answer.n_rows)] if answer.question.metrics == ("funnel",) else []
    return {
        "columns": answer.columns,
        "rows": answer.rows(),
        "total": answer.total_rows,
        "notes": answer.notes,
        "sources": sources,
        "cells": [[dataclasses.astuple(cell) for cell in row] for row in cells],
        "stages": [[dataclasses.astuple(stage) for stage in row] for row in stages],
    }


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left == pytest.approx(right, rel=1e-9, abs=1e-9, nan_ok=True)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(_same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return bool(left == right)


GENERATED = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.req("PRG-4.1", "PLT-8")
@GENERATED
@given(data=st.data())
def test_a_generated_question_has_the_answer_of_a_lake_without_the_other_schools(two: Two, data: st.DataObject) -> None:
    question = data.draw(questions(sorted(two.everybody.catalog.metrics)))
    whole, alone = (
        _outcome(lambda lake=lake: ask(question, two.partner, warehouse=lake, now=NOW))
        for lake in (two.everybody, two.alone)
    )
    if not isinstance(whole, Answer):
        assert whole == alone
        assert _clean(whole) or _mentioned(question)
        return
    seen = _facts(whole)
    assert _same(seen, _facts(alone))
    assert _clean(seen)
    for name in question.metrics[: 1 if whole.n_rows else 0]:
        told = dataclasses.replace(whole.explain(name), sql="", definition="", sources=())
        assert _clean(told) or _mentioned(question)
        assert _same(told.filled, alone.explain(name).filled)


@pytest.mark.req("PRG-4.1", "PLT-8")
@GENERATED
@given(data=st.data())
def test_rows_behind_a_number_are_those_of_the_own_school(two: Two, data: st.DataObject) -> None:
    names = sorted(name for name, metric in two.everybody.catalog.metrics.items() if metric.type != "derived")
    datasets = sorted(two.everybody.catalog.datasets)
    metric = data.draw(st.none() | st.sampled_from(names))
    request = RowsRequest(
        metric=metric,
        dataset=None if metric else data.draw(st.sampled_from(datasets)),
        filters=tuple(data.draw(st.lists(filters(), max_size=2))),
        where=data.draw(st.none() | st.sampled_from(WHERES)),
        period=data.draw(st.sampled_from(PERIODS)),
        page=data.draw(st.integers(1, 3)),
        page_size=data.draw(st.sampled_from([1, 20, 500])),
    )
    whole, alone = (
        _outcome(lambda lake=lake: rows_behind(request, two.partner, warehouse=lake, now=NOW))
        for lake in (two.everybody, two.alone)
    )
    if isinstance(whole, tuple):
        assert whole == alone
        assert _clean(whole) or _mentioned(request)
        return
    assert (whole.total, whole.pages, whole.columns) == (alone.total, alone.pages, alone.columns)
    assert whole.rows == alone.rows
    assert _clean(whole.rows)


@pytest.mark.req("PRG-4.1", "PLT-8")
@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("search", ["", "qx"])
def test_members_to_choose_from_are_those_of_the_own_school(two: Two, dimension: str, search: str) -> None:
    found = members(dimension, two.partner, warehouse=two.everybody, search=search, limit=5000)
    assert found == members(dimension, two.partner, warehouse=two.alone, search=search, limit=5000)
    assert _clean(found)


@pytest.mark.req("PRG-4.1", "PLT-8")
def test_every_dataset_of_the_pack_resolves_the_school_of_its_rows(two: Two) -> None:
    for dataset in two.everybody.catalog.datasets:
        page = rows_behind(RowsRequest(dataset=dataset), two.partner, warehouse=two.everybody, now=NOW)
        assert page.total > 0, dataset
        assert _clean(page.rows)


@pytest.mark.req("PRG-4.1", "PLT-8")
@pytest.mark.parametrize("page", ["shelf", "school", "program", "funnel", "trends", "cost"])
def test_pages_show_the_own_school_only(two: Two, page: str) -> None:
    chosen = {"program": {"program": ["mba"]}, "school": {"school": [OWN]}}.get(page, {})
    views = []
    for lake in (two.everybody, two.alone):
        dashboard = lake.catalog.dashboard(page)
        selection = parse(chosen, dashboard=dashboard, catalog=lake.catalog).selection
        views.append(dashboard_view(dashboard, selection, two.partner, warehouse=lake, now=NOW))
    assert _clean(views[0])
    assert [panel.state for panel in views[0].panels] == [panel.state for panel in views[1].panels]
    assert views[0].standfirst == views[1].standfirst
    assert views[0].filters == views[1].filters


@pytest.mark.req("PRG-4.1", "PLT-8")
@pytest.mark.parametrize(
    ("page", "other", "nobody"), [("program", "qxprogram4", "nothing"), ("school", "qxschool1", "none")]
)
def test_the_page_of_another_school_is_as_unknown_as_one_that_never_was(
    two: Two, page: str, other: str, nobody: str
) -> None:
    dashboard, said = two.everybody.catalog.dashboard(page), []
    for name in (other, nobody):
        selection = parse({page: [name]}, dashboard=dashboard, catalog=two.everybody.catalog).selection
        with pytest.raises(UnknownMember) as caught:
            dashboard_view(dashboard, selection, two.partner, warehouse=two.everybody, now=NOW)
        said.append(str(caught.value).replace(name, "…"))
    assert said[0] == said[1]


@pytest.mark.req("PRG-4.1", "PLT-8")
@pytest.mark.parametrize("attributes", [{}, {"school": []}, {"school": ["' or 1=1 --"]}, {"region": [OWN]}])
def test_a_partner_without_a_school_sees_nothing(two: Two, attributes: dict[str, list[str]]) -> None:
    role = two.everybody.catalog.roles["school_partner"]
    nobody = Viewer("nobody", policy_of(role, attributes))
    found = ask(Question(("inquiries", "spend", "people")), nobody, warehouse=two.everybody, now=NOW)
    assert [found.cell(0, name).value for name in ("inquiries", "spend", "people")] == [0, 0, 0]
    assert members("program", nobody, warehouse=two.everybody) == []
    for dataset in two.everybody.catalog.datasets:
        assert rows_behind(RowsRequest(dataset=dataset), nobody, warehouse=two.everybody, now=NOW).total == 0


@pytest.mark.req("PRG-4.1", "PLT-8")
def test_an_answer_kept_for_one_viewer_is_not_given_to_another(two: Two) -> None:
    question = Question(("inquiries",), group_by=("school",))
    admin = Viewer("admin", policy_of(two.everybody.catalog.roles["admin"], {}))
    assert ask(question, admin, warehouse=two.everybody, now=NOW).n_rows == 5
    own = ask(question, two.partner, warehouse=two.everybody, now=NOW)
    assert own.data["school"] == [OWN]
    other = Viewer("other", policy_of(two.everybody.catalog.roles["school_partner"], {"school": ["qxschool1"]}))
    assert ask(question, other, warehouse=two.everybody, now=NOW).data["school"] == ["qxschool1"]
    assert ask(question, two.partner, warehouse=two.everybody, now=NOW).data == own.data


@pytest.mark.req("PRG-4.1", "PLT-8")
def test_a_reader_sees_the_figures_and_no_person(two: Two) -> None:
    catalog = two.everybody.catalog
    reader = Viewer("reader", policy_of(catalog.roles["reader"], {}))
    admin = Viewer("admin", policy_of(catalog.roles["admin"], {}))
    question = Question(("inquiries", "spend", "roi", "enrollments"), group_by=("school",), period="last_90_days")
    seen, all_of_it = (ask(question, who, warehouse=two.everybody, now=NOW) for who in (reader, admin))
    assert seen.rows() == all_of_it.rows()
    with pytest.raises(UserError):
        rows_behind(RowsRequest(dataset="leads"), reader, warehouse=two.everybody, now=NOW)


@pytest.mark.req("PRG-4.1", "PLT-8", "PLT-3.3")
@pytest.mark.parametrize("role", ["leadership", "reader"])
def test_a_mask_hides_people_and_never_changes_how_many_there_are(two: Two, role: str) -> None:
    catalog = two.everybody.catalog
    masked = Viewer(role, policy_of(catalog.roles[role], {}))
    admin = Viewer("admin", policy_of(catalog.roles["admin"], {}))
    question = Question(("people",))
    counts = [ask(question, who, warehouse=two.everybody, now=NOW).cell(0, "people").value for who in (masked, admin)]
    assert counts[0] == counts[1]


@pytest.mark.req("PRG-4.1", "PLT-8")
def test_a_partner_sees_personal_data_masked(two: Two) -> None:
    page = rows_behind(RowsRequest(dataset="leads", page_size=200), two.partner, warehouse=two.everybody, now=NOW)
    names = [column.name for column in page.columns]
    records = [dict(zip(names, row, strict=True)) for row in page.rows]
    assert all(record["phone"] is None for record in records)
    assert all("…" in record["email"] for record in records)
    assert all(len(record["contact_id"]) == 16 for record in records)
    assert min(record["created_at"] for record in records) < datetime(2026, 4, 1, tzinfo=UTC)
