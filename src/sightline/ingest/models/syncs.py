"""Sync runs, as people follow them.

queued → running → done, partial or failed. A run is claimed by one conditional update (queued → running, or running
with its lease run out, as after a kill) and holds its lease while it works. `stop` asks a running one to end after the
page it is at. At most one run of a source is open at a time: the database refuses a second.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sightline.ingest.models.sources import Source


class SyncRun(models.Model):
    """One reading of one source."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARTIAL = "partial", "Incomplete"  # some streams failed, the others are in
        FAILED = "failed", "Failed"

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", "On schedule"
        PERSON = "person", "By hand"
        BACKFILL = "backfill", "Backfill"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=320)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=120, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    stop = models.BooleanField(default=False)
    doing = models.CharField(max_length=200, blank=True, default="")
    received = models.PositiveBigIntegerField(default=0)
    accepted = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    streams = models.JSONField(default=dict, blank=True)
    problem = models.TextField(blank=True, default="")
    snapshot = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(state__in=("queued", "running")), name="one_open_run_of_a_source"
            )
        ]
        indexes = [models.Index(fields=["source", "-queued_at"], name="runs_of_source")]
        ordering = ["-queued_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.source} at {self.queued_at:%Y-%m-%d %H:%M}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (self.State.DONE, self.State.PARTIAL, self.State.FAILED)
