"""Pages of a REST stream: one request each, and where the next one is."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from sightline.sources.base import Record, SourceAnswer, Surroundings
from sightline.sources.flat import flattened, found_at
from sightline.sources.http import Credentials, Http, Nobody, Token
from sightline.sources.oauth import OAuth
from sightline.sources.rest.config import RestConfig, RestCount, RestPaging, RestStream

NEXT_LINK = re.compile(r'<([^>]*)>[^,]*;\s*rel="?next"?', re.IGNORECASE)

Position = str | int | None
"""Where a page is: a number, a value or an address, by the kind of paging; None is the first."""


@dataclass(frozen=True)
class Found:
    """The records of one page and the position of the next; None behind the last."""

    records: Sequence[Record]
    after: Position


class Client:
    """Asks a REST source."""

    def __init__(self, config: RestConfig, surroundings: Surroundings) -> None:
        self._credentials = _credentials(config, surroundings)
        self._headers = config.headers
        self._base = config.base_url.rstrip("/") + "/"
        self.http = Http(
            self._base, surroundings=surroundings, credentials=self._credentials, per_second=config.per_second
        )

    def close(self) -> None:
        self.http.close()
        if isinstance(self._credentials, OAuth):
            self._credentials.close()

    def page(self, stream: RestStream, params: Mapping[str, str], at: Position, *, size: int | None = None) -> Found:
        """Return the page at a position of a stream, asked with further parameters."""
        paging = stream.paging
        path, asked = _request(stream, params, at, size or paging.size)
        body, headers = self.http.page("GET", path, params=asked, headers=self._headers)
        records = found_at(body, stream.records)
        if not isinstance(records, list) or not all(isinstance(record, Mapping) for record in records):
            place = f'at "{stream.records}"' if stream.records else "as the answer"
            raise SourceAnswer(
                f"{self._base}{stream.path} has no list of records {place}",
                hint=f"Correct `records` of the stream {stream.name}.",
            )
        after = self._after(paging, at, body, headers, len(records))
        if after is not None and after == at:
            raise SourceAnswer(f"{self._base}{stream.path} names the same page as the next one, again and again")
        return Found([flattened(record) for record in records], after)

    def total(self, stream: RestStream, count: RestCount, params: Mapping[str, str]) -> int:
        """Return the number of records that the source says there are."""
        path = count.path or stream.path
        asked = {**stream.params, **params} | _sized(stream.paging, 1)
        found = found_at(self.http.json("GET", path, params=asked, headers=self._headers), count.total)
        if not isinstance(found, int):
            raise SourceAnswer(f'{self._base}{path} has no number at "{count.total}"')
        return found

    def _after(self, paging: RestPaging, at: Position, body: Any, headers: httpx.Headers, number: int) -> Position:
        if paging.kind in ("page", "offset"):
            return _counted(paging, at, number)
        if paging.kind == "link_header":
            link = NEXT_LINK.search(headers.get("Link", ""))
            return self._joined(link.group(1)) if link else None
        found = found_at(body, paging.next) if paging.kind in ("cursor", "link") else None
        if not found:
            return None
        return self._joined(str(found)) if paging.kind == "link" else str(found)

    def _joined(self, link: str) -> str:
        return str(httpx.URL(self._base).join(link))


def _counted(paging: RestPaging, at: Position, number: int) -> Position:
    """Return the next number. Only an empty page is the last when the source decides how large pages are."""
    if number == 0 or (paging.size_param and number < paging.size):
        return None
    if paging.kind == "page":
        return int(paging.start if at is None else at) + 1
    return int(at or 0) + number


def _request(
    stream: RestStream, params: Mapping[str, str], at: Position, size: int
) -> tuple[str, dict[str, str] | None]:
    """Return path and parameters of a page; an address that the source gave holds its own parameters."""
    paging = stream.paging
    if at is not None and paging.kind in ("link", "link_header"):
        return str(at), None
    asked = {**stream.params, **params} | _sized(paging, size)
    if paging.kind in ("page", "offset"):
        asked[paging.param] = str(at if at is not None else paging.start if paging.kind == "page" else 0)
    elif at is not None:
        asked[paging.param] = str(at)
    return stream.path.lstrip("/"), asked


def _sized(paging: RestPaging, size: int) -> dict[str, str]:
    return {paging.size_param: str(size)} if paging.size_param else {}


def _credentials(config: RestConfig, surroundings: Surroundings) -> Credentials:
    secret = {name: _open(config, name) for name in ("token", "password", "client_secret")}
    if config.auth == "bearer":
        return Token(secret["token"])
    if config.auth == "header":
        return Token(secret["token"], header=config.header, prefix="")
    if config.auth == "basic":
        pair = base64.b64encode(f"{config.username}:{secret['password']}".encode()).decode()
        return Token(pair, prefix="Basic ")
    if config.auth == "oauth2":
        form = {
            "grant_type": "client_credentials",
            "client_id": config.client_id,
            "client_secret": secret["client_secret"],
            **({"scope": config.scope} if config.scope else {}),
        }
        return OAuth(config.token_url, form, surroundings=surroundings)
    return Nobody()


def _open(config: RestConfig, name: str) -> str:
    value = getattr(config, name)
    return str(value.get_secret_value()) if value else ""
