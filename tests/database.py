"""The test database."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from sightline.accounts import append_only


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Take the triggers of the audit log away: tests that commit empty the tables afterwards.

    The tests of the triggers install them again inside their own transaction.
    """
    with django_db_blocker.unblock():
        append_only.remove(connection)
