"""What must hold between definitions: one module per concern, and every rule in the table below.

A rule is given the book and yields issues. It never raises, and says nothing about an object that could not be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sightline.definitions.book import Book
from sightline.definitions.catalog import Issue
from sightline.definitions.rules import (
    aggregations,
    checks,
    columns,
    comparisons,
    completeness,
    cycles,
    dashboards,
    documentation,
    entities,
    exchanges,
    exports,
    expressions,
    money,
    names,
    offsets,
    panel_kinds,
    panels,
    references,
    roles,
    values,
)
from sightline.registry import Registry

Rule = Callable[[Book], Iterable[Issue]]

RULES: Registry[Rule] = Registry(
    "rule",
    {
        "entity_columns": entities.columns_exist,
        "one_primary_entity": entities.one_primary,
        "entities_have_one_home": entities.one_home,
        "joins_do_not_multiply_rows": entities.key_is_primary,
        "dataset_columns": columns.columns_exist,
        "time_columns": columns.time_is_a_moment,
        "currencies": columns.currencies,
        "check_columns": checks.columns_exist,
        "check_types": checks.types_fit,
        "check_entities": checks.entities_exist,
        "metric_references": references.metrics,
        "metric_datasets": references.datasets,
        "metric_entities": references.entities,
        "reference_types": references.types,
        "cycles": cycles.cycles,
        "aggregation_arguments": aggregations.arguments,
        "aggregation_columns": aggregations.column_types,
        "times_of_metrics": aggregations.times,
        "metric_expressions": expressions.of_metrics,
        "check_expressions": expressions.of_checks,
        "panel_expressions": expressions.of_panels,
        "role_expressions": expressions.of_roles,
        "tieout_expressions": expressions.of_tieouts,
        "expression_types": comparisons.types,
        "one_currency": money.one_currency,
        "conversions_of_money": exchanges.conversions,
        "earlier_inputs": offsets.inputs,
        "maturation": values.maturation,
        "dashboard_names": dashboards.names_exist,
        "distribution": dashboards.distribution,
        "pack_files": dashboards.pack_files,
        "panel_metrics": panels.metrics,
        "panel_dimensions": panels.dimensions,
        "panel_shapes": panels.shapes,
        "panel_sorting": panels.sorting,
        "panel_retentions": panel_kinds.retentions,
        "panel_kinds": panel_kinds.kinds,
        "annotations": panel_kinds.annotated_datasets,
        "role_datasets": roles.datasets,
        "role_masks": roles.masks,
        "role_sees_something": roles.sees_something,
        "periods": values.periods,
        "bands": values.bands,
        "segments": values.segments,
        "zones": values.zones,
        "holidays": values.holidays,
        "contradictions": values.contradictions,
        "tieout_shapes": values.tieouts,
        "reserved_names": names.reserved,
        "completeness": completeness.floors,
        "exports": exports.exports,
        "descriptions": documentation.metrics_are_described,
    },
)


def check_rules(book: Book) -> list[Issue]:
    """Return what every rule finds."""
    return [issue for rule in RULES.values() for issue in rule(book)]
