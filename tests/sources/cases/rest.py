"""Cases of the REST connector: one made-up API, paged in every way there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from behaviour import Case, Clock, HttpWorld, Key
from fake_server import Answer, Asked, serving

from sightline.sources.rest.source import REST

TOKEN = "tok-5up3r-secret"
SIZE = 4
PAGINGS: Mapping[str, Mapping[str, Any]] = {
    "none": {"kind": "none"},
    "page": {"kind": "page", "param": "page", "size_param": "size", "size": SIZE},
    "offset": {"kind": "offset", "param": "skip", "size_param": "size", "size": SIZE},
    "cursor": {"kind": "cursor", "param": "after", "next": "paging.next", "size_param": "size", "size": SIZE},
    "link": {"kind": "link", "next": "paging.link", "size_param": "size", "size": SIZE},
    "link_header": {"kind": "link_header", "size_param": "size", "size": SIZE},
}


class ItemWorld(HttpWorld):
    """An API of items: `/api/items`, changed since a moment, in the order of `order`."""

    stream = "items"
    secrets = (TOKEN,)
    page = SIZE

    def __init__(self, clock: Clock, paging: str, order: str, auth: str) -> None:
        self.clock = clock
        self.order = order
        self.auth = auth
        self.accepted = TOKEN
        start = datetime(2026, 3, 1, 9, tzinfo=UTC)
        self.items: dict[int, dict[str, Any]] = {}
        for number in range(1, 15):  # three of them share each moment, some the page's border too
            moment = start + timedelta(hours=9 * (number // 3))
            self.items[number] = {
                "id": number,
                "created": moment.isoformat().replace("+00:00", "Z"),
                "updated": moment.isoformat().replace("+00:00", "Z"),
                "owner": {"name": f"Owner {number}", "team": None},
                "tags": ["a", "b"],
            }
        self.paging = paging

    def connect(self, url: str) -> None:
        cursor = {"column": "updated", "param": "updated_since", "sorted": self.order == "updated"}
        stream = {
            "name": "items",
            "path": "/items",
            "key": ("id",),
            "records": "data.items",
            "created": "created",
            "cursor": cursor,
            "paging": PAGINGS[self.paging],
            "count": {"total": "data.total", "from_param": "created_from", "until_param": "created_until"},
        }
        self.config = {"base_url": f"{url}/api", "streams": [stream], **self.credentials(url, TOKEN)}
        self.wrong = {**self.config, **self.credentials(url, "wr0ng-secret")}

    def credentials(self, url: str, secret: str) -> dict[str, Any]:
        return {
            "bearer": {"auth": "bearer", "token": secret},
            "header": {"auth": "header", "token": secret, "header": "X-Api-Key"},
            "basic": {"auth": "basic", "username": "me", "password": secret},
            "oauth2": {
                "auth": "oauth2",
                "token_url": f"{url}/token",
                "client_id": "me",
                "client_secret": secret,
                "scope": "read",
            },
        }[self.auth]

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            form = asked.form()
            if form["client_secret"] != TOKEN or form["grant_type"] != "client_credentials":
                return Answer({"error": "invalid_client", "error_description": f"no: {form['client_secret']}"}, 401)
            return Answer({"access_token": self.accepted, "token_type": "Bearer"})
        if not self.admits(asked):
            return Answer({"message": f"not {asked.headers}"}, 401)
        chosen = self.chosen(asked.query)
        at = int(asked.query.get("skip") or asked.query.get("after") or 0)
        size = int(asked.query.get("size", 1000))
        if "page" in asked.query:
            at = (int(asked.query["page"]) - 1) * size
        further = at + size < len(chosen)
        kept = "".join(f"&{name}={value}" for name, value in asked.query.items() if name not in ("after",))
        link = f"/api/items?after={at + size}{kept}"
        body = {
            "data": {"items": chosen[at : at + size], "total": len(chosen)},
            "paging": {"next": str(at + size), "link": link} if further else None,
        }
        headers = {"Link": f'<{link}>; rel="next"'} if further and self.paging == "link_header" else {}
        return Answer(body, headers=headers)

    def admits(self, asked: Asked) -> bool:
        if self.auth == "header":
            return asked.headers.get("X-Api-Key") == TOKEN
        expected = {"bearer": f"Bearer {TOKEN}", "basic": "Basic bWU6dG9rLTV1cDNyLXNlY3JldA=="}
        return asked.headers.get("Authorization") == expected.get(self.auth, f"Bearer {self.accepted}")

    def chosen(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        found = sorted(self.items.values(), key=lambda item: (item[self.order], item["id"]))
        for name, keep in (
            ("updated_since", lambda item, bound: item["updated"] >= bound),
            ("created_from", lambda item, bound: item["created"] >= bound),
            ("created_until", lambda item, bound: item["created"] < bound),
        ):
            if name in query:
                found = [item for item in found if keep(item, query[name])]
        return found

    def keys(self) -> set[Key]:
        return {(str(number),) for number in self.items}

    def moments(self) -> dict[Key, datetime]:
        return {(str(number),): datetime.fromisoformat(item["updated"]) for number, item in self.items.items()}

    def change(self, number: int) -> set[Key]:
        """Change the first items, which have been read for sure, and add one."""
        moment = self.clock.tick(60).isoformat().replace("+00:00", "Z")
        chosen = [*list(self.items)[: number - 1], max(self.items) + 1]
        for each in chosen:
            old = self.items.get(each, {"id": each, "created": moment})
            self.items[each] = {**old, "updated": moment}
        return {(str(each),) for each in chosen}

    def add_column(self) -> str:
        for item in self.items.values():
            item["colour"] = "red"
        return "colour"

    def drop_column(self) -> str:
        for item in self.items.values():
            del item["owner"]["name"]
        return "owner.name"

    def expire(self) -> None:
        self.accepted = "tok-another"


def case(paging: str, *, order: str = "id", auth: str = "bearer", **cannot: str) -> Case:
    @contextmanager
    def start(_: Path, clock: Clock) -> Iterator[ItemWorld]:
        world = ItemWorld(clock, paging, order, auth)
        with serving(world.answer, clock) as server:
            world.server = server
            world.connect(server.url)
            yield world

    lacking = {
        "remove": "answers do not tell of deleted records",
        "merge": "answers do not tell of merges",
        **({} if auth == "oauth2" else {"renewal": "a fixed secret"}),
        **cannot,
    }
    return Case(f"rest-{paging}-by-{order}-{auth}", REST, start, lacking)


CASES = (
    case("none", resume="one page"),
    case("page", auth="basic"),
    case("page", order="updated", auth="header"),
    case("offset", order="updated"),
    case("cursor", auth="oauth2"),
    case("link"),
    case("link_header"),
)
