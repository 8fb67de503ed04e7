"""Requests to the Salesforce REST and Bulk 2.0 APIs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from sightline.sources.base import SourceAnswer, SourceUnavailable, Surroundings
from sightline.sources.flat import found_at
from sightline.sources.http import Credentials, Http, Token, TryAgain
from sightline.sources.oauth import OAuth
from sightline.sources.salesforce.config import SalesforceConfig

LONGEST_QUERY = 12_000
"""Characters of a query that still fit an address once they are encoded (16,384 are allowed)."""

ROWS_PER_RESULT = 50_000
FIRST_POLL, MOST_POLL, LONGEST_JOB = 2.0, 30.0, 3600.0
USAGE = re.compile(r"api-usage=(\d+)/(\d+)")
CSV_LIMIT = 1 << 20
"""Characters of one value: long text areas hold up to 131,072, rich ones more."""

Result = Mapping[str, Any]


class RequestLimit(SourceUnavailable):
    """The organisation's requests of the last 24 hours are used up, or as much of them as we may take."""

    code = "SL-E307"


class NotThere(SourceAnswer):
    """Salesforce has no such object or job."""

    code = "SL-E308"


class TooManyFields(SourceAnswer):
    """An object has more fields than fit one query."""

    code = "SL-E309"


@dataclass(frozen=True)
class Rows:
    """Rows of a bulk job, and the locator of further ones (empty: these were the last)."""

    rows: Sequence[Mapping[str, str]]
    locator: str


class Client:
    """Asks Salesforce."""

    def __init__(self, config: SalesforceConfig, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._share = config.share_of_limit
        self._credentials = _credentials(config, surroundings)
        self._root = f"/services/data/v{config.api_version}"
        self.usage = ""
        self._http = Http(
            config.instance_url.rstrip("/"), surroundings=surroundings, credentials=self._credentials, judge=_judge
        )

    def close(self) -> None:
        self._http.close()
        if isinstance(self._credentials, OAuth):
            self._credentials.close()

    def now(self) -> datetime:
        """Return the time by Salesforce's clock."""
        return self._http.source_time()

    def objects(self) -> frozenset[str]:
        """Return the names of all objects that we may see."""
        return frozenset(str(one["name"]) for one in self._json(f"{self._root}/sobjects").get("sobjects", ()))

    def described(self, name: str) -> Result:
        """Return what Salesforce says of an object: `label`, and `fields` with `name` and `type`."""
        return self._json(f"{self._root}/sobjects/{name}/describe")

    def query(self, soql: str, *, deleted: bool = False) -> Sequence[Result]:
        """Return all records of a query, over all its pages. `deleted`: those in the recycle bin too."""
        if len(soql) > LONGEST_QUERY:
            raise TooManyFields(
                f"a query of {len(soql)} characters does not fit an address", hint="Name the wanted `fields`."
            )
        answer = self._json(f"{self._root}/{'queryAll' if deleted else 'query'}", {"q": soql})
        found = list(answer.get("records", ()))
        while not answer.get("done", True):
            answer = self._json(str(answer["nextRecordsUrl"]))
            found += answer.get("records", ())
        return found

    def number(self, soql: str) -> int:
        """Return the number that a COUNT() query gives."""
        return int(self._json(f"{self._root}/queryAll", {"q": soql}).get("totalSize", 0))

    def start_job(self, soql: str) -> str:
        """Begin a bulk query, deleted records included, and return its id."""
        body = {"operation": "queryAll", "query": soql}
        answer = self._http.json("POST", f"{self._root}/jobs/query", body=body)
        job = found_at(answer, "id")
        if not isinstance(job, str):
            raise SourceAnswer("Salesforce began a bulk job without naming it")
        return job

    def await_job(self, job: str) -> None:
        """Wait until a bulk job is complete. Raises NotThere when it is gone."""
        waited, pause = 0.0, FIRST_POLL
        while (answer := self._json(f"{self._root}/jobs/query/{job}")).get("state") != "JobComplete":
            if answer.get("state") in ("Failed", "Aborted"):
                raise SourceUnavailable(f"bulk job {job}: {answer.get('state')}, {answer.get('errorMessage')}")
            if waited > LONGEST_JOB:
                raise SourceUnavailable(f"bulk job {job} is not complete after {waited:.0f} seconds")
            self._surroundings.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, MOST_POLL)

    def results(self, job: str, locator: str) -> Rows:
        """Return some rows of a complete job."""
        params = {"maxRecords": str(ROWS_PER_RESULT)} | ({"locator": locator} if locator else {})
        path = f"{self._root}/jobs/query/{job}/results"
        return self._http.read(_rows, "GET", path, params=params, headers={"Accept": "text/csv"})

    def _json(self, path: str, params: Mapping[str, str] | None = None) -> Result:
        self._keep_within_limit()
        body, headers = self._http.page("GET", path, params=params)
        self.usage = headers.get("Sforce-Limit-Info", self.usage)
        if not isinstance(body, Mapping):
            raise SourceAnswer(f"{path} answered without an object")
        return body

    def _keep_within_limit(self) -> None:
        found = USAGE.search(self.usage)
        if found and int(found.group(1)) >= self._share * int(found.group(2)):
            raise RequestLimit(
                f"{found.group(1)} of {found.group(2)} requests of the last 24 hours are used",
                hint="We leave the rest to others (`share_of_limit`); the next sync goes on.",
            )


