"""The connector: streams of samples, scraped from targets or read from a server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sightline.errors import SightlineError
from sightline.sources.base import (
    Checked,
    Connector,
    Page,
    ReadRequest,
    Source,
    SourceError,
    SourceUnavailable,
    Stream,
    Surroundings,
)
from sightline.sources.prometheus.config import PrometheusConfig
from sightline.sources.prometheus.counters import State
from sightline.sources.prometheus.history import ServerSource
from sightline.sources.prometheus.records import records_of
from sightline.sources.prometheus.scraping import Scraper
from sightline.sources.prometheus.streams import EVERYTHING, streams_of


class ScrapeSource:
    """Targets read once per sync. A page is a target, so its cursor keeps the counters of all targets so far."""

    def __init__(self, config: PrometheusConfig, surroundings: Surroundings) -> None:
        self._config = config
        self._now = surroundings.now
        self._scrapers = [Scraper(target, config, surroundings) for target in config.targets]

    def check(self) -> Checked:
        """Scrape every target. Raises the first failure."""
        shown = {scraper.target.name: len(scraper.scrape().samples) for scraper in self._scrapers}
        return Checked(
            f"{len(shown)} target{'s' if len(shown) > 1 else ''}", {name: f"{n} samples" for name, n in shown.items()}
        )

    def streams(self) -> Sequence[Stream]:
        return streams_of(self._config.metrics, columns=())

    def read(self, request: ReadRequest) -> Iterator[Page]:
        """Yield a page per target. When none could be read, the first failure is raised behind the pages."""
        if request.until is not None and request.until <= self._now():
            return  # a target knows only its present values
        counters: dict[str, State] = dict((request.cursor or {}).get("counters", {}))
        failures: list[SightlineError] = []
        for scraper in self._scrapers:
            page = self._page(scraper, request.stream, counters, failures)
            yield page
        if len(failures) == len(self._scrapers):
            raise failures[0]

    def count(self, *_: object) -> None:
        """Return None: a target keeps no history."""
        return

    def close(self) -> None:
        for scraper in self._scrapers:
            scraper.close()

    def _page(
        self, scraper: Scraper, stream: Stream, counters: dict[str, State], failures: list[SightlineError]
    ) -> Page:
        """Return what a target shows. `counters`: the state by target, which this changes."""
        name = f"{scraper.target.job} {scraper.target.name}"
        left_out: Counter[str] = Counter()
        try:
            scraped = scraper.scrape()
            samples = [one for one in scraped.samples if stream.name in (EVERYTHING, one.name)]
            left_out["native histogram"] = scraped.native_histograms
        except (SourceError, SourceUnavailable) as error:
            failures.append(error)
            samples = None
        now = self._now().timestamp()
        made = records_of(samples or (), naming=self._config.naming, state=counters.get(name), now=now, families={})
        if samples is not None:
            counters[name] = made.state
        records = [*made.records]
        if stream.name == EVERYTHING:
            left_out.update(made.left_out)
            own = [scraper.up(is_up=samples is not None), *scraper.left_out(+left_out)]
            records += records_of(own, naming=self._config.naming, state=None, now=now, families={}).records
        return Page(records, {"counters": dict(counters)})


def open_source(config: PrometheusConfig, surroundings: Surroundings) -> Source:
    """Return an open source of the configured mode."""
    return ScrapeSource(config, surroundings) if config.mode == "scrape" else ServerSource(config, surroundings)


PROMETHEUS = Connector(
    name="prometheus",
    label="Prometheus",
    summary="Metrics of applications: scraped from them, or read from a Prometheus server with their history.",
    config=PrometheusConfig,
    open=open_source,
)
