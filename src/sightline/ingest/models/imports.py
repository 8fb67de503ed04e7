"""Imports, as people follow them.

An import goes queued → running → done or failed. It is claimed by one conditional update (queued → running), so two
workers never run the same one. A process that dies leaves it running; starting the same file again (the same `run_id`)
marks such a row failed, and the new one completes the work, because the lake recognises the run.
"""

from __future__ import annotations

from django.db import models


class ImportRun(models.Model):
    """One file brought into one dataset, or tried."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    workspace = models.CharField(max_length=63)
    dataset = models.CharField(max_length=63)
    file_name = models.CharField(max_length=255)
    path = models.CharField(max_length=1024, blank=True, default="")
    mapping = models.JSONField(default=dict, blank=True)
    run_id = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    counts = models.JSONField(default=dict, blank=True)
    doing = models.CharField(max_length=40, blank=True, default="")
    progress = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True, default="")
    by = models.CharField(max_length=320)
    snapshot = models.PositiveBigIntegerField(null=True, blank=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-queued_at"], name="imports_of_workspace"),
            models.Index(fields=["workspace", "run_id"], name="imports_by_run"),
        ]
        ordering = ["-queued_at"]

    def __str__(self) -> str:
        return f"{self.file_name} into {self.dataset}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (self.State.DONE, self.State.FAILED)
