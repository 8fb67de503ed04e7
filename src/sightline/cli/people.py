"""Finding people by address."""

from __future__ import annotations

from sightline.accounts.models import User
from sightline.definitions.catalog import did_you_mean
from sightline.errors import NotFound


class UnknownPerson(NotFound):
    """Nobody has this e-mail address."""

    code = "SL-E061"


def person(email: str) -> User:
    """Return the person of this address."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        known = User.objects.values_list("email", flat=True)
        raise UnknownPerson(f'nobody has the address "{email}"', hint=did_you_mean(email, known))
    return user
