"""The source of a benchmark. Runs in a process whose settings are those of the benchmark's home."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.management import call_command

from sightline.accounts.access import current_home, operator_access
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.spec import spec_from

SPEC = {"source": "bench", "type": "webhook", "streams": {"events": {"dataset": "events"}}}


def add_source(*, secret: str) -> None:
    """Bring the application database up to date and add the source."""
    call_command("migrate", verbosity=0)
    access = operator_access(current_home().workspace("bench"))
    save_source(access=access, spec=spec_from(SPEC), secrets={"signing_secret": secret}, now=datetime.now(UTC))
