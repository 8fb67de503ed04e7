"""Letting a source go. The rows it brought stay: they belong to the workspace."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.errors import Conflict
from sightline.ingest.connections import source_named
from sightline.ingest.models import InboxBatch, SyncRun
from sightline.ingest.sync.claims import State


class SourceInUse(Conflict):
    """A source that is being read, or has records that are not stored yet."""

    code = "SL-E387"


def remove_source(*, access: Access, name: str, now: datetime) -> None:
    """Remove a source with its secrets, history and cursors. Raises SourceInUse while it works."""
    access.require("manage_sources")
    source = source_named(access.workspace, name)
    if SyncRun.objects.filter(source=source, state__in=(State.QUEUED, State.RUNNING)).exists():
        raise SourceInUse(f'source "{name}" is being read', hint="Stop the sync first.")
    if InboxBatch.objects.filter(source=source, state__in=("waiting", "taken")).exists():
        raise SourceInUse(f'source "{name}" has records that are not stored yet', hint="Try again in a few seconds.")
    with transaction.atomic():
        audit.record(
            workspace=access.workspace,
            actor=access.actor,
            verb="removed a source",
            object=name,
            detail={"before": source.spec},
            now=now,
        )
        source.delete()
