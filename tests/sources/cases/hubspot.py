"""Cases of the HubSpot connector: contacts with a private app, deals with OAuth, and the history of stages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from behaviour import Case, Clock, HttpWorld, Key
from fake_server import serving
from hubspot_portal import CLIENT_SECRET, REFRESH_TOKEN, TOKEN, Portal, text

from sightline.sources.base import Merged
from sightline.sources.hubspot.source import HUBSPOT

START = datetime(2026, 2, 1, 9, tzinfo=UTC)


class PortalWorld(HttpWorld):
    """A portal with records of some days."""

    page = 100

    def __init__(self, clock: Clock, kind: str, *, oauth: bool, number: int) -> None:
        self.clock, self.kind, self.stream, self.oauth = clock, kind, kind, oauth
        self.portal = Portal(clock, kind)
        for each in range(1, number + 1):
            self.portal.add(each, START + timedelta(hours=each // 4), email=f"{each}@example.org", city="Bremen")
        self.portal.names += ["hs_merged_object_ids", "hs_calculated_merged_vids"]
        self.secrets = (TOKEN, CLIENT_SECRET, REFRESH_TOKEN)

    def connect(self, url: str) -> None:
        ways: dict[str, Any] = {"token": TOKEN}
        wrong: dict[str, Any] = {"token": "pat-wr0ng"}
        if self.oauth:
            ways = {"client_id": "me", "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
            wrong = {**ways, "refresh_token": "refresh-wr0ng"}
        shared = {"base_url": url, "objects": [self.kind], "history": {self.kind: ["city"]}}
        self.config, self.wrong = {**shared, **ways}, {**shared, **wrong}

    def keys(self) -> set[Key]:
        return {(str(one.id),) for one in self.portal.things.values() if not one.archived_at}

    def moments(self) -> dict[Key, datetime]:
        changed = self.portal.changed
        return {
            (str(one.id),): datetime.fromisoformat(str(one.properties[changed])) for one in self.portal.things.values()
        }

    def change(self, number: int) -> set[Key]:
        moment = self.clock.tick(60)
        for each in range(1, number):
            self.portal.set(each, moment, city="Kiel")
        new = max(self.portal.things) + 1
        self.portal.add(new, moment, city="Kiel")
        return {*((str(each),) for each in range(1, number)), (str(new),)}

    def remove(self) -> Key:
        self.portal.things[3].archived_at = text(self.clock.tick())
        return ("3",)

    def merge(self) -> Merged:
        moment = self.clock.tick()
        self.portal.things[5].archived_at = text(moment)
        self.portal.set(4, moment, **self._merge_marks(moment))
        return Merged(lost="5", into="4")

    def _merge_marks(self, moment: datetime) -> dict[str, str]:
        if self.kind == "contacts":
            return {"hs_calculated_merged_vids": f"5:{int(moment.timestamp() * 1000)};4:0"}
        return {"hs_merged_object_ids": "5;6000"}

    def add_column(self) -> str:
        for one in self.portal.things.values():
            one.properties["colour"] = "red"
        self.portal.names.append("colour")
        return "colour"

    def drop_column(self) -> str:
        self.portal.names.remove("email")
        return "email"

    def expire(self) -> None:
        self.portal.accepted = "something else"


class HistoryWorld(PortalWorld):
    """The history of a property: some records have several versions."""

    def __init__(self, clock: Clock, kind: str, *, oauth: bool, number: int) -> None:
        super().__init__(clock, kind, oauth=oauth, number=number)
        self.stream = f"{kind}.history"
        self.page = 10
        for each in range(1, number + 1):
            for step in range(each % 3):
                self.portal.set(each, START + timedelta(days=10, hours=each // 4 + step), city=f"City {step}")

    def keys(self) -> set[Key]:
        return set(self.moments())

    def moments(self) -> dict[Key, datetime]:
        return {
            (str(one.id), "city", version["timestamp"]): datetime.fromisoformat(version["timestamp"])
            for one in self.portal.things.values()
            for version in one.history.get("city", ())
        }

    def change(self, number: int) -> set[Key]:
        moment = self.clock.tick(60)
        for each in range(1, number + 1):
            self.portal.set(each, moment, city="Kiel")
        return {(str(each), "city", text(moment)) for each in range(1, number + 1)}


def case(name: str, kind: str, world: type[PortalWorld], number: int, *, oauth: bool = False, **cannot: str) -> Case:
    @contextmanager
    def start(_: Path, clock: Clock) -> Iterator[PortalWorld]:
        running = world(clock, kind, oauth=oauth, number=number)
        with serving(running.portal.answer, clock) as server:
            running.server = server
            running.connect(server.url)
            yield running

    lacking = {**({} if oauth else {"renewal": "a fixed token"}), **cannot}
    return Case(name, HUBSPOT, start, lacking)


OF_HISTORY = {
    "remove": "versions stay",
    "merge": "versions are not merged",
    "count": "versions have no counts",
    "schema": "the columns of a history are fixed",
}
CASES = (
    case("hubspot-contacts", "contacts", PortalWorld, 230),
    case("hubspot-deals-oauth", "deals", PortalWorld, 110, oauth=True),
    case("hubspot-contacts-history", "contacts", HistoryWorld, 120, **OF_HISTORY),
)