def _rows(answer: httpx.Response) -> Rows:
    """Return the rows of a CSV answer. Raises TryAgain when it is cut off or is something else."""
    csv.field_size_limit(CSV_LIMIT)
    reader = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig", errors="replace"), newline=""))
    if "Id" not in (reader.fieldnames or ()):
        raise TryAgain("answered something else than CSV")
    found = list(reader)
    told = answer.headers.get("Sforce-NumberOfRecords", "")
    if told.isdigit() and int(told) != len(found):
        raise TryAgain(f"answered {len(found)} of {told} rows")
    locator = answer.headers.get("Sforce-Locator", "null")
    return Rows(rows=found, locator="" if locator == "null" else locator)


def _credentials(config: SalesforceConfig, surroundings: Surroundings) -> Credentials:
    if config.access_token:
        return Token(config.access_token.get_secret_value())
    form = {
        "client_id": config.client_id,
        "client_secret": config.client_secret.get_secret_value() if config.client_secret else "",
    }
    if config.refresh_token:
        form |= {"grant_type": "refresh_token", "refresh_token": config.refresh_token.get_secret_value()}
    else:
        form |= {"grant_type": "client_credentials"}
    return OAuth(
        f"{(config.login_url or config.instance_url).rstrip('/')}/services/oauth2/token",
        form,
        surroundings=surroundings,
        keep=lambda value: surroundings.keep_secret("refresh_token", value),
    )


def _judge(answer: httpx.Response) -> None:
    """Judge by the error code: the status says little (403 is a limit, 400 a query that took too long)."""
    code, message = _error(answer)
    if code == "REQUEST_LIMIT_EXCEEDED":
        if "Concurrent" in message:  # only the message tells this limit, which passes in seconds, from the daily one
            raise TryAgain("too many long requests at once")
        raise RequestLimit("the requests that Salesforce allows in 24 hours are used up", hint="Try later.")
    if code in ("QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW"):
        raise TryAgain(f"answered {code}")
    if code == "INVALID_QUERY_LOCATOR":
        raise SourceUnavailable("the pages of a query are no longer kept", hint="The next sync asks anew.")
    if code == "NOT_FOUND":
        raise NotThere(f"Salesforce does not have {answer.url.path}")


def _error(answer: httpx.Response) -> tuple[str, str]:
    try:
        body = answer.json()
    except ValueError:
        return "", ""
    first = body[0] if isinstance(body, list) and body else body
    return str(found_at(first, "errorCode") or ""), str(found_at(first, "message") or "")
