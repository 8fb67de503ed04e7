"""Who may open a workspace, and what they see of it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from cast import Cast
from sightline.accounts.access import (
    NotSignedIn,
    PermissionMissing,
    open_workspace,
    operator_access,
    seen_as,
    workspaces_of,
)
from sightline.accounts.models import Membership, User
from sightline.definitions.policy import NOTHING
from sightline.errors import NotFound

pytestmark = pytest.mark.req("PRG-4.1", "PLT-8")


@pytest.mark.parametrize(
    ("who", "may", "may_not"),
    [
        ("owner", {"view", "export", "manage_members", "manage_settings", "import_data", "see_audit"}, set()),
        (
            "analyst",
            {"view", "see_rows", "export", "manage_alerts"},
            {"manage_members", "manage_settings", "import_data"},
        ),
        ("partner", {"view", "see_rows", "export"}, {"manage_alerts", "manage_members", "see_quarantine", "see_audit"}),
        ("viewer", {"view"}, {"see_rows", "export", "use_api", "manage_members", "manage_alerts", "import_data"}),
    ],
)
def test_each_role_has_its_permissions(cast: Cast, who: str, may: set[str], may_not: set[str]) -> None:
    access = cast.access(getattr(cast, who))
    for permission in may:
        access.require(permission)
    for permission in may_not:
        with pytest.raises(PermissionMissing):
            access.require(permission)


def test_a_partner_sees_only_the_rows_of_the_own_school(cast: Cast) -> None:
    policy = cast.access(cast.partner).viewer.policy
    assert policy.rows_of("leads") == "school in $user.school"
    assert policy.attributes == {"school": ("business",)}
    assert policy.mask_of("leads", "email", "email") == "partial"


def test_a_stranger_cannot_tell_a_workspace_from_none(cast: Cast) -> None:
    messages = set()
    for name in ("programs", "absent"):
        with pytest.raises(NotFound) as refused:
            open_workspace(cast.stranger, name)
        messages.add(str(refused.value).replace(name, "…"))
    assert len(messages) == 1
    assert workspaces_of(cast.stranger) == []


@pytest.mark.parametrize("name", ["../programs", "programs/../programs", "", "Programs", "programs\x00"])
def test_a_name_cannot_leave_the_folder_of_workspaces(cast: Cast, name: str) -> None:
    with pytest.raises(NotFound):
        open_workspace(cast.owner, name)


def test_nobody_opens_a_workspace_without_signing_in(cast: Cast) -> None:
    with pytest.raises(NotSignedIn):
        open_workspace(AnonymousUser(), "programs")
    cast.owner.is_active = False
    with pytest.raises(NotSignedIn):
        open_workspace(cast.owner, "programs")


def test_a_member_whose_role_is_gone_sees_nothing(cast: Cast) -> None:
    Membership.objects.filter(user=cast.owner).update(role="retired_role")
    access = cast.access(cast.owner)
    assert access.viewer.policy == NOTHING
    assert access.role_label == "Retired role"
    with pytest.raises(PermissionMissing):
        access.require("view")


def test_an_attribute_that_is_missing_matches_nothing(cast: Cast) -> None:
    Membership.objects.filter(user=cast.partner).update(attributes={})
    assert cast.access(cast.partner).viewer.policy.attributes == {}


def test_the_list_of_workspaces_has_label_and_role(cast: Cast) -> None:
    assert [(p.name, p.label, p.role) for p in workspaces_of(cast.partner)] == [
        ("programs", "Programs", "School partner")
    ]


def test_an_admin_can_look_as_a_member_and_others_cannot(cast: Cast) -> None:
    seen = seen_as(cast.access(cast.owner), role="school_partner", attributes={"school": ["education"]})
    assert seen.viewer.policy.attributes == {"school": ("education",)}
    assert not seen.allows("manage_members")
    assert seen.actor == "owner@cast.test"
    with pytest.raises(PermissionMissing):
        seen_as(cast.access(cast.analyst), role="admin", attributes={})


def test_the_operator_of_the_machine_may_everything_and_is_no_account(cast: Cast) -> None:
    access = operator_access(cast.folder)
    access.require("manage_members")
    assert access.actor == "operator"
    assert not User.objects.filter(email="operator").exists()
