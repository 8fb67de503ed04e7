"""Trying a source before it is saved: reach it, list what it has, look at some records. Nothing is written.

Sources are other people's machines: whatever is tried here ends after a while, whether they answer or not.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from queue import Empty, Queue
from typing import Any, TypeVar

from django.db import connections

from sightline.accounts.access import Access
from sightline.errors import InternalError, SightlineError, UserError
from sightline.ingest.actions.save_source import require_private_is_allowed
from sightline.ingest.connections import secrets_of, surroundings_of
from sightline.ingest.models import Source
from sightline.ingest.spec import PUSHED, SourceSpec, config_of, connector_of, secret_fields
from sightline.sources.base import Checked, Page, ReadRequest, Record, SourceUnavailable, Stream, Surroundings
from sightline.sources.base import Source as OpenSource

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=20)
ANSWER = 10.0
"""Seconds to wait for one answer of a source that is tried."""
RECORDS = 200
LOOK_BACK = timedelta(days=90)
PLACES = frozenset({"host", "server", "url", "base_url", "token_url", "address", "domain", "instance_url", "port"})
"""Settings that say where credentials are sent, whatever they look like."""

Found = TypeVar("Found")


class TookTooLong(SourceUnavailable):
    """A source that is tried did not answer in time."""

    code = "SL-E370"


class SecretNeeded(UserError):
    """The source's address was changed, so its stored secrets are not sent there: they have to be given again."""

    code = "SL-E371"


@dataclass(frozen=True)
class Tried:
    """What was reached, and the streams that can be read."""

    checked: Checked
    streams: tuple[Stream, ...]


@dataclass(frozen=True)
class Sample:
    """Some records of a stream, as the source has them. `columns` are those the source names, and those they have."""

    stream: Stream
    columns: tuple[str, ...]
    records: tuple[Record, ...]


def try_source(*, access: Access, spec: SourceSpec, secrets: Mapping[str, str], now: datetime) -> Tried:
    """Return what a source with these settings has. Secrets that are not given are those it has.

    Raises BadSource, SourceError, SourceUnavailable; PermissionMissing without the right to manage sources.
    """

    def trying(connection: OpenSource) -> Tried:
        return Tried(connection.check(), tuple(connection.streams()))

    return _with(access, spec, secrets, trying, now=now)


def sample_stream(*, access: Access, spec: SourceSpec, stream: str, now: datetime) -> Sample:
    """Return records of a stream's first page: of the last months where the source can look them up by time."""

    def looking(connection: OpenSource) -> Sample:
        found = next((each for each in connection.streams() if each.name == stream), None)
        if found is None:
            raise UserError(f'the source has no stream "{stream}" now', hint="Choose its streams again.")
        records = _some(connection, found, now=now)
        columns = dict.fromkeys(found.columns) | dict.fromkeys(name for record in records for name in record)
        return Sample(found, tuple(columns), tuple(records))

    return _with(access, spec, {}, looking, now=now)


def require_same_place(known: Source | None, spec: SourceSpec, secrets: Mapping[str, str]) -> None:
    """Raise SecretNeeded when stored secrets would be sent to another place than the one they were given for.

    Secrets are never shown; whoever could change the address alone could have them sent to a machine of their own.
    """
    if known is None or spec.type == PUSHED:
        return
    stored = set(known.secrets.values_list("field", flat=True)) & set(secret_fields(connector_of(spec).config))
    missing = sorted(stored - set(secrets))
    if missing and not set(_places(spec.config)) <= set(_places(known.spec.get("config", {}))):
        raise SecretNeeded(
            f"{spec.name}: where it connects to was changed, so the stored secrets are not used there",
            hint=f"Enter again: {', '.join(missing)}.",
        )


def _places(value: Any, name: str = "") -> Iterator[str]:
    """Yield the parts of settings that say where something is."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _places(each, str(key))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _places(each, name)
    elif name in PLACES and value not in ("", None):
        yield f"{name}={value}"
    elif isinstance(value, str) and "://" in value:
        yield value


def _some(connection: OpenSource, stream: Stream, *, now: datetime) -> Sequence[Record]:
    since = datetime.combine((now - LOOK_BACK).date(), time(), UTC) if stream.created else None
    page = next(iter(connection.read(ReadRequest(stream, since=since))), Page(()))
    if not page.records and since is not None:
        page = next(iter(connection.read(ReadRequest(stream))), Page(()))
    return page.records[:RECORDS]


def _with(
    access: Access,
    spec: SourceSpec,
    secrets: Mapping[str, str],
    doing: Callable[[OpenSource], Found],
    *,
    now: datetime,
) -> Found:
    """Return what is done with an open source, within PATIENCE."""
    access.require("manage_sources")
    require_private_is_allowed(access, spec)
    known = Source.objects.filter(workspace=access.workspace, name=spec.name, kind=spec.type).first()
    require_same_place(known, spec, secrets)
    stored = secrets_of(known) if known else {}
    config = config_of(spec, {**stored, **secrets})
    around = _surroundings(access, spec, known, now=now)

    def work() -> Found:
        with _opened(spec, config, around) as connection:
            return doing(connection)

    return in_time(work, seconds=PATIENCE.total_seconds())


def _surroundings(access: Access, spec: SourceSpec, known: Source | None, *, now: datetime) -> Surroundings:
    """Return what a trial may use: as a sync, but it waits less. A source that is not saved keeps no secret."""
    source = known or Source(workspace=access.workspace, name=spec.name)
    around = surroundings_of(source, spec, access.folder, clock=lambda: now)
    kept = around.keep_secret if known else _forget
    return replace(around, keep_secret=kept, patience=ANSWER)


def _forget(_: str, __: str) -> None:
    """There is nothing to keep it with yet."""


@contextmanager
def _opened(spec: SourceSpec, config: Any, around: Surroundings) -> Iterator[OpenSource]:
    connection = connector_of(spec).open(config, around)
    try:
        yield connection
    finally:
        connection.close()


def in_time(work: Callable[[], Found], *, seconds: float) -> Found:
    """Return what work returns or raise what it raises; TookTooLong after so many seconds. It may go on unheard."""
    answers: Queue[tuple[Found | None, BaseException | None]] = Queue(1)

    def run() -> None:
        try:
            answers.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            answers.put((None, error))
        finally:
            connections.close_all()  # of this thread alone

    threading.Thread(target=run, daemon=True, name="trial").start()
    try:
        found, error = answers.get(timeout=seconds)
    except Empty:
        raise TookTooLong(f"the source did not answer within {seconds:.0f} seconds", hint="Try again later.") from None
    if isinstance(error, SightlineError):
        raise error
    if error is not None:
        log.error("trying a source failed", exc_info=error)
        raise InternalError("trying the source failed on our side; the server's log tells why") from error
    return found  # type: ignore[return-value]  # without an error it is what work returned
