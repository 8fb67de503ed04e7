"""What came of reading a stream, and of a whole run."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sightline.lake.write import Written


@dataclass
class StreamOutcome:
    """Adds up while a stream is read. `days` are the UTC days on which records that were read had been created."""

    dataset: str
    received: int = 0
    accepted: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    removed: int = 0
    reassigned: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    days: set[date] = field(default_factory=set)
    drift: str = ""
    differing: list[dict[str, Any]] = field(default_factory=list)
    compared_days: int = 0
    snapshot: int | None = None
    problem: str = ""
    may_pass: bool = False
    stopped: bool = False

    def add(self, written: Written) -> None:
        """Count what became of one chunk."""
        for name in ("received", "accepted", "inserted", "updated", "unchanged", "rejected"):
            setattr(self, name, getattr(self, name) + getattr(written, name))
        self.reasons.update({reason.text: reason.count for reason in written.reasons})
        self.snapshot = written.snapshot.id

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        found = asdict(self)
        found.pop("days")
        return {**found, "reasons": dict(self.reasons.most_common(50))}
