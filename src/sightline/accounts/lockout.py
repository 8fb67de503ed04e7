"""How repeated failures to sign in slow down further tries.

`ACCOUNT_FAILURES` failures for one account, or `ADDRESS_FAILURES` from one address, within `WINDOW` lock it for a time
that doubles with each further failure. Unknown accounts count like known ones, so the lock tells nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from sightline.accounts.models import SignInAttempt
from sightline.accounts.one_at_a_time import one_at_a_time
from sightline.errors import UserError

WINDOW = timedelta(minutes=15)
ACCOUNT_FAILURES = 5
ADDRESS_FAILURES = 20
FIRST_DELAY = timedelta(seconds=30)


class SignInLocked(UserError):
    """Too many failures: wait. `retry_after` is in seconds."""

    code = "SL-E042"
    permanent = False

    def __init__(self, retry_after: int) -> None:
        wait = f"{retry_after} seconds" if retry_after < 120 else f"{-(-retry_after // 60)} minutes"
        super().__init__("Too many failed tries to sign in.", hint=f"Try again in {wait}, or reset the password.")
        self.retry_after = retry_after


def begin_attempt(*, email: str, address: str, now: datetime) -> SignInAttempt:
    """Write down a try, as failed until proven otherwise; raise SignInLocked when it comes too early."""
    with transaction.atomic():
        one_at_a_time("sign_in")  # guesses that come at the same moment must count each other
        recent = SignInAttempt.objects.filter(at__gt=now - WINDOW, succeeded=False)
        success = SignInAttempt.objects.filter(email=email, succeeded=True).order_by("-at").first()
        of_account = recent.filter(email=email)
        if success is not None:
            of_account = of_account.filter(at__gt=success.at)
        free_at = max(
            _free_at(of_account, allowed=ACCOUNT_FAILURES, now=now),
            # an address is shared by people behind one router; a success of one does not clear what another tried
            _free_at(recent.filter(address=address), allowed=ADDRESS_FAILURES, now=now) if address else now,
        )
        if free_at > now:
            raise SignInLocked(max(1, round((free_at - now).total_seconds())))
        return SignInAttempt.objects.create(email=email, address=address, at=now)


def _free_at(failures: QuerySet[SignInAttempt], *, allowed: int, now: datetime) -> datetime:
    """Return when the next try may come."""
    times: list[datetime] = list(failures.order_by("-at").values_list("at", flat=True)[: allowed + 10])
    if len(times) < allowed:
        return now
    return times[0] + min(FIRST_DELAY * (1 << (len(times) - allowed)), WINDOW)


def forget_old_attempts(*, now: datetime) -> int:
    """Delete what no longer counts; return how many. Run by the worker."""
    return SignInAttempt.objects.filter(at__lt=now - timedelta(days=30)).delete()[0]
