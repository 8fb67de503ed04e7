"""Starts a queued import beside the web request. Claiming it is one conditional update, so it never runs twice."""

from __future__ import annotations

import logging
import threading

from django.db import close_old_connections
from django.utils import timezone

from sightline.errors import SightlineError
from sightline.home import WorkspaceFolder
from sightline.ingest.actions.upload import run_queued

logger = logging.getLogger(__name__)


def start_import(run: int, folder: WorkspaceFolder) -> None:
    """Run the import in a thread of its own; its row tells people how it goes."""
    threading.Thread(target=_run, args=(run, folder), name=f"import-{run}", daemon=True).start()


def _run(run: int, folder: WorkspaceFolder) -> None:
    try:
        run_queued(run=run, folder=folder, now=timezone.now())
    except SightlineError as error:
        logger.info("import %s: %s", run, error)  # told on the page of the run
    except Exception:
        logger.exception("import %s failed", run)
    finally:
        close_old_connections()
