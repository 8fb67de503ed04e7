"""Prometheus remote write 1.0: the body of a request read into samples, and samples made into records.

https://prometheus.io/docs/specs/prw/remote_write_spec/. Pure: who receives the request answers with `status` of what is
raised here. A sender gives up on 4xx and tries again on 5xx, so these errors lose what they refuse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, overload

import cramjam
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from sightline.errors import UserError
from sightline.sources.prometheus.counters import State
from sightline.sources.prometheus.records import Made, Naming
from sightline.sources.prometheus.records import records_of as _records_of
from sightline.sources.prometheus.sample import Family, MetricType, Sample, known_type

CONTENT_TYPE = "application/x-protobuf"
MESSAGE = "prometheus.WriteRequest"
MOST_BYTES = 8 * 1024 * 1024
"""Bytes of a decompressed request. Prometheus sends up to 2,000 samples at once, some 0.4 MB."""
MOST_PARTS = 500_000
"""Series, labels, samples and metadata of a request. An empty one takes two bytes, but much memory once it is made."""

METADATA_TYPES: tuple[MetricType, ...] = (
    "unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset",
)  # fmt: skip  # numbered as MetricMetadata.MetricType is
SEND_FEWER = "Let the sender send fewer samples at once (max_samples_per_send)."
FIRST_MOMENT, LAST_MOMENT = -62_135_596_800_000, 253_402_300_799_000
"""Milliseconds since 1970 of the years 1 and 9999."""


class WriteRefused(UserError):
    """A remote write cannot be read, or holds samples that break the protocol."""

    code = "SL-E342"
    status: ClassVar[int] = 400


class WriteEncodingUnknown(WriteRefused):
    """A remote write is encoded in another way than protocol 1.0 prescribes."""

    code = "SL-E343"
    status = 415


class WriteTooLarge(WriteRefused):
    """A remote write is larger, once decompressed, than is accepted."""

    code = "SL-E344"
    status = 413


@dataclass(frozen=True)
class Write(Sequence[Sample]):
    """The sound samples of a request. `families`: what it says of metrics (Prometheus sends that once a minute).

    `problems`: what breaks the protocol, a line each; the rest may be kept, but the answer must be 400 (§ Labels).
    `native_histograms`: how many of those there were; they are left out.
    """

    samples: Sequence[Sample]
    families: Mapping[str, Family] = field(default_factory=dict)
    problems: Sequence[str] = ()
    native_histograms: int = 0

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | Sequence[Sample]:
        return self.samples[index]

    def __len__(self) -> int:
        return len(self.samples)

    def require_sound(self) -> None:
        """Raise WriteRefused when samples of the request broke the protocol, after the others are kept."""
        if self.problems:
            more = f", and {len(self.problems) - 1} more" if len(self.problems) > 1 else ""
            raise WriteRefused(f"{self.problems[0]}{more}", hint="The other samples of the request are kept.")


def decode(body: bytes, *, content_encoding: str, content_type: str, most_bytes: int = MOST_BYTES) -> Write:
    """Return the samples of a request.

    Raises WriteEncodingUnknown (415) for another encoding or message, WriteTooLarge (413), WriteRefused (400).
    """
    _require_encoding(content_encoding, content_type)
    request = _WRITE_REQUEST()
    try:
        request.ParseFromString(_decompressed(body, most_bytes))
    except DecodeError as error:
        raise WriteRefused(f"the body is no {MESSAGE}: {error}", hint="See remote write 1.0.") from error
    _require_few(request)
    problems: list[str] = []
    samples = [sample for series in request.timeseries for sample in _samples(series, problems)]
    families = {each.metric_family_name: _family(each) for each in request.metadata}
    return Write(samples, families, problems, sum(len(series.histograms) for series in request.timeseries))


def records_of(samples: Sequence[Sample], config: Naming, state: State | None) -> Made:
    """Return the records of samples as scraping makes them, with the state to give next time (plain JSON values).

    The state keeps counters, what was said of metrics, and how many samples were left out so far.
    """
    before = state or {}
    families = {name: Family(known_type(kind), unit) for name, (kind, unit) in before.get("families", {}).items()}
    families.update(samples.families if isinstance(samples, Write) else {})
    newest = max((sample.at for sample in samples if sample.at is not None), default=0.0)
    made = _records_of(samples, naming=config, state=before.get("counters"), now=newest, families=families)
    left_out: Counter[str] = Counter(before.get("left_out", {}))
    left_out.update(made.left_out)
    told = {name: [family.type, family.unit] for name, family in families.items()}
    return Made(made.records, {"counters": made.state, "families": told, "left_out": dict(left_out)}, made.left_out)


def _require_encoding(content_encoding: str, content_type: str) -> None:
    if content_encoding.strip().lower() != "snappy":
        raise WriteEncodingUnknown(
            f'Content-Encoding is "{content_encoding}"; a remote write is compressed with snappy', hint="Set it so."
        )
    kind, _, parameters = content_type.partition(";")
    message = dict(part.strip().split("=", 1) for part in parameters.split(";") if "=" in part).get("proto", MESSAGE)
    if kind.strip().lower() != CONTENT_TYPE or message.strip('"') != MESSAGE:
        raise WriteEncodingUnknown(
            f'Content-Type is "{content_type}"; accepted is {CONTENT_TYPE} with the message {MESSAGE}',
            hint="Let the sender use remote write 1.0.",
        )


def _decompressed(body: bytes, most_bytes: int) -> bytes:
    """Return the body decompressed. Its length stands at its beginning, so a bomb is refused before it unfolds."""
    try:
        length = cramjam.snappy.decompress_raw_len(body)
        if length > most_bytes:
            raise WriteTooLarge(
                f"the request has {length} bytes decompressed; accepted are {most_bytes}",
                hint=SEND_FEWER,
            )
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError as error:
        raise WriteRefused(f"the body is not a snappy block: {error}", hint="The framed format is another.") from error


def _require_few(request: Any) -> None:
    parts = len(request.timeseries) + len(request.metadata)
    if parts <= MOST_PARTS:
        parts += sum(len(series.labels) + len(series.samples) for series in request.timeseries)
    if parts > MOST_PARTS:
        raise WriteTooLarge(
            f"the request has {parts} series, labels and samples; accepted are {MOST_PARTS}", hint=SEND_FEWER
        )


def _samples(series: Any, problems: list[str]) -> Iterator[Sample]:
    """Yield the samples of a series. `problems` gets a line for each that breaks the protocol."""
    labels = {label.name: label.value for label in series.labels}
    flaw = _flaw(series, labels)
    if flaw:
        problems.append(flaw)
        return
    name = labels.pop("__name__")
    for one in series.samples:
        if FIRST_MOMENT <= one.timestamp <= LAST_MOMENT:
            yield Sample(name, labels, one.value, one.timestamp / 1000)
        else:
            problems.append(f"{name}: the timestamp {one.timestamp} is no moment in milliseconds since 1970")


def _flaw(series: Any, labels: Mapping[str, str]) -> str:
    if not labels.get("__name__"):
        return f"a series has no label __name__, only {', '.join(sorted(labels)[:5]) or 'none at all'}"
    if len(labels) < len(series.labels):
        return f"{labels['__name__']}: a label is named twice"
    return f"{labels['__name__']}: a label has no name" if "" in labels else ""


def _family(metadata: Any) -> Family:
    kind: MetricType = METADATA_TYPES[metadata.type] if 0 <= metadata.type < len(METADATA_TYPES) else "unknown"
    return Family(kind, metadata.unit, metadata.help)


def _message(name: str, *fields: tuple[str, int, str]) -> descriptor_pb2.DescriptorProto:
    """Return the description of a message. A field's kind is a scalar type, or the message it repeats."""
    proto = descriptor_pb2.FieldDescriptorProto
    scalars = {
        "string": proto.TYPE_STRING,
        "double": proto.TYPE_DOUBLE,
        "int64": proto.TYPE_INT64,
        "int32": proto.TYPE_INT32,
    }
    described = descriptor_pb2.DescriptorProto(name=name)
    for field_name, number, kind in fields:
        added = described.field.add(name=field_name, number=number)
        added.type = scalars.get(kind, proto.TYPE_MESSAGE)
        added.label = proto.LABEL_OPTIONAL if kind in scalars else proto.LABEL_REPEATED
        if kind not in scalars:
            added.type_name = f".prometheus.{kind}"
    return described


def _write_request() -> Any:
    """Return the class of the message, described as prompb/remote.proto and prompb/types.proto of Prometheus do."""
    file = descriptor_pb2.FileDescriptorProto(name="remote.proto", package="prometheus", syntax="proto3")
    file.message_type.extend(
        (
            _message("WriteRequest", ("timeseries", 1, "TimeSeries"), ("metadata", 3, "MetricMetadata")),
            _message("TimeSeries", ("labels", 1, "Label"), ("samples", 2, "Sample"), ("histograms", 4, "Histogram")),
            _message("Label", ("name", 1, "string"), ("value", 2, "string")),
            _message("Sample", ("value", 1, "double"), ("timestamp", 2, "int64")),
            _message("Histogram"),
            _message(
                "MetricMetadata",
                ("type", 1, "int32"),
                ("metric_family_name", 2, "string"),
                ("help", 4, "string"),
                ("unit", 5, "string"),
            ),
        )
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(MESSAGE))


_WRITE_REQUEST = _write_request()
