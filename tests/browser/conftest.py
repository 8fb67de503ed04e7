"""A real browser in front of a served workspace. In CI the browser must be there; elsewhere its absence skips."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from browsing import Visit
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from company_cast import PASSWORD, company_home, people
from sightline.accounts.models import User

__all__ = ["company_home", "people"]


@pytest.fixture
def visit(
    transactional_db: None, people: dict[str, User], live_server: LiveServer, chromium: Browser
) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens a window: `visit("lead", width=390, dark=True)`. Nobody is not signed in."""
    opened: list[Visit] = []

    def open_window(who: str = "", *, width: int = 1440, dark: bool = False) -> Visit:
        window = Visit.open(chromium, root=live_server.url, width=width, dark=dark)
        opened.append(window)
        if who:
            window.sign_in(f"{who}@example.org", PASSWORD)
        return window

    yield open_window
    for window in opened:
        window.close()
