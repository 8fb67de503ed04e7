"""What a request's body holds: one JSON object, a list, `{"events": [...]}`, or one object a line."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from sightline.errors import UserError

Format = Literal["json", "ndjson", "held", "remote_write"]
Record = Mapping[str, Any]

MOST_BYTES = 5 * 1024 * 1024
MOST_RECORDS = 10_000
WRAPPER = "events"
_LINES = ("ndjson", "jsonl", "json-lines", "jsonlines")
_BOM = b"\xef\xbb\xbf"


class BadEvents(UserError):
    """The body of an event request is not the JSON that is expected; the message tells the place."""

    code = "SL-E351"


class EventsTooLarge(UserError):
    """An event request has more bytes or records than are taken at once."""

    code = "SL-E353"


class UnknownEncoding(UserError):
    """The body of an event request has an encoding or a format that is not taken."""

    code = "SL-E354"


@dataclass(frozen=True)
class Content:
    """A body that is kept: unpacked, checked, its records counted."""

    format: Format
    data: bytes
    records: int


def content_of(body: bytes, *, content_type: str, encoding: str) -> Content:
    """Return the checked content of a request. Raises BadEvents, EventsTooLarge, UnknownEncoding."""
    data = unpacked(body, encoding).removeprefix(_BOM)
    form: Format = "ndjson" if any(word in content_type.lower() for word in _LINES) else "json"
    try:
        records = records_in(data, form)
    except BadEvents:
        if form == "ndjson" or not _looks_like_lines(data):
            raise
        form, records = "ndjson", records_in(data, "ndjson")
    if len(records) > MOST_RECORDS:
        raise EventsTooLarge(
            f"the request has {len(records):,} records, {MOST_RECORDS:,} are taken at once",
            hint="send them in several requests",
        )
    return Content(form, data, len(records))


def unpacked(body: bytes, encoding: str) -> bytes:
    """Return the body without its encoding, at most MOST_BYTES of it."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        data = body
    elif name == "gzip":
        data = _gunzipped(body)
    else:
        raise UnknownEncoding(f'the content encoding "{name[:40]}" is not known', hint="allowed: gzip, or none")
    if len(data) > MOST_BYTES:
        raise EventsTooLarge(
            f"the body has more than {MOST_BYTES:,} bytes when unpacked", hint="send the events in several requests"
        )
    return data


def records_in(data: bytes, form: Format) -> list[Record]:
    """Return the records of a body. Raises BadEvents with line and column, or the number of the record."""
    if form == "ndjson":
        lines = data.split(b"\n")
        found = [(number, _parsed(line, number)) for number, line in enumerate(lines, 1) if line.strip()]
        records = [_object(value, f"line {number}") for number, value in found]
    else:
        whole = _parsed(data, None)
        events = whole.get(WRAPPER) if isinstance(whole, dict) and set(whole) == {WRAPPER} else None
        values = events if isinstance(events, list) else whole if isinstance(whole, list) else [whole]
        records = [_object(value, f"record {number}") for number, value in enumerate(values, 1)]
    if not records:
        raise BadEvents("the body has no records", hint='send an object, a list, or {"events": [...]}')
    return records


def _parsed(text: bytes, line: int | None) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        where = f"line {line or error.lineno}, column {error.colno}"
        reason = error.msg.partition(": line ")[0]
        raise BadEvents(
            f"the body is not JSON at {where}: {reason}", hint="see docs/webhooks.md for the shapes"
        ) from None


def _object(value: Any, where: str) -> Record:
    if not isinstance(value, dict):
        raise BadEvents(f"{where} is not a JSON object", hint='a record looks like {"id": "e1", "name": "signup"}')
    return value


def _looks_like_lines(data: bytes) -> bool:
    first, _, rest = data.lstrip().partition(b"\n")
    try:
        return bool(rest.strip()) and isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def _gunzipped(body: bytes) -> bytes:
    """Return the unpacked body, and no more than a byte over the limit: a small file can unpack to gigabytes."""
    data, left = b"", body
    try:
        while left and len(data) <= MOST_BYTES:
            unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
            data += unpacking.decompress(left, MOST_BYTES + 1 - len(data))
            if not unpacking.eof and len(data) <= MOST_BYTES:
                raise BadEvents("the gzip body ends too early", hint="send it again, whole")
            left = unpacking.unused_data
    except zlib.error as error:
        raise BadEvents(f"the body is not gzip: {error}", hint="leave out Content-Encoding when it is not") from None
    return data
