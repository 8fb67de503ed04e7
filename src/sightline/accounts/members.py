"""Rules about members that several actions share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sightline.accounts.models import Membership
from sightline.definitions.catalog import Catalog, UnknownName
from sightline.errors import NotFound, UserError
from sightline.home import WorkspaceFolder

USED = re.compile(r"\$user\.([a-z][a-z0-9_]*)")


class AlreadyMember(UserError):
    """The person is in the workspace already."""

    code = "SL-E052"


class LastAdmin(UserError):
    """The change would leave a workspace that nobody can manage."""

    code = "SL-E053"


class AttributeMissing(UserError):
    """The role's row policy needs an attribute that was not given."""

    code = "SL-E054"


def checked_role(catalog: Catalog, role: str) -> str:
    """Return the role's name, or raise with the roles there are."""
    if role not in catalog.roles:
        raise UnknownName("role", role, catalog.roles)
    return role


def attributes_of_role(catalog: Catalog, role: str) -> list[str]:
    """Return which attributes the role's row policy uses."""
    return sorted({name for rule in catalog.roles[role].rows.values() for name in USED.findall(rule)})


def checked_attributes(catalog: Catalog, role: str, attributes: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the attributes as they are kept: lists of distinct, non-empty texts."""
    values = {
        name.strip(): sorted({str(value).strip() for value in given if str(value).strip()})
        for name, given in attributes.items()
    }
    values = {name: given for name, given in values.items() if name and given}
    missing = [name for name in attributes_of_role(catalog, role) if name not in values]
    if missing:
        raise AttributeMissing(
            f'the role "{role}" needs the attribute "{missing[0]}": without it the member would see nothing',
            hint=f"Give it as {missing[0]}=<value>.",
        )
    return values


def member_of(workspace: str, email: str) -> Membership:
    """Return a member by e-mail address, locked against other changes until the transaction ends."""
    # lock all: two admins who remove each other at the same moment must not both succeed
    of_workspace = Membership.objects.filter(workspace=workspace).select_related("user")
    members = list(of_workspace.select_for_update(of=("self",)))
    for membership in members:
        if membership.user.email == email.strip().lower():
            return membership
    raise NotFound(f"{email} is not a member of this workspace", hint="The members page lists them.")


def refuse_without_admin(folder: WorkspaceFolder) -> None:
    """Raise LastAdmin when no active member may manage members (call inside the transaction that changed them)."""
    managing = [name for name, role in folder.catalog.roles.items() if {"*", "manage_members"} & set(role.permissions)]
    if not Membership.objects.filter(workspace=folder.name, role__in=managing, user__is_active=True).exists():
        raise LastAdmin("This would leave the workspace without an admin.", hint="Make somebody else admin first.")
