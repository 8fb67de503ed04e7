"""Who calls: a bearer token, or for reading the session of the same browser. And the door to a workspace."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from sightline.accounts.access import Access, NotSignedIn, PermissionMissing, open_workspace
from sightline.accounts.audit import record_access
from sightline.accounts.models import ApiToken, User
from sightline.accounts.tokens import authenticate_token
from sightline.api.limits import LIMITS

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Bearer(HttpBearer):
    """`Authorization: Bearer sl_…`: acts for the token's person, within the token's scopes."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:  # noqa: ARG002 (Ninja's signature)
        found = authenticate_token(token=token.strip(), now=request_time())
        LIMITS.spend(f"token {found.prefix}")
        return found


class SignedIn(APIKeyCookie):
    """The session of the pages, for requests that only read. Other sites cannot use it: the cookie is SameSite=Lax."""

    def __init__(self, *, param_name: str) -> None:
        self.param_name = param_name
        super().__init__(csrf=False)  # reading only, see authenticate

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:  # noqa: ARG002 (the key is read by Django)
        user = getattr(request, "user", AnonymousUser())
        if not isinstance(user, User):
            return None
        if request.method not in READING:
            raise NotSignedIn(
                "A session may only read here.", hint="Send an API token: `Authorization: Bearer <token>`."
            )
        LIMITS.spend(f"user {user.pk}")
        return user


def caller_of(request: HttpRequest) -> ApiToken | User:
    """Return the token or person that was authenticated."""
    caller = getattr(request, "auth", None)
    if isinstance(caller, ApiToken | User):
        return caller
    raise NotSignedIn("No valid API token was sent.")


def access_to(request: HttpRequest, workspace: str, *, permission: str = "view") -> Access:
    """Return the caller's access. Raises NotFound, in the same words, for an unknown workspace and another's."""
    access = open_workspace(caller_of(request), workspace)
    access.require(permission)
    return access


def admin_access_to(request: HttpRequest, workspace: str, *, permission: str) -> Access:
    """Return the access of a token with the scope `admin`: for changes by hand, not for tokens that only import."""
    access = access_to(request, workspace, permission=permission)
    caller = caller_of(request)
    if isinstance(caller, ApiToken) and "admin" not in caller.scopes:
        raise PermissionMissing(
            "This token's scope does not let it change data by hand.", hint='Make a token with the scope "admin".'
        )
    return access


def note_access(access: Access, request: HttpRequest, *, verb: str, thing: str) -> None:
    """Write into the audit log that data was looked at."""
    record_access(
        workspace=access.workspace,
        actor=access.actor,
        verb=verb,
        object=thing,
        now=request_time(),
        address=request.META.get("REMOTE_ADDR", ""),
    )


def request_time() -> datetime:
    """Return now: below this layer time is an argument."""
    return datetime.now(UTC)
