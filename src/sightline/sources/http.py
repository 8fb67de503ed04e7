"""HTTP to a source: guarded addresses, a pace, retries that honour Retry-After, and one renewal of credentials.

Every request a connector makes only reads, so each may be sent again. Credentials go to the source's own address only:
a link to somewhere else in an answer is refused, and redirects are not followed.
"""

from __future__ import annotations

import email.utils
import json
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol, TypeVar

import httpcore
import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from sightline.sources.address import GuardedNetwork
from sightline.sources.base import SourceAnswer, SourceRefused, SourceUnavailable, Surroundings

RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
FIRST_WAIT, MOST_WAIT = 0.5, 60.0
LONGEST_RETRY_AFTER = 600.0
"""Seconds. A source that asks for more is given up at once: the next sync tries again."""
SHOWN = 300
"""Characters of an answer that are quoted in an error: enough to recognise it, too few to leak a record."""


class Credentials(Protocol):
    """How requests are authorised."""

    def headers(self) -> Mapping[str, str]:
        """Return the headers that authorise a request."""
        ...

    def renew(self) -> bool:
        """Get new credentials after a 401 and return whether that worked; False when they cannot be renewed."""
        ...


class Token:
    """A fixed token in a header."""

    def __init__(self, value: str, *, header: str = "Authorization", prefix: str = "Bearer ") -> None:
        self._headers = {header: prefix + value}

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def renew(self) -> bool:
        return False


class Nobody:
    """No credentials."""

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self) -> bool:
        return False


class TryAgain(Exception):
    """A failure that may pass within minutes. `after` is the wait the source asked for, in seconds."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


@cache
def _trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted, read once: that takes longer than a request."""
    return httpx.create_ssl_context()


class _GuardedTransport(httpx.HTTPTransport):
    def __init__(self, *, allow_private: bool) -> None:
        super().__init__(verify=_trusted())
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            max_connections=4,
            max_keepalive_connections=2,
            keepalive_expiry=30.0,
            network_backend=GuardedNetwork(allow_private=allow_private),
        )


Read = TypeVar("Read")

Judge = Callable[[httpx.Response], None]
"""Looks at an unsuccessful answer before anybody else. Raises TryAgain, an error of its own, or nothing."""


def _no_opinion(_: httpx.Response) -> None:
    """Every status means what it says."""


