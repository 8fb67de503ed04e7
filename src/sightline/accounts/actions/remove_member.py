"""Taking a person out of a workspace."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.accounts.members import member_of, refuse_without_admin
from sightline.accounts.models import SavedFilter


def remove_member(*, access: Access, email: str, now: datetime) -> None:
    """Take a member out, never the last admin. From the next request on they see nothing."""
    access.require("manage_members")
    with transaction.atomic():
        membership = member_of(access.workspace, email)
        detail = {"role": membership.role, "attributes": membership.attributes}
        SavedFilter.objects.filter(user=membership.user, workspace=access.workspace).delete()
        membership.delete()
        refuse_without_admin(access.folder)
        audit.record(
            workspace=access.workspace,
            actor=access.actor,
            verb="member_removed",
            object=membership.user.email,
            detail=detail,
            now=now,
        )
