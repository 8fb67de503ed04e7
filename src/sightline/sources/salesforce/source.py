"""A Salesforce organisation.

Records are read in the order of (SystemModstamp, Id), 2,000 at a time, deleted ones included; each query asks for what
lies behind the last record, so a cursor is good for ever and a record that changes meanwhile comes once more. (Pages of
one long query would not do: they show records as they are when the page is fetched, out of order.) A first load or
backfill of many records goes through one bulk job instead.

Salesforce shows changes up to some minutes late (airbyte #27146, estuary/connectors #2678), so the cursor of a finished
sync lies `LAG` back at least.
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
    SourceAnswer,
    SourceError,
    Stream,
    Surroundings,
)
from sightline.sources.salesforce import soql
from sightline.sources.salesforce.client import Client, NotThere, Result
from sightline.sources.salesforce.config import SalesforceConfig
from sightline.sources.salesforce.fields import Described, described, moment_at, page_of, typed

LAG = timedelta(minutes=10)
ROWS_PER_QUERY = 2000
DAYS_PER_COUNT = 1000
"""A grouped query gives 2,000 rows at most."""


@dataclass(frozen=True)
class _Place:
    """Where reading stands, as the cursor keeps it: behind `id` at the moment `at`, or at `locator` of a bulk `job`
    that began at `began`.
    """

    at: str = ""
    id: str = ""
    job: str = ""
    locator: str = ""
    began: str = ""

    def cursor(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class _Reading:
    """One reading of one object: what is asked for."""

    found: Described
    fields: Sequence[str]
    request: ReadRequest

    def bounds(self, place: _Place) -> soql.Range:
        since = moment_at(place.at) if place.at else self.request.since
        return soql.Range(self.found.changed or "", since, place.id, self.request.until)


class Salesforce:
    """An open Salesforce organisation."""

    def __init__(self, config: SalesforceConfig, surroundings: Surroundings) -> None:
        self._config = config
        self._names = (*config.objects, *config.history)
        self._client = Client(config, surroundings)

    def close(self) -> None:
        self._client.close()

    def check(self) -> Checked:
        there = self._client.objects()
        missing = [name for name in self._names if name not in there]
        details = {"api usage": self._client.usage.removeprefix("api-usage="), "missing": ", ".join(missing)}
        return Checked(
            reached=f"Salesforce at {self._config.instance_url}",
            details={name: text for name, text in details.items() if text},
        )

    def streams(self) -> Sequence[Stream]:
        there = self._client.objects()
        return [self._stream(self._described(name)) for name in self._names if name in there]

    def count(self, stream: Stream, days: Sequence[date]) -> Mapping[date, int] | None:
        name = self._known(stream.name)
        if not stream.created or not days:
            return None if not stream.created else {}
        counted: dict[date, int] = {}
        start, end = min(days), max(days) + timedelta(days=1)
        while start < end:
            stop = min(start + timedelta(days=DAYS_PER_COUNT), end)
            bounds = soql.Range(stream.created, _midnight(start), "", _midnight(stop))
            for row in self._client.query(soql.per_day(name, stream.created, bounds)):
                counted[date.fromisoformat(str(row["d"]))] = int(row["n"])
            start = stop
        return {day: counted.get(day, 0) for day in days}

    def read(self, request: ReadRequest) -> Iterator[Page]:
        found = self._described(self._known(request.stream.name))
        reading = _Reading(found=found, fields=found.chosen(request.columns), request=request)
        if found.changed is None:
            yield page_of(self._client.query(soql.rows(found.name, reading.fields, soql.Range(""))))
            return
        place = _Place(**request.cursor) if request.cursor else _Place()
        if place.job or (not request.cursor and self._is_large(reading)):
            yield from self._bulk(reading, place)
        else:
            yield from self._rows(reading, place)

    def _known(self, name: str) -> str:
        if name not in self._names:
            raise SourceError(f'there is no stream "{name}"', hint=f"Objects that are read: {', '.join(self._names)}.")
        return name

    def _described(self, name: str) -> Described:
        try:
            answer = self._client.described(name)
        except NotThere as error:
            hint = "Check its API name, and that the user of the connection may read it."
            raise SourceAnswer(f"Salesforce has no object {name}", hint=hint) from error
        return described(name, answer, wanted=self._config.fields.get(name, ()))

    def _stream(self, found: Described) -> Stream:
        return Stream(
            name=found.name,
            label=found.label,
            key=("Id",),
            columns=tuple(found.types),
            cursor=found.changed,
            created=found.created,
            appends_only=found.name in self._config.history,
        )

    def _is_large(self, reading: _Reading) -> bool:
        if reading.found.name in self._config.history:
            return False
        query = soql.number(reading.found.name, reading.bounds(_Place()))
        return self._client.number(query) > self._config.bulk_from

    def _rows(self, reading: _Reading, place: _Place) -> Iterator[Page]:
        changed, full = reading.found.changed or "", True
        while full:
            query = soql.rows(reading.found.name, reading.fields, reading.bounds(place), limit=ROWS_PER_QUERY)
            rows = self._client.query(query, deleted=True)
            full = len(rows) >= ROWS_PER_QUERY
            if rows:
                place = _Place(at=str(rows[-1][changed]), id=str(rows[-1]["Id"]))
            if not full:
                place = self._ended(place)
            yield replace(page_of(rows), cursor=place.cursor() or None)

    def _ended(self, place: _Place) -> _Place:
        """Return the place from which the next sync reads: not so near to now that late changes would be missed."""
        latest = self._client.now() - LAG
        return _Place(at=latest.isoformat()) if place.at and moment_at(place.at) > latest else place

    def _bulk(self, reading: _Reading, place: _Place) -> Iterator[Page]:
        place = self._job(reading, place)
        while True:
            found = self._client.results(place.job, place.locator)
            place = replace(place, locator=found.locator)
            after = place if found.locator else _Place(at=place.began)
            rows: list[Result] = [typed(row, reading.found.types) for row in found.rows]
            yield replace(page_of(rows), cursor=after.cursor())
            if not found.locator:
                return

    def _job(self, reading: _Reading, place: _Place) -> _Place:
        """Return a place in a complete job: the one that the cursor names while it is there, else a new one."""
        if place.job:
            try:
                self._client.await_job(place.job)
            except NotThere:
                place = _Place()
        if not place.job:
            began = (self._client.now() - LAG).isoformat()
            query = soql.rows(reading.found.name, reading.fields, reading.bounds(_Place()))
            place = _Place(job=self._client.start_job(query), began=began)
            self._client.await_job(place.job)
        return place


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def open_salesforce(config: SalesforceConfig, surroundings: Surroundings) -> Salesforce:
    """Return an open Salesforce organisation."""
    return Salesforce(config, surroundings)


SALESFORCE = Connector(
    name="salesforce",
    label="Salesforce",
    summary="Leads, contacts, accounts, opportunities, campaigns and any other object, with their history",
    config=SalesforceConfig,
    open=open_salesforce,
)
