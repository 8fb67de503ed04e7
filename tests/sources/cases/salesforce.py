"""Cases of the Salesforce connector: by REST and by bulk job, with each way in, and a history object."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from behaviour import Case, Clock, HttpWorld, Key
from fake_server import serving
from salesforce_org import CLIENT_SECRET, REFRESH_TOKEN, SESSION, Org

from sightline.sources.base import Merged
from sightline.sources.salesforce import source
from sightline.sources.salesforce.source import SALESFORCE

START = datetime(2026, 2, 1, 9, tzinfo=UTC)
PAGE = 20
WAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "session": ({"access_token": SESSION}, {"access_token": "00D!wr0ng"}),
    "client": ({"client_id": "me", "client_secret": CLIENT_SECRET}, {"client_id": "me", "client_secret": "wr0ng-one"}),
    "refresh": (
        {"client_id": "me", "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN},
        {"client_id": "me", "client_secret": CLIENT_SECRET, "refresh_token": "wr0ng-refresh"},
    ),
}


def identity(number: int) -> str:
    return f"00Q{number:015}"


class OrgWorld(HttpWorld):
    """An organisation with leads of some days."""

    page = PAGE

    def __init__(self, clock: Clock, way: str, bulk_from: int, *, stream: str = "Lead") -> None:
        self.clock, self.stream, self.way, self.bulk_from = clock, stream, way, bulk_from
        self.org = Org(clock, stream, per_answer=PAGE - 5, per_result=PAGE)
        self.org.types |= self.fields()
        for number in range(1, 3 * PAGE - 5):
            self.org.put(identity(number), START + timedelta(hours=8 * (number // 6)), **self.values(number))
        self.secrets = (SESSION, CLIENT_SECRET, REFRESH_TOKEN)

    def fields(self) -> dict[str, str]:
        return {
            "MasterRecordId": "reference",
            "Company": "string",
            "Converted": "boolean",
            "Amount": "currency",
            "Employees": "int",
        }

    def values(self, number: int) -> dict[str, Any]:
        return {"Company": f'Müller, "{number}"\nBremen', "Converted": False, "Amount": 12.5, "Employees": number}

    def connect(self, url: str) -> None:
        right, wrong = WAYS[self.way]
        objects = {"objects": [self.stream], "history": []}
        if self.stream.endswith("History"):
            objects = {"objects": [], "history": [self.stream]}
        shared = {"instance_url": url, "bulk_from": self.bulk_from, **objects}
        self.config, self.wrong = {**shared, **right}, {**shared, **wrong}

    def keys(self) -> set[Key]:
        return {(each,) for each, row in self.org.rows.items() if not row["IsDeleted"]}

    def moments(self) -> dict[Key, datetime]:
        column = "SystemModstamp" if "SystemModstamp" in self.org.types else "CreatedDate"
        return {(each,): datetime.fromisoformat(row[column]) for each, row in self.org.rows.items()}

    def change(self, number: int) -> set[Key]:
        moment = self.clock.tick(60)
        chosen = [identity(each) for each in (*range(1, number), len(self.org.rows) + 1)]
        for each in chosen:
            self.org.put(each, moment, Company="Changed")
        return {(each,) for each in chosen}

    def remove(self) -> Key:
        self.org.put(identity(3), self.clock.tick(), IsDeleted=True)
        return (identity(3),)

    def merge(self) -> Merged:
        moment = self.clock.tick()
        self.org.put(identity(5), moment, IsDeleted=True, MasterRecordId=identity(4))
        self.org.put(identity(4), moment)
        return Merged(lost=identity(5), into=identity(4))

    def add_column(self) -> str:
        self.org.types["Colour__c"] = "string"
        for row in self.org.rows.values():
            row["Colour__c"] = "red"
        return "Colour__c"

    def drop_column(self) -> str:
        del self.org.types["Company"]
        return "Company"

    def expire(self) -> None:
        self.org.accepted = "something else"


class HistoryWorld(OrgWorld):
    """What changed in leads: no SystemModstamp, records are only added."""

    def __init__(self, clock: Clock, way: str, bulk_from: int) -> None:
        super().__init__(clock, way, bulk_from, stream="LeadHistory")

    def fields(self) -> dict[str, str]:
        del self.org.types["SystemModstamp"]
        return {"LeadId": "reference", "Field": "picklist", "OldValue": "anyType", "NewValue": "anyType"}

    def values(self, number: int) -> dict[str, Any]:
        return {"LeadId": identity(number % 4), "Field": "Status", "OldValue": "Open", "NewValue": "Working"}

    def change(self, number: int) -> set[Key]:
        moment, last = self.clock.tick(60), len(self.org.rows)
        chosen = [identity(last + each) for each in range(1, number + 1)]
        for each in chosen:
            self.org.put(each, moment, **self.values(1))
        return {(each,) for each in chosen}

    def drop_column(self) -> str:
        del self.org.types["OldValue"]
        return "OldValue"


def case(name: str, world: type[OrgWorld], way: str, bulk_from: int = 1000, **cannot: str) -> Case:
    @contextmanager
    def start(_: Path, clock: Clock) -> Iterator[OrgWorld]:
        running = world(clock, way, bulk_from)
        with mock.patch.object(source, "ROWS_PER_QUERY", PAGE), serving(running.org.answer, clock) as server:
            running.server = server
            running.connect(server.url)
            yield running

    lacking = {**({"renewal": "a fixed session"} if way == "session" else {}), **cannot}
    return Case(name, SALESFORCE, start, lacking)


OF_HISTORY = {"remove": "what happened stays", "merge": "what happened stays"}
CASES = (
    case("salesforce-session", OrgWorld, "session"),
    case("salesforce-bulk-client", OrgWorld, "client", 0),
    case("salesforce-history-refresh", HistoryWorld, "refresh", **OF_HISTORY),
)
