"""Adding, changing and removing members."""

from __future__ import annotations

import pytest
from django.core import mail

from cast import NOW, Cast
from sightline.accounts.access import PermissionMissing
from sightline.accounts.actions.add_member import NotAnAddress, add_member
from sightline.accounts.actions.change_member import change_member
from sightline.accounts.actions.remove_member import remove_member
from sightline.accounts.members import AlreadyMember, AttributeMissing, LastAdmin
from sightline.accounts.models import AuditEntry, Membership, SavedFilter, User
from sightline.definitions.catalog import UnknownName
from sightline.errors import NotFound

pytestmark = pytest.mark.req("PRG-4.1", "PLT-8")


def test_a_new_person_gets_an_account_and_a_link_to_choose_a_password(cast: Cast) -> None:
    added = add_member(
        access=cast.access(cast.owner),
        email="New@Cast.test",
        role="school_partner",
        attributes={"school": ["education", " education ", ""]},
        now=NOW,
        link=lambda uid, token: f"https://x.test/{uid}/{token}",
    )
    assert added.is_new
    assert added.user.email == "new@cast.test"
    assert not added.user.has_usable_password()
    assert added.membership.attributes == {"school": ["education"]}
    assert "https://x.test/" in str(mail.outbox[0].body)
    entry = AuditEntry.objects.get(verb="member_added")
    assert (entry.actor, entry.object, entry.detail["role"]) == ("owner@cast.test", "new@cast.test", "school_partner")


def test_somebody_with_an_account_is_added_without_a_mail(cast: Cast) -> None:
    added = add_member(
        access=cast.access(cast.owner),
        email="stranger@cast.test",
        role="reader",
        attributes={},
        now=NOW,
        link=lambda *_: "",
    )
    assert not added.is_new
    assert not mail.outbox
    assert cast.access(cast.stranger).allows("view")


@pytest.mark.parametrize("who", ["analyst", "viewer", "partner"])
def test_only_who_manages_members_may_change_them(cast: Cast, who: str) -> None:
    access = cast.access(getattr(cast, who))
    with pytest.raises(PermissionMissing):
        add_member(access=access, email="new@cast.test", role="reader", attributes={}, now=NOW)
    with pytest.raises(PermissionMissing):
        change_member(access=access, email=access.user.email, role="admin", attributes={}, now=NOW)
    with pytest.raises(PermissionMissing):
        remove_member(access=access, email="owner@cast.test", now=NOW)
    assert Membership.objects.count() == 4
    assert not AuditEntry.objects.exists()


def test_wrong_input_is_refused_with_what_is_allowed(cast: Cast) -> None:
    access = cast.access(cast.owner)
    with pytest.raises(UnknownName, match='did you mean "reader"'):
        add_member(access=access, email="new@cast.test", role="readr", attributes={}, now=NOW)
    with pytest.raises(NotAnAddress, match=r"new\.at\.cast"):
        add_member(access=access, email="new.at.cast", role="reader", attributes={}, now=NOW)
    with pytest.raises(AlreadyMember):
        add_member(access=access, email="VIEWER@cast.test", role="reader", attributes={}, now=NOW)
    with pytest.raises(AttributeMissing, match="school"):
        add_member(access=access, email="new@cast.test", role="school_partner", attributes={}, now=NOW)
    with pytest.raises(NotFound):
        change_member(access=access, email="stranger@cast.test", role="reader", attributes={}, now=NOW)
    assert not User.objects.filter(email="new@cast.test").exists()


def test_a_change_is_in_force_at_the_next_request_and_recorded(cast: Cast) -> None:
    change_member(access=cast.access(cast.owner), email="viewer@cast.test", role="leadership", attributes={}, now=NOW)
    assert cast.access(cast.viewer).allows("export")
    detail = AuditEntry.objects.get(verb="member_changed").detail
    assert (detail["before"]["role"], detail["after"]["role"]) == ("reader", "leadership")


def test_a_removed_member_sees_nothing_from_the_next_request_on(cast: Cast) -> None:
    SavedFilter.objects.create(user=cast.viewer, workspace="programs", dashboard="shelf", name="mine")
    remove_member(access=cast.access(cast.owner), email="viewer@cast.test", now=NOW)
    with pytest.raises(NotFound):
        cast.access(cast.viewer)
    assert not SavedFilter.objects.exists()


def test_the_last_admin_can_neither_leave_nor_step_down(cast: Cast) -> None:
    access = cast.access(cast.owner)
    with pytest.raises(LastAdmin):
        remove_member(access=access, email="owner@cast.test", now=NOW)
    with pytest.raises(LastAdmin):
        change_member(access=access, email="owner@cast.test", role="reader", attributes={}, now=NOW)
    assert cast.access(cast.owner).allows("manage_members")
    change_member(access=access, email="analyst@cast.test", role="admin", attributes={}, now=NOW)
    remove_member(access=access, email="owner@cast.test", now=NOW)


def test_an_admin_with_a_closed_account_does_not_count_as_one(cast: Cast) -> None:
    access = cast.access(cast.owner)
    change_member(access=access, email="analyst@cast.test", role="admin", attributes={}, now=NOW)
    User.objects.filter(email="analyst@cast.test").update(is_active=False)
    with pytest.raises(LastAdmin):
        remove_member(access=access, email="owner@cast.test", now=NOW)
