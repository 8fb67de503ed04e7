"""The definitions of one workspace, resolved: packs with the workspace's overrides on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import TypeVar

from sightline.definitions.built_in import KEPT
from sightline.definitions.schema.dashboard import Dashboard
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.metric import Metric, Tieout
from sightline.definitions.schema.pack import Pack, Settings
from sightline.definitions.schema.roles import Role
from sightline.errors import NotFound


@dataclass(frozen=True)
class Location:
    """Where a definition or a field of it stands: a path as shown to people, line and column counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Issue:
    """One problem in the definitions, in the shape of house-style: where, what, did you mean, code."""

    location: Location
    subject: str  # metric "cpl" › denominator
    message: str  # unknown metric "inquires"
    code: str  # PACK-E012
    hint: str = ""  # did you mean "inquiries"? (packs/programs/metrics/volume.yaml:3)
    level: str = "error"  # error | warning

    def __str__(self) -> str:
        lines = [f"{self.location}  {self.subject}", f"  {self.message}"]
        lines += [f"  {self.hint}"] if self.hint else []
        return "\n".join(lines) + f"  [{self.code}]"


@dataclass(frozen=True)
class Catalog:
    """Every definition by name. `digest` changes when any definition does; `locations` is by (kind, name).

    `pack_of` tells by (kind, name) which pack a definition came from; overrides keep the pack of what they override.
    """

    settings: Settings
    packs: tuple[Pack, ...] = ()
    datasets: Mapping[str, Dataset] = field(default_factory=lambda: MappingProxyType({}))
    metrics: Mapping[str, Metric] = field(default_factory=lambda: MappingProxyType({}))
    dashboards: Mapping[str, Dashboard] = field(default_factory=lambda: MappingProxyType({}))
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    tieouts: Mapping[str, Tieout] = field(default_factory=lambda: MappingProxyType({}))
    locations: Mapping[tuple[str, str], Location] = field(default_factory=lambda: MappingProxyType({}))
    pack_of: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    digest: str = ""

    @property
    def filled(self) -> Mapping[str, Dataset]:
        """The datasets that sources, files and hands fill: all but those that Sightline keeps itself."""
        return {name: each for name, each in self.datasets.items() if name not in KEPT}

    def dataset(self, name: str) -> Dataset:
        return _found(self.datasets, "dataset", name)

    def metric(self, name: str) -> Metric:
        return _found(self.metrics, "metric", name)

    def dashboard(self, name: str) -> Dashboard:
        return _found(self.dashboards, "dashboard", name)


Member = TypeVar("Member")


def _found(members: Mapping[str, Member], kind: str, name: str) -> Member:
    if name in members:
        return members[name]
    raise UnknownName(kind, name, members)


class UnknownName(NotFound):
    """A name that no definition has."""

    code = "SL-E010"

    def __init__(self, kind: str, name: str, allowed: Iterable[str]) -> None:
        super().__init__(f'unknown {kind} "{name}"', hint=did_you_mean(name, allowed))


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """Return a suggestion for a misspelt name, or the names that are allowed."""
    names = sorted(set(allowed))
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"allowed: {shown}" if names else "there are none yet"
