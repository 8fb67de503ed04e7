"""The body of a table panel. Written in Python, not as a template: a table may have thousands of cells."""

from __future__ import annotations

from collections.abc import Iterator

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from sightline.dashboards.view import Cell, Column, Row, RowGroup, TableView
from sightline.web.templatetags.sightline import delta, drawn, figure, spark

register = template.Library()

LIFE = {
    "active": ("ok", "good", "Active"),
    "under_review": ("warn", "warn", "Under review"),
    "in_validation": ("flask", "info", "In validation"),
    "deprioritized": ("none", "", "Deprioritized"),
}
"""The fixed words of a program's life (ui.md §2): icon, word and colour together."""

SHELVES = {"top": (0, "Top"), "middle": (1, "Middle"), "bottom": (2, "Lower"), "off": (3, "Off shelf")}
JUDGED = {
    "excellent": ("star", "info"),
    "good": ("ok", "good"),
    "warning": ("warn", "warn"),
    "critical": ("bad", "bad"),
    "none": ("none", ""),
    "overdue": ("clock", "warn"),
    "early": ("clock", ""),
}
BADGES = {"top": ("up", "good", "Top"), "bottom": ("dn", "bad", "Bottom")}


@register.simple_tag(takes_context=True)
def opens_rows(context: template.Context, table: TableView) -> bool:
    """Return whether rows of this table show the records behind them, to this viewer."""
    return bool(context.get("can_see_rows")) and any(row.rows_link for group in table.groups for row in group.rows)


@register.simple_tag(takes_context=True)
def table_body(context: template.Context, table: TableView) -> SafeString:
    """Return the bodies (one per group) and the total of a table."""
    parts: list[str] = []
    opening = opens_rows(context, table)
    moving = _moving(table)
    for group in table.groups:
        parts.append("<tbody>")
        if group.label:
            parts.append(_heading(context, table, group, opening, moving))
        parts.extend(_row(context, table, row, opening, moving) for row in group.rows)
        parts.append("</tbody>")
    if table.total:
        cells = "".join(_cells(context, table.columns, table.total, moving, head="row"))
        parts.append(f"<tfoot><tr>{cells}{'<td></td>' if opening else ''}</tr></tfoot>")
    return mark_safe("".join(parts))  # noqa: S308 - every text in it went through escape()


def _moving(table: TableView) -> frozenset[str]:
    """Return the keys of the columns that show changes: all their cells leave room for one."""
    rows = [row.cells for group in table.groups for row in group.rows]
    return frozenset(
        column.key
        for cells in rows
        for column, cell in zip(table.columns, cells, strict=False)
        if cell.delta is not None
    )


def _heading(
    context: template.Context, table: TableView, group: RowGroup, opening: bool, moving: frozenset[str]
) -> str:
    count = f' <span class="mut">{len(group.rows)}</span>'
    words: str = escape(group.label)
    if group.status:
        glyph, tone = JUDGED[group.status]
        words = f'<span class="st {tone}">{drawn(glyph)}{words}</span>'
    first = f'<th scope="rowgroup" class="stick">{words}{count}</th>'
    rest = "".join(_cells(context, table.columns[1:], group.subtotal[1:], moving)) if group.subtotal else ""
    if not rest:
        rest = "<td></td>" * (len(table.columns) - 1)
    return f'<tr class="grp">{first}{rest}{"<td></td>" if opening else ""}</tr>'


def _row(context: template.Context, table: TableView, row: Row, opening: bool, moving: frozenset[str]) -> str:
    cells = list(_cells(context, table.columns, row.cells, moving, head="row", row=row.key))
    name = escape(row.cells[0].text) if row.cells else ""
    link = row.link or (row.cells[0].link if row.cells else None)
    shown = f'<a href="{context["base"]}{escape(link.href)}">{name}</a>' if link else name
    if row.badge:
        glyph, tone, word = BADGES[row.badge]
        title = escape(row.badge_words or word)
        shown += f' <span class="tag {tone}" title="{title}">{drawn(glyph, "ic-s")}{word}</span>'
    if table.comparable and context.get("compare_panel") == table.id:
        shown = (
            f'<label class="pk"><input type="checkbox" data-compare value="{escape(row.key)}" '
            f'aria-label="Compare {name}"></label>{shown}'
        )
    cells[:1] = [f'<th scope="row" class="stick">{shown}</th>']
    return f"<tr data-row>{''.join(cells)}{_rows_link(context, row, name, opening)}</tr>"


