"""One SQL statement in the making: bound values, and the scans it reads, each behind row policy and masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from sightline.definitions.catalog import Catalog
from sightline.definitions.dimensions import Dimension, Join, Joins
from sightline.definitions.policy import Policy, Viewer
from sightline.definitions.schema.dataset import Dataset
from sightline.engines.base import Functions
from sightline.lake.relation import DAY_SUFFIX, SYSTEM_COLUMNS, Relation
from sightline.lake.snapshot import Snapshot
from sightline.metrics.rewrites.masks import masked
from sightline.metrics.rewrites.row_policy import row_filter
from sightline.metrics.warehouse import Warehouse

STORED_SUFFIX = "__stored"
"""Personal data as stored: for matching and counting, never for showing."""

MASK_KEY = "mask_key"
"""The parameter that stands for the workspace's key. It is bound when a statement runs, and kept with no answer."""

SQL_TYPES = {
    "string": "text",
    "integer": "bigint",
    "number": "double",
    "decimal": "decimal(18,4)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamptz",
}


def name_of(name: str) -> exp.Identifier:
    """Return a quoted identifier."""
    return exp.Identifier(this=name, quoted=True)


def column_of(table: str, name: str) -> exp.Column:
    """Return `"table"."name"`."""
    return exp.Column(this=name_of(name), table=name_of(table))


def alias_of(expression: exp.Expr, name: str) -> exp.Alias:
    """Return `expression AS "name"`."""
    return exp.Alias(this=expression, alias=name_of(name))


def all_of(conditions: list[exp.Expr]) -> exp.Expr | None:
    """Return the conditions joined by AND, each in its own brackets."""
    if not conditions:
        return None
    tree: exp.Expr = exp.Paren(this=conditions[0])
    for condition in conditions[1:]:
        tree = exp.And(this=tree, expression=exp.Paren(this=condition))
    return tree


def cast_of(value: exp.Expr, column_type: str) -> exp.Expr:
    return exp.Cast(this=value, to=exp.DataType.build(SQL_TYPES[column_type]))


