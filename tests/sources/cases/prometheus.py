"""The Prometheus connector: a server with history, played; and a target with present values only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from behaviour import Case, Clock, HttpWorld, Key
from fake_server import Answer, Asked, FakeServer

from sightline.sources.prometheus.records import moment, series_id
from sightline.sources.prometheus.source import PROMETHEUS

TOKEN = "prometheus-secret-token"
STEP = 3600
Labels = dict[str, str]


class ServerWorld(HttpWorld):
    """A server whose series have a value every six hours over three days."""

    stream = "samples"
    secrets = (TOKEN,)
    page = 100

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.series: list[tuple[Labels, dict[int, float]]] = []
        now = int(clock.now.timestamp())
        for tier in ("free", "pro", "team"):
            values = {now - hours * STEP: float(hours) for hours in range(6, 72, 6)}
            self.series.append(({"__name__": "chom_revenue_mrr", "tier": tier, "zone": "eu"}, values))
        self.server = FakeServer(self._answer)
        self.config = {
            "mode": "server",
            "url": self.server.url,
            "auth": "bearer",
            "token": TOKEN,
            "selectors": ['{tier!=""}'],
            "step_seconds": STEP,
            "delay_seconds": 0,
        }
        self.wrong = {**self.config, "token": "prometheus-wrong-token"}

    def keys(self) -> set[Key]:
        return set(self.moments())

    def moments(self) -> Mapping[Key, datetime]:
        return {
            self._key(labels, at): datetime.fromtimestamp(at, UTC) for labels, values in self.series for at in values
        }

    def change(self, number: int) -> set[Key]:
        at = int(self.clock.tick(STEP).timestamp()) // STEP * STEP
        new = [{"__name__": "chom_new", "tier": f"{at} {each}", "zone": "eu"} for each in range(number)]
        self.series += [(labels, {at: 1.0}) for labels in new]
        return {self._key(labels, at) for labels in new}

    def add_column(self) -> str:
        for labels, _ in self.series:
            labels["region"] = "north"
        return "label.region"

    def drop_column(self) -> str:
        for labels, _ in self.series:
            del labels["zone"]
        return "label.zone"

    def _key(self, labels: Labels, at: int) -> Key:
        return series_id(labels["__name__"], {k: v for k, v in labels.items() if k != "__name__"}), moment(float(at))

    def _answer(self, asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Answer({"status": "error", "error": "unauthorized"}, 401)
        answers = {"query_range": self._range, "query": self._instant, "labels": self._labels}
        answer = answers.get(asked.path.removeprefix("/api/v1/"))
        return Answer({"status": "success", "data": answer(asked) if answer else {}})

    def _range(self, asked: Asked) -> Any:
        form = asked.form()
        steps = range(int(form["start"]), int(form["end"]) + 1, int(form["step"]))
        if len(steps) > 11_000:
            return {}
        found: list[dict[str, Any]] = [
            {"metric": labels, "values": [[at, str(values[at])] for at in steps if at in values]}
            for labels, values in self.series
        ]
        if form["query"].startswith("count("):
            counts = {at: sum(at in values for _, values in self.series) for at in steps}
            found = [{"metric": {}, "values": [[at, str(count)] for at, count in counts.items() if count]}]
        return {"resultType": "matrix", "result": [each for each in found if each["values"]]}

    def _instant(self, _: Asked) -> Any:
        return {"resultType": "vector", "result": [{"metric": labels} for labels, _ in self.series]}

    def _labels(self, _: Asked) -> Any:
        return sorted({name for labels, _ in self.series for name in labels})


class TargetWorld(HttpWorld):
    """A target that shows what it has at the moment."""

    stream = "samples"
    secrets = ("scrape-secret-password",)

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.server = FakeServer(self._answer)
        target = {"url": f"{self.server.url}/metrics", "job": "app", "auth": "basic", "username": "reader"}
        self.config = {"mode": "scrape", "password": self.secrets[0], "targets": [target]}
        self.wrong = {**self.config, "password": "scrape-wrong-password"}
        self._own = {"job": "app", "instance": self.server.url.removeprefix("http://")}

    def keys(self) -> set[Key]:
        names = [("up", {}), *(("chom_revenue_mrr", {"tier": tier}) for tier in "abcd")]
        at = moment(self.clock.now.timestamp())
        return {(series_id(name, {**labels, **self._own}), at) for name, labels in names}

    def _answer(self, asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != "Basic cmVhZGVyOnNjcmFwZS1zZWNyZXQtcGFzc3dvcmQ=":
            return Answer(b"unauthorized", 401)
        lines = [f'chom_revenue_mrr{{tier="{tier}"}} 12\n' for tier in "abcd"]
        return Answer("".join(lines).encode(), headers={"Content-Type": "text/plain; version=0.0.4"})


@contextmanager
def _server(_: Path, clock: Clock) -> Iterator[ServerWorld]:
    world = ServerWorld(clock)
    with world.server:
        yield world


@contextmanager
def _target(_: Path, clock: Clock) -> Iterator[TargetWorld]:
    world = TargetWorld(clock)
    with world.server:
        yield world


NO_DELETES = "values that were measured stay measured"
NO_HISTORY = "a target shows its present values only"

CASES = (
    Case(
        "prometheus server",
        PROMETHEUS,
        _server,
        cannot={"remove": NO_DELETES, "merge": NO_DELETES, "renewal": "a token of a server is fixed"},
    ),
    Case(
        "prometheus scrape",
        PROMETHEUS,
        _target,
        cannot={
            **dict.fromkeys(("increments", "resume", "bounds", "count"), NO_HISTORY),
            "remove": NO_DELETES,
            "merge": NO_DELETES,
            "renewal": "a password is fixed",
            "schema": "a label is a column of the series that have it",
            "faults": "a text that is no exposition is a target that is down; see test_prometheus_scrape.py",
        },
    ),
)
