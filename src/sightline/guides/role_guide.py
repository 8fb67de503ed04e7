"""The guide by role: who sees what, may do what, opens which dashboards, reviews what and how often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from sightline.definitions.catalog import Catalog
from sightline.definitions.policy import Policy, policy_of
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Cadence
from sightline.definitions.schema.roles import Role
from sightline.guides.document import Fact, Guide, Section, Words, fact
from sightline.guides.scope import Scope, page_link

MASKS = {"show": "shown", "hide": "hidden", "hash": "shown as a code", "partial": "shown in part"}


def role_guide(catalog: Catalog, roles: Sequence[str]) -> Guide:
    """Return the guide to these roles. What a role sees is told as its members see it."""
    found = tuple(_section(name, catalog.roles[name], catalog) for name in roles if name in catalog.roles)
    lead = "What each role sees and may do, the dashboards it opens, and what it reviews how often."
    return Guide("roles", "Guide by role", lead, found)


def _section(name: str, role: Role, catalog: Catalog) -> Section:
    policy = policy_of(role, {})
    scope = Scope.of(catalog, policy)
    packs = [label_of(pack.pack, pack.label) for pack in scope.catalog.packs]
    pages = tuple(map(page_link, scope.pages)) if policy.allows("view") else ()
    facts = (
        *fact("Sees", *packs),
        *fact("Rows", *_rows(scope)),
        *fact("Lists", *_lists(scope)),
        *fact("Personal data", *_masks(policy)),
        *fact("May", *_may(policy)),
        *fact("One export holds", f"at most {policy.export_limit:,} rows" if policy.export_limit is not None else ""),
        *((Fact("Dashboards", pages),) if pages else ()),
        *_reviews(name, scope),
    )
    return Section(label_of(name, role.label), role.description, facts=facts)


def _rows(scope: Scope) -> tuple[str, ...]:
    """Return which rows of which datasets: those under one rule together."""
    rules: dict[str, list[str]] = {}
    for name, dataset in scope.catalog.datasets.items():
        rule = scope.policy.rows_of(name)
        if rule is not None:
            rules.setdefault(rule, []).append(label_of(name, dataset.label).lower())
    if list(rules) == ["all"] and len(rules["all"]) == len(scope.catalog.datasets):
        return ("all rows of all datasets",)
    return tuple(
        f"{'all rows' if rule == 'all' else f'rows where {rule}'} of {', '.join(names)}"
        for rule, names in rules.items()
    ) or ("none",)


def _lists(scope: Scope) -> tuple[str, ...]:
    """Return the datasets whose lists it reads, where it sees no other rows."""
    if scope.policy.allows("see_rows"):
        return ()
    known = scope.catalog.datasets
    names = [label_of(name, known[name].label).lower() for name in known if name in scope.policy.lists]
    return (f"the columns that dashboards show of {', '.join(names)}",) if names else ()


def _masks(policy: Policy) -> tuple[str, ...]:
    named = {kind: word for kind, word in policy.masks.items() if kind != "*"}
    rest = MASKS[policy.masks.get("*", "hide")]
    said = [f"{kind.replace('_', ' ')} {MASKS[word]}" for kind, word in named.items()]
    return (*said, f"all other {rest}" if said else rest)


def _may(policy: Policy) -> tuple[str, ...]:
    if "*" in policy.permissions:
        return ("do everything",)
    return tuple(each.replace("_", " ") for each in sorted(policy.permissions)) or ("nothing",)


def _reviews(role: str, scope: Scope) -> tuple[Fact, ...]:
    """Return what the role owns, by how often it is reviewed."""
    found: tuple[Fact, ...] = ()
    for cadence in (*get_args(Cadence), None):
        names = [name for name, each in scope.metrics.items() if each.owner == role and each.cadence == cadence]
        said: tuple[Words, ...] = tuple(map(scope.link, names))
        label = f"Reviews {cadence}" if cadence else "Owns, without a cadence"
        found += (Fact(label, said),) if said else ()
    return found
