"""The sentence a page opens with, computed: who is beyond the benchmark and their weight, or how a metric stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sightline.dashboards import formats
from sightline.dashboards.answering import Failure
from sightline.dashboards.cadence import grain_of, recent_buckets
from sightline.dashboards.figures import delta, figure
from sightline.dashboards.page import Page, PlannedQuestion
from sightline.dashboards.reading import members
from sightline.dashboards.standing import standing
from sightline.dashboards.trend import trend_of
from sightline.dashboards.view import Sentence
from sightline.definitions.schema.dashboard import Finding
from sightline.definitions.status_rules import status_rule
from sightline.metrics.answer import Answer
from sightline.metrics.question import Question

MOST_NAMES = 5
STANDS = {"excellent": "ahead", "good": "on track", "warning": "on watch", "critical": "off track"}


def plan(finding: Finding, *, page: Page) -> tuple[PlannedQuestion, ...]:
    """Return the questions of the sentence: the metric by member, and what the shares are of; or the metric alone."""
    if finding.by is None:
        whole = _alone(finding, page)
        return (PlannedQuestion("whole", whole), *_course(finding.metric, whole, page))
    by = Question(
        metrics=(finding.metric,),
        group_by=(finding.by,),
        where=finding.where,
        filters=page.selection.filters,
        period=page.selection.period,
    )
    questions = [PlannedQuestion("members", by)]
    if finding.share_of:
        weights = replace(by, metrics=tuple(finding.share_of))
        whole = replace(weights, group_by=(), where=None)
        questions += [PlannedQuestion("weights", weights), PlannedQuestion("whole", whole)]
    return tuple(questions)


def sentence(finding: Finding, *, page: Page, answers: Mapping[str, Answer]) -> Sentence:
    """Return the finding in words; empty when there is nothing to say (no benchmark, no figure)."""
    if finding.by is None:
        return standing_of(finding.metric, page, answers["whole"], answers.get("course"))
    metric, answer = page.catalog.metric(finding.metric), answers["members"]
    if metric.benchmark is None or finding.metric in answer.hidden:
        return Sentence()
    owners = members(answer, finding.by, page)
    cells = [answer.cell(row, finding.metric) for row in range(answer.n_rows)]
    firm = [
        (cell.value, row)
        for row, cell in enumerate(cells)
        if cell.value is not None and cell.state == "ok" and (cell.maturing is None or cell.maturing >= 1)
    ]
    down = metric.direction == "down"
    beyond = sorted(
        ((value, row) for value, row in firm if (value > metric.benchmark if down else value < metric.benchmark)),
        reverse=down,
    )
    limit = formats.limit(metric.benchmark, page.unit(finding.metric))
    noun = page.dimension(finding.by).lower()
    if not firm:
        return Sentence(((f"Too few cases yet to hold any {noun} against the {limit} benchmark.", False),))
    if not beyond:
        names = f"All {formats.count_word(len(firm))} {formats.many(noun)}" if len(firm) > 1 else f"The one {noun}"
        verb = "meet" if len(firm) > 1 else "meets"
        claim = f"{names} with enough cases {verb} the {limit} benchmark"
        return Sentence(((claim, True), (f" for {page.label(finding.metric)}.", False)))
    rows = [row for _, row in beyond]
    side = "above" if down else "below"
    count = formats.count_word(len(rows), capital=True)
    stands = f"{noun} sits" if len(rows) == 1 else f"{formats.many(noun)} sit"
    claim = f"{count} {stands} {side} the {limit} benchmark"
    listed = first_names([owners[row].label for row in rows])
    weights = _weights(finding, finding.by, page, answers, {owners[row].text_key for row in rows})
    return Sentence(((claim, True), (f": {listed}.{weights}", False)))


def _alone(finding: Finding, page: Page) -> Question:
    selection = page.selection
    comparison = "none" if selection.period == "all_time" else selection.compare
    return Question(metrics=(finding.metric,), filters=selection.filters, period=selection.period, compare=comparison)


def _course(name: str, whole: Question, page: Page) -> tuple[PlannedQuestion, ...]:
    if not status_rule(name, page.catalog).worse_for:
        return ()
    grain = grain_of(page.catalog.metric(name).cadence)
    course = replace(whole, grain=grain, period=recent_buckets(grain, page), compare="none")
    return (PlannedQuestion("course", course),)


def standing_of(name: str, page: Page, answer: Answer | Failure, course: Answer | None = None) -> Sentence:
    """Return how a metric stands: "Overall health is 75.6, on watch: 50 to 80. Up 26.5% year on year." Or nothing."""
    if not isinstance(answer, Answer) or not answer.n_rows or name not in answer.question.metrics:
        return Sentence()
    cell = answer.cell(0, name)
    made, moved = figure(cell, answer, page, place="tile"), delta(cell, answer, page)
    if made.state != "ok":
        return Sentence()
    stands = standing(cell, made, page, trend=trend_of(cell, answer, course, page))
    said = [(f"{page.label(name)} is {made.text}", True)]
    if stands.judged in STANDS:
        said.append((f", {STANDS[stands.judged]}" + (f": {stands.reason}" if stands.reason else ""), False))
    said.append((".", False))
    if moved is not None:
        size = "Unchanged" if moved.arrow == "flat" else f"{moved.arrow.capitalize()} {moved.text}"
        said.append((f" {size} {moved.base}.", False))
    return Sentence(tuple(said))


def _weights(finding: Finding, by: str, page: Page, answers: Mapping[str, Answer], keys: set[str]) -> str:
    """Return "Together they took 18% of spend and returned 4% of enrollments." or nothing."""
    if "weights" not in answers or not answers["whole"].n_rows:
        return ""
    weights, whole = answers["weights"], answers["whole"]
    owners = members(weights, by, page)
    parts = []
    for metric in finding.share_of:
        total = whole.cell(0, metric).value
        values = [weights.cell(row, metric).value for row, owner in enumerate(owners) if owner.text_key in keys]
        if not total or page.catalog.metric(metric).type != "simple":
            return ""
        share = sum(value for value in values if value is not None) / total
        parts.append(f"{formats.fixed(share * 100, 0)}% of {page.label(metric).lower()}")
    subject = "Together they" if len(keys) > 1 else "It"
    if len(parts) == 2 and page.catalog.metric(finding.share_of[0]).direction != "up":
        return f" {subject} took {parts[0]} and returned {parts[1]}."
    return f" {subject} {'make' if len(keys) > 1 else 'makes'} up {formats.joined(parts)}."


def first_names(labels: Sequence[str]) -> str:
    """Return up to five names joined, and how many more there are."""
    rest = len(labels) - MOST_NAMES
    return formats.joined(labels) if rest <= 0 else f"{', '.join(labels[:MOST_NAMES])} and {rest} more"
