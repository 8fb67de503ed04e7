"""Remote writes are decoded, and what is not one is refused with the status that makes the sender give up."""

from __future__ import annotations

import contextlib
import json
import struct

import cramjam
import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from sightline.sources.prometheus import remote_write
from sightline.sources.prometheus.records import Naming, series_id
from sightline.sources.prometheus.remote_write import (
    Write,
    WriteEncodingUnknown,
    WriteRefused,
    WriteTooLarge,
    decode,
    records_of,
)

pytestmark = [pytest.mark.req("PLT-2", "SAA-4")]

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""The marker that a series ended (remote write 1.0, § Stale Markers)."""


def field(number: int, content: bytes) -> bytes:
    """Return a field of a message by hand, independent of the library: tag, length, content."""
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(number: int) -> bytes:
    found = b""
    while number > 127:
        found, number = found + bytes([number & 127 | 128]), number >> 7
    return found + bytes([number])


def sample(value: float, milliseconds: int) -> bytes:
    return b"\x09" + struct.pack("<d", value) + b"\x10" + varint(milliseconds % 2**64)


def series(labels: dict[str, str] | list[tuple[str, str]], *samples: tuple[float, int]) -> bytes:
    pairs = labels.items() if isinstance(labels, dict) else labels
    named = b"".join(field(1, field(1, name.encode()) + field(2, value.encode())) for name, value in pairs)
    return field(1, named + b"".join(field(2, sample(*each)) for each in samples))


def metadata(kind: int, family: str, unit: str = "") -> bytes:
    return field(3, b"\x08" + varint(kind) + field(2, family.encode()) + field(5, unit.encode()))


def body(*parts: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(b"".join(parts)))


def decoded(content: bytes, *, encoding: str = "snappy", kind: str = "application/x-protobuf", **options: int) -> Write:
    return decode(content, content_encoding=encoding, content_type=kind, **options)


def test_samples_have_name_labels_value_and_moment() -> None:
    (first, second) = decoded(body(series({"__name__": "a", "job": "b"}, (1.5, 1_700_000_000_123), (2.5, -1000))))
    assert (first.name, first.labels, first.value, first.at) == ("a", {"job": "b"}, 1.5, 1_700_000_000.123)
    assert (second.value, second.at) == (2.5, -1.0)


def test_an_empty_request_has_no_samples() -> None:
    """A sender may begin with one to learn which version is spoken (§ Backward and forward compatibility)."""
    assert len(decoded(body())) == 0


def test_unknown_fields_are_passed_over_and_native_histograms_counted() -> None:
    content = series({"__name__": "a"}, (1.0, 1)) + field(
        1, field(1, field(1, b"__name__") + field(2, b"h")) + field(4, b"")
    )
    found = decoded(body(content, field(2, b"cortex"), field(9, b"later")))
    assert [one.name for one in found] == ["a"]
    assert found.native_histograms == 1


@pytest.mark.parametrize(
    ("encoding", "kind"),
    [
        ("", "application/x-protobuf"),
        ("gzip", "application/x-protobuf"),
        ("snappy", "application/json"),
        ("snappy", ""),
        ("snappy", "application/x-protobuf;proto=io.prometheus.write.v2.Request"),
    ],
)
def test_other_encodings_and_messages_are_415(encoding: str, kind: str) -> None:
    with pytest.raises(WriteEncodingUnknown, match="SL-E343") as caught:
        decoded(body(), encoding=encoding, kind=kind)
    assert caught.value.status == 415


@pytest.mark.parametrize("kind", ["application/x-protobuf; proto=prometheus.WriteRequest", "Application/X-Protobuf"])
def test_the_message_may_be_named(kind: str) -> None:
    assert len(decoded(body(series({"__name__": "a"}, (1.0, 1))), kind=kind)) == 1


def test_what_cannot_be_read_is_400() -> None:
    whole = body(series({"__name__": "a"}, *[(1.0, n) for n in range(50)]))
    not_utf8 = field(1, field(1, field(1, b"__name__") + field(2, b"\xff")))
    for wrong in (
        b"",
        b"plain",
        whole[:-5],
        bytes(cramjam.snappy.compress(b"framed")),
        body(b"\x0a\xff"),
        body(not_utf8),
    ):
        with pytest.raises(WriteRefused, match="SL-E342") as caught:
            decoded(wrong)
        assert caught.value.status == 400


def test_a_request_that_unfolds_too_far_is_refused_before_it_does() -> None:
    bomb = bytes(cramjam.snappy.compress_raw(bytes(9_000_000)))
    with pytest.raises(WriteTooLarge, match="9000000 bytes decompressed; accepted are 8388608") as caught:
        decoded(bomb)
    assert caught.value.status == 413
    with pytest.raises(WriteTooLarge):
        decoded(b"\xff\xff\xff\xff\x0f", most_bytes=100)


@pytest.mark.parametrize("part", [b"\x0a\x00", b"\x1a\x00", field(1, b"\x0a\x00" * 1000), field(1, b"\x12\x00" * 1000)])
def test_a_request_of_very_many_empty_parts_is_refused(part: bytes) -> None:
    """A few bytes of a compressed request could otherwise become millions of objects."""
    with pytest.raises(WriteTooLarge, match="series, labels and samples; accepted are 500000"):
        decoded(body(part * (1_200_000 // len(part))))


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (series({"job": "b"}, (1.0, 1)), "a series has no label __name__, only job"),
        (series({}, (1.0, 1)), "a series has no label __name__, only none at all"),
        (series([("__name__", "a"), ("x", "1"), ("x", "2")], (1.0, 1)), "a: a label is named twice"),
        (series({"__name__": "a", "": "1"}, (1.0, 1)), "a: a label has no name"),
        (series({"__name__": "a"}, (1.0, 2**62)), f"a: the timestamp {2**62} is no moment"),
    ],
)
def test_a_broken_series_does_not_lose_the_others(wrong: bytes, problem: str) -> None:
    """Receivers may keep the valid samples, and must answer 400 (§ Labels)."""
    found = decoded(body(wrong, series({"__name__": "sound"}, (1.0, 1))))
    assert [one.name for one in found] == ["sound"]
    with pytest.raises(WriteRefused, match=problem):
        found.require_sound()
    decoded(body(series({"__name__": "sound"}, (1.0, 1)))).require_sound()


def test_records_count_over_requests_and_leave_markers_out() -> None:
    name = {"__name__": "chom_visits_total", "page": "home"}
    values = [(10.0, 1000), (14.0, 2000), (STALE, 3000), (3.0, 4000), (float("inf"), 5000)]
    state, records = None, []
    for value in values:
        made = records_of(decoded(body(series(name, value))), Naming(), state)
        state = json.loads(json.dumps(made.state))
        records += made.records
    assert [(one["value"], one["increase"]) for one in records] == [(10.0, None), (14.0, 4.0), (3.0, 3.0)]
    assert records[0]["series"] == series_id("chom_visits_total", {"page": "home"})
    assert records[0]["metric"] == "visits_total"
    assert state is not None
    assert state["left_out"] == {"nan": 1, "infinite": 1}


def test_types_are_kept_from_the_request_that_told_them() -> None:
    told = records_of(decoded(body(metadata(1, "chom_logins", "s"), metadata(99, "odd"))), Naming(), None)
    assert not told.records
    first = records_of(decoded(body(series({"__name__": "chom_logins"}, (1.0, 1000)))), Naming(), told.state)
    second = records_of(decoded(body(series({"__name__": "chom_logins"}, (6.0, 2000)))), Naming(), first.state)
    assert [(one["type"], one["unit"], one["increase"]) for one in second.records] == [("counter", "s", 5.0)]


def test_our_description_of_the_messages_is_that_of_the_protocol() -> None:
    """What the library writes by our description is what stands in the specification."""
    message = remote_write._WRITE_REQUEST()
    json_format.ParseDict(
        {
            "timeseries": [
                {
                    "labels": [{"name": "__name__", "value": "a"}],
                    "samples": [{"value": 1.5, "timestamp": "1700000000123"}],
                }
            ],
            "metadata": [{"type": 1, "metric_family_name": "a", "unit": "s", "help": ""}],
        },
        message,
    )
    by_hand = series({"__name__": "a"}, (1.5, 1_700_000_000_123)) + metadata(1, "a", "s")
    assert message.SerializeToString(deterministic=True) == by_hand


@given(st.binary(max_size=300), st.booleans())
def test_no_body_does_more_than_be_refused(content: bytes, packed: bool) -> None:
    with contextlib.suppress(WriteRefused):
        decoded(body(content) if packed else content)
