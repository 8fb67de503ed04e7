"""The semantic model has the structure that Apache Ossie publishes (core-spec 0.2.0.dev0), written here as models."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import pytest
import sqlglot
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlglot import exp

from sightline.definitions.schema.metric import Metric as DefinedMetric
from sightline.exports.files import ExportContext
from sightline.exports.ossie.expressions import NotInSql, sql_of
from sightline.exports.ossie.model import ossie_files

pytestmark = pytest.mark.req("PLT-9")
CONVERT = {"to": "EUR", "rates": "rates"}
BEFORE = {"metric": "payments", "offset": "12 months"}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Said(Strict):
    dialect: Literal["ANSI_SQL", "SNOWFLAKE", "MDX", "TABLEAU", "DATABRICKS", "MAQL", "BIGQUERY"]
    expression: str


class Expression(Strict):
    dialects: Annotated[list[Said], Field(min_length=1)]


class Extension(Strict):
    vendor_name: str
    data: str


class Context(BaseModel):
    instructions: str = ""
    synonyms: list[str] = []
    examples: list[str] = []


class Named(Strict):
    name: str
    description: str | None = None
    ai_context: str | Context | None = None
    custom_extensions: list[Extension] = []


class Dimension(Strict):
    is_time: bool = False


Kind = Literal["String", "Integer", "Decimal", "Float", "Boolean", "Date", "Time", "DateTime", "DateTimeTz", "Opaque"]


class FieldOf(Named):
    expression: Expression
    dimension: Dimension | None = None
    label: str | None = None
    datatype: Kind | None = None


class Dataset(Named):
    source: str
    primary_key: list[str] = []
    unique_keys: list[list[str]] = []
    fields_: Annotated[list[FieldOf], Field(alias="fields")] = []


class Relationship(Strict):
    name: str
    from_: Annotated[str, Field(alias="from")]
    to: str
    from_columns: Annotated[list[str], Field(min_length=1)]
    to_columns: Annotated[list[str], Field(min_length=1)]
    ai_context: str | Context | None = None
    custom_extensions: list[Extension] = []


class Metric(Named):
    expression: Expression
    datatype: Kind | None = None


class Model(Named):
    datasets: Annotated[list[Dataset], Field(min_length=1)]
    relationships: list[Relationship] = []
    metrics: list[Metric] = []


class Document(Strict):
    version: Literal["0.2.0.dev0"]
    semantic_model: list[Model]
    dialects: list[str] = []
    vendors: list[str] = []


@pytest.fixture(scope="module")
def model(context: ExportContext) -> Model:
    (file,) = ossie_files(context)
    assert file.path == "club.ossie.yaml"
    (found,) = Document.model_validate(yaml.safe_load(file.text)).semantic_model
    return found


def test_names_are_unique_and_references_lead_somewhere(model: Model) -> None:
    columns = {each.name: {field.name for field in each.fields_} for each in model.datasets}
    for listed in (model.datasets, model.relationships, model.metrics):
        names = [each.name for each in listed]
        assert len(names) == len(set(names))
    for dataset in model.datasets:
        assert set(dataset.primary_key) <= columns[dataset.name]
    for each in model.relationships:
        assert set(each.from_columns) <= columns[each.from_]
        assert set(each.to_columns) <= columns[each.to]
    assert {(each.from_, each.to) for each in model.relationships} == {("payments", "members"), ("levels", "members")}


def test_every_expression_is_sql_over_columns_that_exist(model: Model) -> None:
    columns = {(each.name, field.name) for each in model.datasets for field in each.fields_}
    for metric in model.metrics:
        tree = sqlglot.parse_one(metric.expression.dialects[0].expression)
        used = {(column.table, column.name) for column in tree.find_all(exp.Column)}
        assert used
        assert used <= columns, metric.name


def test_ratios_and_expressions_are_written_out(model: Model) -> None:
    said = {each.name: each.expression.dialects[0].expression for each in model.metrics}
    assert said["payments"] == "COUNT(payments.payment_id)"
    assert said["payers"] == "COUNT(DISTINCT payments.member_id)"
    assert said["mean_payment"] == "(SUM(payments.amount)) / NULLIF(COUNT(payments.payment_id), 0)"
    assert "NULLIF" in said["undefined_rate"]


def test_what_sql_cannot_say_is_kept_whole(model: Model, context: ExportContext) -> None:
    kept: dict[str, Any] = json.loads(model.custom_extensions[0].data)["metrics_without_sql"]
    assert set(kept) | {each.name for each in model.metrics} == set(context.catalog.metrics)
    assert kept["paid_after_joining"]["window"] == "7 days"
    own = json.loads(next(each for each in model.metrics if each.name == "mean_payment").custom_extensions[0].data)
    assert own["bands"]["critical"] == "< 10"
    assert own["owner"] == "treasurer"


@pytest.mark.parametrize(
    "written",
    [
        {"type": "simple", "dataset": "payments", "agg": "sum", "column": "amount", "convert": CONVERT},
        {"type": "derived", "expression": "payments - before", "inputs": {"before": BEFORE}},
    ],
)
def test_rates_of_days_and_earlier_times_are_nothing_that_one_expression_says(
    context: ExportContext, written: dict[str, Any]
) -> None:
    metric = TypeAdapter[Any](DefinedMetric).validate_python(written)
    with pytest.raises(NotInSql):
        sql_of(metric, context.catalog, context.joins)
    plain = {key: value for key, value in written.items() if key != "convert"}
    if plain["type"] == "simple":
        assert sql_of(TypeAdapter[Any](DefinedMetric).validate_python(plain), context.catalog, context.joins)


def test_fields_say_type_time_and_personal_data(model: Model) -> None:
    members = next(each for each in model.datasets if each.name == "members")
    fields = {field.name: field for field in members.fields_}
    assert fields["joined_at"].dimension == Dimension(is_time=True)
    assert fields["tier"].label == "Tier"
    assert json.loads(fields["name"].custom_extensions[0].data) == {"pii": "name"}
    assert fields["name"].dimension is None
