"""A small HubSpot: the parts of its CRM API that we use, with its documented limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fake_server import Answer, Asked

DEFAULTS = ("createdate", "hs_object_id")
WINDOW = 10_000
TOKEN = "pat-na1-5up3r-secret"
CLIENT_SECRET, REFRESH_TOKEN = "cl1ent-secret", "refresh-5ecret"


def text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(value: str) -> int:
    return round(datetime.fromisoformat(value).timestamp() * 1000)


@dataclass
class Thing:
    """A record of the portal."""

    id: int
    properties: dict[str, str | None]
    archived_at: str = ""
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    associations: dict[str, list[int]] = field(default_factory=dict)


@dataclass
class Portal:
    """A portal with records of one kind. `changed`: the property that holds the moment of the last change."""

    clock: Callable[[], datetime]
    kind: str
    things: dict[int, Thing] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    accepted: str = TOKEN
    refreshing: list[str] = field(default_factory=lambda: [REFRESH_TOKEN])
    renewals: int = 0

    @property
    def changed(self) -> str:
        return "lastmodifieddate" if self.kind == "contacts" else "hs_lastmodifieddate"

    def add(self, number: int, moment: datetime, **properties: str) -> Thing:
        stamps = {"createdate": text(moment), self.changed: text(moment), "hs_object_id": str(number)}
        thing = self.things[number] = Thing(number, {**stamps, **properties})
        self.names += [name for name in thing.properties if name not in self.names]
        return thing

    def set(self, number: int, moment: datetime, **properties: str) -> None:
        thing = self.things[number]
        thing.properties |= {**properties, self.changed: text(moment)}
        self.names += [name for name in thing.properties if name not in self.names]
        for name, value in properties.items():
            versions = thing.history.setdefault(name, [])
            versions.insert(
                0, {"value": value, "timestamp": text(moment), "sourceType": "CRM_UI", "sourceId": "user:1"}
            )

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/oauth/v1/token":
            return self._renewed(asked.form())
        if asked.headers.get("Authorization") != f"Bearer {self.accepted}":
            return Answer({"status": "error", "message": f"no {asked.headers.get('Authorization')}"}, 401)
        parts = asked.path.strip("/").split("/")
        if asked.path == "/account-info/v3/details":
            return Answer({"portalId": 4711, "accountType": "STANDARD", "timeZone": "Europe/Berlin"})
        if parts[:3] == ["crm", "v3", "properties"]:
            return Answer({"results": [{"name": name, "archived": False} for name in self.names]})
        if parts[:3] == ["crm", "v3", "associations"]:
            return self._associations(parts[4], asked.json())
        assert parts[:4] == ["crm", "v3", "objects", self.kind], asked.path
        return {"": self._list, "search": self._search, "batch": self._batch}["".join(parts[4:5])](asked)

    def _renewed(self, form: Mapping[str, str]) -> Answer:
        """Renew, and replace the refresh token; the two before still work, for answers may get lost."""
        if form["client_secret"] != CLIENT_SECRET or form["refresh_token"] not in self.refreshing[-3:]:
            return Answer({"status": "BAD_REFRESH_TOKEN", "message": f"bad {form['refresh_token']}"}, 400)
        self.renewals += 1
        self.accepted = f"access-{self.renewals}"
        self.refreshing.append(f"{REFRESH_TOKEN}-{self.renewals}")
        return Answer({"access_token": self.accepted, "refresh_token": self.refreshing[-1], "expires_in": 1800})

    def _list(self, asked: Asked) -> Answer:
        limit, history = int(asked.query["limit"]), asked.query.get("propertiesWithHistory", "")
        if limit > (50 if history else 100):
            return _bad(f"limit {limit} is too high")
        archived = asked.query.get("archived") == "true"
        after = int(asked.query.get("after", 0))
        found = [one for one in self._sorted() if bool(one.archived_at) == archived and one.id >= after]
        names = asked.query.get("properties", "").split(",")
        body: dict[str, Any] = {"results": [self._shown(one, names, history.split(",")) for one in found[:limit]]}
        if len(found) > limit:
            body["paging"] = {"next": {"after": str(found[limit].id), "link": "https://api.hubapi.com/elsewhere"}}
        return Answer(body)

    def _search(self, asked: Asked) -> Answer:
        body = asked.json()
        after, limit, sorts = int(body.get("after", 0)), body["limit"], body["sorts"]
        if limit > 200 or after + limit > WINDOW or len(sorts) > 1 or "propertiesWithHistory" in body:
            return _bad("beyond the limits of a search")
        (group,) = body["filterGroups"]
        found = [one for one in self._sorted() if not one.archived_at and _matches(one, group["filters"])]
        return Answer(
            {"total": len(found), "results": [self._shown(one, body["properties"], []) for one in found[:limit]]}
        )

    def _batch(self, asked: Asked) -> Answer:
        body = asked.json()
        history = body.get("propertiesWithHistory") or []
        if len(body["inputs"]) > (50 if history else 100):
            return _bad("too many inputs")
        found = [self.things[int(one["id"])] for one in body["inputs"] if int(one["id"]) in self.things]
        return Answer({"results": [self._shown(one, body["properties"], history) for one in reversed(found)]}, 207)

    def _associations(self, other: str, body: Mapping[str, Any]) -> Answer:
        results = []
        for one in body["inputs"]:
            ids = self.things[int(one["id"])].associations.get(other, [])
            at = int(one.get("after", 0))
            result: dict[str, Any] = {
                "from": {"id": one["id"]},
                "to": [{"id": str(each), "type": f"{self.kind}_to_{other}"} for each in ids[at : at + 2]],
            }
            if len(ids) > at + 2:
                result["paging"] = {"next": {"after": str(at + 2)}}
            results += [result] if ids else []
        return Answer({"status": "COMPLETE", "results": results})

    def _sorted(self) -> list[Thing]:
        return [self.things[number] for number in sorted(self.things)]

    def _shown(self, thing: Thing, names: list[str], history: list[str]) -> dict[str, Any]:
        chosen = [*DEFAULTS, self.changed, *(name for name in names if name in self.names)]
        shown = {
            "id": str(thing.id),
            "properties": {name: thing.properties.get(name) for name in chosen},
            "createdAt": thing.properties["createdate"],
            "updatedAt": thing.properties[self.changed],
            "archived": bool(thing.archived_at),
            **({"archivedAt": thing.archived_at} if thing.archived_at else {}),
        }
        if history:
            shown["propertiesWithHistory"] = {name: thing.history.get(name, []) for name in history if name}
        return shown


def _matches(thing: Thing, filters: list[Mapping[str, str]]) -> bool:
    for one in filters:
        value, bound = thing.properties[one["propertyName"]] or "", int(one["value"])
        have = int(value) if value.isdigit() else milliseconds(value)
        if not {"GTE": have >= bound, "LT": have < bound, "GT": have > bound}[one["operator"]]:
            return False
    return True


def _bad(message: str) -> Answer:
    return Answer({"status": "error", "message": message, "category": "VALIDATION_ERROR"}, 400)
