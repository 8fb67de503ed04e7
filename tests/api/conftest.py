"""A workspace of generated leads and the cast: owner, analyst, partner of one school, stranger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from api_client import Api
from pytest_django import Settings

from lead_home import make_lead_home
from sightline.accounts.actions.create_token import create_token
from sightline.accounts.models import Membership, User
from sightline.api.limits import LIMITS

CAST: Mapping[str, tuple[str, dict[str, list[str]]]] = {
    "owner": ("admin", {}),
    "analyst": ("reader", {}),
    "partner": ("partner", {"school": ["School 1"]}),
    "clerk": ("clerk", {}),
}


@pytest.fixture(scope="session")
def lead_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the workspaces `demo` and `other`, with the same generated leads in the first."""
    return make_lead_home(tmp_path_factory.mktemp("api") / "home")


@pytest.fixture
def people(lead_home: Path, settings: Settings, db: None) -> Iterator[dict[str, User]]:
    """Give the cast by name. The stranger is a member of another workspace only."""
    settings.SIGHTLINE_HOME = lead_home
    settings.ROOT_URLCONF = "api_only_urls"
    settings.STATIC_ROOT = lead_home / "static"
    LIMITS.reset()
    cast = {name: User.objects.create_user(f"{name}@example.org") for name in (*CAST, "stranger")}
    for name, (role, attributes) in CAST.items():
        Membership.objects.create(user=cast[name], workspace="demo", role=role, attributes=attributes)
    Membership.objects.create(user=cast["stranger"], workspace="other", role="admin")
    yield cast
    LIMITS.reset()


@pytest.fixture
def as_(people: dict[str, User]) -> Callable[..., Api]:
    """Return a function from a member of the cast to the API as that member: `as_("owner", "read")`."""

    def api(name: str, *scopes: str) -> Api:
        made = create_token(
            user=people[name],
            name="test",
            scopes=scopes or ("read",),
            expires_at=None,
            now=datetime.now(UTC),
            by_operator=True,
        )
        return Api(made.secret)

    return api


@pytest.fixture
def nobody(people: dict[str, User]) -> Api:
    """Return the API without a token."""
    return Api(None)
