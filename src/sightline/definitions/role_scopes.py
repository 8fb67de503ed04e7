"""Roles where a workspace has several packs: a pack's role speaks of that pack's data only.

`*` in the rules of a pack's role means every dataset of the pack. A role that several packs know is one role: each
pack says what it sees there, and it may do what all of them allow. So whoever has a role of one pack sees nothing of
another. Roles in the workspace's own definitions are the workspace's: they are taken as they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sightline.definitions.schema.dataset import Dataset
from sightline.definitions.schema.roles import Role

Datasets = Mapping[str, Dataset]


def joined_role(roles: Sequence[tuple[Role, Datasets]]) -> Role:
    """Return one role from those of several packs, each with its pack's datasets."""
    rows: dict[str, str] = {}
    masks: dict[str, str] = {}
    for role, datasets in roles:
        rows |= _rows(role, datasets)
        masks |= _masks(role, datasets)
    first = roles[0][0]
    common = {key: mask for key, mask in first.masks.items() if all(role.masks.get(key) == mask for role, _ in roles)}
    return first.model_copy(
        update={
            "description": " ".join(dict.fromkeys(role.description for role, _ in roles if role.description)),
            "permissions": _common_permissions([role for role, _ in roles]),
            "rows": rows,
            "masks": {**common, **masks},
            "lists": [name for role, datasets in roles for name in role.lists if name in datasets],
            "export_limit": min(
                (role.export_limit for role, _ in roles if role.export_limit is not None), default=None
            ),
        }
    )


def _rows(role: Role, datasets: Datasets) -> dict[str, str]:
    """Return the rules by dataset, with `*` written out."""
    everywhere = role.rows.get("*")
    found: dict[str, str] = dict.fromkeys(datasets, everywhere) if everywhere is not None else {}
    return found | {name: rule for name, rule in role.rows.items() if name != "*"}


def _masks(role: Role, datasets: Datasets) -> dict[str, str]:
    """Return the masks of every column of personal data, the most specific rule of each."""
    found = {}
    for dataset in datasets.values():
        for name, column in dataset.columns.items():
            if column.pii:
                rules: Iterable[str] = (f"{dataset.name}.{name}", column.pii, "*")
                found[f"{dataset.name}.{name}"] = next((role.masks[key] for key in rules if key in role.masks), "hide")
    return found


def _common_permissions(roles: Sequence[Role]) -> list[str]:
    """Return what all the roles allow; `*` allows everything."""
    limited: list[set[str]] = [set(role.permissions) for role in roles if "*" not in role.permissions]
    return sorted(set.intersection(*limited)) if limited else ["*"]
