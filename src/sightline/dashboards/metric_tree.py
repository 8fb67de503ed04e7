"""The tree of a metric: what it is made of, down to what is counted, and what each part does to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from sightline.dashboards import formats
from sightline.dashboards.answering import Asker, Failure
from sightline.dashboards.build import asker_of, etag_of, members_of, page_of, sources_of
from sightline.dashboards.effects import effects
from sightline.dashboards.figures import delta, figure, stale_words
from sightline.dashboards.filter_bar import filter_bar
from sightline.dashboards.freshness import freshness
from sightline.dashboards.headings import metric_heading
from sightline.dashboards.metric_page import dimensions_of
from sightline.dashboards.page import Page, asked
from sightline.dashboards.panels.stat import earned
from sightline.dashboards.panels.twin import table_beside
from sightline.dashboards.parts import Delta, Figure, Link
from sightline.dashboards.selection import Selection, period_words
from sightline.dashboards.sheets import Heading
from sightline.dashboards.view import Cell, Column, FilterBar, FreshnessView, PanelView, Row, TableView
from sightline.definitions.policy import Viewer
from sightline.definitions.schema.dashboard import TilePanel
from sightline.definitions.schema.metric import Cumulative, Funnel, Metric, Ratio, Retention, Score
from sightline.metrics.answer import Answer
from sightline.metrics.answer import Cell as Number
from sightline.metrics.explain import formula
from sightline.metrics.plan import operands
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse

DEEPEST = 8
MOST_NODES = 120
EFFECTS = "Effects are of one part at a time, the others as they were; they need not add up to the whole change."


@dataclass(frozen=True)
class TreeNode:
    """One metric in the tree. `part` says what it is to the one above, `effect` what its change alone does to it."""

    name: str
    label: str
    depth: int
    link: Link
    figure: Figure
    delta: Delta | None
    part: str = ""
    effect: str = ""
    effect_raw: float | None = None
    children: tuple[TreeNode, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TreeView(PanelView):
    kind: ClassVar[str] = "tree"
    root: TreeNode
    table: TableView


@dataclass(frozen=True)
class MetricTreePage:
    """The page: the tree with what every page has."""

    title: str
    name: str
    panel: PanelView
    filters: FilterBar
    freshness: FreshnessView
    snapshot: int
    etag: str
    problems: tuple[str, ...] = ()


def metric_tree(
    name: str,
    selection: Selection,
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    now: datetime,
    problems: Sequence[str] = (),
) -> MetricTreePage:
    """Return the page. Raises UnknownName for a metric that does not exist."""
    warehouse.catalog.metric(name)
    asker = asker_of(viewer, warehouse=warehouse, now=now, selection=selection)
    page = page_of(f"metrics/{name}/tree", selection, asker)
    growing, answers = tree_of(name, page, asker)
    variables = [(each, page.dimension(each), True) for each in dimensions_of(name, warehouse=warehouse)[:5]]
    return MetricTreePage(
        title=page.label(name),
        name=name,
        panel=growing,
        filters=filter_bar(page, variables=variables, entity="", members=members_of(asker, kind="metric", name=name)),
        freshness=freshness(sources_of(answers), catalog=page.catalog, today=page.today),
        snapshot=asker.snapshot.id,
        etag=etag_of(page.path, selection, viewer, warehouse=warehouse, now=now, snapshot=asker.snapshot),
        problems=tuple(problems),
    )


def tree_of(name: str, page: Page, asker: Asker) -> tuple[TreeView, dict[Question, Answer | Failure]]:
    """Return the tree as a panel, and the answers it was made of."""
    below = dict.fromkeys(_below(name, page))
    questions = {each: asked(TilePanel(tile=each), page.selection, (each,), compare=True) for each in below}
    answers = asker.answers(questions.values())
    growing = _Growing(page, asker, {each: answers[question] for each, question in questions.items()})
    root = growing.node(name, 0)
    known = [answer for answer in answers.values() if isinstance(answer, Answer)]
    stale = " ".join(dict.fromkeys(filter(None, (stale_words(each.sources, each) for each in known))))
    about: dict[str, Any] = {
        "id": "tree",
        "title": f"What {page.label(name)} is made of",
        "subtitle": period_words(page.selection.period, today=page.today),
        "state": "stale" if stale else "ok",
        "stale": stale,
        "note": EFFECTS if root.children else f"From rows, not from other metrics: {formula(name, page.catalog)}.",
    }
    return TreeView(**about, root=root, table=_table(about, root, page)), answers


def parts_of(metric: Metric) -> tuple[str, ...]:
    """Return what stands below a metric in its tree."""
    return (metric.metric,) if isinstance(metric, Cumulative) else operands(metric)


def _below(name: str, page: Page, depth: int = 0) -> Iterator[str]:
    if isinstance(page.catalog.metric(name), Funnel | Retention):
        return
    yield name
    if depth < DEEPEST:
        for part in parts_of(page.catalog.metric(name)):
            yield from _below(part, page, depth + 1)


@dataclass
class _Growing:
    """The tree being made; `left` bounds how many nodes a definition of many shared parts may unfold to."""

    page: Page
    asker: Asker
    answers: Mapping[str, Answer | Failure]
    left: int = field(default=MOST_NODES)

    def node(self, name: str, depth: int, part: str = "", effect: float | None = None, above: str = "") -> TreeNode:
        page, self.left = self.page, self.left - 1
        metric = page.catalog.metric(name)
        cell, answer = self._cell(name)
        words = formats.MISSING
        made = Figure(words, spoken=f"{page.label(name)}: no value", state="missing", reason=self._reason(name))
        if cell is not None and answer is not None:
            made = figure(cell, answer, page, place="table")
        return TreeNode(
            name=name,
            label=page.label(name),
            depth=depth,
            link=Link(f"metrics/{name}", page.selection.context_pairs()),
            figure=made,
            delta=delta(cell, answer, page) if cell is not None and answer is not None else None,
            part=part,
            effect=_moves(effect, above, page),
            effect_raw=effect,
            children=self._children(name, metric, depth),
        )

    def _children(self, name: str, metric: Metric, depth: int) -> tuple[TreeNode, ...]:
        if depth >= DEEPEST:
            return ()
        parts = parts_of(metric)
        cells = {part: self._cell(part)[0] for part in parts}
        now = {part: cell.value if cell else None for part, cell in cells.items()}
        before = {part: cell.previous if cell else None for part, cell in cells.items()}
        moved = effects(metric, now=now, before=before, engine=self.asker.warehouse.engine)
        words = {part: _part(metric, part, now) for part in parts}
        return tuple(self.node(part, depth + 1, words[part], moved.get(part), name) for part in parts if self.left > 0)

    def _cell(self, name: str) -> tuple[Number | None, Answer | None]:
        answer = self.answers.get(name)
        if not isinstance(answer, Answer) or not answer.n_rows:
            return None, None
        return answer.cell(0, name), answer

    def _reason(self, name: str) -> str:
        answer = self.answers.get(name)
        return answer.text if isinstance(answer, Failure) else "No data in this period"


def _part(metric: Metric, name: str, now: Mapping[str, float | None]) -> str:
    """Return what a part is to the metric above it."""
    if isinstance(metric, Ratio):
        both = metric.numerator == metric.denominator
        return "Numerator and denominator" if both else "Numerator" if name == metric.numerator else "Denominator"
    if isinstance(metric, Cumulative):
        return "Accumulated"
    if not isinstance(metric, Score):
        return ""
    weights = sum(each.weight for each in metric.components if now.get(each.metric) is not None)
    for each in metric.components:
        share = earned(each, now.get(name)) if each.metric == name else None
        if share is not None and weights:
            whole = 100 * each.weight / weights
            return f"Earns {formats.fixed(share * whole, 0)} of {formats.fixed(whole, 0)} points"
    return "Left out, with its weight"


def _moves(effect: float | None, above: str, page: Page) -> str:
    """Return what a part's change alone does to the metric above it."""
    if effect is None:
        return ""
    size = formats.change_size(effect, "difference", page.unit(above))
    if not any(digit in "123456789" for digit in size):
        return f"Leaves {page.label(above)} as it was"
    return f"Alone it moves {page.label(above)} by {'+' if effect > 0 else formats.MINUS}{size}"


