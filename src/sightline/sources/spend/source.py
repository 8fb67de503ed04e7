"""The connector `spend`: exports of advertising platforms as one stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from sightline.sources.base import Checked, Connector, Page, ReadRequest, Stream, Surroundings
from sightline.sources.files.config import MALFORMED
from sightline.sources.files.places import PLACES
from sightline.sources.files.reading import Files, Position, Reader
from sightline.sources.spend.config import SpendConfig
from sightline.sources.spend.rows import COLUMNS, KEY, spend_of

STREAM = Stream("spend", "Advertising spend", KEY, COLUMNS)


class SpendSource:
    """Exports in one place."""

    def __init__(self, config: SpendConfig, surroundings: Surroundings) -> None:
        self._config = config
        self._files = Files(PLACES[config.place](config, surroundings))

    def check(self) -> Checked:
        place = self._files.place
        return Checked(place.name, {"files": str(len(place.find(self._config.pattern)))})

    def streams(self) -> Sequence[Stream]:
        return [STREAM]

    def read(self, request: ReadRequest) -> Iterator[Page]:
        reader = Reader(self._files, partial(spend_of, config=self._config), self._config.page_rows)
        entries = self._files.place.find(self._config.pattern)
        wanted = {*(request.columns or COLUMNS), *KEY}
        for page in reader.pages(entries, Position.of(request.cursor)):
            records = [
                record if MALFORMED in record else {name: record[name] for name in record if name in wanted}
                for record in page.records
            ]
            yield Page(records, page.cursor)

    def count(self, stream: Stream, days: Sequence[date]) -> Mapping[date, int] | None:  # noqa: ARG002 - the contract
        """Return None: an export does not tell when its rows were made."""
        return None

    def close(self) -> None:
        self._files.close()


SPEND = Connector(
    name="spend",
    label="Advertising spend",
    summary="Exports of Google Ads and Meta by day and campaign, from a folder, S3, SFTP or a web address.",
    config=SpendConfig,
    open=SpendSource,
)
