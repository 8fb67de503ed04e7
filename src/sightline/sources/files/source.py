"""The connector `files`: each pattern of file names is a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from sightline.definitions.catalog import did_you_mean
from sightline.sources.base import Checked, Connector, Page, ReadRequest, Record, SourceError, Stream, Surroundings
from sightline.sources.files.config import FILE, MALFORMED, ROW, FilesConfig, FileStream
from sightline.sources.files.formats import UnreadableFile
from sightline.sources.files.places import PLACES
from sightline.sources.files.reading import Files, Position, Reader, UnreadableFiles
from sightline.sources.files.rows import columns_of, rows_of


class UnknownColumn(SourceError):
    """The settings name a stream or column that the files do not have."""

    code = "SL-E334"


class FilesSource:
    """Files of one place."""

    def __init__(self, config: FilesConfig, surroundings: Surroundings) -> None:
        self._config = config
        self._files = Files(PLACES[config.place](config, surroundings))

    def check(self) -> Checked:
        place = self._files.place
        found = {stream.name: str(len(place.find(stream.pattern))) for stream in self._config.streams}
        return Checked(place.name, {f"files of {name}": number for name, number in found.items()})

    def streams(self) -> Sequence[Stream]:
        return [self._described(stream) for stream in self._config.streams]

    def read(self, request: ReadRequest) -> Iterator[Page]:
        stream = self._stream(request.stream.name)
        reader = Reader(self._files, partial(rows_of, stream=stream), self._config.page_rows, _suffix(stream))
        entries = self._files.place.find(stream.pattern)
        for page in reader.pages(entries, Position.of(request.cursor)):
            yield Page([_chosen(record, request, stream) for record in page.records], page.cursor)

    def count(self, stream: Stream, days: Sequence[date]) -> Mapping[date, int] | None:  # noqa: ARG002 - the contract
        """Return None: a file does not tell when its rows were made."""
        return None

    def close(self) -> None:
        self._files.close()

    def _described(self, stream: FileStream) -> Stream:
        """Return a stream with the columns of its last file that can be read."""
        entries, problem = self._files.place.find(stream.pattern), None
        for entry in reversed(entries):
            try:
                columns = columns_of(self._files.local(entry, _suffix(stream)), stream)
            except UnreadableFile as error:
                problem = problem or error
                continue
            for name in stream.key:
                if name not in columns:
                    raise UnknownColumn(f'"{entry.name}" has no column "{name}"', hint=did_you_mean(name, columns))
            return Stream(stream.name, stream.name, stream.key, columns)
        if problem:
            raise UnreadableFiles(f"no file of {stream.name} can be read: {problem.text}") from problem
        return Stream(stream.name, stream.name, stream.key)

    def _stream(self, name: str) -> FileStream:
        known = {stream.name: stream for stream in self._config.streams}
        if name not in known:
            raise UnknownColumn(f'there is no stream "{name}"', hint=did_you_mean(name, list(known)))
        return known[name]


def _suffix(stream: FileStream) -> str:
    return f".{stream.format}" if stream.format else ""


def _chosen(record: Record, request: ReadRequest, stream: FileStream) -> Record:
    """Return what is wanted of a record; a malformed one is left whole, so that it can be told."""
    if not request.columns or MALFORMED in record:
        return record
    wanted = {*request.columns, *stream.key, FILE, ROW}
    return {name: value for name, value in record.items() if name in wanted}


FILES = Connector(
    name="files",
    label="Files",
    summary="CSV, XLSX, Parquet and JSON lines from a folder, S3, SFTP or a web address.",
    config=FilesConfig,
    open=FilesSource,
)
