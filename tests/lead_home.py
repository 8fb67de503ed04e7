"""A home of generated leads, for tests of the faces: workspaces `demo` (with data) and `other` (without)."""

from __future__ import annotations

from pathlib import Path

from sightline.bench.home import GENERATED_AT, PACK
from sightline.bench.leads import lead_batches, programs
from sightline.home import Home
from sightline.lake.write import publish_table

LEADS = 2_000
ROLES = """
roles:
  partner:
    label: School partner
    permissions: [view, see_rows, export]
    rows: {leads: school in $user.school, programs: school in $user.school}
  clerk:
    label: Clerk
    permissions: [view, import_data]
    rows: {"*": all}
"""


def make_lead_home(path: Path, *, workspaces: tuple[str, ...] = ("demo", "other")) -> Path:
    """Return the home, made at this path, with two thousand leads in its first workspace."""
    home = Home.create(path)
    (path / "static").mkdir()
    for name in workspaces:
        folder = home.create_workspace(name, packs=[str(PACK)])
        (folder.definitions / "roles.yaml").write_text(ROLES)
        assert not folder.issues
    folder = home.workspace(workspaces[0])
    tables = {"programs": programs(), "leads": lead_batches(rows=LEADS).read_all()}
    for name, table in tables.items():
        definition = folder.catalog.dataset(name)
        publish_table(folder.lake, definition, table, zone="UTC", now=GENERATED_AT, run=f"test-{name}")
    return path
