"""When each duty is due, and who is doing it.

States of a row: *waiting* (`due_at` in the future), *due*, *claimed* (`lease_until` in the future: somebody is at it).
due → claimed by one conditional update; claimed → waiting when it ends, well or badly; a claim whose lease has run
out, as after a kill, counts as due again. The lease of a process that is known to be gone is cut short.
"""

from __future__ import annotations

from django.db import models


class DutyState(models.Model):
    """The state of one duty of `duties.DUTIES`."""

    name = models.CharField(max_length=63, primary_key=True)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=120, blank=True, default="")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=2000, blank=True, default="")
    failures = models.PositiveIntegerField(default=0)  # in a row

    def __str__(self) -> str:
        return self.name


class WorkerSeen(models.Model):
    """When a worker last showed that it is alive: what the data page and `doctor` look at."""

    name = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
