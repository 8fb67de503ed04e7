"""Looking after the data of every workspace, now and then."""

from __future__ import annotations

from datetime import datetime

from sightline.accounts.access import current_home
from sightline.ingest.health import sum_up
from sightline.ingest.replays import complete_replays
from sightline.ingest.watch import watch


def watch_all(now: datetime) -> str:
    """Bring the events of every workspace up to date; return how many are open in one line.

    Replays of held rows that were killed are completed first, if nobody came to do so, and what came in is summed up.
    """
    home = current_home()
    for name in home.workspaces():
        complete_replays(home.workspace(name), now=now)
        sum_up(home.workspace(name), now=now)
    counts = {name: len(watch(home.workspace(name), now=now)) for name in home.workspaces()}
    return "; ".join(f"{name}: {count} findings" for name, count in counts.items() if count)
