"""Which dimensions a dataset reaches, and by which many-to-one joins. No other join exists, so nothing fans out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sightline.definitions.catalog import Catalog, did_you_mean
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Column, Dataset
from sightline.errors import UserError

NONE = "Not set"
"""How a missing value is called where the definition has no word for it."""


class UnknownDimension(UserError):
    """A dimension the dataset does not reach."""

    code = "SL-E022"


@dataclass(frozen=True)
class Join:
    """From many rows to one: `dataset.column` finds at most one row of `target` by its primary entity."""

    entity: str
    dataset: str
    column: str
    target: str
    target_column: str


@dataclass(frozen=True)
class Dimension:
    """A column to group or filter by, as seen from one dataset.

    `dataset` and `column` say where the values stand; `path` how to get there (empty: the dataset itself). For an
    entity, `entity` is its name and `labels` the dataset and column that name its members to people.
    """

    name: str
    label: str
    dataset: str
    column: str
    type: str
    path: tuple[Join, ...] = ()
    entity: str | None = None
    labels: tuple[str, str, str] | None = None  # dataset, key column, label column
    values: tuple[str, ...] = ()
    empty_as: str | None = None
    pii: str | None = None

    def word(self, value: object) -> str:
        """Return how a member without a label of its own is called: a declared value in sentence case."""
        if value is None:
            return self.empty_as or NONE
        return label_of(str(value)) if value in self.values else str(value)


class Joins:
    """The join graph of a catalog."""

    def __init__(self, datasets: Mapping[str, Dataset]) -> None:
        self._datasets = datasets
        self._known: dict[str, dict[str, Dimension]] = {}

    @classmethod
    def of(cls, catalog: Catalog) -> Joins:
        return cls(catalog.datasets)

    @cached_property
    def primaries(self) -> dict[str, tuple[str, str]]:
        """Entity → (dataset, column) of the dataset whose rows are that entity."""
        found: dict[str, tuple[str, str]] = {}
        for dataset in self._datasets.values():
            if dataset.primary:
                found.setdefault(dataset.primary[0], (dataset.name, dataset.primary[1].column))
        return found

    def dimensions(self, dataset: str) -> dict[str, Dimension]:
        """Return every dimension the dataset reaches, nearest first; an ambiguous name is left out (qualify it)."""
        if dataset not in self._known:
            self._known[dataset] = dict(self._reach(dataset))
        return self._known[dataset]

    def resolve(self, dataset: str, name: str) -> Dimension:
        """Return the dimension of that name as seen from the dataset. Raises UnknownDimension."""
        reached = self.dimensions(dataset)
        if name not in reached:
            raise UnknownDimension(
                f'"{name}" is not a dimension of {dataset}',
                hint=did_you_mean(name, (each for each in reached if "__" not in each)),
            )
        return reached[name]

    def member_names(self, dataset: str) -> dict[str, Dimension]:
        """Return, for the columns of a dataset that point to members with names, where the names stand."""
        found = {}
        for entity, declared in self._datasets[dataset].entities.items():
            home, key = self.primaries.get(entity, ("", ""))
            primary = self._datasets[home].primary if home else None
            if declared.type == "foreign" and primary and primary[1].label:
                path = (Join(entity, dataset, declared.column, home, key),)
                name = primary[1].label
                found[declared.column] = _own(self._datasets[home], name, self._datasets[home].columns[name], path)
        return found

    def column(self, dataset: str, name: str) -> Dimension:
        """Return a column of the dataset itself, dimension or not, else a dimension it reaches."""
        columns = self._datasets[dataset].columns
        if name in columns and name not in self._datasets[dataset].entities:
            return _own(self._datasets[dataset], name, columns[name], ())
        try:
            return self.resolve(dataset, name)
        except UnknownDimension as error:
            allowed = [*columns, *(each for each in self.dimensions(dataset) if "__" not in each)]
            raise UnknownDimension(
                f'"{name}" is not a column of {dataset}', hint=did_you_mean(name, allowed)
            ) from error

    def _reach(self, start: str) -> Iterator[tuple[str, Dimension]]:
        level: list[tuple[str, tuple[Join, ...]]] = [(start, ())]
        visited = {start}
        taken: set[str] = set()
        while level:
            offers: dict[str, list[Dimension]] = {}
            for dataset, path in level:
                for dimension in self._local(self._datasets[dataset], path):
                    offers.setdefault(dimension.name, []).append(dimension)
            for name, dimensions in offers.items():
                if name not in taken and len(dimensions) == 1:
                    yield name, dimensions[0]
                by_entity = [dimension.path[-1].entity for dimension in dimensions if dimension.path]
                for dimension in dimensions:
                    if dimension.path and by_entity.count(dimension.path[-1].entity) == 1:
                        qualified = f"{dimension.path[-1].entity}__{name}"
                        yield qualified, replace(dimension, name=qualified)
                taken.add(name)
            level = [step for dataset, path in level for step in self._joins(dataset, path, visited)]
            visited.update(dataset for dataset, _ in level)  # two ways to one place at the same distance: ambiguous

    def _joins(self, dataset: str, path: tuple[Join, ...], visited: set[str]) -> Iterator[tuple[str, tuple[Join, ...]]]:
        for entity, declared in self._datasets[dataset].entities.items():
            target = self.primaries.get(entity)
            if declared.type == "foreign" and target and target[0] not in visited:
                yield target[0], (*path, Join(entity, dataset, declared.column, *target))

    def _local(self, dataset: Dataset, path: tuple[Join, ...]) -> Iterator[Dimension]:
        for entity, declared in dataset.entities.items():
            if declared.column in dataset.columns and not (path and entity == path[-1].entity):
                yield self._entity(dataset, entity, declared.column, path)
        for name, column in dataset.columns.items():
            if column.dimension and name not in dataset.entities:
                yield _own(dataset, name, column, path)

    def _entity(self, dataset: Dataset, entity: str, column: str, path: tuple[Join, ...]) -> Dimension:
        labels = None
        if entity in self.primaries:
            home, key = self.primaries[entity]
            primary = self._datasets[home].primary
            if primary and primary[1].label:
                labels = (home, key, primary[1].label)
        spec = dataset.columns[column]
        return Dimension(
            name=entity,
            label=label_of(entity),
            dataset=dataset.name,
            column=column,
            type=spec.type,
            path=path,
            entity=entity,
            labels=labels,
            pii=spec.pii,
        )


def _own(dataset: Dataset, name: str, column: Column, path: tuple[Join, ...]) -> Dimension:
    return Dimension(
        name=name,
        label=label_of(name, column.label),
        dataset=dataset.name,
        column=name,
        type=column.type,
        path=path,
        values=tuple(column.values),
        empty_as=column.empty_as,
        pii=column.pii,
    )
