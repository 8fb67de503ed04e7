"""Pages of a relation: everything behind a place, in the order of cursor and key."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sightline.sources.base import Page, Record
from sightline.sources.sql.connection import Database
from sightline.sources.sql.place import Place, Values
from sightline.sources.sql.relation import NoKey, Relation
from sightline.sources.sql.statement import Limits, Terms, page_of, unchanged_of
from sightline.sources.sql.values import is_set, plain

Statement = Callable[[Place], sa.Select[Any]]
Rows = Sequence[Values]


@dataclass(frozen=True)
class Reader:
    """Reads one relation. `wanted`: the columns of its records."""

    database: Database
    terms: Terms
    relation: Relation
    wanted: tuple[str, ...]
    limits: Limits
    page_rows: int

    def pages(self, place: Place) -> Iterator[Page]:
        """Yield pages behind a place."""
        if self.relation.cursor is None:
            yield from self._all(place)
            return
        if self.relation.cursor_may_be_null and not place.unchanged_read:
            yield from self._unchanged(place)
        began = dataclasses.replace(place, unchanged=None, unchanged_read=False)
        pages = self._changed(began)
        yield next(pages, Page((), began.cursor()))
        yield from pages

    def _all(self, place: Place) -> Iterator[Page]:
        """Yield all rows; behind the last page reading begins anew."""
        for rows, last in _with_last(self._parts(place, self._statement, self.relation.key)):
            yield self._page(rows, Place() if last else Place(at=self._of_last(rows, self.relation.key)))

    def _unchanged(self, place: Place) -> Iterator[Page]:
        """Yield rows whose cursor has no value."""
        for rows in self._parts(place, self._statement_for_unchanged, self.relation.key):
            yield self._page(rows, dataclasses.replace(place, unchanged=self._of_last(rows, self.relation.key)))

    def _changed(self, place: Place) -> Iterator[Page]:
        order = tuple(filter(None, (self.relation.cursor, *self.relation.key)))
        by_day = self.relation.kind(self.relation.cursor) == "day"
        for rows, last in _with_last(self._parts(place, self._statement, order)):
            values = self._of_last(rows, order)
            if not last:
                yield self._page(rows, Place(at=values, unchanged_read=self.relation.cursor_may_be_null))
            else:
                yield self._page(rows, Place(at=values[:1], whole_day=True) if by_day else Place(at=values))

    def _statement(self, place: Place) -> sa.Select[Any]:
        return page_of(self.relation, self.columns, place, self.limits, self.terms)

    def _statement_for_unchanged(self, place: Place) -> sa.Select[Any]:
        return unchanged_of(self.relation, self.columns, place, self.limits, self.terms)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read: the wanted ones, and those that order rows and tell deleted ones."""
        needed = (*self.wanted, *self.relation.key, self.relation.cursor, self.relation.deleted)
        return tuple(dict.fromkeys(name for name in needed if name))

    def _parts(self, place: Place, statement: Statement, order: Sequence[str]) -> Iterator[Rows]:
        if self.terms.dialect.streams:
            with self.database.reading() as connection:
                streaming = connection.execution_options(yield_per=self.page_rows)
                yield from streaming.execute(statement(place)).partitions()
            return
        while rows := self._part(statement(place)):
            yield rows
            if len(rows) < self.page_rows:
                return
            last = self._of_last(rows, order)
            place = Place(unchanged=last) if statement == self._statement_for_unchanged else Place(at=last)

    def _part(self, statement: sa.Select[Any]) -> Rows:
        """Return one page as a statement of its own, so that nothing stays locked while the page is stored."""
        with self.database.reading() as connection:
            return list(connection.execute(statement.limit(self.page_rows)).all())

    def _of_last(self, rows: Rows, names: Sequence[str]) -> Values:
        last = dict(zip(self.columns, rows[-1], strict=True))
        return tuple(last[name] for name in names)

    def _page(self, rows: Rows, place: Place) -> Page:
        records, deleted = [], []
        for row in rows:
            values = dict(zip(self.columns, row, strict=True))
            self._require_key(values)
            gone = self.relation.deleted is not None and is_set(values[self.relation.deleted])
            record = self._record(values)
            if gone:
                deleted.append(str(record[self.relation.key[0]]))
            else:
                records.append(record)
        return Page(records, place.cursor(), deleted)

    def _record(self, values: dict[str, Any]) -> Record:
        names = dict.fromkeys((*self.relation.key, *self.wanted))
        return {name: plain(values[name], self.relation.kind(name), self.terms.zone) for name in names}

    def _require_key(self, values: dict[str, Any]) -> None:
        for name in self.relation.key:
            if values[name] is None:
                raise NoKey(
                    f'a row of "{self.relation.name}" has no "{name}", which is to identify it',
                    hint='Name other columns under "key".',
                )


def _with_last(parts: Iterator[Rows]) -> Iterator[tuple[Rows, bool]]:
    """Yield each part with whether it is the last."""
    held = next(parts, None)
    while held is not None:
        following = next(parts, None)
        yield held, following is None
        held = following
