"""How many held rows each source has brought, as far as a viewer may know."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from sightline.accounts.access import Access
from sightline.ingest.models import InboxBatch, Source
from sightline.ingest.origins import EVENTS, root_run
from sightline.lake import sql
from sightline.lake.held_counts import held_by_run

SYNC = "sync-"
"""How the ids of runs that store a page of a source begin (`ingest.sync.chunks.run_prefix`)."""


def held_by_source(access: Access, sources: Sequence[Source]) -> Mapping[str, int]:
    """Return the number of held rows of each source. A source is left out whose rows the viewer may not count.

    Held rows obey no row policy, so they are counted for those who may see every row of the source's datasets.
    """
    if not access.allows("see_quarantine"):
        return {}
    fills = {each.name: {str(stream["dataset"]) for stream in each.spec["streams"].values()} for each in sources}
    policy = access.viewer.policy
    open_to = {name for name, datasets in fills.items() if all(policy.rows_of(each) == "all" for each in datasets)}
    wanted = sorted({dataset for name in open_to for dataset in fills[name]} & set(access.folder.catalog.datasets))
    counts = _by_source(access, wanted)
    return {name: counts.get(name, 0) for name in open_to}


def _by_source(access: Access, datasets: Sequence[str]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    events: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, sql.scratch(Path(folder), memory="128MB") as scratch:
        for dataset in datasets:
            for brought, count in held_by_run(access.folder.lake, dataset, scratch).items():
                run = root_run(brought)  # a row that was tried again is still that of its source
                if run.startswith(SYNC):
                    found[run.removeprefix(SYNC).partition("-")[0]] += count  # no name of a source has a hyphen
                elif run.startswith(EVENTS):
                    events[EVENTS + run.removeprefix(EVENTS).partition("-")[0]] += count
    if events:
        batches = InboxBatch.objects.filter(source__workspace=access.workspace, run__in=list(events))
        for run, name in set(batches.order_by().values_list("run", "source__name")):
            found[name] += events[run]
    return found