def _flat(node: TreeNode) -> Iterator[TreeNode]:
    yield node
    for child in node.children:
        yield from _flat(child)


def _table(about: dict[str, Any], root: TreeNode, page: Page) -> TableView:
    columns = [
        Column("metric", "Metric", file=Heading("Metric", "text")),
        Column("level", "Level", "", True, file=Heading("Level", "integer")),
        Column("value", "Value", "", True, file=Heading("Value", "number")),
        Column("change", "Change", "", True, file=Heading("Change", "text")),
        Column("part", "Part", file=Heading("Part", "text")),
        Column("effect", "Effect", file=Heading("Effect", "text")),
    ]
    rows = [
        Row(
            node.name,
            (
                Cell(node.label, link=node.link),
                Cell(str(node.depth), raw=node.depth),
                Cell(node.figure.text, node.figure.value, figure=node.figure),
                Cell("" if node.delta else formats.MISSING, delta=node.delta, raw=_said(node.delta)),
                Cell(node.part),
                Cell(node.effect),
            ),
            node.link,
            file=metric_heading("", node.name, page, whole=False),
        )
        for node in _flat(root)
    ]
    return table_beside(about, columns=columns, rows=rows)


def _said(change: Delta | None) -> str | None:
    if change is None:
        return None
    sign = {"up": "+", "down": formats.MINUS, "flat": ""}[change.arrow]
    return f"{sign}{change.text} {change.base}".strip()
