"""`sightline query` is a contract: words, shapes, exit codes."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import Result

from sightline.accounts.models import Membership, User
from sightline.api.schemas.answer import AnswerBody
from sightline.bench.leads import lead_batches
from sightline.metrics.question import QuestionError

Run = Callable[..., Result]
PERIOD = ("--period", "2024-01-01..2026-01-01")


def leads() -> list[dict[str, object]]:
    return list(lead_batches(rows=2_000).read_all().to_pylist())


@pytest.mark.req("PLT-3")
def test_json_has_columns_rows_and_meta(run: Run) -> None:
    result = run("query", "--metrics", "leads,win_rate", "--by", "source", *PERIOD, "--json")
    assert result.exit_code == 0, result.output
    body = orjson.loads(result.stdout)
    AnswerBody.model_validate(body)
    assert set(body) == {"columns", "rows", "meta"}
    assert [(each["name"], each["type"], each["unit"]) for each in body["columns"]] == [
        ("source", "string", ""),
        ("leads", "integer", "count"),
        ("win_rate", "number", "percent"),
    ]
    assert {
        "snapshot",
        "data_through",
        "elapsed_ms",
        "period",
        "compare",
        "zone",
        "total_rows",
        "states",
        "notes",
    } <= set(body["meta"])
    assert "sql" not in body["meta"]


@pytest.mark.req("PLT-3.3")
def test_json_numbers_are_exact(run: Run) -> None:
    body = orjson.loads(run("query", "--metrics", "win_rate,pipeline_value", "--json").stdout)
    ours = leads()
    assert body["rows"] == [
        [sum(lead["status"] == "won" for lead in ours) / len(ours), pytest.approx(sum(lead["value"] for lead in ours))]  # type: ignore[misc]  # chosen by the case
    ]


def test_csv_has_a_header_of_names_and_the_same_rows(run: Run) -> None:
    asked = (
        "query",
        "--metrics",
        "leads,win_rate",
        "--by",
        "region",
        "--grain",
        "year",
        "--order",
        "-leads",
        "--limit",
        "4",
    )
    lines = list(csv.reader(io.StringIO(run(*asked, "--csv").stdout)))
    body = orjson.loads(run(*asked, "--json").stdout)
    assert lines[0] == ["region", "period", "leads", "win_rate"]
    assert [[region, period, int(count), float(rate)] for region, period, count, rate in lines[1:]] == body["rows"]
    assert body["meta"]["total_rows"] == 10
    assert [row[2] for row in body["rows"]] == sorted((row[2] for row in body["rows"]), reverse=True)


def test_the_table_has_units_in_the_head_and_figures_as_people_read_them(run: Run) -> None:
    output = run("query", "--metrics", "leads,win_rate,pipeline_value", *PERIOD).stdout
    head, values = (line for line in output.splitlines() if line.strip() and "─" not in line and "·" not in line)
    assert head.split("  ")[0].strip() == "Leads"
    assert "Win rate (%)" in head
    assert "Value ($)" in head
    assert values.split()[0] == "2,000"
    assert "data to 31 Dec 2025" in output


@pytest.mark.req("PRG-3", "PLT-3.4")
def test_the_table_says_in_words_what_is_no_number(run: Run) -> None:
    few = run("query", "--metrics", "leads,win_rate", "--by", "program", "--period", "2024-01-01..2024-01-20").stdout
    counted = orjson.loads(
        run("query", "--metrics", "leads", "--by", "program", "--period", "2024-01-01..2024-01-20", "--json").stdout
    )
    assert f"n too small ({counted['rows'][0][2]})" in few
    assert "no denominator" in run("query", "--metrics", "win_rate", "--period", "2020-01-01..2021-01-01").stdout


@pytest.mark.req("PLT-3.1")
def test_a_comparison_shows_the_change_in_words(run: Run) -> None:
    output = run(
        "query", "--metrics", "leads,win_rate", "--period", "2025-01-01..2025-07-01", "--compare", "previous_year"
    ).stdout
    assert "change" in output
    assert " pp" in output
    assert "%" in output


def test_where_and_grain_narrow_and_split(run: Run) -> None:
    body = orjson.loads(
        run("query", "--metrics", "leads", "--grain", "month", "--where", "source = 'email'", *PERIOD, "--json").stdout
    )
    assert len(body["rows"]) == 24
    assert body["rows"][0][0] == "2024-01-01"
    assert sum(row[1] for row in body["rows"]) == sum(lead["source"] == "email" for lead in leads())


@pytest.mark.req("PRG-4.1", "PLT-8")
@pytest.mark.django_db
def test_as_a_member_only_the_members_rows_are_counted(run: Run) -> None:
    partner = User.objects.create_user("partner@example.org")
    Membership.objects.create(user=partner, workspace="demo", role="partner", attributes={"school": ["School 1"]})
    asked = ("query", "--metrics", "leads", "--by", "school", "--json")
    every = dict(orjson.loads(run(*asked).stdout)["rows"])
    own = orjson.loads(run(*asked, "--as", "partner@example.org").stdout)
    assert own["rows"] == [["School 1", every["School 1"]]]
    assert len(every) == 5


@pytest.mark.django_db
def test_as_somebody_unknown_is_an_error(run: Run) -> None:
    result = run("query", "--metrics", "leads", "--as", "nobody@example.org")
    assert result.exit_code == 1
    assert "nobody@example.org" in str(result.exception)


@pytest.mark.req("PLT-3")
def test_explain_tells_formula_operands_sources_and_sql(run: Run) -> None:
    output = run("query", "--metrics", "win_rate", *PERIOD, "--explain").stdout
    assert "won ÷ leads" in output
    assert "÷ 2,000 =" in output
    assert "SELECT" in output
    assert ".parquet" not in output
    meta = orjson.loads(run("query", "--metrics", "win_rate", *PERIOD, "--explain", "--json").stdout)["meta"]
    assert meta["explanations"][0]["formula"] == "won ÷ leads"
    assert "SELECT" in meta["sql"]
    assert ".parquet" not in str(meta)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--metrics", "leeds"),
        ("--metrics", "leads", "--by", "sorce"),
        ("--metrics", "leads", "--grain", "decade"),
        ("--metrics", "leads", "--period", "last_decade"),
        ("--metrics", "leads", "--compare", "before"),
        ("--metrics", "leads", "--where", "source ="),
        ("--metrics", ","),
    ],
)
def test_a_wrong_question_exits_with_1(run: Run, wrong: tuple[str, ...]) -> None:
    result = run("query", *wrong)
    assert result.exit_code == 1
    assert isinstance(result.exception, QuestionError)
    assert result.stdout == ""


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--metrics", "leads", "--limit", "0"),
        ("--metrics", "leads", "--limit", "many"),
        ("--metrics", "leads", "--json", "--csv"),
        ("--metrics", "leads", "--colour"),
    ],
)
def test_a_command_that_is_not_written_correctly_exits_with_2(run: Run, wrong: tuple[str, ...]) -> None:
    assert run("query", *wrong).exit_code == 2


def test_the_message_of_a_wrong_question_is_on_standard_error(one_workspace: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", "--home", str(one_workspace), "query", "--metrics", "leeds"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert 'unknown metric "leeds"' in ran.stderr
    assert 'did you mean "leads"?' in ran.stderr
    assert "Traceback" not in ran.stderr
