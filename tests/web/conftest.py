"""The cast, each in a browser without a screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from company_cast import company_home, people
from sightline.accounts.models import User

__all__ = ["company_home", "people"]


@pytest.fixture
def as_(people: dict[str, User]) -> Callable[[str], Client]:
    """Return a function from a member of the cast to a browser in which they are signed in."""

    def client(name: str) -> Client:
        browser = Client()
        browser.force_login(people[name])
        return browser

    return client
