"""The members of a benchmark's workspace. Runs in a process whose settings are those of the benchmark's home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.core.management import call_command

from sightline.accounts.access import current_home, operator_access
from sightline.accounts.actions.add_member import add_member
from sightline.accounts.models import Membership


def add_people(*, password: str, emails: Sequence[str]) -> None:
    """Bring the application database up to date and add whoever is not a member yet."""
    call_command("migrate", verbosity=0)
    access = operator_access(current_home().workspace("bench"))
    known = set(Membership.objects.filter(workspace="bench").values_list("user__email", flat=True))
    for email in emails:
        if email not in known:
            added = add_member(access=access, email=email, role="reader", attributes={}, now=datetime.now(UTC))
            added.user.set_password(password)
            added.user.save()
