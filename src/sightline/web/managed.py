"""What a person who changes data by hand can do with one member: correct its values, archive it, restore it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from sightline.accounts.access import Access
from sightline.ingest.actions.archive_member import home_of_members
from sightline.ingest.own_rows import may_archive, may_enter
from sightline.web.shell import base_of


def managed(access: Access, entity: str, key: str, *, is_archived: bool) -> dict[str, Any]:
    """Return the addresses that the head of a member's page offers; nothing for who may not change the member."""
    dataset = home_of_members(access.folder.catalog, entity) if key else None
    if dataset is None or dataset.primary is None or not may_enter(access, dataset.name):
        return {}
    base = base_of(access.workspace)
    found = {}
    if dataset.key_columns == (dataset.primary[1].column,):
        query = urlencode({f"k:{dataset.primary[1].column}": key})
        found["correct_href"] = f"{base}data/{dataset.name}/enter?{query}"
    if dataset.archived and may_archive(access, dataset.name):
        found["archive_href"] = archive_address(access, entity, key, archived=not is_archived)
    return found


def archive_address(access: Access, entity: str, key: str, *, archived: bool) -> str:
    """Return where somebody is asked whether a member is to be archived, or restored."""
    query = urlencode({"entity": entity, "key": key, "archived": "1" if archived else "0"})
    return f"{base_of(access.workspace)}data/archive?{query}"
