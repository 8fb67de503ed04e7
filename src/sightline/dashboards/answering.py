"""Answers the questions of a page: equal ones once, and one that fails fails alone."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sightline.dashboards.merging import merged, narrowed
from sightline.definitions.policy import Viewer
from sightline.errors import NotAllowed, UserError
from sightline.lake.snapshot import Snapshot
from sightline.metrics.answer import Answer
from sightline.metrics.question import Question
from sightline.metrics.rows import RowsPage, RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse

log = logging.getLogger(__name__)


class Ask(Protocol):
    """`metrics.ask`, or what stands for it in a test."""

    def __call__(
        self, question: Question, viewer: Viewer, *, warehouse: Warehouse, now: datetime, at: Snapshot | None = None
    ) -> Answer: ...


@dataclass(frozen=True)
class Failure:
    """Why a question has no answer, in words for the reader. `reference` finds the cause in the log."""

    denied: bool
    text: str
    hint: str = ""
    reference: str = ""
    is_passing: bool = False  # asked again, the same question may have an answer


@dataclass(frozen=True)
class Asker:
    """Everything that asking needs, held together for one page. All its answers are of one snapshot.

    `faults` are the failures that may pass: a page made with any must not be kept.
    """

    viewer: Viewer
    warehouse: Warehouse
    now: datetime
    snapshot: Snapshot
    ask: Ask
    pages: dict[RowsRequest, RowsPage | Failure] = field(default_factory=dict, compare=False, repr=False)
    faults: list[Failure] = field(default_factory=list, compare=False, repr=False)

    def answers(self, questions: Iterable[Question]) -> dict[Question, Answer | Failure]:
        """Return an answer or a failure per question. Alike ones are asked together, or apart if that fails."""
        found: dict[Question, Answer | Failure] = {}
        for together, own in merged(questions, catalog=self.warehouse.catalog).items():
            answer = self.answer(together) if len(own) == 1 else self._quietly(together)
            for index, question in enumerate(own):
                if isinstance(answer, Answer):
                    found[question] = narrowed(answer, question, first=index == 0)
                else:
                    found[question] = answer if answer is not None else self.answer(question)
        return found

    def _quietly(self, question: Question) -> Answer | None:
        """Return the answer of a merged question, or None: its parts are then asked, and say what is wrong."""
        try:
            return self.ask(question, self.viewer, warehouse=self.warehouse, now=self.now, at=self.snapshot)
        except Exception:  # noqa: BLE001 - asked again in parts, where it is named and logged
            return None

    def answer(self, question: Question) -> Answer | Failure:
        """Return the answer, or why there is none. Never raises: one panel must not take the page down."""
        try:
            return self.ask(question, self.viewer, warehouse=self.warehouse, now=self.now, at=self.snapshot)
        except Exception as error:  # noqa: BLE001 - named, logged and shown in place of the panel
            return self.failed(error, question)

    def rows(self, request: RowsRequest) -> RowsPage | Failure:
        """Return one page of rows as the viewer may see them, or why there is none; each asked once. Never raises."""
        if request not in self.pages:
            try:
                found: RowsPage | Failure = rows_behind(
                    request, self.viewer, warehouse=self.warehouse, now=self.now, at=self.snapshot
                )
            except Exception as error:  # noqa: BLE001 - named, logged and shown in place of the panel
                found = self.failed(error, request)
            self.pages[request] = found
        return self.pages[request]

    def failed(self, error: Exception, about: object) -> Failure:
        """Return the failure of something asked for, and remember it when it may pass."""
        found = failure(error, about)
        if found.is_passing:
            self.faults.append(found)
        return found


def failure(error: Exception, about: object) -> Failure:
    """Return the failure a reader sees; what is not the reader's to know is logged under its reference."""
    if isinstance(error, NotAllowed):
        return Failure(True, error.message, error.hint)
    if isinstance(error, UserError):
        return Failure(False, error.message, error.hint, error.code, is_passing=not error.permanent)
    reference = hashlib.sha256(f"{error!r} {about!r}".encode()).hexdigest()[:8].upper()
    log.error("question failed, reference %s: %r", reference, about, exc_info=error)
    text = "The figures of this panel could not be computed."
    return Failure(False, text, "Reload the page.", reference, is_passing=True)  # out of memory, a lost file: who knows


def first_failure(answers: Mapping[str, Answer | RowsPage | Failure]) -> Failure | None:
    """Return the failure of a panel's questions that matters most: a denial before an error."""
    failures = [each for each in answers.values() if isinstance(each, Failure)]
    return next((each for each in failures if each.denied), failures[0] if failures else None)