@dataclass
class Statement:
    """Collects parameters and scans while a question is compiled.

    `files` says which parameters are file lists, `keyed` whether a mask uses the workspace's key.
    """

    catalog: Catalog
    joins: Joins
    policy: Policy
    relations: Mapping[str, Relation | None]
    functions: Functions
    parameters: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    keyed: bool = False
    _names: dict[tuple[type, str], str] = field(default_factory=dict)
    _needed: dict[str, dict[str, None]] = field(default_factory=dict)

    def bind(self, value: object) -> exp.Expr:
        """Return a placeholder for the value; equal values share one."""
        key = (type(value), repr(value))
        if key not in self._names:
            self._names[key] = f"p{len(self.parameters) + 1}"
            self.parameters[self._names[key]] = value
        return exp.Parameter(this=exp.var(self._names[key]))

    def bound(self, warehouse: Warehouse) -> dict[str, Any]:
        """Return every parameter with its value, file lists and key included."""
        return self.parameters | late_values(self.files, self.relations, warehouse, keyed=self.keyed)

    @property
    def zone(self) -> str:
        return self.catalog.settings.zone

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets read so far."""
        return tuple(self._needed)

    def scan(self, dataset: str, columns: tuple[str, ...] = ()) -> exp.Table:
        """Return the table to read the dataset from: only visible rows, personal data masked."""
        self._needed.setdefault(dataset, {}).update(dict.fromkeys(columns))
        return exp.Table(this=name_of(dataset))

    def need(self, dataset: str, column: str) -> None:
        """Say that a column of an already scanned dataset is used."""
        self._needed.setdefault(dataset, {})[column] = None

    def stored_name(self, dataset: str, column: str) -> str:
        """Return the name under which a scan delivers the column unmasked: its own, unless it is personal data."""
        spec = self.catalog.dataset(dataset).columns.get(column)
        return column + STORED_SUFFIX if spec is not None and spec.pii else column

    def scans(self) -> list[exp.CTE]:
        """Return the scans as common table expressions. Not materialised, so filters reach the files."""
        return [self._cte(dataset, self._source(dataset, tuple(columns))) for dataset, columns in self._needed.items()]

    def _cte(self, name: str, query: exp.Expr) -> exp.CTE:
        return exp.CTE(this=query, alias=exp.TableAlias(this=name_of(name)), materialized=False)

    def _source(self, dataset: str, columns: tuple[str, ...]) -> exp.Select:
        definition = self.catalog.dataset(dataset)
        aliases: dict[tuple[Join, ...], str] = {}
        condition = row_filter(
            policy=self.policy,
            dataset=dataset,
            joins=self.joins,
            column=lambda dimension: self._policy_column(dimension, aliases),
            bind=self.bind,
        )
        wanted = columns or definition.key_columns or tuple(definition.columns)[:1]
        query = exp.Select(expressions=[alias_of(self._visible(definition, each), each) for each in wanted])
        query.set("from_", exp.From(this=self._files(dataset, "r")))
        for path, alias in sorted(aliases.items(), key=lambda item: len(item[0])):
            query.append("joins", self._policy_join(path, alias, aliases))
        if condition is not None:
            query.set("where", exp.Where(this=condition))
        return query

    def _policy_column(self, dimension: Dimension, aliases: dict[tuple[Join, ...], str]) -> exp.Expr:
        for length in range(1, len(dimension.path) + 1):
            aliases.setdefault(dimension.path[:length], f"r{len(aliases) + 1}")
        alias = aliases[dimension.path] if dimension.path else "r"
        return self._stored(self.catalog.dataset(dimension.dataset), dimension.column, alias)

    def _policy_join(self, path: tuple[Join, ...], alias: str, aliases: dict[tuple[Join, ...], str]) -> exp.Join:
        step = path[-1]
        before = aliases[path[:-1]] if len(path) > 1 else "r"
        left = self._stored(self.catalog.dataset(step.dataset), step.column, before)
        right = self._stored(self.catalog.dataset(step.target), step.target_column, alias)
        return exp.Join(this=self._files(step.target, alias), side="LEFT", on=exp.EQ(this=left, expression=right))

    def _files(self, dataset: str, alias: str) -> exp.Expr:
        """Return the files of the dataset as a table; a dataset never published is an empty one."""
        relation = self.relations.get(dataset)
        named = exp.TableAlias(this=name_of(alias))
        if relation is None or not relation.files:
            definition = self.catalog.dataset(dataset)
            empty = exp.Select(
                expressions=[
                    alias_of(cast_of(exp.Null(), spec.type), name) for name, spec in definition.columns.items()
                ]
            )
            return exp.Subquery(this=empty.where(exp.false(), copy=False), alias=named)
        name = f"files_{dataset}"
        self.files[name] = dataset
        return exp.Table(this=self.functions.scan(relation, files=exp.Parameter(this=exp.var(name))), alias=named)

    def _visible(self, dataset: Dataset, column: str) -> exp.Expr:
        if column.endswith(STORED_SUFFIX):
            return self._stored(dataset, column.removesuffix(STORED_SUFFIX), "r")
        base = column.removesuffix(DAY_SUFFIX)
        spec = dataset.columns.get(column) or dataset.columns.get(base)
        stored = self._stored(dataset, column, "r")
        if spec is None:
            return stored
        missing = cast_of(exp.Null(), spec.type if column == base else "date")
        return masked(
            stored,
            policy=self.policy,
            dataset=dataset.name,
            name=base,
            column=spec,
            missing=missing,
            key=self._mask_key,
        )

    def _mask_key(self) -> exp.Expr:
        self.keyed = True
        return exp.Parameter(this=exp.var(MASK_KEY))

    def _stored(self, dataset: Dataset, column: str, alias: str) -> exp.Expr:
        """Return a column as the files hold it; a local day is computed only when the stored one is of another zone."""
        relation = self.relations.get(dataset.name)
        held = relation.columns if relation and relation.files else frozenset(dataset.columns)
        base = column.removesuffix(DAY_SUFFIX)
        if column.endswith(DAY_SUFFIX) and base in dataset.columns:
            if relation and column in held and relation.zone == self.zone:
                return column_of(alias, column)
            if dataset.columns[base].type == "date":
                return column_of(alias, base)
            return self.functions.local_day(self._stored(dataset, base, alias), self.bind(self.zone))
        if column in held:
            return column_of(alias, column)
        kind = dataset.columns[column].type if column in dataset.columns else _system_type(column)
        return cast_of(exp.Null(), kind)


def _system_type(column: str) -> str:
    return dict(zip(SYSTEM_COLUMNS, ("string", "integer", "timestamp"), strict=True)).get(column, "string")


def late_values(
    files: Mapping[str, str], relations: Mapping[str, Relation | None], warehouse: Warehouse, *, keyed: bool
) -> dict[str, Any]:
    """Return what is bound only when a statement runs: the file lists of a snapshot, and the key of the masks."""
    found = {name: relations[dataset] for name, dataset in files.items()}
    key = {MASK_KEY: warehouse.mask_key} if keyed else {}
    functions = warehouse.engine.functions
    return key | {name: functions.files(relation) for name, relation in found.items() if relation is not None}


def relations_of(warehouse: Warehouse, snapshot: Snapshot) -> dict[str, Relation | None]:
    """Return the files of every dataset in one snapshot."""
    return {name: warehouse.lake.relation(name, snapshot) for name in warehouse.catalog.datasets}


def statement_for(viewer: Viewer, *, warehouse: Warehouse, snapshot: Snapshot) -> Statement:
    """Return an empty statement that reads this snapshot as this viewer. There is no other way to one."""
    return Statement(
        catalog=warehouse.catalog,
        joins=warehouse.joins,
        policy=viewer.policy,
        relations=relations_of(warehouse, snapshot),
        functions=warehouse.engine.functions,
    )
