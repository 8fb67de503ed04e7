"""Which column of a file fills which column of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from sightline.definitions.catalog import did_you_mean
from sightline.definitions.schema.base import Definition
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import UserError
from sightline.lake.rules import required_columns


class BadMapping(UserError):
    """A map that does not fit the dataset or the file."""

    code = "SL-E211"


class MapFile(Definition):
    """How a file maps to a dataset, as people write it in YAML. Everything is optional."""

    columns: dict[str, str] = Field(default_factory=dict, description="Dataset column: column of the file.")
    defaults: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="Dataset column: the value where the file has none."
    )
    values: dict[str, dict[str, str | int | float | bool]] = Field(
        default_factory=dict, description="Dataset column: value in the file → value to store."
    )
    zone: str | None = Field(default=None, description="Time zone of times without one.")
    day_first: bool | None = Field(default=None, description="Whether 03/04/2026 is 3 April. Default: found out.")
    sheet: str | None = Field(default=None, description="XLSX: the sheet. Default: the first.")


@dataclass(frozen=True)
class Mapped:
    """The mapping in effect: dataset column → position in the file (None: only its default), and what is left over."""

    positions: Mapping[str, int | None]
    sources: Mapping[str, str]
    unused: tuple[str, ...]
    missing: tuple[str, ...]
    file: MapFile


def read_map(path: Path) -> MapFile:
    """Return the map in a YAML file. Raises BadMapping that names what is wrong."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadMapping(f'the map "{path.name}" cannot be read: {error}') from error
    return map_from(raw or {}, name=path.name)


def map_from(raw: object, *, name: str = "map") -> MapFile:
    """Return the map in plain values, for example from a form or an API call."""
    try:
        return MapFile.model_validate(raw)
    except ValidationError as error:
        problem = error.errors()[0]
        where = " › ".join(str(part) for part in problem["loc"])
        raise BadMapping(
            f"{name} › {where}: {problem['msg']}", hint="Allowed: " + ", ".join(MapFile.model_fields) + "."
        ) from error


def resolve(dataset: Dataset, columns: Sequence[str], file: MapFile) -> Mapped:
    """Return which column of the file fills each column of the dataset.

    The map comes first, then the column's own name, then the names it usually arrives as; case, spaces and underscores
    do not matter. Raises BadMapping when a column that may not be empty has neither a source nor a default.
    """
    mapped = match(dataset, columns, file)
    _require(dataset, columns, mapped.positions)
    return mapped


def match(dataset: Dataset, columns: Sequence[str], file: MapFile) -> Mapped:
    """Return the mapping as far as it goes; columns that may not be empty may still be without a source."""
    _check_names(dataset, columns, file)
    by_name = {name: number for number, name in enumerate(columns)}
    loosely = {_loose(name): number for name, number in reversed(by_name.items())}
    positions: dict[str, int | None] = {name: by_name[source] for name, source in file.columns.items()}
    for name in dataset.columns:
        if name not in positions and (found := by_name.get(name, loosely.get(_loose(name)))) is not None:
            positions[name] = found
    taken = set(positions.values())
    for name, column in dataset.columns.items():
        found = next((loosely[_loose(alias)] for alias in column.arrives_as if _loose(alias) in loosely), None)
        if name not in positions and found is not None and found not in taken:
            positions[name] = found
    for name in file.defaults:
        positions.setdefault(name, None)
    sources = {name: columns[number] for name, number in positions.items() if number is not None}
    used = set(positions.values())
    unused = tuple(name for number, name in enumerate(columns) if number not in used)
    missing = tuple(name for name in dataset.columns if name not in positions)
    return Mapped(
        {name: positions[name] for name in dataset.columns if name in positions}, sources, unused, missing, file
    )


def _loose(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _check_names(dataset: Dataset, columns: Sequence[str], file: MapFile) -> None:
    for section in ("columns", "defaults", "values"):
        for name in getattr(file, section):
            if name not in dataset.columns:
                raise BadMapping(
                    f'map › {section}: dataset "{dataset.name}" has no column "{name}"',
                    hint=did_you_mean(name, dataset.columns),
                )
    for name, source in file.columns.items():
        if source not in columns:
            raise BadMapping(
                f'map › columns › {name}: the file has no column "{source}"', hint=did_you_mean(source, columns)
            )


def _require(dataset: Dataset, columns: Sequence[str], positions: Mapping[str, int | None]) -> None:
    missing = [name for name in required_columns(dataset) if name not in positions]
    if not missing:
        return
    names = ", ".join(f'"{name}"' for name in missing)
    shown = ", ".join(columns[:40]) + (", …" if len(columns) > 40 else "")
    guess = did_you_mean(missing[0], columns)
    hint = (
        f"For {missing[0]} {guess}" if guess.startswith("did you mean") else f"Map {missing[0]} to one of its columns."
    )
    raise BadMapping(
        f'dataset "{dataset.name}" needs {names}, which the file does not have; it has: {shown}.', hint=hint
    )
