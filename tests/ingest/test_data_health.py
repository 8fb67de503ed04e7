"""What came in, what was held and which days are unusual can be asked of every workspace, by those who may know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from sightline.accounts.access import operator_access
from sightline.definitions.built_in import KEPT
from sightline.definitions.folders import BUILT_IN_FOLDER
from sightline.definitions.policy import SYSTEM_VIEWER, Policy, Viewer, seen_catalog
from sightline.home import Home, WorkspaceFolder
from sightline.ingest.actions.import_file import import_file
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.health import sum_up
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import DataEvent, Source
from sightline.ingest.own_rows import may_enter
from sightline.ingest.records import store_records
from sightline.ingest.spec import BadSource, spec_from
from sightline.ingest.staged import KeptDataset
from sightline.ingest.watch import watch
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import warehouse_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.3", "PRG-1.5", "PRG-1.6", "PLT-2")]
NOW = datetime(2026, 3, 4, 12, 40, tzinfo=UTC)  # a Wednesday
LEADS = {
    "dataset": "leads",
    "entities": {"lead": {"type": "primary", "column": "lead_id"}},
    "time": "created_at",
    "columns": {
        "lead_id": {"type": "string"},
        "email": {"type": "string"},
        "created_at": {"type": "timestamp"},
    },
    "checks": [{"not_null": "created_at"}],
}
NOTES = {
    "dataset": "notes",
    "entities": {"note": {"type": "primary", "column": "note_id"}},
    "columns": {"note_id": {"type": "string"}},
}


@pytest.fixture
def folder(tmp_path: Path) -> WorkspaceFolder:
    pack = tmp_path / "pack"
    (pack / "datasets").mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: small\nlabel: Small\n")
    for dataset in (LEADS, NOTES):
        (pack / "datasets" / f"{dataset['dataset']}.yaml").write_text(yaml.safe_dump(dataset))
    home = Home.create(tmp_path / "home")
    home.create_workspace("small", packs=[str(pack)], label="Small", zone="America/New_York")
    assert not home.workspace("small").issues
    return home.workspace("small")


def lead(number: int, *, at: datetime | None = NOW, email: str | None = "x@y.test") -> dict[str, Any]:
    return {"lead_id": f"l{number}", "email": email, "created_at": at and at.isoformat()}


def store(
    folder: WorkspaceFolder, run: str, records: Sequence[Mapping[str, Any]], *, now: datetime = NOW, to: str = "leads"
) -> None:
    dataset = folder.catalog.dataset(to)
    store_records(folder=folder, dataset=dataset, records=records, mapping=MapFile(), run=run, now=now)


def asked(folder: WorkspaceFolder, *metrics: str, viewer: Viewer = SYSTEM_VIEWER, now: datetime = NOW, **more: Any):
    return ask(Question(metrics, **more), viewer, warehouse=warehouse_of(folder), now=now)


def table(folder: WorkspaceFolder, *metrics: str, by: Sequence[str], **more: Any) -> dict[tuple[Any, ...], list[Any]]:
    answer = asked(folder, *metrics, group_by=tuple(by), **more)
    keys = zip(*(answer.data[name] for name in by), strict=True)
    return dict(zip(keys, ([*row] for row in zip(*(answer.data[name] for name in metrics), strict=True)), strict=True))


def arrive(folder: WorkspaceFolder) -> None:
    """Bring rows in every way, some of them wrong, on Tuesday evening and on Wednesday of New York."""
    Source.objects.create(
        workspace="small",
        name="hooks",
        kind="webhook",
        spec={"source": "hooks", "type": "webhook", "streams": {"all": {"dataset": "leads"}}},
        created_at=NOW,
        changed_at=NOW,
    )
    tuesday = datetime(2026, 3, 4, 3, tzinfo=UTC)
    store(folder, "sync-crm-contacts-1", [lead(n, email=None) for n in range(4)], now=tuesday)
    store(folder, "sync-crm-contacts-2", [lead(4), lead(5, at=NOW - timedelta(hours=30)), lead(6, at=None)])
    store(folder, "in-7f00-all", [lead(7, at=NOW - timedelta(hours=5)), lead(8, at=None), lead(9, at=None)])
    store(folder, "import-aa", [{"note_id": "n1"}, {"note_id": "n2"}], to="notes")
    store(folder, "entry-bb-1", [lead(20, at=NOW - timedelta(hours=50))])


def test_arrivals_are_counted_by_dataset_source_and_day(folder: WorkspaceFolder) -> None:
    arrive(folder)
    sum_up(folder, now=NOW)
    found = table(folder, "rows_loaded", "rows_rejected", by=("dataset_name", "source_name"))
    assert found == {
        ("leads", "crm"): [6, 1],
        ("leads", "hooks"): [1, 2],
        ("leads", "by hand"): [1, 0],
        ("notes", "by file"): [2, 0],
    }
    by_day = asked(folder, "rows_received", "rejected_share", grain="day", period="2026-03-03..2026-03-05")
    assert [by_day.data["rows_received"], by_day.data["rejected_share"]] == [[4, 9], [0, pytest.approx(3 / 9)]]
    filled = table(folder, "fields_filled", by=("dataset_name",))
    assert filled == {("leads",): [pytest.approx(20 / 24)], ("notes",): [1.0]}  # four leads of eight have no e-mail


def test_freshness_is_hours_since_the_newest_row_by_dataset_and_source(folder: WorkspaceFolder) -> None:
    arrive(folder)
    sum_up(folder, now=NOW)
    found = table(folder, "freshness_hours", "load_age_hours", by=("source_name",))
    since = 40 / 60  # ages are read at the full hour
    assert found == {
        ("crm",): [0, 0],
        ("hooks",): [pytest.approx(5 - since), 0],
        ("by hand",): [pytest.approx(50 - since), 0],
        ("by file",): [None, 0],  # notes have no time of their own
    }
    later = table(folder, "freshness_hours", "load_age_hours", by=("dataset_name",), now=NOW + timedelta(hours=10))
    assert later[("leads",)] == [pytest.approx(10 - since), pytest.approx(10 - since)]


def test_summing_up_again_changes_nothing_and_makes_no_snapshot(folder: WorkspaceFolder) -> None:
    arrive(folder)
    first = sum_up(folder, now=NOW)
    again = sum_up(folder, now=NOW + timedelta(minutes=15))
    assert again.id == first.id
    assert sum_up(folder, now=NOW + timedelta(days=3)).id == first.id


def test_a_row_counts_for_whoever_wrote_it_last_that_day_and_days_before_stand(folder: WorkspaceFolder) -> None:
    store(folder, "sync-crm-contacts-1", [lead(1), lead(2)])
    sum_up(folder, now=NOW)
    store(folder, "sync-erp-people-1", [lead(1, email="new@y.test")], now=NOW + timedelta(hours=1))
    sum_up(folder, now=NOW + timedelta(hours=1))
    assert table(folder, "rows_loaded", by=("source_name",)) == {("crm",): [1], ("erp",): [1]}
    tomorrow = NOW + timedelta(days=1)
    store(folder, "sync-erp-people-2", [lead(2, email="new@y.test")], now=tomorrow)
    sum_up(folder, now=tomorrow)
    assert table(folder, "rows_loaded", by=("source_name",)) == {("crm",): [1], ("erp",): [2]}
    store(folder, "sync-crm-contacts-3", [lead(2, email="again@y.test")], now=tomorrow + timedelta(hours=1))
    sum_up(folder, now=tomorrow + timedelta(hours=1))
    assert table(folder, "rows_loaded", by=("source_name",)) == {("crm",): [2], ("erp",): [1]}


def test_unusual_days_are_counted_as_they_are_told(folder: WorkspaceFolder) -> None:
    days = {NOW.date() - timedelta(days=back): 50 + back % 5 for back in range(64)} | {date(2026, 3, 3): 2}
    moments = [datetime(day.year, day.month, day.day, 18, tzinfo=UTC) for day, n in days.items() for _ in range(n)]
    store(folder, "sync-crm-contacts-1", [lead(n, at=moment) for n, moment in enumerate(moments)])
    sum_up(folder, now=NOW)
    (said,) = [each for each in watch(folder, now=NOW) if "rows on" in each]
    assert "2 rows on Tue 03 Mar, fewer than usual" in said
    day = {"period": "2026-03-03..2026-03-04"}
    assert asked(folder, "volume_anomalies", **day).data["volume_anomalies"] == [1]
    found = asked(folder, "volume_anomalies", "rows_dated")
    dated = sum(n for each, n in days.items() if date(2026, 2, 4) <= each <= date(2026, 3, 3))
    assert [found.data["volume_anomalies"], found.data["rows_dated"]] == [[1], [dated]]
    detail = DataEvent.objects.get(kind="volume_unusual").detail
    assert detail["least"] < 50 < detail["most"]


@pytest.mark.parametrize(
    ("permissions", "rows", "seen"),
    [
        ({"view", "see_quarantine"}, {"*": "all"}, {"leads", "notes"}),
        ({"view", "manage_sources"}, {"*": "all"}, {"leads", "notes"}),
        ({"*"}, {"*": "all"}, {"leads", "notes"}),
        ({"view", "see_quarantine"}, {"*": "all", "leads": "email = 'x@y.test'"}, {"notes"}),
        ({"view", "see_quarantine"}, {"leads": "all", "notes": "note_id = 'n1'"}, {"leads"}),
        ({"view", "see_quarantine"}, {"*": "note_id = 'n1'"}, set()),
        ({"view", "see_quarantine"}, {}, set()),
        ({"view", "see_rows", "export"}, {"*": "all"}, set()),
    ],
)
def test_who_may_see_sources_is_told_of_datasets_they_see_whole_and_others_nothing(
    folder: WorkspaceFolder, permissions: set[str], rows: dict[str, str], seen: set[str]
) -> None:
    arrive(folder)
    sum_up(folder, now=NOW)
    policy = Policy(frozenset(permissions), rows)
    viewer = Viewer("v", policy)
    found = table(folder, "rows_loaded", by=("dataset_name",), viewer=viewer)
    assert {name for (name,) in found} == seen
    whole = asked(folder, "rows_loaded", viewer=viewer).cell(0, "rows_loaded").value
    assert whole == (sum({"leads": 8, "notes": 2}[name] for name in seen) or None)  # none of it is for them: not zero
    named = seen_catalog(folder.catalog, policy)
    assert ("rows_loaded" in named.metrics, "data_health" in named.dashboards) == (bool(seen), bool(seen))


def test_nobody_fills_what_sightline_keeps(folder: WorkspaceFolder, tmp_path: Path) -> None:
    assert {path.stem for path in (BUILT_IN_FOLDER / "datasets").iterdir()} == set(KEPT)
    assert set(folder.catalog.datasets) - set(folder.catalog.filled) == set(KEPT)
    access = operator_access(folder)
    assert [may_enter(access, name) for name in (*KEPT, "leads")] == [False, False, True]
    file = tmp_path / "rows.csv"
    file.write_text("day,dataset_name,source_name\n2026-03-01,leads,crm\n")
    with pytest.raises(KeptDataset, match="kept by Sightline"):
        import_file(folder=folder, dataset="data_arrivals", path=file, now=NOW, by="x")
    spec = {"source": "hooks", "type": "webhook", "streams": {"all": {"dataset": "data_volumes"}}}
    with pytest.raises(BadSource, match='no dataset "data_volumes"'):
        save_source(access=access, spec=spec_from(spec), secrets={}, now=NOW)


def test_a_pack_may_not_take_their_names_and_a_workspace_may_override_a_metric(folder: WorkspaceFolder) -> None:
    (folder.definitions / "metrics").mkdir()
    ours = {"type": "simple", "dataset": "data_arrivals", "agg": "sum", "column": "rows_loaded", "description": "Ours."}
    own = {"rows_loaded": ours}
    (folder.definitions / "metrics" / "own.yaml").write_text(yaml.safe_dump({"metrics": own}))
    assert folder.catalog.metric("rows_loaded").description == "Ours."
    pack = Path(folder.settings.packs[0])
    (pack / "metrics").mkdir()
    own["rows_rejected"] = own.pop("rows_loaded")
    (pack / "metrics" / "taken.yaml").write_text(yaml.safe_dump({"metrics": own}))
    (problem,) = folder.issues
    assert (problem.code, problem.message) == (
        "PACK-E007",
        "the name is taken by built_in/metrics/health.yaml:12:3",
    )
