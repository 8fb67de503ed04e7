"""A session ends when it should, and who was switched off is nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from sightline.accounts.models import User
from sightline.config.signed_in import AccountBackend, SessionStore

pytestmark = pytest.mark.django_db


def test_a_session_is_over_when_its_time_is() -> None:
    store = SessionStore()
    store["seen"] = "yes"
    store.save()
    key = store.session_key
    assert SessionStore(key).get("seen") == "yes"
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    late = SessionStore(key)
    assert late.get("seen") is None
    assert late.session_key is None
    assert SessionStore("0" * 32).get("seen") is None


def test_a_person_who_was_switched_off_is_nobody() -> None:
    person = User.objects.create_user(email="ada@club.test", name="Ada", password="correct horse battery")
    backend = AccountBackend()
    assert backend.get_user(person.pk) == person
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert backend.get_user(person.pk) is None
    assert backend.get_user(person.pk + 1) is None
