"""A workspace of the cast in which some leads are held: of an unknown program, with a wrong date, in the future."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from cast import Cast
from sightline.accounts.models import User
from sightline.ingest.actions.import_file import import_file
from sightline.ingest.quarantine import held_rows
from sightline.lake.quarantine import HeldRow
from sightline.web.held_lines import pick_of

NOW = datetime.now(UTC)
DAY = NOW - timedelta(days=20)
SCRIPT = "<script>alert(1)</script>"
FILES = {
    "schools": "school_id,name\nbusiness,Business\nhealth,Health\n",
    "programs": """program_id,school_id,name,level,tuition
mba,business,MBA,degree,30000
rn,health,Nursing,degree,9000
""",
    "leads": f"""lead_id,program_id,email,source,created_at
l1,mba,a@x.test,Search,{DAY:%Y-%m-%d}
l2,law,b@x.test,Search,{DAY:%Y-%m-%d}
l3,mba,c@x.test,"{SCRIPT}",someday
l4,rn,d@x.test,Search,{NOW + timedelta(days=300):%Y-%m-%d}
""",
}


def import_text(cast: Cast, folder: Path, dataset: str, text: str) -> None:
    """Load a table in the words of a CSV file."""
    path = folder / f"{dataset}.csv"
    path.write_text(text)
    import_file(folder=cast.folder, dataset=dataset, path=path, now=NOW, by="t")


@pytest.fixture
def held(cast: Cast, tmp_path: Path, settings: Settings) -> Cast:
    """Return the cast, whose workspace holds the leads l2 (program), l3 (date) and l4 (future)."""
    static = cast.folder.path.parents[1] / "static"
    static.mkdir(parents=True, exist_ok=True)
    settings.STATIC_ROOT = static
    for dataset, text in FILES.items():
        import_text(cast, tmp_path, dataset, text)
    return cast


def browser(user: User, **options: bool) -> Client:
    """Return a browser in which somebody is signed in."""
    client = Client(**options)
    client.force_login(user)
    return client


def rows_of(cast: Cast) -> dict[str, HeldRow]:
    """Return the held leads by their id."""
    found = held_rows(access=cast.access(cast.owner), dataset="leads").rows
    return {row.record.split('"lead_id":"')[1][:2]: row for row in found}


def picks_of(cast: Cast, *leads: str) -> list[str]:
    """Return how forms name the held leads."""
    held = rows_of(cast)
    return [pick_of(held[each]) for each in leads]
