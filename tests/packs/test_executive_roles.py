"""Who sees what of the executive pack: a department head the own KPIs, the board figures and nobody's name."""

from __future__ import annotations

import pytest
from executive_company import KPIS, viewer
from sample_company import NOW

from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.errors import UserError
from sightline.metrics.ask import ask
from sightline.metrics.members import members
from sightline.metrics.question import Question
from sightline.metrics.rows import RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse

OWNERS = ("CEO", "CFO", "CRO", "CMO", "CTO", "CHRO")


@pytest.mark.req("EXE-6")
@pytest.mark.parametrize("owner", OWNERS)
def test_a_department_head_sees_the_own_kpis_and_no_others(board: Warehouse, owner: str) -> None:
    head = viewer(board, "department_head", owner=[owner])
    names = tuple(f"kpi_{key}" for key in KPIS)
    seen, everything = (
        ask(Question(names, period="last_12_months"), who, warehouse=board, now=NOW) for who in (head, SYSTEM_VIEWER)
    )
    for name in names:
        if board.catalog.metric(name).owner == owner:
            assert seen.cell(0, name).value == everything.cell(0, name).value, name
        else:
            assert (seen.cell(0, name).value, seen.cell(0, name).state) == (None, "no_data"), name


@pytest.mark.req("EXE-6")
@pytest.mark.parametrize("attributes", [{}, {"owner": []}, {"owner": ["' or 1=1 --"]}, {"team": ["CFO"]}])
def test_a_department_head_without_an_owner_sees_nothing(board: Warehouse, attributes: dict[str, list[str]]) -> None:
    nobody = viewer(board, "department_head", **attributes)
    found = ask(
        Question(("kpi_mrr", "overall_health", "actions_open"), period="last_12_months"),
        nobody,
        warehouse=board,
        now=NOW,
    )
    assert [found.cell(0, name).value for name in ("kpi_mrr", "overall_health", "actions_open")] == [None, None, 0]
    assert members("kpi", nobody, warehouse=board) == []
    for dataset in ("kpis", "kpi_values", "risks", "actions", "reviews"):
        assert rows_behind(RowsRequest(dataset=dataset), nobody, warehouse=board, now=NOW).total == 0


@pytest.mark.req("EXE-6")
def test_the_rows_of_a_department_head_are_the_own_ones(board: Warehouse) -> None:
    head = viewer(board, "department_head", owner=["CFO"])
    for dataset in ("kpi_values", "risks", "actions", "reviews"):
        page = rows_behind(RowsRequest(dataset=dataset, page_size=200), head, warehouse=board, now=NOW)
        assert page.total > 0, dataset
        text = str(page.rows)
        assert not any(other in text for other in ("CRO", "CMO", "CTO", "CHRO", "churn", "uptime")), dataset


@pytest.mark.req("EXE-6")
def test_the_board_reads_all_figures_and_no_row(board: Warehouse) -> None:
    reader = viewer(board, "board")
    question = Question(("kpi_mrr", "overall_health", "risks_on_register"), period="last_12_months")
    assert (
        ask(question, reader, warehouse=board, now=NOW).rows()
        == ask(question, SYSTEM_VIEWER, warehouse=board, now=NOW).rows()
    )
    assert board.catalog.roles["board"].permissions == ["view"]
    with pytest.raises(UserError):
        rows_behind(RowsRequest(dataset="kpi_values"), reader, warehouse=board, now=NOW)


@pytest.mark.req("EXE-6")
def test_the_four_roles_may_do_what_they_should(board: Warehouse) -> None:
    roles = board.catalog.roles
    assert set(roles) == {"admin", "executive", "board", "department_head"}
    assert roles["admin"].permissions == ["*"]
    assert "edit_data" in roles["executive"].permissions
    assert "edit_data" in roles["department_head"].permissions
    assert roles["department_head"].enters == ["kpi_values", "risks", "actions", "reviews"]
    assert "edit_data" not in roles["board"].permissions
    assert set(roles["department_head"].rows) == set(board.catalog.datasets)


@pytest.mark.req("EXE-6", "EXE-3")
def test_late_actions_are_those_due_in_the_period_and_not_done(board: Warehouse) -> None:
    question = Question(("actions_open", "actions_late", "actions_done"), group_by=("owner",), period="last_90_days")
    found = ask(question, SYSTEM_VIEWER, warehouse=board, now=NOW)
    late = {
        owner: found.cell(row, "actions_late").value
        for row, owner in enumerate(found.data["owner"])
        if found.cell(row, "actions_late").value
    }
    assert late == {"CRO": 1}


@pytest.mark.req("EXE-3", "EXE-6")
def test_the_count_of_early_warnings_is_missing_for_who_does_not_see_all_signals(board: Warehouse) -> None:
    """Nought would read as an all-clear."""
    for owner in OWNERS:
        head = viewer(board, "department_head", owner=[owner])
        found = ask(Question(("warnings_triggered",), period="last_13_months"), head, warehouse=board, now=NOW)
        assert (found.cell(0, "warnings_triggered").value, found.cell(0, "warnings_triggered").state) == (
            None,
            "no_data",
        )
