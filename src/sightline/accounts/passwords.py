"""What a password must be, and the links that let a person set one."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from sightline.accounts.models import User
from sightline.errors import UserError


class PasswordTooWeak(UserError):
    """The new password breaks a rule. `problems` has a sentence for each."""

    code = "SL-E044"

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems), hint="Choose a longer, less guessable password.")
        self.problems = problems


class ResetLinkRefused(UserError):
    """The link to set a password was used, is too old or was never ours."""

    code = "SL-E046"


class _Tokens(PasswordResetTokenGenerator):
    """Django's token generator with the time as an argument."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._at = now.astimezone(UTC).replace(tzinfo=None)

    def _now(self) -> datetime:
        return self._at


def check_strength(password: str, *, user: User) -> None:
    """Raise PasswordTooWeak with every rule that the password breaks."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordTooWeak(list(error.messages)) from error


def reset_code(user: User, *, now: datetime) -> tuple[str, str]:
    """Return (uid, token) for a link; it dies with the next sign-in, password change or after an hour."""
    return urlsafe_base64_encode(force_bytes(user.pk)), _Tokens(now).make_token(user)


def user_of_reset_code(*, uid: str, token: str, now: datetime) -> User:
    """Return whose password the link may set, or raise ResetLinkRefused."""
    try:
        user = User.objects.filter(pk=int(urlsafe_base64_decode(uid).decode()), is_active=True).first()
    except (ValueError, OverflowError):
        user = None
    if user is None or not _Tokens(now).check_token(user, token):
        raise ResetLinkRefused("This link was used already or is too old.", hint="Ask for a new one.")
    return user
