"""What one viewer may see: a role with the viewer's attributes filled in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.roles import Role

Member = TypeVar("Member")


@dataclass(frozen=True)
class Policy:
    """Permissions, row filters by dataset and masks of one viewer.

    `rows` maps a dataset name (or "*") to `"all"` or an expression. `attributes` are what `$user.<name>` stands for:
    always tuples of strings; an attribute the viewer lacks matches nothing.
    """

    permissions: frozenset[str] = frozenset()
    rows: Mapping[str, str] = field(default_factory=dict)
    masks: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    export_limit: int | None = None

    def allows(self, permission: str) -> bool:
        return "*" in self.permissions or permission in self.permissions

    def rows_of(self, dataset: str) -> str | None:
        """Return "all", an expression, or None: no rule, so nothing is visible."""
        return self.rows.get(dataset, self.rows.get("*"))

    def mask_of(self, dataset: str, column: str, pii: str) -> str:
        """Return how a column of personal data is shown: the most specific rule, else hidden."""
        for key in (f"{dataset}.{column}", pii, "*"):
            if key in self.masks:
                return self.masks[key]
        return "hide"

    @property
    def digest(self) -> str:
        """A short hash: two viewers with the same policy may share a cached answer."""
        parts = (
            sorted(self.permissions),
            sorted(self.rows.items()),
            sorted(self.masks.items()),
            sorted(self.attributes.items()),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def seen_catalog(catalog: Catalog, policy: Policy) -> Catalog:
    """Return the definitions of the packs of whose data a viewer sees anything: others are not named to them."""
    if len(catalog.packs) < 2:
        return catalog
    datasets = [name for name in catalog.datasets if policy.rows_of(name) is not None]
    packs = {catalog.pack_of.get(("dataset", name), "") for name in datasets}
    packs.add("")  # the workspace's own

    def of(kind: str, members: Mapping[str, Member]) -> Mapping[str, Member]:
        return {name: each for name, each in members.items() if catalog.pack_of.get((kind, name), "") in packs}

    return replace(
        catalog,
        packs=tuple(pack for pack in catalog.packs if pack.pack in packs),
        metrics=of("metric", catalog.metrics),
        dashboards=of("dashboard", catalog.dashboards),
    )


SYSTEM = Policy(permissions=frozenset({"*"}), rows={"*": "all"}, masks={"*": "show"})
"""The explicit principal of the system's own jobs (maintenance, tie-outs)."""

NOTHING = Policy()


def policy_of(role: Role, attributes: Mapping[str, Sequence[str]]) -> Policy:
    """Return the policy of a member with this role and these attributes."""
    return Policy(
        permissions=frozenset(role.permissions),
        rows=dict(role.rows),
        masks=dict(role.masks),
        attributes={name: tuple(values) for name, values in attributes.items()},
        export_limit=role.export_limit,
    )


@dataclass(frozen=True)
class Viewer:
    """Who asks. Every question carries one; there is no default."""

    name: str
    policy: Policy


SYSTEM_VIEWER = Viewer("system", SYSTEM)
