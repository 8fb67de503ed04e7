"""API tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cast import NOW, Cast
from sightline.accounts.access import PermissionMissing, open_workspace
from sightline.accounts.actions.create_token import NewToken, TokenNotMade, create_token
from sightline.accounts.actions.remove_member import remove_member
from sightline.accounts.actions.revoke_token import revoke_token
from sightline.accounts.models import ApiToken, AuditEntry, User
from sightline.accounts.tokens import TokenRefused, authenticate_token
from sightline.errors import NotFound

pytestmark = pytest.mark.req("PLT-8")


def make(user: User, *scopes: str, days: int | None = None) -> NewToken:
    ends = NOW + timedelta(days=days) if days else None
    return create_token(user=user, name="test", scopes=scopes or ("read",), expires_at=ends, now=NOW)


def test_only_a_hash_of_the_secret_is_kept(cast: Cast) -> None:
    made = make(cast.owner)
    kept = str(list(ApiToken.objects.values())) + str(list(AuditEntry.objects.values()))
    assert made.secret not in kept
    assert made.secret.split("_", 2)[2] not in kept


def test_a_token_acts_for_its_person_and_remembers_its_use(cast: Cast) -> None:
    made = make(cast.partner)
    token = authenticate_token(token=made.secret, now=NOW + timedelta(hours=1))
    access = open_workspace(token, "programs")
    assert access.user == cast.partner
    assert access.viewer.policy.attributes == {"school": ("business",)}
    assert access.actor == f"partner@cast.test (token {made.token.prefix})"
    assert ApiToken.objects.get().last_used_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("scopes", "may", "may_not"),
    [
        (("read",), {"view", "see_rows", "export"}, {"import_data", "manage_members", "manage_settings", "see_audit"}),
        (("import",), {"import_data", "see_quarantine"}, {"view", "export", "manage_members"}),
        (("read", "import"), {"view", "import_data"}, {"manage_members"}),
        (("admin",), {"view", "import_data", "manage_members", "see_audit"}, set()),
    ],
)
def test_a_scope_narrows_what_an_admin_may(
    cast: Cast, scopes: tuple[str, ...], may: set[str], may_not: set[str]
) -> None:
    access = open_workspace(make(cast.owner, *scopes).token, "programs")
    assert {permission for permission in may | may_not if access.allows(permission)} == may


def test_a_scope_never_widens_a_role(cast: Cast) -> None:
    access = open_workspace(make(cast.partner, "admin", "import").token, "programs")
    assert access.viewer.policy.permissions == cast.access(cast.partner).viewer.policy.permissions


@pytest.mark.parametrize("secret", ["", "sl_", "sl__", "Bearer x", "sl_00000000_" + "x" * 43])
def test_a_made_up_token_is_refused(cast: Cast, secret: str) -> None:
    make(cast.owner)
    with pytest.raises(TokenRefused):
        authenticate_token(token=secret, now=NOW)


def test_the_right_prefix_with_another_secret_is_refused(cast: Cast) -> None:
    made = make(cast.owner)
    with pytest.raises(TokenRefused):
        authenticate_token(token=made.secret[:-1] + ("a" if made.secret[-1] != "a" else "b"), now=NOW)


def test_a_token_ends_on_its_day_when_revoked_and_with_its_account(cast: Cast) -> None:
    ending = make(cast.owner, days=1)
    authenticate_token(token=ending.secret, now=NOW + timedelta(hours=23))
    with pytest.raises(TokenRefused):
        authenticate_token(token=ending.secret, now=NOW + timedelta(hours=24))
    revoked = make(cast.owner)
    revoke_token(user=cast.owner, prefix=revoked.token.prefix, now=NOW)
    with pytest.raises(TokenRefused):
        authenticate_token(token=revoked.secret, now=NOW)
    closed = make(cast.owner)
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    with pytest.raises(TokenRefused):
        authenticate_token(token=closed.secret, now=NOW)


def test_a_token_opens_nothing_once_its_person_left_the_workspace(cast: Cast) -> None:
    made = make(cast.partner)
    remove_member(access=cast.access(cast.owner), email=cast.partner.email, now=NOW)
    with pytest.raises(NotFound):
        open_workspace(authenticate_token(token=made.secret, now=NOW), "programs")


def test_making_one_needs_a_role_that_may_use_the_api(cast: Cast) -> None:
    for user in (cast.viewer, cast.stranger):
        with pytest.raises(PermissionMissing):
            make(user)
    operator = create_token(user=cast.viewer, name="x", scopes=["read"], expires_at=None, now=NOW, by_operator=True)
    assert open_workspace(operator.token, "programs").viewer.policy.permissions == {"view"}


def test_unknown_scopes_and_past_ends_are_refused(cast: Cast) -> None:
    with pytest.raises(TokenNotMade, match='did you mean "read"'):
        make(cast.owner, "reed")
    with pytest.raises(TokenNotMade, match="past"):
        create_token(user=cast.owner, name="x", scopes=["read"], expires_at=NOW, now=NOW)
    with pytest.raises(TokenNotMade, match="at least one"):
        create_token(user=cast.owner, name="x", scopes=[], expires_at=None, now=NOW)


def test_nobody_revokes_the_token_of_another(cast: Cast) -> None:
    made = make(cast.owner)
    with pytest.raises(NotFound):
        revoke_token(user=cast.analyst, prefix=made.token.prefix, now=NOW)
    revoke_token(user=None, prefix=made.token.prefix, now=NOW)
    assert AuditEntry.objects.get(verb="token_revoked").actor == "operator"
