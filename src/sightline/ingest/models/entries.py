"""Values entered by hand: what was changed, from when, by whom and why."""

from __future__ import annotations

from django.db import models


class ManualEntry(models.Model):
    """One row that somebody entered or changed. Values of personal data are not kept here, only that they changed."""

    workspace = models.CharField(max_length=63)
    dataset = models.CharField(max_length=63)
    run = models.CharField(max_length=64)
    key = models.JSONField()
    before = models.JSONField(null=True, blank=True)  # None: the row is new
    after = models.JSONField()
    effective_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=320)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["workspace", "dataset", "-at"], name="entries_of_dataset")]
        ordering = ["-at", "pk"]

    def __str__(self) -> str:
        return f"{self.dataset} {self.key}"
