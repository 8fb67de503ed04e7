"""Questions that differ only in their metrics are asked as one: the tiles of a page then read the lake once.

Only questions without groups are merged: there every metric has the same rows (one, or one per bucket of a bounded
period). Grouped answers would gain the members of each other's metrics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.metric import Conversion, Cumulative, Funnel, Interval, Movement, Retention
from sightline.metrics.answer import Answer
from sightline.metrics.plan import Leaf, leaves_of, simple_of
from sightline.metrics.question import Question


def merged(questions: Iterable[Question], *, catalog: Catalog) -> dict[Question, tuple[Question, ...]]:
    """Return the questions to ask, each with those it answers."""
    alike: dict[Question, list[Question]] = {}
    for question in dict.fromkeys(questions):
        key = replace(question, metrics=()) if _mergeable(question, catalog) else question
        alike.setdefault(key, []).append(question)
    found = {}
    for own in alike.values():
        metrics = tuple(dict.fromkeys(metric for question in own for metric in question.metrics))
        found[own[0] if len(own) == 1 else replace(own[0], metrics=metrics)] = tuple(own)
    return found


def _mergeable(question: Question, catalog: Catalog) -> bool:
    if question.group_by or question.order or question.limit is not None or question.compare == "peers":
        return False
    if question.grain and question.period == "all_time":
        return False  # the buckets are those of the data, so they differ by metric
    metrics = (catalog.metrics.get(name) for name in question.metrics)
    return all(metric is not None and not isinstance(metric, Funnel) for metric in metrics)


def narrowed(answer: Answer, question: Question, *, first: bool) -> Answer:
    """Return the part of a merged answer that is about this question: its columns, sources and notes.

    A source that only other metrics read is left out, so that a late ledger does not make a count of leads look late.
    The time it took counts for the first one only.
    """
    if question == answer.question:
        return answer
    others = tuple(name for name in answer.question.metrics if name not in question.metrics)
    own_data, other_data = (datasets_read(names, answer.catalog) for names in (question.metrics, others))
    foreign = [label_of(name, answer.catalog.metric(name).label) for name in others]
    return replace(
        answer,
        question=question,
        columns=tuple(
            column for column in answer.columns if column.metric is None or column.metric in question.metrics
        ),
        sources=tuple(each for each in answer.sources if each.dataset in own_data or each.dataset not in other_data),
        notes=tuple(note for note in answer.notes if not any(note.startswith(f"{label}:") for label in foreign)),
        elapsed_ms=answer.elapsed_ms if first else 0.0,
    )


def datasets_read(names: tuple[str, ...], catalog: Catalog) -> frozenset[str]:
    """Return the datasets whose rows the metrics are counted from."""
    return frozenset(name for leaf in leaves_of(names, catalog).values() for name in _datasets(leaf, catalog))


def _datasets(leaf: Leaf, catalog: Catalog) -> tuple[str, ...]:
    if isinstance(leaf, Conversion):
        return leaf.base.dataset, leaf.conversion.dataset
    if isinstance(leaf, Interval):
        return leaf.start.dataset, leaf.end.dataset
    if isinstance(leaf, Funnel):
        return tuple(stage.dataset for stage in leaf.stages)
    if isinstance(leaf, Movement):
        return (leaf.changes.dataset,)
    if isinstance(leaf, Retention):
        return leaf.first.dataset, leaf.active.dataset
    if isinstance(leaf, Cumulative):
        return (simple_of(leaf, catalog).dataset,)
    return (leaf.dataset,)
