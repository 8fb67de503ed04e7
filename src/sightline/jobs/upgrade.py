"""What a new version needs before it serves: database migrations, static files under hashed names."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files import File
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from whitenoise.storage import CompressedManifestStaticFilesStorage

STAMP = ".collected"
UNUSED = ("django_htmx/ext/",)  # extensions we do not use; some import modules that are not there


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Static files named by their content, so that browsers keep them for good; imports of modules are renamed too."""

    support_js_module_import_aggregation = True


def upgrade(*, home: Path) -> list[str]:
    """Bring database and static files up to date; return what was done, nothing when nothing was needed."""
    done = []
    if is_database_behind():
        call_command("migrate", verbosity=0, interactive=False)
        done.append("Brought the database up to date.")
    if collect_static(home / "static"):
        done.append("Collected the static files.")
    return done


def is_database_behind() -> bool:
    """Return whether there are migrations to run."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static(target: Path) -> bool:
    """Write all static files under hashed names; return False when those there are current already."""
    files = dict(_static_files())
    stamp = _stamp(files)
    marker = target / STAMP
    if marker.is_file() and marker.read_text() == stamp:
        return False
    shutil.rmtree(target, ignore_errors=True)
    storage = HashedFiles(location=str(target), base_url=settings.STATIC_URL)
    found: dict[str, Any] = {}
    for name, path in files.items():
        with path.open("rb") as content:
            storage.save(name, File(content))
        found[name] = (storage, name)
    for _, _, outcome in storage.post_process(found):
        if isinstance(outcome, Exception):
            raise outcome
    marker.write_text(stamp)
    return True


def _static_files() -> Iterator[tuple[str, Path]]:
    seen = set()
    for finder in get_finders():
        for name, storage in finder.list([]):
            if name not in seen and not name.startswith(UNUSED):  # the first finder wins, as when serving
                seen.add(name)
                yield name, Path(storage.path(name))


def _stamp(files: dict[str, Path]) -> str:
    parts = [
        version("sightline"),
        *(f"{n} {p.stat().st_mtime_ns} {p.stat().st_size}" for n, p in sorted(files.items())),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
