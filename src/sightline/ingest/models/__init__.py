"""What the application database keeps of data on its way in."""

from sightline.ingest.models.entries import ManualEntry
from sightline.ingest.models.events import DataEvent, InboxBatch
from sightline.ingest.models.imports import ImportRun
from sightline.ingest.models.sources import Source, SourceSecret, SourceVersion, StreamState
from sightline.ingest.models.syncs import SyncRun

__all__ = [
    "DataEvent",
    "ImportRun",
    "InboxBatch",
    "ManualEntry",
    "Source",
    "SourceSecret",
    "SourceVersion",
    "StreamState",
    "SyncRun",
]
