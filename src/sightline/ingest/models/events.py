"""What is pushed to us, and what happened to data that people should know.

An inbox batch is one request body, stored before it is acknowledged: waiting → taken (by a run, whose id is written in
the same update) → done, or dead after several failures. A run killed in between is taken up again with the same batches
under the same id, which the lake recognises: nothing is lost and nothing is there twice. The body is dropped when it is
done; the key stays for a while, to recognise a request that is sent again.
"""

from __future__ import annotations

from django.db import models

from sightline.ingest.models.sources import Source


class InboxBatch(models.Model):
    """One accepted request: one or many records of one source."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        TAKEN = "taken", "Being stored"
        DONE = "done", "Stored"
        DEAD = "dead", "Given up"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="inbox")
    key = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32)
    format = models.CharField(max_length=20)
    body = models.BinaryField(null=True, blank=True)
    records = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    run = models.CharField(max_length=64, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="batch_key_of_source")]
        indexes = [models.Index(fields=["state", "id"], name="batches_by_state")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"


class DataEvent(models.Model):
    """Something about data in that people should know: it lasts until `ended_at`.

    `kind`: sync_failed, stale, count_differs, schema_changed, volume_unusual, incomplete, dead_letter.
    """

    class Level(models.TextChoices):
        NOTE = "note", "Note"
        WARNING = "warning", "Warning"
        ERROR = "error", "Error"

    workspace = models.CharField(max_length=63)
    kind = models.CharField(max_length=30)
    level = models.CharField(max_length=8, choices=Level.choices)
    source = models.CharField(max_length=63, blank=True, default="")
    dataset = models.CharField(max_length=63, blank=True, default="")
    subject = models.CharField(max_length=200, blank=True, default="")  # tells events of one kind apart
    message = models.TextField()
    detail = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-at"], name="data_events_of_workspace")]
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.source or self.dataset}"
