"""Sources as people set them up: what to read, where it goes, and how far reading has come.

A source's specification (`ingest.spec.SourceSpec`) is kept as plain values; every change adds a version, and none is
ever changed. Secrets stand apart, sealed (`home.vault`), and are never read back by a page or the API.
"""

from __future__ import annotations

from django.db import models


class Source(models.Model):
    """One connection of a workspace to another system."""

    workspace = models.CharField(max_length=63)
    name = models.CharField(max_length=63)
    kind = models.CharField(max_length=40)
    spec = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    is_paused = models.BooleanField(default=False)
    next_run_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="source_name_in_workspace")]
        ordering = ["workspace", "name"]

    def __str__(self) -> str:
        return f"{self.workspace}/{self.name}"


class SourceVersion(models.Model):
    """A specification a source had, from `at` until the next one."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    by = models.CharField(max_length=320)
    at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="version_of_source")]
        ordering = ["source", "-number"]

    def __str__(self) -> str:
        return f"{self.source} v{self.number}"


class SourceSecret(models.Model):
    """One sealed secret of a source, by the name of its setting."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="secrets")
    field = models.CharField(max_length=63)
    sealed = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "field"], name="secret_of_source")]

    def __str__(self) -> str:
        return f"{self.source} {self.field}"


class StreamState(models.Model):
    """How far a stream has been read, and the columns it had then.

    `cursor` is only moved after the rows before it are in the lake. `backfill` is where an unfinished backfill stands.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="streams")
    stream = models.CharField(max_length=120)
    cursor = models.JSONField(null=True, blank=True)
    backfill = models.JSONField(null=True, blank=True)
    columns = models.JSONField(default=list, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "stream"], name="state_of_stream")]

    def __str__(self) -> str:
        return f"{self.source} {self.stream}"
