"""A HubSpot account.

First load: the list of all records. After that: a search for what changed in a window of time that is closed before we
begin, in the order of ids, each request asking for ids behind the last one. So HubSpot's limit of 10,000 results never
bites, thousands of records changed in the same millisecond do no harm, and nothing depends on results being sorted by
date, which HubSpot does not keep to (airbyte #43317 and #44899, estuary/connectors #5180). A record that changes while
we read leaves the window and is found by the next.

Then the list of deleted records is read for those deleted since. Windows overlap by `LAG`, because a search finds
changes some time after they were made.

An association that is made or ended leaves the moment of the record's last change as it was, and nothing lists changed
associations (airbyte #27199, #44554). So records whose associations are wanted are read again by list, in a pass that
begins once in `associations_every` hours and goes on over as many syncs as its pages take; what is as it was is stored
as it was. The passes keep deletes and cursors out of it: they only bring records up to date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sightline.sources.base import (
    Checked,
    Connector,
    Page,
    ReadRequest,
    Record,
    SourceError,
    Stream,
    Surroundings,
)
from sightline.sources.hubspot.client import Client, Filter, Result
from sightline.sources.hubspot.config import HubSpotConfig
from sightline.sources.hubspot.records import (
    HISTORY,
    MERGED,
    STATE,
    history_of,
    merges_in,
    milliseconds,
    moment_at,
    record_of,
)

LAG = timedelta(minutes=5)
SUFFIX = ".history"
PAGES_OF_A_SWEEP = 100
"""Pages of a hundred records that one sync reads again for their associations."""


@dataclass(frozen=True)
class _Place:
    """Where reading stands, as the cursor keeps it.

    `step`: `list` (all records), `search` (what changed in [`since`, `until`), milliseconds), `archived` (what was
    deleted since), `sweep` (all records, for their associations), or empty: done up to `since`. `after`: behind which
    page or id to go on. `swept`: when the last pass that came to its end began; `sweeping` and `resting_at`: when the
    present one began, and where it goes on in the next sync; `pages`: how many it may still read in this one.
    """

    step: str = ""
    since: int = 0
    until: int = 0
    after: str = ""
    swept: int = 0
    sweeping: int = 0
    resting_at: str = ""
    pages: int = 0

    def cursor(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class _Reading:
    """One reading of one object: what is asked for. `history`: versions of these properties instead of records."""

    kind: str
    names: Sequence[str]
    history: Sequence[str]
    request: ReadRequest

    @property
    def backfills(self) -> bool:
        return self.request.since is not None or self.request.until is not None


class HubSpot:
    """An open HubSpot account."""

    def __init__(self, config: HubSpotConfig, surroundings: Surroundings) -> None:
        self._config = config
        self._client = Client(config, surroundings)

    def close(self) -> None:
        self._client.close()

    def check(self) -> Checked:
        account = self._client.account()
        self._client.listed(self._config.objects[0], limit=1)
        details = {
            name: str(account[name]) for name in ("accountType", "timeZone", "companyCurrency") if name in account
        }
        return Checked(reached=f"HubSpot account {account.get('portalId', 'of unknown number')}", details=details)

    def streams(self) -> Sequence[Stream]:
        objects = [self._object_stream(kind) for kind in self._config.objects]
        histories = [
            Stream(
                name=kind + SUFFIX,
                label=f"{kind.capitalize()}, history of {', '.join(names)}",
                key=("object_id", "property", "at"),
                columns=HISTORY,
                cursor="at",
                appends_only=True,
            )
            for kind, names in self._config.history.items()
            if kind in self._config.objects and names
        ]
        return [*objects, *histories]

    def count(self, stream: Stream, days: Sequence[date]) -> Mapping[date, int] | None:
        kind = self._kind(stream.name)
        if stream.name.endswith(SUFFIX):
            return None
        return {day: self._client.search(kind, _created_on(day), limit=1)[1] for day in days}

    def read(self, request: ReadRequest) -> Iterator[Page]:
        reading = self._reading(request)
        place = self._started(reading)
        steps = {"list": self._list, "search": self._search, "archived": self._archived, "sweep": self._sweep}
        while place.step:
            page, place = steps[place.step](reading, place)
            yield replace(page, cursor=place.cursor())

    def _object_stream(self, kind: str) -> Stream:
        names = self._names(kind)
        return Stream(
            name=kind,
            label=kind.capitalize(),
            key=("id",),
            columns=("id", *names, *STATE, *self._association_columns(kind)),
            cursor=_changed(kind),
            created="createdate",
        )

    def _reading(self, request: ReadRequest) -> _Reading:
        name = request.stream.name
        kind = self._kind(name)
        if name.endswith(SUFFIX):
            known = self._client.properties(kind)
            history = tuple(name for name in self._config.history[kind] if name in known)
            return _Reading(kind=kind, names=(), history=history, request=request)
        names = self._names(kind)
        if request.columns:
            needed = {*request.columns, _changed(kind), "createdate", *MERGED}
            names = [name for name in names if name in needed]
        return _Reading(kind=kind, names=names, history=(), request=request)

    def _kind(self, name: str) -> str:
        kind = name.removesuffix(SUFFIX)
        if kind not in self._config.objects or (name != kind and kind not in self._config.history):
            raise SourceError(
                f'there is no stream "{name}"', hint=f"Objects that are read: {', '.join(self._config.objects)}."
            )
        return kind

    def _names(self, kind: str) -> Sequence[str]:
        """Return the properties to read: the wanted ones that exist, and those that we need ourselves."""
        known = self._client.properties(kind)
        wanted = self._config.properties.get(kind)
        if wanted is None:
            return [name for name in known if name != "id"]
        needed = {*wanted, _changed(kind), "createdate", *MERGED}
        return [name for name in known if name in needed]

    def _started(self, reading: _Reading) -> _Place:
        """Return where to begin: behind a stored page, or with the step that the request needs."""
        request = reading.request
        if request.cursor and request.cursor.get("step"):
            return _Place(**request.cursor)
        now = self._now()
        since = milliseconds(request.since) if request.since else 0
        until = min(now, milliseconds(request.until)) if request.until else now
        if request.cursor:
            return replace(_Place(**request.cursor), step="search", until=now)
        if reading.backfills and not reading.history:
            return _Place(step="search", since=since, until=until)
        return _Place(step="list", since=since, until=until)

    def _now(self) -> int:
        """Return the end of the present second by HubSpot's clock; what else changes in it lies in the next window."""
        return milliseconds(self._client.now()) + 1000

    def _list(self, reading: _Reading, place: _Place) -> tuple[Page, _Place]:
        results, after = self._client.listed(
            reading.kind, after=place.after, properties=reading.names, history=reading.history
        )
        page = self._page(reading, results)
        return page, replace(place, after=after) if after else replace(_done(place), swept=place.until)

    def _search(self, reading: _Reading, place: _Place) -> tuple[Page, _Place]:
        changed = _changed(reading.kind)
        filters = [
            Filter(changed, "GTE", place.since),
            Filter(changed, "LT", place.until),
            *([Filter("hs_object_id", "GT", place.after)] if place.after else []),
        ]
        results, total = self._client.search(reading.kind, filters, properties=reading.names)
        ids = [str(one["id"]) for one in results]
        if reading.history and ids:
            results = self._client.by_id(reading.kind, ids, history=reading.history)
        page = self._page(reading, results)
        if total > len(ids) and ids:
            return page, replace(place, after=max(ids, key=int))
        if reading.history or reading.backfills:
            return page, _done(place)
        return page, replace(place, step="archived", after="")

    def _archived(self, reading: _Reading, place: _Place) -> tuple[Page, _Place]:
        results, after = self._client.listed(reading.kind, after=place.after, archived=True)
        gone = [
            str(one["id"])
            for one in results
            if milliseconds(moment_at(one.get("archivedAt") or one["updatedAt"])) >= place.since
        ]
        page = Page(records=(), deleted=gone)
        return page, replace(place, after=after) if after else self._to_sweep(reading, place)

    def _to_sweep(self, reading: _Reading, place: _Place) -> _Place:
        """Return the place of a pass over all records when one is under way or due, else the end."""
        every = milliseconds_of(timedelta(hours=self._config.associations_every))
        is_due = bool(place.sweeping) or place.until - place.swept >= every
        if not every or not is_due or not self._wanted_associations(reading):
            return _done(place)
        began = place.sweeping or place.until
        return replace(
            place, step="sweep", after=place.resting_at, sweeping=began, resting_at="", pages=PAGES_OF_A_SWEEP
        )

    def _sweep(self, reading: _Reading, place: _Place) -> tuple[Page, _Place]:
        results, after = self._client.listed(reading.kind, after=place.after, properties=reading.names)
        page = self._page(reading, results)
        if not after:
            return page, replace(_done(place), swept=place.sweeping)
        if place.pages <= 1:
            return page, replace(_done(place), swept=place.swept, sweeping=place.sweeping, resting_at=after)
        return page, replace(place, after=after, pages=place.pages - 1)

    def _page(self, reading: _Reading, results: Sequence[Result]) -> Page:
        if reading.history:
            versions = (version for result in results for version in history_of(result))
            return Page(records=[version for version in versions if _within(reading.request, version)])
        associated = self._associated(reading, [str(one["id"]) for one in results])
        records = [record_of(one, reading.names, associated[str(one["id"])]) for one in results]
        return Page(records=records, merged=[pair for one in results for pair in merges_in(one)])

    def _associated(self, reading: _Reading, ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return the association columns of each record."""
        found: dict[str, dict[str, str]] = {each: {} for each in ids}
        for column in self._wanted_associations(reading):
            others = self._client.associated(reading.kind, column.split(".")[1], ids) if ids else {}
            for each in ids:
                found[each][column] = ";".join(others.get(each, ()))
        return found

    def _wanted_associations(self, reading: _Reading) -> tuple[str, ...]:
        if reading.history:
            return ()
        wanted = reading.request.columns
        return tuple(each for each in self._association_columns(reading.kind) if not wanted or each in wanted)

    def _association_columns(self, kind: str) -> tuple[str, ...]:
        return tuple(f"associations.{other}" for other in self._config.associations.get(kind, ()))


def _done(place: _Place) -> _Place:
    """Return the place from which the next sync searches."""
    return _Place(
        since=max(place.until - milliseconds_of(LAG), 1),
        swept=place.swept,
        sweeping=place.sweeping if place.step != "sweep" else 0,
        resting_at=place.resting_at,
    )


def milliseconds_of(span: timedelta) -> int:
    """Return a span in milliseconds."""
    return int(span.total_seconds() * 1000)


def _changed(kind: str) -> str:
    """Return the property with the moment of a record's last change; contacts call it differently."""
    return "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"


def _created_on(day: date) -> list[Filter]:
    begins = datetime.combine(day, time(), UTC)
    return [
        Filter("createdate", "GTE", milliseconds(begins)),
        Filter("createdate", "LT", milliseconds(begins + timedelta(days=1))),
    ]


def _within(request: ReadRequest, version: Record) -> bool:
    at = moment_at(version["at"])
    return not (request.since and at < request.since) and not (request.until and at >= request.until)


def open_hubspot(config: HubSpotConfig, surroundings: Surroundings) -> HubSpot:
    """Return an open HubSpot account."""
    return HubSpot(config, surroundings)


HUBSPOT = Connector(
    name="hubspot",
    label="HubSpot",
    summary="Contacts, companies, deals and tickets of a HubSpot account, and how their stages changed",
    config=HubSpotConfig,
    open=open_hubspot,
)