def _rows_link(context: template.Context, row: Row, name: str, opening: bool) -> str:
    if not opening:
        return ""
    if not row.rows_link:
        return "<td></td>"
    address = f"{context['base']}{escape(row.rows_link.href)}"
    return (
        f'<td><a class="ib sm" href="{address}" aria-label="Rows behind {name}" title="Rows">{drawn("table")}</a></td>'
    )


def _cells(
    context: template.Context,
    columns: tuple[Column, ...],
    cells: tuple[Cell, ...],
    moving: frozenset[str],
    head: str = "",
    row: str = "",
) -> Iterator[str]:
    best = context.get("best") or frozenset()
    for place, (column, cell) in enumerate(zip(columns, cells, strict=False)):
        if head and place == 0:
            yield f'<th scope="{head}" class="stick">{escape(cell.text)}</th>'
            continue
        shown = _content(context, column, cell)
        if column.key in moving and (cell.delta is not None or cell.figure is not None):
            shown += f' <span class="dx">{delta(cell.delta, with_base=False)}</span>'
        css = " ".join(filter(None, ("n" if column.numeric else "", "hide-s" if column.minor else "", _heat(cell))))
        if (row, column.key) in best:
            mark = f'<span class="st good">{drawn("ok")}<span class="sr">best</span></span>'
            yield f'<td class="{css} best">{mark} {shown}</td>'
            continue
        yield f'<td class="{css}">{shown}</td>'


def _heat(cell: Cell) -> str:
    muted = "sec" if cell.figure is not None and cell.figure.state in {"too_few", "maturing", "held"} else ""
    return f"heat {cell.heat}" if cell.heat else muted


def _content(context: template.Context, column: Column, cell: Cell) -> str:
    if cell.spark is not None:
        return str(spark(cell.spark))
    if cell.status:
        return _judged(cell)
    plain = cell.text.lower().replace(" ", "_")
    if cell.figure is None and column.key == "status" and plain in LIFE:
        glyph, tone, word = LIFE[plain]
        return f'<span class="st {tone}">{drawn(glyph)}{word}</span>'
    if cell.figure is None and column.key.startswith("shelf") and plain in SHELVES:
        return _shelf(plain)
    text = str(figure(context, cell.figure)) if cell.figure is not None else escape(cell.text)
    if cell.figure is None and cell.link:
        text = f'<a href="{context["base"]}{escape(cell.link.href)}">{text}</a>'
    if cell.below:
        text = f'{drawn("warn", "below")}<span class="sr">{escape(cell.below)} </span>{text}'
    return text + _why(cell)


def _judged(cell: Cell) -> str:
    """Return a status with its icon, and below it why."""
    glyph, tone = JUDGED[cell.status]
    return f'<span class="st {tone}">{drawn(glyph)}{escape(cell.text)}</span>{_why(cell)}'


def _why(cell: Cell) -> str:
    return f'<span class="why">{escape(cell.reason)}</span>' if cell.reason else ""


def _shelf(name: str) -> str:
    """Return a shelf position: three boards, the one it stands on filled."""
    place, word = SHELVES[name]
    boards = "".join(
        f'<rect class="{"on" if at == place else "off"}" x="0" y="{1 + 5 * at}" width="16" height="2.5" rx="1"/>'
        for at in range(3)
    )
    drawing = f'<svg class="shg" width="16" height="14" viewBox="0 0 16 14" aria-hidden="true">{boards}</svg>'
    return f'<span class="shelf">{drawing}{word}</span>'
