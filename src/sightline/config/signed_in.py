"""Who is signed in: Django's sessions and accounts, read by prepared queries. This module is the session engine."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from sightline.accounts.models import User
from sightline.accounts.prepared import Prepared

_session = Prepared(Session.objects, session_key="exact", expire_date="gt")
_user = Prepared(User.objects, id="exact")


class SessionStore(DatabaseSessionStore):
    """Sessions in the database, as Django keeps them."""

    def _get_session_from_db(self) -> Session | None:
        found = _session.first(session_key=self.session_key, expire_date=timezone.now())
        if found is None:
            self._session_key = None
        return found


class AccountBackend(ModelBackend):
    """Passwords as Django checks them."""

    def get_user(self, user_id: Any) -> User | None:
        user = _user.first(id=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
