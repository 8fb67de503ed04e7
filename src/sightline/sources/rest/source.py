"""A REST source that its settings describe.

Reading goes page by page with one lower bound; the bound for the next sync is the greatest value that was seen. Two
things would lose records, and are kept from it: a record that changes while we read (the next bound never lies behind
the moment reading began, by the source's own clock), and numbered pages whose records move (when `sorted` is set, each
request asks from the last value on instead of for a page number).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sightline.sources.base import Checked, Connector, Page, ReadRequest, Record, SourceError, Stream, Surroundings
from sightline.sources.rest.client import Client, Position
from sightline.sources.rest.config import RestConfig, RestCount, RestStream
from sightline.sources.rest.moments import earlier, moment_of, order_of, written

COUNTED_PAGES = ("page", "offset")


@dataclass(frozen=True)
class _Place:
    """Where reading stands, as the cursor keeps it.

    `since`: the lower bound. `at`: the next page. `top`: the greatest value seen. `began`: when reading began.
    `seen`: keys of records with the value `since`, which the source gives once more.
    """

    since: Any = None
    at: Position = None
    top: Any = None
    began: str = ""
    seen: tuple[tuple[str, ...], ...] = ()

    def cursor(self) -> dict[str, Any]:
        kept = {name: value for name, value in asdict(self).items() if value not in (None, "", ())}
        return kept | ({"seen": [list(key) for key in self.seen]} if self.seen else {})


class RestSource:
    """An open REST source."""

    def __init__(self, config: RestConfig, surroundings: Surroundings) -> None:
        self._config = config
        self._client = Client(config, surroundings)
        self._streams = {stream.name: stream for stream in config.streams}

    def close(self) -> None:
        self._client.close()

    def check(self) -> Checked:
        stream = self._config.streams[0]
        self._client.page(stream, {}, None, size=1)
        return Checked(reached=f"{self._config.base_url}, {stream.label or stream.name}")

    def streams(self) -> Sequence[Stream]:
        return [
            Stream(
                name=stream.name,
                label=stream.label or stream.name,
                key=stream.key,
                columns=stream.columns,
                cursor=stream.cursor.column if stream.cursor else None,
                created=stream.created,
                appends_only=stream.appends_only,
            )
            for stream in self._config.streams
        ]

    def count(self, stream: Stream, days: Sequence[date]) -> Mapping[date, int] | None:
        asked = self._stream(stream.name)
        how = asked.count
        if how is None:
            return None
        return {day: self._client.total(asked, how, _of_day(how, day)) for day in days}

    def read(self, request: ReadRequest) -> Iterator[Page]:
        stream = self._stream(request.stream.name)
        place = _started(stream, request)
        while True:
            found = self._client.page(stream, _bounds(stream, request, place), place.at)
            began = place.began or self._client.http.source_time().isoformat()
            records = [record for record in found.records if _is_new(stream, place, record)]
            place, over = _moved(stream, place, began=began, records=found.records, after=found.after)
            wanted = [_chosen(stream, request, record) for record in records if _within(stream, request, record)]
            if over:
                place = _ended(stream, place)
            if wanted or not over or stream.cursor:
                yield Page(records=wanted, cursor=place.cursor() if stream.cursor or not over else None)
            if over:
                return

    def _stream(self, name: str) -> RestStream:
        if name not in self._streams:
            raise SourceError(f'there is no stream "{name}"; there are {", ".join(self._streams)}')
        return self._streams[name]


def _started(stream: RestStream, request: ReadRequest) -> _Place:
    """Return where to begin: behind a page that was stored, or at the lower bound of a backfill."""
    if request.cursor:
        kept = {**request.cursor, "seen": tuple(tuple(key) for key in request.cursor.get("seen", ()))}
        return _Place(**kept)
    if request.since and stream.cursor and stream.cursor.format != "raw":
        return _Place(since=written(request.since, stream.cursor.format))
    return _Place()


def _bounds(stream: RestStream, request: ReadRequest, place: _Place) -> dict[str, str]:
    cursor = stream.cursor
    if cursor is None:
        return {}
    asked = {} if place.since is None else {cursor.param: str(place.since)}
    if request.until and cursor.until_param and cursor.format != "raw":
        asked[cursor.until_param] = written(request.until, cursor.format)
    return asked


def _of_day(how: RestCount, day: date) -> dict[str, str]:
    begins = datetime.combine(day, time(), UTC)
    ends = begins + timedelta(days=1)
    return {how.from_param: written(begins, how.format), how.until_param: written(ends, how.format)}


def _key(stream: RestStream, record: Record) -> tuple[str, ...]:
    missing = [name for name in stream.key if record.get(name) is None]
    if missing:
        raise SourceError(
            f"a record of {stream.name} has no {', '.join(missing)}; it has {', '.join(sorted(record)[:20])}",
            hint="Correct `key` of the stream.",
        )
    return tuple(str(record[name]) for name in stream.key)


def _is_new(stream: RestStream, place: _Place, record: Record) -> bool:
    return _key(stream, record) not in place.seen or _value(stream, record) != place.since


def _value(stream: RestStream, record: Record) -> Any:
    return record.get(stream.cursor.column) if stream.cursor else None


def _moved(
    stream: RestStream,
    place: _Place,
    *,
    began: str,
    records: Sequence[Record],
    after: Position,
) -> tuple[_Place, bool]:
    """Return the place behind a page, and whether that was the last one."""
    top = place.top
    if stream.cursor:
        how = stream.cursor.format
        top = max([top, *(_value(stream, record) for record in records)], key=lambda value: order_of(value, how))
    by_value = stream.cursor is not None and stream.cursor.sorted and stream.paging.kind in COUNTED_PAGES
    if not by_value or after is None or top is None or top == place.since:
        return replace(place, at=after, top=top, began=began), after is None
    seen = tuple(_key(stream, record) for record in records if _value(stream, record) == top)
    return _Place(since=top, top=top, began=began, seen=seen), False


def _ended(stream: RestStream, place: _Place) -> _Place:
    """Return the bound for the next sync: what was seen, but nothing later than when this one began."""
    cursor = stream.cursor
    if cursor is None:
        return _Place()
    top = place.since if place.top is None else place.top
    began, latest = moment_of(place.began, "iso"), moment_of(top, cursor.format)
    if cursor.format != "raw" and not cursor.sorted and began and latest and latest > began:
        top = written(began, cursor.format)
    return _Place(since=earlier(top, cursor.format, cursor.overlap))


def _within(stream: RestStream, request: ReadRequest, record: Record) -> bool:
    """Return whether a record lies in the bounds, for sources that do not bound themselves."""
    if request.since is None and request.until is None:
        return True
    cursor = stream.cursor
    column, how = (cursor.column, cursor.format) if cursor else (stream.created or "", "iso")
    moment = moment_of(record.get(column), "iso" if how == "raw" else how)
    if moment is None:
        return True
    return not (request.since and moment < request.since) and not (request.until and moment >= request.until)


def _chosen(stream: RestStream, request: ReadRequest, record: Record) -> Record:
    if not request.columns:
        return record
    wanted = {*request.columns, *stream.key, *filter(None, (request.stream.cursor, stream.created))}
    return {name: value for name, value in record.items() if name in wanted}


def open_rest(config: RestConfig, surroundings: Surroundings) -> RestSource:
    """Return an open REST source."""
    return RestSource(config, surroundings)


REST = Connector(
    name="rest",
    label="REST",
    summary="Any HTTP API that answers with JSON, described in settings",
    config=RestConfig,
    open=open_rest,
)
