"""The one door to a workspace: who asks, in which role, seeing what.

Pages, API and actions take an `Access`; nothing else makes a viewer for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from sightline.accounts.models import ApiToken, Membership, User
from sightline.accounts.prepared import Prepared
from sightline.definitions.catalog import Catalog, UnknownName
from sightline.definitions.policy import NOTHING, SYSTEM, Policy, Viewer, handed_to, policy_of, seen_catalog
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.roles import Role
from sightline.errors import NotAllowed, NotFound
from sightline.home import Home, WorkspaceFolder

SCOPES: dict[str, frozenset[str]] = {
    "read": frozenset({"view", "see_rows", "export"}),
    "import": frozenset({"import_data", "see_quarantine", "edit_data"}),
    "admin": frozenset({"*"}),
}
"""What a token's scope lets through of its person's permissions. Of what needs `edit_data` the API gives a token with
`import` only the trying again of held rows; the rest takes `admin` (`api.auth.admin_access_to`)."""

DOES = {
    "view": "see this workspace",
    "see_rows": "see the rows behind a number",
    "export": "export",
    "use_api": "make API tokens",
    "import_data": "import data",
    "edit_data": "change data by hand",
    "manage_sources": "manage sources",
    "see_quarantine": "see quarantined rows",
    "manage_members": "manage members",
    "manage_settings": "change settings",
    "edit_definitions": "edit definitions",
    "manage_alerts": "manage alerts",
    "decide": "record decisions",
    "comment": "comment",
    "see_audit": "read the audit log",
}


_membership = Prepared(Membership.objects, user="exact", workspace="exact")


class PermissionMissing(NotAllowed):
    """The role, or the token's scope, lacks a permission."""

    code = "SL-E005"


class NotSignedIn(NotAllowed):
    """Nobody is signed in, and no token was given."""

    code = "SL-E006"


@dataclass(frozen=True)
class Access:
    """A person's access to one workspace. `actor` names them in the audit log; `role` is None when it is gone."""

    user: User
    membership: Membership
    folder: WorkspaceFolder
    role: Role | None
    viewer: Viewer
    actor: str

    @property
    def catalog(self) -> Catalog:
        """The definitions of the packs of which they see anything, and the dashboards that are for their role.

        What is read of others stays empty in any case.
        """
        policy = self.viewer.policy
        return handed_to(seen_catalog(self.folder.catalog, policy), role=self.membership.role, policy=policy)

    @property
    def workspace(self) -> str:
        return self.folder.name

    @property
    def role_label(self) -> str:
        return label_of(self.membership.role, self.role.label if self.role else "")

    def allows(self, permission: str) -> bool:
        return self.viewer.policy.allows(permission)

    def require(self, permission: str) -> None:
        """Raise PermissionMissing unless the viewer has the permission."""
        if not self.allows(permission):
            raise PermissionMissing(
                f"Your role ({self.role_label}) does not let you {DOES.get(permission, permission)} here.",
                hint="An admin of this workspace can change your role.",
            )


@dataclass(frozen=True)
class Place:
    """A workspace as its member sees it in a list."""

    name: str
    label: str
    role: str


def current_home() -> Home:
    """Return the home folder of this installation."""
    return Home.open(Path(settings.SIGHTLINE_HOME))


def open_workspace(who: User | ApiToken | AnonymousUser, name: str) -> Access:
    """Return the access of a person, or of a token within its scopes, to a workspace.

    Raises NotFound, in the same words, for a workspace that does not exist and for one that the person is no member of.
    """
    user = who.user if isinstance(who, ApiToken) else who
    if not isinstance(user, User) or not user.is_active:
        raise NotSignedIn("Sign in first.")
    membership = _membership.first(user=user.pk, workspace=name)
    try:
        folder = current_home().workspace(name)
    except UnknownName:  # its own words name other workspaces
        folder = None
    if membership is None or folder is None:
        raise NotFound(f'there is no workspace "{name}" that you can open', hint="Ask its admin to add you.")
    membership.user = user
    access = _access(user, membership, folder)
    return access if not isinstance(who, ApiToken) else _within_scopes(access, who)


def workspaces_of(user: User) -> list[Place]:
    """Return the workspaces a person is a member of, by label."""
    home = current_home()
    existing = set(home.workspaces())
    places = []
    for membership in Membership.objects.filter(user=user, workspace__in=existing):
        catalog = home.workspace(membership.workspace).catalog
        role = catalog.roles.get(membership.role)
        label = catalog.settings.branding.name or label_of(membership.workspace, catalog.settings.label)
        places.append(Place(membership.workspace, label, label_of(membership.role, role.label if role else "")))
    return sorted(places, key=lambda place: place.label.lower())


def seen_as(access: Access, *, role: str, attributes: Mapping[str, Sequence[str]]) -> Access:
    """Return the workspace as a member with this role and these attributes would see it: for admins."""
    access.require("manage_members")
    membership = Membership(user=access.user, workspace=access.workspace, role=role, attributes=dict(attributes))
    seen = _access(access.user, membership, access.folder)
    return replace(seen, actor=access.actor)


def operator_access(folder: WorkspaceFolder) -> Access:
    """Return the access of whoever runs commands on this machine: they hold the files, so nothing is kept from them."""
    user = User(email="operator", name="Command line")
    membership = Membership(user=user, workspace=folder.name, role="operator")
    return Access(user, membership, folder, None, Viewer("operator", SYSTEM), "operator")


def _access(user: User, membership: Membership, folder: WorkspaceFolder) -> Access:
    role = folder.catalog.roles.get(membership.role)
    policy = policy_of(role, membership.attributes) if role is not None else NOTHING
    return Access(user, membership, folder, role, Viewer(user.email, policy), user.email)


def _within_scopes(access: Access, token: ApiToken) -> Access:
    allowed: set[str] = set().union(*(SCOPES.get(scope, frozenset()) for scope in token.scopes))
    policy = replace(access.viewer.policy, permissions=_common(access.viewer.policy, allowed))
    return replace(access, viewer=replace(access.viewer, policy=policy), actor=f"{access.actor} (token {token.prefix})")


def _common(policy: Policy, allowed: set[str]) -> frozenset[str]:
    if "*" in allowed:
        return policy.permissions
    return frozenset(allowed) if "*" in policy.permissions else policy.permissions & allowed