class Http:
    """A client for one source. `per_second` bounds its own pace; `attempts` bounds how often a request is sent."""

    def __init__(
        self,
        base_url: str,
        *,
        surroundings: Surroundings,
        credentials: Credentials | None = None,
        per_second: float | None = None,
        attempts: int = 6,
        judge: Judge = _no_opinion,
    ) -> None:
        self._surroundings = surroundings
        self._credentials = credentials or Nobody()
        self._interval = 1.0 / per_second if per_second else 0.0
        self._attempts = attempts
        self._judge = judge
        self._sent_at: datetime | None = None
        self._source_time: datetime | None = None
        self._client = httpx.Client(
            base_url=base_url,
            transport=_GuardedTransport(allow_private=surroundings.allow_private),
            timeout=httpx.Timeout(surroundings.patience, connect=min(surroundings.patience, 15.0)),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "Sightline"},
        )

    def close(self) -> None:
        self._client.close()

    def json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the JSON of an answer. Raises what `read` raises; an answer that is no JSON is fetched again."""
        return self.page(method, path, params=params, body=body, form=form, headers=headers)[0]

    def page(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Any, httpx.Headers]:
        """Return the JSON of an answer, as `json` does, and its headers."""
        return self.read(_parsed, method, path, params=params, body=body, form=form, headers=headers)

    def read(
        self,
        reader: Callable[[httpx.Response], Read],
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Read:
        """Return what a reader makes of a successful answer. A reader raises TryAgain for one that is broken.

        Raises SourceRefused for 401 and 403, SourceAnswer for other refusals, SourceUnavailable when the source still
        fails or limits us after the last attempt.
        """
        found: Read = self._retried(method, path, reader, params=params, json=body, data=form, headers=headers)
        return found

    def source_time(self) -> datetime:
        """Return the time by the source's own clock as its last answer told it; ours when it told none."""
        return self._source_time or self._surroundings.now()

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Return a successful answer, read whole. Options and errors are those of `read`."""
        return self.read(_as_it_is, method, path, **options)

    def _retried(self, method: str, path: str, read: Any, **parts: Any) -> Any:
        given = dict(parts.pop("headers") or {})
        retrying = Retrying(
            stop=self._gives_up,
            wait=self._wait,
            retry=retry_if_exception_type(TryAgain),
            sleep=self._surroundings.sleep,
            reraise=True,
        )
        try:
            return retrying(lambda: read(self._authorised(method, path, given, parts)))
        except TryAgain as error:
            tried = retrying.statistics.get("attempt_number", 1)
            message = f"{method} {self._shown(path)}: {error}, after {tried} attempt{'s' if tried > 1 else ''}"
            raise SourceUnavailable(message, hint="The next sync tries again.") from error

    def _gives_up(self, state: RetryCallState) -> bool:
        """Return whether that was the last attempt: there were enough, or we are to wait for too long."""
        error = state.outcome.exception() if state.outcome else None
        asks_too_long = isinstance(error, TryAgain) and (error.after or 0.0) > LONGEST_RETRY_AFTER
        return asks_too_long or state.attempt_number >= self._attempts

    def _wait(self, state: RetryCallState) -> float:
        """Return the seconds before the next attempt: what the source asked for, else doubling, with jitter."""
        error = state.outcome.exception() if state.outcome else None
        jitter = self._surroundings.rng.uniform(0.5, 1.0)
        if isinstance(error, TryAgain) and error.after is not None:
            return error.after + jitter * FIRST_WAIT
        return jitter * min(FIRST_WAIT * 2.0**state.attempt_number, MOST_WAIT)

    def _authorised(self, method: str, path: str, given: dict[str, str], parts: dict[str, Any]) -> httpx.Response:
        answer = self._once(method, path, given, parts)
        if answer.status_code == 401 and self._credentials.renew():
            answer = self._once(method, path, given, parts)
        if answer.is_success:
            self._source_time = _moment(answer.headers.get("Date", ""))
            return answer
        self._judge(answer)
        if answer.status_code in RETRIED_STATUSES:
            raise TryAgain(f"answered {answer.status_code}", _retry_after(answer, self._surroundings.now()))
        if answer.status_code in (401, 403):
            raise SourceRefused(
                f"{method} {self._shown(path)} was refused ({answer.status_code}): {self._quoted(answer)}",
                hint="Check the credentials of the source and what they may read.",
            )
        raise SourceAnswer(f"{method} {self._shown(path)} answered {answer.status_code}: {self._quoted(answer)}")

    def _once(self, method: str, path: str, given: dict[str, str], parts: dict[str, Any]) -> httpx.Response:
        self._require_own(path)
        self._keep_pace()
        try:
            return self._client.request(method, path, headers={**self._credentials.headers(), **given}, **parts)
        except httpx.TransportError as error:
            raise TryAgain(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from error
        except (httpx.InvalidURL, httpx.DecodingError) as error:
            raise SourceAnswer(f"{method} {self._shown(path)}: {error}") from error

    def _require_own(self, path: str) -> None:
        """Refuse a link out of an answer that leads to another host: it would be given our credentials."""
        base, there = self._client.base_url, httpx.URL(path)
        if there.host and (there.scheme, there.host, there.port) != (base.scheme, base.host, base.port):
            raise SourceAnswer(f'{base.host} sent us to another address, "{there.copy_with(query=None, userinfo=b"")}"')

    def _keep_pace(self) -> None:
        if self._interval and self._sent_at is not None:
            left = self._interval - (self._surroundings.now() - self._sent_at).total_seconds()
            if left > 0:
                self._surroundings.sleep(left)
        self._sent_at = self._surroundings.now()

    def _shown(self, path: str) -> str:
        """Return the address without its query and without a user, which may hold a secret."""
        there = httpx.URL(path)
        if not there.host:
            there = httpx.URL(str(self._client.base_url).rstrip("/") + "/" + path.lstrip("/"))
        return str(there.copy_with(query=None, userinfo=b""))

    def _quoted(self, answer: httpx.Response) -> str:
        """Return the beginning of an answer, without the credentials if the source repeats them."""
        text = " ".join(answer.text.split())
        for value in self._credentials.headers().values():
            for part in (value, value.split(" ", 1)[-1]):
                text = text.replace(part, "…") if part else text
        return text[:SHOWN] + ("…" if len(text) > SHOWN else "") if text else "no explanation"


def _as_it_is(answer: httpx.Response) -> httpx.Response:
    return answer


def _parsed(answer: httpx.Response) -> tuple[Any, httpx.Headers]:
    try:
        return answer.json(), answer.headers
    except json.JSONDecodeError as error:
        raise TryAgain(f"answered something else than JSON ({error})") from error
    except UnicodeDecodeError as error:
        raise TryAgain("answered text that cannot be decoded") from error


def _retry_after(answer: httpx.Response, now: datetime) -> float | None:
    """Return the wait that Retry-After asks for, in seconds; a date is read against the source's own clock."""
    value = answer.headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isdigit():
        return float(value)
    until, theirs = _moment(value), _moment(answer.headers.get("Date", ""))
    return None if until is None else max(0.0, (until - (theirs or now)).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
