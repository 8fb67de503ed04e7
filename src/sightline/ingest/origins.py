"""By which map a run brought its rows: an import's own, or the one a source's stream has now."""

from __future__ import annotations

from sightline.ingest.connections import spec_of
from sightline.ingest.mapping import MapFile, map_from
from sightline.ingest.models import ImportRun, InboxBatch, Source
from sightline.ingest.sync.chunks import run_prefix

EVENTS = "in-"
"""How the ids of runs that store events begin (`ingest.events.groups`)."""


ORIGIN = "@"
"""What stands, in the id of a run that tries held rows again, before the id of the run that brought them first."""


def root_run(run: str) -> str:
    """Return the run that brought a row first, however often it was tried again since."""
    return run.rpartition(ORIGIN)[2]


def map_of_run(workspace: str, run: str) -> MapFile:
    """Return the map to read a held record of a run with. A source's map counts as it stands now: it may be mended."""
    run = root_run(run)
    imported = ImportRun.objects.filter(workspace=workspace, run_id=run).order_by("-pk").first()
    if imported is not None:
        return map_from(imported.mapping)
    for source in Source.objects.filter(workspace=workspace):
        for name, stream in spec_of(source).streams.items():
            if run.startswith(run_prefix(source.name, name)):
                return stream.map
    return _map_of_events(workspace, run)


def _map_of_events(workspace: str, run: str) -> MapFile:
    """Return the map of a run of events, whose id is that of its batches and the stream's name."""
    if not run.startswith(EVENTS):
        return MapFile()
    group, _, stream = run.removeprefix(EVENTS).partition("-")
    batch = InboxBatch.objects.filter(run__startswith=EVENTS + group, source__workspace=workspace).first()
    streams = spec_of(batch.source).streams if batch else {}
    return streams[stream].map if stream in streams else MapFile()
