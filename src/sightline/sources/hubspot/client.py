"""Requests to the HubSpot CRM API, version 3.

Limits (developers.hubspot.com, "API usage details" and "Search the CRM"): 100 records a page, 50 with history, 200 in a
search; a search gives its first 10,000 results only, sorts by one property, and is limited to five requests a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from sightline.sources.base import SourceAnswer, SourceUnavailable, Surroundings
from sightline.sources.flat import found_at
from sightline.sources.http import Credentials, Http, Token, TryAgain
from sightline.sources.hubspot.config import HubSpotConfig
from sightline.sources.oauth import OAuth

SEARCHES_PER_SECOND, REQUESTS_PER_SECOND = 4.0, 9.0
PER_PAGE, PER_PAGE_WITH_HISTORY, PER_SEARCH = 100, 50, 200
LONGEST_LIST = 6000
"""Characters of property names that still fit an address; longer lists are asked for in a body."""

Result = Mapping[str, Any]


class DailyLimit(SourceUnavailable):
    """The account has used up its requests of the day."""

    code = "SL-E306"


@dataclass(frozen=True)
class Filter:
    """A condition of a search. Moments are given in milliseconds since 1970."""

    name: str
    operator: str
    value: int | str

    def body(self) -> dict[str, str]:
        return {"propertyName": self.name, "operator": self.operator, "value": str(self.value)}


class Client:
    """Asks HubSpot. Searches have a slower pace of their own."""

    def __init__(self, config: HubSpotConfig, surroundings: Surroundings) -> None:
        self._credentials = _credentials(config, surroundings)

        def http(per_second: float) -> Http:
            return Http(
                config.base_url,
                surroundings=surroundings,
                credentials=self._credentials,
                per_second=per_second,
                judge=_judge,
            )

        self._http, self._searching = http(REQUESTS_PER_SECOND), http(SEARCHES_PER_SECOND)

    def close(self) -> None:
        self._http.close()
        self._searching.close()
        if isinstance(self._credentials, OAuth):
            self._credentials.close()

    def now(self) -> datetime:
        """Return the time by HubSpot's clock."""
        return self._http.source_time()

    def account(self) -> Result:
        """Return what HubSpot says of the account."""
        found: Result = self._http.json("GET", "/account-info/v3/details")
        return found

    def properties(self, kind: str) -> Sequence[str]:
        """Return the names of the properties that an object has now."""
        answer = self._http.json("GET", f"/crm/v3/properties/{kind}")
        return [str(one["name"]) for one in _results(answer) if not one.get("archived")]

    def listed(
        self,
        kind: str,
        *,
        after: str = "",
        properties: Sequence[str] = (),
        history: Sequence[str] = (),
        archived: bool = False,
        limit: int | None = None,
    ) -> tuple[Sequence[Result], str]:
        """Return a page of all records, and where the next one begins (empty: that was the last)."""
        size = PER_PAGE_WITH_HISTORY if history else PER_PAGE
        long = len(",".join(properties)) > LONGEST_LIST
        params = {
            "limit": str(limit or size),
            "archived": "true" if archived else "false",
            **({"after": after} if after else {}),
            **({"properties": ",".join(properties)} if properties and not long else {}),
            **({"propertiesWithHistory": ",".join(history)} if history else {}),
        }
        answer = self._http.json("GET", f"/crm/v3/objects/{kind}", params=params)
        results = _results(answer)
        if long and results:
            results = self.by_id(kind, [str(one["id"]) for one in results], properties=properties)
        return results, str(found_at(answer, "paging.next.after") or "")

    def by_id(
        self, kind: str, ids: Sequence[str], *, properties: Sequence[str] = (), history: Sequence[str] = ()
    ) -> Sequence[Result]:
        """Return records by their ids; those that are gone are left out."""
        size = PER_PAGE_WITH_HISTORY if history else PER_PAGE
        found: list[Result] = []
        for chosen in _portions(ids, size):
            body = {
                "inputs": [{"id": each} for each in chosen],
                "properties": list(properties),
                "propertiesWithHistory": list(history),
            }
            found += _results(self._http.json("POST", f"/crm/v3/objects/{kind}/batch/read", body=body))
        return found

    def search(
        self, kind: str, filters: Iterable[Filter], *, properties: Sequence[str] = (), limit: int = PER_SEARCH
    ) -> tuple[Sequence[Result], int]:
        """Return the first matches in the order of their ids, and how many there are in all."""
        body = {
            "filterGroups": [{"filters": [one.body() for one in filters]}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": limit,
        }
        answer = self._searching.json("POST", f"/crm/v3/objects/{kind}/search", body=body)
        return _results(answer), int(found_at(answer, "total") or 0)

    def associated(self, kind: str, other: str, ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return the ids of the other object that each record is associated with, each once."""
        found: dict[str, list[str]] = {}
        for chosen in _portions(ids, PER_PAGE):
            inputs: list[dict[str, str]] = [{"id": each} for each in chosen]
            while inputs:
                answer = self._http.json(
                    "POST", f"/crm/v3/associations/{kind}/{other}/batch/read", body={"inputs": inputs}
                )
                inputs = []
                for one in _results(answer):
                    own = str(found_at(one, "from.id"))
                    found.setdefault(own, []).extend(str(to["id"]) for to in one.get("to", ()))
                    if after := found_at(one, "paging.next.after"):
                        inputs.append({"id": own, "after": str(after)})
        return {own: list(dict.fromkeys(others)) for own, others in found.items()}


def _credentials(config: HubSpotConfig, surroundings: Surroundings) -> Credentials:
    if config.token:
        return Token(config.token.get_secret_value())
    form = {
        "grant_type": "refresh_token",
        "client_id": config.client_id,
        "client_secret": config.client_secret.get_secret_value() if config.client_secret else "",
        "refresh_token": config.refresh_token.get_secret_value() if config.refresh_token else "",
    }
    return OAuth(
        f"{config.base_url.rstrip('/')}/oauth/v1/token",
        form,
        surroundings=surroundings,
        keep=lambda value: surroundings.keep_secret("refresh_token", value),
    )


def _judge(answer: httpx.Response) -> None:
    """Tell limits that pass today from those that do not, and the statuses only HubSpot has."""
    if answer.status_code == 423:  # locked: too much at once on these records, "wait two seconds"
        raise TryAgain("answered 423", 2.0)
    if answer.status_code == 477:  # the account is being moved to another region
        raise SourceUnavailable("HubSpot is moving this account", hint="The next sync tries again.")
    if answer.status_code == 429 and '"DAILY"' in answer.text:
        raise DailyLimit("the requests that HubSpot allows per day are used up", hint="It counts anew at midnight.")


def _results(answer: Any) -> Sequence[Result]:
    found = found_at(answer, "results")
    if not isinstance(found, list):
        raise SourceAnswer("HubSpot answered without results")
    return found


def _portions(ids: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
