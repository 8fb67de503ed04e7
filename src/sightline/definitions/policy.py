"""What one viewer may see: a role with the viewer's attributes filled in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar

from sightline.definitions.built_in import BUILT_IN, KEPT, kept_rule
from sightline.definitions.catalog import Catalog
from sightline.definitions.lineage import datasets_read, metric_references
from sightline.definitions.panels import panel_metrics
from sightline.definitions.schema.dashboard import Dashboard, ListPanel
from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.metric import Metric
from sightline.definitions.schema.roles import Role

Member = TypeVar("Member")


@dataclass(frozen=True)
class Policy:
    """Permissions, row filters by dataset and masks of one viewer.

    `rows` maps a dataset name (or "*") to `"all"` or an expression. `attributes` are what `$user.<name>` stands for:
    always tuples of strings; an attribute the viewer lacks matches nothing. `enters` are the datasets whose values they
    enter by hand; None: those of all whose rows they see. `lists` are the datasets whose lists they read on dashboards
    without seeing rows. `follows_data`: their role may see sources, whatever a token's scope leaves of its permissions;
    None: the permissions tell.
    """

    permissions: frozenset[str] = frozenset()
    rows: Mapping[str, str] = field(default_factory=dict)
    masks: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    export_limit: int | None = None
    enters: frozenset[str] | None = None
    lists: frozenset[str] = frozenset()
    follows_data: bool | None = None

    def allows(self, permission: str) -> bool:
        return "*" in self.permissions or permission in self.permissions

    def rows_of(self, dataset: str) -> str | None:
        """Return "all", an expression, or None: no rule, so nothing is visible.

        What Sightline keeps about data is for those who may see sources, as far as they see the datasets whole.
        """
        if dataset in KEPT and dataset not in self.rows:
            return kept_rule(self.rows) if self.may_follow_data else None
        return self.rows.get(dataset, self.rows.get("*"))

    @property
    def may_follow_data(self) -> bool:
        """Whether they may know what comes in and what is held: who manages sources or sees quarantined rows."""
        if self.follows_data is not None:
            return self.follows_data
        return self.allows("see_quarantine") or self.allows("manage_sources")

    def mask_of(self, dataset: str, column: str, pii: str) -> str:
        """Return how a column of personal data is shown: the most specific rule, else hidden."""
        for key in (f"{dataset}.{column}", pii, "*"):
            if key in self.masks:
                return self.masks[key]
        return "hide"

    def reads_list(self, dataset: str | None) -> bool:
        """Whether the columns that a dashboard names of this dataset may be read."""
        return self.allows("see_rows") or dataset in self.lists

    @property
    def digest(self) -> str:
        """A short hash: two viewers with the same policy may share a cached answer."""
        parts = (
            sorted(self.permissions),
            sorted(self.rows.items()),
            sorted(self.masks.items()),
            sorted(self.attributes.items()),
            sorted(self.lists),
            self.may_follow_data,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def seen_catalog(catalog: Catalog, policy: Policy) -> Catalog:
    """Return the definitions of the packs of whose data a viewer sees anything: others are not named to them.

    A metric made of what they do not see is left out too, whoever wrote it: its formula would name the rest. So is a
    dashboard of the workspace's own that shows some of it; one of a pack that they see stays, whatever was added to it.
    """
    packs = {catalog.pack_of.get(("dataset", name), "") for name in catalog.datasets if policy.rows_of(name)}
    packs.add("")  # the workspace's own
    if len(catalog.packs) < 2:
        packs |= {pack.pack for pack in catalog.packs}
    has_kept = BUILT_IN in packs or not any(name in catalog.datasets for name in KEPT)
    if has_kept and packs >= {pack.pack for pack in catalog.packs}:
        return catalog
    part = _Part(catalog.digest, frozenset(packs), catalog)
    seen = _names_seen(part) if catalog.digest else _names_seen.__wrapped__(part)

    def of(kind: str, members: Mapping[str, Member]) -> dict[str, Member]:
        return {name: each for name, each in members.items() if (kind, name) in seen}

    return replace(
        catalog,
        packs=tuple(pack for pack in catalog.packs if pack.pack in packs),
        datasets=of("dataset", catalog.datasets),
        metrics=of("metric", catalog.metrics),
        dashboards=of("dashboard", catalog.dashboards),
    )


@dataclass(frozen=True)
class _Part:
    """A catalog, by the digest of what it says, as far as some packs go."""

    digest: str
    packs: frozenset[str]
    catalog: Catalog = field(compare=False)


@lru_cache(maxsize=64)
def _names_seen(part: _Part) -> frozenset[tuple[str, str]]:
    """Return kind and name of the datasets, metrics and dashboards that these packs, and what is made of them, have."""
    catalog = part.catalog

    def of(kind: str, members: Mapping[str, Member]) -> dict[str, Member]:
        return {name: each for name, each in members.items() if catalog.pack_of.get((kind, name), "") in part.packs}

    datasets = of("dataset", catalog.datasets)
    metrics = _made_of(datasets, of("metric", catalog.metrics))
    dashboards = [
        name
        for name, each in of("dashboard", catalog.dashboards).items()
        if catalog.pack_of.get(("dashboard", name)) or _shows_only(each, datasets, metrics)
    ]
    kinds: dict[str, Iterable[str]] = {"dataset": datasets, "metric": metrics, "dashboard": dashboards}
    return frozenset((kind, name) for kind, names in kinds.items() for name in names)


def handed_to(catalog: Catalog, *, role: str, policy: Policy) -> Catalog:
    """Return the definitions without the dashboards whose distribution leaves the role out; who may all sees all."""
    if policy.allows("*") or not any(each.distribution for each in catalog.dashboards.values()):
        return catalog
    kept = {
        name: each for name, each in catalog.dashboards.items() if not each.distribution or role in each.distribution
    }
    return replace(catalog, dashboards=kept)


def _made_of(datasets: Mapping[str, Dataset], metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    """Return the metrics that read these datasets and these metrics only."""
    found = {name: each for name, each in metrics.items() if datasets_read(each) <= set(datasets)}
    while True:
        kept = {name: each for name, each in found.items() if all(one in found for _, one in metric_references(each))}
        if len(kept) == len(found):
            return kept
        found = kept


def _shows_only(dashboard: Dashboard, datasets: Mapping[str, Dataset], metrics: Mapping[str, Metric]) -> bool:
    shown = {name for panel in dashboard.panels for _, name in panel_metrics(panel)}
    listed = {panel.list for panel in dashboard.panels if isinstance(panel, ListPanel)}
    return shown <= set(metrics) and listed <= set(datasets)


SYSTEM = Policy(permissions=frozenset({"*"}), rows={"*": "all"}, masks={"*": "show"})
"""The explicit principal of the system's own jobs (maintenance, tie-outs)."""

NOTHING = Policy()


def policy_of(role: Role, attributes: Mapping[str, Sequence[str]]) -> Policy:
    """Return the policy of a member with this role and these attributes."""
    permissions = frozenset(role.permissions)
    return Policy(
        permissions=permissions,
        rows=dict(role.rows),
        masks=dict(role.masks),
        attributes={name: tuple(values) for name, values in attributes.items()},
        export_limit=role.export_limit,
        enters=None if role.enters is None else frozenset(role.enters),
        lists=frozenset(role.lists),
        follows_data=not permissions.isdisjoint({"*", "see_quarantine", "manage_sources"}),
    )


@dataclass(frozen=True)
class Viewer:
    """Who asks. Every question carries one; there is no default."""

    name: str
    policy: Policy


SYSTEM_VIEWER = Viewer("system", SYSTEM)
