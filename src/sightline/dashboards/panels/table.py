"""A table: a row per member, subtotals per group and a total, each recomputed by its own question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sightline.dashboards import formats
from sightline.dashboards.figures import delta, figure, spark
from sightline.dashboards.page import Page, PlannedQuestion, Slot, asked, recent
from sightline.dashboards.panels.frame import Answers, frame, nothing
from sightline.dashboards.panels.table_marks import badges, below, heat
from sightline.dashboards.parts import Link, Spark
from sightline.dashboards.reading import Member, buckets, cells, held, members, partial
from sightline.dashboards.selection import is_entity
from sightline.dashboards.view import Badge, Cell, Column, PanelView, Row, RowGroup, Sorted, TableView
from sightline.definitions.schema.dashboard import TableColumn, TablePanel
from sightline.metrics.answer import Answer
from sightline.metrics.answer import Cell as Number
from sightline.metrics.question import Filter, Order

SPARK = "spark"


def plan(panel: TablePanel, *, slot: Slot) -> tuple[PlannedQuestion, ...]:
    """Return the questions of rows, total, groups and sparkline."""
    selection = slot.selection
    metrics = tuple(column.metric for column in columns_of(panel))
    wanted = (*metrics, panel.badges) if panel.badges else metrics
    changes = any(column.change for column in columns_of(panel))
    key, descending = sort_of(panel, slot)
    order = (Order(key, descending),) if key in wanted or key in dimensions_of(panel) else ()
    questions = [
        PlannedQuestion(
            "rows",
            asked(
                panel, selection, wanted, group_by=dimensions_of(panel), compare=changes, order=order, limit=panel.limit
            ),
        ),
        PlannedQuestion("total", asked(panel, selection, metrics, compare=changes)),
    ]
    if panel.group:
        questions += [PlannedQuestion("groups", asked(panel, selection, metrics, group_by=(panel.group,)))]
    if panel.sparkline:
        period, grain = recent(selection, panel, "week")
        course = asked(panel, selection, (panel.sparkline,), group_by=by_of(panel)[:1], grain=grain, period=period)
        questions += [PlannedQuestion(SPARK, course)]
    return tuple(questions)


def columns_of(panel: TablePanel) -> tuple[TableColumn, ...]:
    """Return the metric columns, short forms spelt out."""
    return tuple(TableColumn(metric=each) if isinstance(each, str) else each for each in panel.metrics)


def by_of(panel: TablePanel) -> tuple[str, ...]:
    return (panel.by,) if isinstance(panel.by, str) else tuple(panel.by)


def dimensions_of(panel: TablePanel) -> tuple[str, ...]:
    group = (panel.group,) if panel.group else ()
    return tuple(dict.fromkeys((*by_of(panel), *group, *panel.columns)))


def sort_of(panel: TablePanel, slot: Slot) -> tuple[str, bool]:
    """Return the column rows are sorted by and whether descending: the reader's choice, else the panel's."""
    known = {*dimensions_of(panel), *(column.metric for column in columns_of(panel))}
    chosen = slot.selection.sort_of(slot.id) or ""
    text = chosen if chosen.removeprefix("-") in known else panel.sort or f"-{columns_of(panel)[0].metric}"
    return text.removeprefix("-"), text.startswith("-")


def view(panel: TablePanel, *, slot: Slot, answers: Answers) -> PanelView:
    """Return the table, or the message of an empty one."""
    answer, page = answers["rows"], slot.page
    metrics = [column.metric for column in columns_of(panel)]
    title = panel.title or f"{joined_labels(metrics, page)} by {page.dimension(by_of(panel)[0]).lower()}"
    if not answer.n_rows:
        return nothing(panel, slot=slot, answer=answer, title=title)
    building = _Building(panel, slot, answers)
    about = frame(panel, slot=slot, answer=answer, metrics=metrics, title=title)
    if not panel.title:
        about["title"] = title
    shown = answer.n_rows
    limited = answer.total_rows > shown
    words = f"{shown:,} of {answer.total_rows:,} rows shown; an export has all of them." if limited else ""
    return TableView(
        **about,
        caption=f"{title}, {formats.plural(answer.total_rows, 'row')}",
        columns=building.columns,
        groups=building.groups(),
        total=building.total(),
        total_rows=answer.total_rows,
        shown_rows=shown,
        limited=limited,
        limited_words=words,
        heat_words=_heat_words(panel),
        legend=_legend(panel, page),
        comparable=by_of(panel)[0] if len(by_of(panel)) == 1 and is_entity(page.catalog, by_of(panel)[0]) else "",
    )


def joined_labels(metrics: Sequence[str], page: Page) -> str:
    labels = [page.label(metric) for metric in metrics[:3]]
    return formats.joined([labels[0], *(label[:1].lower() + label[1:] for label in labels[1:])])


def _heat_words(panel: TablePanel) -> str:
    kinds = {column.heat for column in columns_of(panel)} - {"none"}
    return formats.joined([{"total": "the total", "benchmark": "the benchmark"}[kind] for kind in sorted(kinds)])


def _legend(panel: TablePanel, page: Page) -> tuple[str, ...]:
    lines = []
    if any(page.catalog.metric(column.metric).benchmark is not None for column in columns_of(panel)):
        lines.append("Triangle: misses the benchmark")
    if any(column.heat != "none" for column in columns_of(panel)):
        lines.append("Unshaded: fewer than 20 cases, or still maturing")
    return tuple(lines)


@dataclass(frozen=True)
class _Building:
    """The table being made: one method per part."""

    panel: TablePanel
    slot: Slot
    answers: Answers

    @property
    def page(self) -> Page:
        return self.slot.page

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        named = [self._dimension(name) for name in (*by_of(self.panel), *self.panel.columns)]
        for column in columns_of(self.panel):
            named.append(self._metric(column))
            if column.metric == self.panel.sparkline:
                named.append(self._spark_column())
        if self.panel.sparkline and all(column.key != SPARK for column in named):
            named.insert(len(by_of(self.panel)) + len(self.panel.columns), self._spark_column())
        return tuple(named)

    def _dimension(self, name: str) -> Column:
        minor = name in self.panel.columns
        return Column(name, self.page.dimension(name), sortable=True, minor=minor, **self._sorting(name, first=""))

    def _metric(self, column: TableColumn) -> Column:
        metric, unit = self.page.catalog.metric(column.metric), self.page.unit(column.metric)
        return Column(
            column.metric,
            column.label or self.page.label(column.metric),
            unit=unit.header,
            numeric=True,
            sortable=True,
            description=metric.description,
            **self._sorting(column.metric, first="" if metric.direction == "down" else "-"),
        )

    def _spark_column(self) -> Column:
        answer = self.answers.get(SPARK)
        count = len(set(buckets(answer))) if answer is not None and answer.n_rows else 13
        grain = answer.question.grain if answer is not None else "week"
        return Column(SPARK, formats.plural(count, str(grain)), spark=True, minor=True)

    def _sorting(self, key: str, *, first: str) -> dict[str, Any]:
        sorted_by, descending = sort_of(self.panel, self.slot)
        state: Sorted = "none"
        following = first + key
        if key == sorted_by:
            state = "descending" if descending else "ascending"
            following = key if descending else f"-{key}"
        return {"sorted": state, "sort_link": self.page.link(self.page.selection.with_sort(self.slot.id, following))}

    def groups(self) -> tuple[RowGroup, ...]:
        rows = self._rows()
        if not self.panel.group:
            return (RowGroup("", tuple(row for _, row in rows)),)
        gathered: dict[str, list[Row]] = {}
        labels: dict[str, str] = {}
        for member, row in rows:
            gathered.setdefault(member.text_key, []).append(row)
            labels[member.text_key] = member.label
        subtotals, order = self._subtotals()
        keys = sorted(gathered, key=lambda key: order.get(key, len(order)))
        return tuple(RowGroup(labels[key], tuple(gathered[key]), subtotals.get(key, ()), key) for key in keys)

    def _rows(self) -> list[tuple[Member, Row]]:
        answer = self.answers["rows"]
        own = {name: members(answer, name, self.page) for name in dimensions_of(self.panel)}
        marks = self._badges(answer)
        courses = self._courses()
        key, descending = sort_of(self.panel, self.slot)
        found = []
        for index in range(answer.n_rows):
            row = self._row(index, own, courses, marks[index])
            weight: Any = own[key][index].label.casefold() if key in own else answer.cell(index, key).value
            found.append((weight, own[self.panel.group or by_of(self.panel)[0]][index], row))
        present = sorted((each for each in found if each[0] is not None), key=lambda each: each[0], reverse=descending)
        return [(member, row) for _, member, row in present + [each for each in found if each[0] is None]]

    def _row(
        self,
        index: int,
        own: Mapping[str, list[Member]],
        courses: Mapping[str, Spark],
        badge: Badge,
    ) -> Row:
        answer, by = self.answers["rows"], by_of(self.panel)
        row_held = tuple(held(name, own[name][index]) for name in by)
        first = own[by[0]][index]
        drill = self._drill(first)
        text = [
            Cell(own[name][index].label, own[name][index].label, link=drill if name == by[0] else Link())
            for name in (*by, *self.panel.columns)
        ]
        numbers = {
            column.metric: self._cell(column, answer.cell(index, column.metric), answer, row_held)
            for column in columns_of(self.panel)
        }
        made = [
            numbers[c.key] if c.key in numbers else self._drawn(courses.get(first.text_key))
            for c in self.columns[len(text) :]
        ]
        words = (
            f"{badge.capitalize()} performer by {self.page.label(self.panel.badges)}"
            if badge and self.panel.badges
            else ""
        )
        rows_link = self.page.rows(answer.question, columns_of(self.panel)[0].metric, row_held)
        return Row(first.text_key, (*text, *made), drill, badge, words, rows_link)

    def _drill(self, member: Member) -> Link:
        if not self.panel.drill or member.key is None:
            return Link()
        name = by_of(self.panel)[0]
        there = self.page.selection.with_values(name, (member.key,))
        return Link(f"d/{self.panel.drill}", there.context_pairs())

    def _drawn(self, course: Spark | None) -> Cell:
        return Cell("" if course else formats.MISSING, spark=course)

    def _cell(
        self,
        column: TableColumn,
        number: Number,
        answer: Answer,
        row_held: tuple[Filter, ...],
    ) -> Cell:
        metric = self.page.catalog.metric(column.metric)
        reference = {"none": None, "benchmark": metric.benchmark, "total": self._totals[column.metric]}[column.heat]
        unit = self.page.unit(column.metric)
        made = figure(
            number,
            answer,
            self.page,
            place="table",
            held=row_held,
            decimals=self.decimals[column.metric],
            bare=unit.kind in ("percent", "time"),
        )
        return Cell(
            made.text,
            number.value,
            figure=made,
            heat=heat(number, reference, metric.direction),
            below=below(number, self.page),
            delta=delta(number, answer, self.page) if column.change else None,
        )

    @cached_property
    def decimals(self) -> dict[str, int | None]:
        """Decimals per metric, one for the whole column with its subtotals and total."""
        answer = self.answers["rows"]
        return {
            column.metric: formats.column_decimals(answer.data[column.metric], self.page.unit(column.metric))
            for column in columns_of(self.panel)
        }

    @cached_property
    def _totals(self) -> dict[str, float | None]:
        answer = self.answers["total"]
        named = [column.metric for column in columns_of(self.panel)]
        return {name: answer.cell(0, name).value if answer.n_rows else None for name in named}

    def total(self) -> tuple[Cell, ...]:
        """The total row: the same metrics without groups, never the sum of what is printed above."""
        answer = self.answers["total"]
        count, noun = self.answers["rows"].total_rows, self.page.dimension(by_of(self.panel)[0]).lower()
        if not answer.n_rows or count == 1:  # the only row is its own total
            return ()
        label = f"All {formats.plural(count, noun, formats.many(noun))}" if count > 1 else f"All {formats.many(noun)}"
        return self._summary(label, answer, 0, ())

    def _subtotals(self) -> tuple[dict[str, tuple[Cell, ...]], dict[str, int]]:
        answer, group = self.answers["groups"], self.panel.group or ""
        own = members(answer, group, self.page)
        made = {
            member.text_key: self._summary(member.label, answer, index, (held(group, member),))
            for index, member in enumerate(own)
        }
        key, descending = sort_of(self.panel, self.slot)
        by_metric = any(column.metric == key for column in columns_of(self.panel))

        def weight(index: int) -> tuple[bool, Any]:
            value = answer.cell(index, key).value if by_metric else None
            missing = by_metric and value is None
            return missing, own[index].label.casefold() if value is None else -value if descending else value

        order = sorted(range(len(own)), key=weight)
        return made, {own[index].text_key: place for place, index in enumerate(order)}

    def _summary(self, label: str, answer: Answer, index: int, row_held: tuple[Filter, ...]) -> tuple[Cell, ...]:
        by_metric = {column.metric: column for column in columns_of(self.panel)}
        found = [Cell(label)]
        for column in self.columns[1:]:
            if column.key not in by_metric:
                found.append(Cell(""))
                continue
            plain = by_metric[column.key].model_copy(update={"heat": "none"})
            found.append(self._cell(plain, answer.cell(index, column.key), answer, row_held))
        return tuple(found)

    def _badges(self, answer: Answer) -> list[Badge]:
        if not self.panel.badges:
            return [""] * answer.n_rows
        return badges(cells(answer, self.panel.badges), self.page.catalog.metric(self.panel.badges).direction)

    def _courses(self) -> dict[str, Spark]:
        answer = self.answers.get(SPARK)
        if answer is None or answer.question.grain is None or not answer.n_rows:
            return {}
        metric = self.panel.sparkline or ""
        owners, when, numbers = members(answer, by_of(self.panel)[0], self.page), buckets(answer), cells(answer, metric)
        all_buckets = sorted(set(when))
        open_end = partial(all_buckets[-1], answer.question.grain, answer, self.page)
        values: dict[str, dict[Any, float | None]] = {}
        for owner, bucket, number in zip(owners, when, numbers, strict=True):
            values.setdefault(owner.text_key, {})[bucket] = number.value
        drawn = {
            key: spark([found.get(bucket) for bucket in all_buckets], label=self.page.label(metric), open_end=open_end)
            for key, found in values.items()
        }
        return {key: course for key, course in drawn.items() if course is not None}
