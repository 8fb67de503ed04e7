"""Datasets, relationships and metrics as one Ossie document.

Everything that Ossie has no word for stands as JSON in custom extensions, so that nothing of a definition is lost:
units, bands, direction and owner beside a metric; metrics that one SQL expression cannot say, whole, beside the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Column, Dataset
from sightline.definitions.schema.metric import Metric
from sightline.exports.files import ExportContext, ExportFile, NothingToExport, yaml_text
from sightline.exports.ossie.expressions import NotInSql, sql_of

VERSION = "0.2.0.dev0"
"""The version of the specification that is written: https://github.com/apache/ossie, core-spec."""

VENDOR, DIALECT = "SIGHTLINE", "ANSI_SQL"
DATA_TYPES = {
    "string": "String",
    "integer": "Integer",
    "number": "Float",
    "decimal": "Decimal",
    "boolean": "Boolean",
    "date": "Date",
    "timestamp": "DateTimeTz",
}
TIMES = ("date", "timestamp")
WHOLE = ("count", "count_distinct")
Json = dict[str, Any]


def ossie_files(context: ExportContext) -> tuple[ExportFile, ...]:
    """Return the document as the one file of the export. Raises NothingToExport."""
    if not context.catalog.datasets:
        hint = "Add a pack to its settings."
        raise NothingToExport(f'workspace "{context.workspace}" has no datasets', hint=hint)
    about = "Sightline: a semantic model of Apache Ossie, written by `sightline export ossie`."
    return (ExportFile(f"{context.workspace}.ossie.yaml", yaml_text(document(context), about=about)),)


def document(context: ExportContext) -> Json:
    """Return the document: one semantic model, the workspace."""
    catalog = context.catalog
    metrics, unsaid = _metrics(context)
    model: Json = {"name": context.workspace}
    model |= {"description": catalog.settings.label} if catalog.settings.label else {}
    model["datasets"] = [_dataset(each, context) for _, each in sorted(catalog.datasets.items())]
    model["relationships"] = [*_relationships(context)]
    model["metrics"] = metrics
    settings = {"zone": catalog.settings.zone, "currency": catalog.settings.currency}
    model["custom_extensions"] = [_extension({**settings, "metrics_without_sql": unsaid})]
    return {"version": VERSION, "semantic_model": [model], "dialects": [DIALECT], "vendors": [VENDOR]}


def _dataset(dataset: Dataset, context: ExportContext) -> Json:
    found: Json = {"name": dataset.name, "source": f"sightline.{context.workspace}.{dataset.name}"}
    found |= {"primary_key": list(dataset.key_columns)} if dataset.key_columns else {}
    found |= _described(dataset.description, label_of(dataset.name, dataset.label))
    found["fields"] = [_field(name, column, dataset) for name, column in dataset.columns.items()]
    kept = {"entities": _written(dataset)["entities"]} if dataset.entities else {}
    kept |= {"time": dataset.time} if dataset.time else {}
    return found | ({"custom_extensions": [_extension(kept)]} if kept else {})


def _field(name: str, column: Column, dataset: Dataset) -> Json:
    found: Json = {"name": name, "expression": _expression(name)}
    entities = {each.column for each in dataset.entities.values()}
    if column.dimension or name in entities or name == dataset.time:
        found["dimension"] = {"is_time": column.type in TIMES}
    found |= {"label": column.label} if column.label else {}
    found |= _described(column.description)
    found["datatype"] = DATA_TYPES[column.type]
    kept = {key: getattr(column, key) for key in ("unit", "currency", "pii") if getattr(column, key)}
    return found | ({"custom_extensions": [_extension(kept)]} if kept else {})


def _relationships(context: ExportContext) -> Iterator[Json]:
    """Yield the many-to-one joins: from a foreign entity to the dataset whose rows are that entity."""
    for name, dataset in sorted(context.catalog.datasets.items()):
        for entity, declared in dataset.entities.items():
            home = context.joins.primaries.get(entity)
            if declared.type == "foreign" and home and home[0] != name:
                yield {
                    "name": f"{name}_{entity}",
                    "from": name,
                    "to": home[0],
                    "from_columns": [declared.column],
                    "to_columns": [home[1]],
                }


def _metrics(context: ExportContext) -> tuple[list[Json], dict[str, Json]]:
    """Return the metrics that SQL can say, and the definitions of the others."""
    said: list[Json] = []
    unsaid: dict[str, Json] = {}
    for name, metric in sorted(context.catalog.metrics.items()):
        try:
            expression = sql_of(metric, context.catalog, context.joins)
        except NotInSql:
            unsaid[name] = _written(metric)
        else:
            said.append(_metric(name, metric, expression, context.catalog))
    return said, unsaid


def _metric(name: str, metric: Metric, expression: str, catalog: Catalog) -> Json:
    found: Json = {"name": name, "expression": _expression(expression)}
    found |= _described(metric.description, label_of(name, metric.label))
    found["datatype"] = "Integer" if getattr(metric, "agg", "") in WHOLE else "Float"
    found["ai_context"] = {"synonyms": [label_of(name, metric.label)]}
    kept = {"pack": catalog.pack_of.get(("metric", name), ""), **_written(metric)}
    return found | {"custom_extensions": [_extension(kept)]}


def _expression(text: str) -> Json:
    return {"dialects": [{"dialect": DIALECT, "expression": text}]}


def _described(description: str, label: str = "") -> Json:
    said = " ".join(description.split()) or label
    return {"description": said} if said else {}


def _extension(data: Json) -> Json:
    return {"vendor_name": VENDOR, "data": json.dumps(data, ensure_ascii=False, sort_keys=True)}


def _written(definition: Dataset | Metric) -> Json:
    return definition.model_dump(mode="json", exclude_defaults=True)
