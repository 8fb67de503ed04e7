"""Saving a selection of a dashboard under a name."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.accounts.models import SavedFilter
from sightline.errors import NotFound, UserError

MOST = 100


class FilterNotSaved(UserError):
    """The name is missing, too long, or there are too many."""

    code = "SL-E049"


def save_filter(
    *, access: Access, dashboard: str, name: str, query: str, is_default: bool, now: datetime
) -> SavedFilter:
    """Save the query string of a dashboard's address, replacing one of the same name; one is the default."""
    access.require("view")
    access.catalog.dashboard(dashboard)
    name = " ".join(name.split())
    mine = SavedFilter.objects.filter(user=access.user, workspace=access.workspace, dashboard=dashboard)
    if not 0 < len(name) <= 80 or len(query) > 4000:
        raise FilterNotSaved("A saved filter needs a name of at most 80 characters.", hint=f"This one has {len(name)}.")
    with transaction.atomic():
        if mine.exclude(name=name).count() >= MOST:
            raise FilterNotSaved(f"There are {MOST} saved filters on this dashboard.", hint="Delete one first.")
        if is_default:
            mine.filter(is_default=True).update(is_default=False)
        saved, _ = SavedFilter.objects.update_or_create(
            user=access.user,
            workspace=access.workspace,
            dashboard=dashboard,
            name=name,
            defaults={"query": query.lstrip("?"), "is_default": is_default},
        )
        _record(access, "filter_saved", saved, now)
    return saved


def delete_filter(*, access: Access, filter_id: int, now: datetime) -> None:
    """Delete one of the person's own saved filters."""
    access.require("view")
    with transaction.atomic():
        saved = SavedFilter.objects.filter(pk=filter_id, user=access.user, workspace=access.workspace).first()
        if saved is None:
            raise NotFound("there is no such saved filter")
        _record(access, "filter_deleted", saved, now)
        saved.delete()


def _record(access: Access, verb: str, saved: SavedFilter, now: datetime) -> None:
    audit.record(
        workspace=access.workspace,
        actor=access.actor,
        verb=verb,
        object=f"{saved.dashboard} › {saved.name}",
        detail={"query": saved.query, "is_default": saved.is_default},
        now=now,
    )
