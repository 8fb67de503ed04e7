"""Held rows that are being tried again.

A row of this table is there from before the first step of a replay until after its last (begun → gone). One that is
found by somebody who has the dataset's turn was killed: it is completed before anything else is done.
"""

from __future__ import annotations

from django.db import models


class HeldReplay(models.Model):
    """One call that tries held rows of a dataset again. `rows` are [run, row, values to mend or null], in order."""

    workspace = models.CharField(max_length=63)
    dataset = models.CharField(max_length=63)
    verb = models.CharField(max_length=63)
    prefix = models.CharField(max_length=20)
    is_excused = models.BooleanField(default=False)
    rows = models.JSONField()
    detail = models.JSONField()  # for the audit log
    by = models.CharField(max_length=320)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["workspace", "dataset"], name="replays_of_dataset")]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.verb} of {self.dataset}"
