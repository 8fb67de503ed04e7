"""Changing a member's role and attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.accounts.members import checked_attributes, checked_role, member_of, refuse_without_admin
from sightline.accounts.models import Membership


def change_member(
    *, access: Access, email: str, role: str, attributes: Mapping[str, Sequence[str]], now: datetime
) -> Membership:
    """Give a member another role or other attributes; the last admin keeps a role that manages members."""
    access.require("manage_members")
    chosen = checked_role(access.folder.catalog, role)
    values = checked_attributes(access.folder.catalog, chosen, attributes)
    with transaction.atomic():
        membership = member_of(access.workspace, email)
        before = {"role": membership.role, "attributes": membership.attributes}
        membership.role, membership.attributes = chosen, values
        membership.save(update_fields=["role", "attributes"])
        refuse_without_admin(access.folder)
        audit.record(
            workspace=access.workspace,
            actor=access.actor,
            verb="member_changed",
            object=membership.user.email,
            detail={"before": before, "after": {"role": chosen, "attributes": values}},
            now=now,
        )
    return membership
