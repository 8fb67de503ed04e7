"""Metrics of several datasets are stacked by name where the engine can, else column by column: the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from panel_club import NOW, warehouse_at
from sightline.definitions.policy import SYSTEM_VIEWER
from sightline.definitions.schema.metric import Grain
from sightline.engines.base import Capabilities
from sightline.engines.duckdb import DuckDB
from sightline.metrics.ask import ask
from sightline.metrics.cache import AnswerCache
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse


class Plain:
    """The engine without stacking by name; it keeps the statements it was given."""

    capabilities: ClassVar[Capabilities] = replace(DuckDB.capabilities, union_by_name=False)
    functions = DuckDB.functions

    def __init__(self, engine: DuckDB) -> None:
        self._engine = engine
        self.statements: list[str] = []

    def run(self, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        self.statements.append(sql)
        return self._engine.run(sql, parameters)


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("stacked")
    return warehouse_at(folder)


@pytest.mark.parametrize("grain", [None, "month"])
@pytest.mark.parametrize("by", [(), ("channel",)])
def test_both_ways_of_stacking_give_the_same_rows(club: Warehouse, grain: Grain | None, by: tuple[str, ...]) -> None:
    assert isinstance(club.engine, DuckDB)
    plain = Plain(club.engine)
    other = replace(club, engine=plain, cache=AnswerCache())
    metrics = (
        ("visits", "visitors", "per_person") if by else ("visits", "per_person", "nps", "health", "new", "closing")
    )
    question = Question(metrics, group_by=by, grain=grain, period="last_12_months", compare="previous_year")
    named = ask(question, SYSTEM_VIEWER, warehouse=club, now=NOW)
    spelt = ask(question, SYSTEM_VIEWER, warehouse=other, now=NOW)
    assert named.data == spelt.data
    assert named.n_rows > 0
    (statement,) = plain.statements
    assert "BY NAME" not in statement
    assert "UNION ALL" in statement
