"""The real Prometheus scrapes a running Sightline; every query of every exported dashboard and rule is answered."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from served import Running, running

from club_home import make_club_home
from prometheus_server import PrometheusServer, prometheus_binary
from prometheus_server import running as prometheus

__all__ = ["prometheus_binary"]

pytestmark = [
    pytest.mark.req("SAA-4"),
    pytest.mark.req("SAA-8"),
    pytest.mark.req("PLT-9"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals differ there"),
]
PATH = "/api/v1/workspaces/club/prometheus/metrics"


@dataclass(frozen=True)
class Observed:
    """A Sightline, what it exported, and the Prometheus that scrapes it by the exported configuration."""

    sightline: Running
    prometheus: PrometheusServer
    exported: Path
    token: str

    def boards(self) -> dict[str, dict[str, Any]]:
        return {path.stem: json.loads(path.read_text()) for path in sorted(self.exported.rglob("*.json"))}


def run(home: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "sightline.cli.main", "--home", str(home), *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=home.parent,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory, prometheus_binary: str) -> Iterator[Observed]:
    folder = tmp_path_factory.mktemp("observed")
    home = make_club_home(folder / "home")
    run(home, "user", "add", "prometheus@example.org", "--role", "admin")
    token = run(home, "token", "add", "prometheus@example.org", "--scope", "read").strip()
    with running(home, "serve") as sightline:
        exported = folder / "exported"
        url = f"http://127.0.0.1:{sightline.port}"
        for kind in ("prometheus", "grafana"):
            assert "wrote" in run(home, "export", kind, "--out", str(exported), "--url", url)
        settings = scraping(exported, token)
        with prometheus(prometheus_binary, folder / "prometheus", settings=settings) as server:
            server.wait_for('up{job="sightline-club"}', [1.0])
            yield Observed(sightline, server, exported, token)


def scraping(exported: Path, token: str) -> dict[str, Any]:
    """Return the exported configuration with its token, at a pace for tests."""
    configuration = yaml.safe_load((exported / "scrape_configs.yaml").read_text())
    (job,) = configuration["scrape_configs"]
    secret = exported / job["authorization"]["credentials_file"]
    secret.write_text(token)
    job["authorization"]["credentials_file"] = str(secret)
    job |= {"scrape_interval": "1s", "scrape_timeout": "1s"}
    pace = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    return {"global": pace, "rule_files": [str(exported / "club.rules.yaml")], **configuration}


def test_a_figure_is_the_same_here_and_there(observed: Observed) -> None:
    (there,) = observed.prometheus.values('chom_revenue{tier="Gold"}')
    request = Request(
        f"http://127.0.0.1:{observed.sightline.port}/api/v1/workspaces/club/query"
        "?metrics=revenue&by=tier&period=last_30_days",
        headers={"Authorization": f"Bearer {observed.token}"},
    )
    with urlopen(request, timeout=20) as answer:  # noqa: S310 - our own
        text = answer.read().decode()
    assert str(int(there)) in text


def test_every_published_name_is_scraped(observed: Observed) -> None:
    names = set(observed.prometheus.ask("label/__name__/values"))
    assert {"chom_revenue", "chom_revenue_by_channel", "chom_mean_payment", "chom_steps", "chom_balance"} <= names


def test_every_query_of_every_dashboard_is_answered(observed: Observed) -> None:
    silent = set()
    for name, board in observed.boards().items():
        for chosen in choices(board, observed.prometheus):
            for panel in board["panels"]:
                assert panel["targets"], (name, panel["title"])
                for target in panel["targets"]:
                    query = written(target["expr"], chosen)
                    if not observed.prometheus.values(query) and not is_left_out(query, observed):
                        silent.add(query)
    assert {query for query in silent if not is_empty_by_definition(query)} == set()


def is_empty_by_definition(query: str) -> bool:
    """Whether the choice contradicts the panel: basic among gold members, a channel of what has none, or yesterday.

    Everything came in today, and no row of the club is dated yesterday.
    """
    is_contradiction = "where=\"tier = 'gold'\"" in query and 'tier=~"Basic"' in query
    has_no_channel = query.startswith(("chom_balance_by", "chom_joined_by", "chom_steps_by"))
    came_today = query.startswith(("sightline_rows_loaded_by", "sightline_rows_dated_by")) and '"yesterday"' in query
    return is_contradiction or came_today or (has_no_channel and 'channel=~".{0}"' not in query)


def choices(board: dict[str, Any], server: PrometheusServer) -> Iterator[dict[str, str]]:
    """Yield what the variables may stand at: all at All, and each in turn at its first member."""
    variables = [each for each in board["templating"]["list"] if each["type"] == "query"]
    offered = {each["name"]: members(each["query"]["query"], server) for each in variables}
    assert all(offered.values()), offered
    start = {each["name"]: each.get("allValue") or offered[each["name"]][0] for each in variables}
    yield start
    for each in variables:
        yield {
            **start,
            each["name"]: re.escape(offered[each["name"]][0]) if each["includeAll"] else start[each["name"]],
        }


def members(query: str, server: PrometheusServer) -> list[str]:
    """Return what Grafana offers for `label_values(series, label)`."""
    match = re.fullmatch(r"label_values\((.*), (\w+)\)", query)
    assert match
    return list(server.ask(f"label/{match[2]}/values", **{"match[]": match[1]}))


def written(expr: str, chosen: dict[str, str]) -> str:
    """Return the query as Grafana sends it: values within quotes, escaped."""
    quoted = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in chosen.items()}
    return re.sub(r"\$(\w+)", lambda match: quoted[match[1]], expr)


def is_left_out(query: str, observed: Observed) -> bool:
    """Whether Sightline says that figures of this name have no value to show."""
    name = query.partition("{")[0]
    return bool(observed.prometheus.values(f'sightline_export_left_out{{metric="{name}",reason!="cardinality"}} > 0'))


def test_little_is_without_value(observed: Observed) -> None:
    board = observed.boards()["overview"]
    start = next(iter(choices(board, observed.prometheus)))
    queries = [written(each["expr"], start) for panel in board["panels"] for each in panel["targets"]]
    answered = [query for query in queries if observed.prometheus.values(query)]
    assert len(answered) > 0.9 * len(queries), set(queries) - set(answered)


def test_a_chosen_member_changes_the_figure_and_the_rows(observed: Observed) -> None:
    board = observed.boards()["overview"]
    start = next(iter(choices(board, observed.prometheus)))
    tile, table = board["panels"][0]["targets"][0]["expr"], board["panels"][3]["targets"][0]["expr"]
    (total,) = observed.prometheus.values(written(tile, start))
    both = observed.prometheus.values(written(tile, {**start, "tier": "(Gold|Basic)"}))
    assert len(both) == 2
    assert sum(both) == total
    assert len(observed.prometheus.values(written(table, start))) == 3
    assert len(observed.prometheus.values(written(table, {**start, "tier": "Gold"}))) == 1


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not found():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def test_rules_are_evaluated_without_error(observed: Observed) -> None:
    server = observed.prometheus
    for recorded in ("ratio", "target", "target_gap"):
        until(lambda name=recorded: len(server.values(f"chom_mean_payment:{name}")) == 1)
    until(lambda: all(each["health"] != "unknown" for each in rules_of(server)))
    assert {each["name"]: each.get("lastError") for each in rules_of(server) if each["health"] != "ok"} == {}
    (value,) = server.values("chom_mean_payment")
    assert server.values("chom_mean_payment:ratio") == [pytest.approx(value)]
    assert server.values("chom_mean_payment:target") == [15.0]
    assert server.values("chom_mean_payment:target_gap") == [pytest.approx(value - 15)]


def rules_of(server: PrometheusServer) -> list[dict[str, Any]]:
    return [rule for group in server.ask("rules")["groups"] for rule in group["rules"]]


def test_a_band_that_is_held_is_pending_or_firing(observed: Observed) -> None:
    (value,) = observed.prometheus.values("chom_mean_payment")
    status = "warning" if 10 <= value < 20 else "critical" if value < 10 else ""
    wanted = [status] if status else []

    def held() -> list[str]:
        alerts = [each["labels"] for each in observed.prometheus.ask("alerts")["alerts"]]
        return [each["severity"] for each in alerts if each["metric"] == "mean_payment"]

    until(lambda: held() == wanted)


def test_without_a_token_there_is_nothing_to_scrape(observed: Observed) -> None:
    with pytest.raises(HTTPError) as refused, urlopen(f"http://127.0.0.1:{observed.sightline.port}{PATH}", timeout=20):
        pass
    with refused.value as answer:
        assert answer.code == 401


def test_the_format_follows_the_accept_header(observed: Observed) -> None:
    for accept, wanted in (("application/openmetrics-text; version=1.0.0", "openmetrics"), ("*/*", "text/plain")):
        headers = {"Authorization": f"Bearer {observed.token}", "Accept": accept}
        with urlopen(Request(f"http://127.0.0.1:{observed.sightline.port}{PATH}", headers=headers), timeout=20) as got:
            assert wanted in got.headers["Content-Type"]
            assert got.headers["Vary"] == "Accept" or "Accept" in got.headers["Vary"]


def test_the_semantic_model_goes_where_it_is_told(observed: Observed, tmp_path: Path) -> None:
    home = observed.exported.parent / "home"
    assert "model.yaml" in run(home, "export", "ossie", "--out", str(tmp_path / "model.yaml"))
    assert yaml.safe_load((tmp_path / "model.yaml").read_text())["version"]


def test_an_unknown_kind_is_told_with_the_nearest(observed: Observed) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sightline.cli.main",
            "--home",
            str(observed.exported.parent / "home"),
            "export",
            "grafan",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert 'did you mean "grafana"' in done.stderr
    assert "SL-E400" in done.stderr
