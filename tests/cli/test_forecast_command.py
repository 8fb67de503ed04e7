"""`sightline forecast`: words, shapes, exit codes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import orjson
import pytest
from typer.testing import Result

from sightline.api.schemas.forecast import ForecastBody
from sightline.errors import UserError

pytestmark = pytest.mark.req("SAA-1", "PLT-3")
Run = Callable[..., Result]


def test_the_table_has_the_intervals_and_says_how_it_came_to_be(run: Run) -> None:
    result = run("forecast", "leads", "--periods", "2")
    assert result.exit_code == 0, result.output
    for words in ("80% low", "95% high", "Forecast by ", "Back-test from ", "snapshot "):
        assert words in result.stdout


def test_json_is_the_shape_of_the_api_and_csv_has_the_same_numbers(run: Run) -> None:
    body = orjson.loads(run("forecast", "leads", "--grain", "month", "--by", "source", "--json").stdout)
    ForecastBody.model_validate(body)
    assert body["periods"] == 6  # what is usual for months
    rows = list(csv.DictReader(io.StringIO(run("forecast", "leads", "--by", "source", "--csv").stdout)))
    steps = [(series["key"][0], step) for series in body["series"] for step in series["steps"]]
    assert [(row["source"], row["period"], float(row["high95"])) for row in rows] == [
        (key, step["period"], step["high95"]) for key, step in steps
    ]


def test_a_refusal_is_told_in_words(run: Run) -> None:
    result = run("forecast", "leads", "--grain", "year")
    assert result.exit_code == 0
    assert "No forecast. A forecast needs 12 whole years" in result.stdout


@pytest.mark.parametrize("wrong", [("leeds",), ("leads", "--grain", "hour"), ("leads", "--by", "sorce")])
def test_what_cannot_be_forecast_exits_with_1(run: Run, wrong: tuple[str, ...]) -> None:
    result = run("forecast", *wrong)
    assert result.exit_code == 1
    assert isinstance(result.exception, UserError)
    assert result.stdout == ""


@pytest.mark.parametrize("wrong", [(), ("leads", "--periods", "0"), ("leads", "--json", "--csv")])
def test_a_command_that_is_not_written_correctly_exits_with_2(run: Run, wrong: tuple[str, ...]) -> None:
    assert run("forecast", *wrong).exit_code == 2
