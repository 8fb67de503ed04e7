"""Targets asked for their present values, each on its own: one that fails is down, and the others are still read."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from pydantic import SecretStr

from sightline.sources.base import Surroundings
from sightline.sources.http import Credentials, Http, Nobody, Token
from sightline.sources.prometheus.config import Auth, PrometheusConfig, Target
from sightline.sources.prometheus.exposition import ACCEPT, BadExposition, Exposition, parse
from sightline.sources.prometheus.sample import Family, Sample

ATTEMPTS = 3
GAUGE = Family(type="gauge")
LEFT_OUT = "scrape_samples_left_out"
OWN = ("job", "instance")


class TooManySamples(BadExposition):
    """A target shows more samples than the source allows."""

    code = "SL-E341"


@dataclass(frozen=True)
class Scrape:
    """What a target showed, with the labels that tell it from others."""

    samples: tuple[Sample, ...]
    native_histograms: int = 0


class Scraper:
    """A connection to one target."""

    def __init__(self, target: Target, config: PrometheusConfig, surroundings: Surroundings) -> None:
        parts = urlsplit(target.url)
        self.target = target
        self._limit = config.sample_limit
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._http = Http(
            f"{parts.scheme}://{parts.netloc}",
            surroundings=surroundings,
            credentials=credentials(target.auth, target.username, config.token, config.password),
            attempts=ATTEMPTS,
        )

    def close(self) -> None:
        self._http.close()

    def scrape(self) -> Scrape:
        """Return what the target shows now. Raises what Http raises, BadExposition and TooManySamples."""
        answer = self._http.send("GET", self._path, headers={"Accept": ACCEPT})
        where = f"{self.target.job} {self.target.name}"
        shown = parse(answer.content, content_type=answer.headers.get("Content-Type", ""), where=where)
        if len(shown.samples) > self._limit:
            raise TooManySamples(
                f"{where} shows {len(shown.samples)} samples; allowed are {self._limit}", hint="Raise sample_limit."
            )
        return self._labelled(shown)

    def up(self, *, is_up: bool) -> Sample:
        """Return the sample that says whether the target could be read."""
        return Sample("up", self._own(), float(is_up), family=GAUGE)

    def left_out(self, counts: Mapping[str, int]) -> list[Sample]:
        """Return samples that say how many others were left out, by reason."""
        return [Sample(LEFT_OUT, {**self._own(), "reason": why}, float(n), family=GAUGE) for why, n in counts.items()]

    def _own(self) -> dict[str, str]:
        return {"job": self.target.job, "instance": self.target.name}

    def _labelled(self, shown: Exposition) -> Scrape:
        own = self._own()
        labelled = (replace(one, labels={**_exported(one.labels), **own}) for one in shown.samples)
        return Scrape(tuple(labelled), shown.native_histograms)


def _exported(labels: Mapping[str, str]) -> Mapping[str, str]:
    """Return labels of which none is `job` or `instance`: those get the prefix that Prometheus gives them."""
    if not any(name in labels for name in OWN):
        return labels
    return {f"exported_{name}" if name in OWN else name: value for name, value in labels.items()}


def credentials(auth: Auth, username: str, token: SecretStr | None, password: SecretStr | None) -> Credentials:
    """Return what authorises requests."""
    if auth == "bearer" and token is not None:
        return Token(token.get_secret_value())
    if auth == "basic" and password is not None:
        pair = f"{username}:{password.get_secret_value()}".encode()
        return Token(base64.b64encode(pair).decode(), prefix="Basic ")
    return Nobody()
