"""Mails about accounts."""

from __future__ import annotations

import logging
import threading
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage

log = logging.getLogger(__name__)

RESET = """Somebody, probably you, asked for a new password for {email}.

Set it here within one hour:
{link}

If it was not you, do nothing: your password stays as it is.
"""
INVITATION = """{by} added you to {workspace} in Sightline, as {role}.

Choose your password within one hour:
{link}

Later, "Forgot password" on the sign-in page sends a new link.
"""


def send(*, to: str, subject: str, text: str) -> None:
    """Send a mail; a failing mail server is logged, not shown: the page must not tell who has an account."""
    message = EmailMessage(subject=subject, body=text, to=[to])
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        # in the background: otherwise the time to answer would tell whether an account exists
        threading.Thread(target=_send, args=(message,)).start()
    else:
        _send(message)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (OSError, SMTPException):
        log.exception("a mail to %s could not be sent", message.to)
