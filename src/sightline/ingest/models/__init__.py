"""What the application database keeps of data on its way in."""

from sightline.ingest.models.entries import ManualEntry
from sightline.ingest.models.events import DataEvent, InboxBatch
from sightline.ingest.models.imports import ImportRun
from sightline.ingest.models.replays import HeldReplay
from sightline.ingest.models.sources import Source, SourceSecret, SourceVersion, StreamState
from sightline.ingest.models.syncs import SyncRun

__all__ = [
    "DataEvent",
    "HeldReplay",
    "ImportRun",
    "InboxBatch",
    "ManualEntry",
    "Source",
    "SourceSecret",
    "SourceVersion",
    "StreamState",
    "SyncRun",
]
