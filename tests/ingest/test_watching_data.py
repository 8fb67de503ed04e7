"""Late sources, stale datasets and unusual days are told once and end when they are over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from sightline.home import Home, WorkspaceFolder
from sightline.ingest.models import DataEvent, Source, SyncRun
from sightline.ingest.watch import watch
from sightline.lake.write import publish_table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.3", "PRG-1.5", "PRG-1.7")]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
LEADS = {
    "dataset": "leads",
    "entities": {"lead": {"type": "primary", "column": "lead_id"}},
    "time": "created_at",
    "freshness": {"warn": "1d", "error": "3d"},
    "columns": {"lead_id": {"type": "string"}, "created_at": {"type": "timestamp"}},
}


@pytest.fixture
def folder(tmp_path: Path) -> WorkspaceFolder:
    pack = tmp_path / "pack"
    (pack / "datasets").mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: small\nlabel: Small\n")
    (pack / "datasets" / "leads.yaml").write_text(yaml.safe_dump(LEADS))
    home = Home.create(tmp_path / "home")
    home.create_workspace("small", packs=[str(pack)], label="Small", zone="UTC")
    return home.workspace("small")


def publish(folder: WorkspaceFolder, *, days: dict[date, int], run: str = "r") -> None:
    moments = [
        datetime(day.year, day.month, day.day, 9, tzinfo=UTC) for day, count in days.items() for _ in range(count)
    ]
    table = pa.table({"lead_id": [f"{run}-{n}" for n in range(len(moments))], "created_at": moments})
    publish_table(folder.lake, folder.catalog.dataset("leads"), table, zone="UTC", now=NOW, run=run)


def usual(rows: int = 50) -> dict[date, int]:
    """Nine weeks up to today, each day the same but for a few rows."""
    return {NOW.date() - timedelta(days=back): rows + back % 5 for back in range(64)}


def open_kinds() -> list[str]:
    return sorted(DataEvent.objects.filter(ended_at=None).values_list("kind", flat=True))


def test_a_usual_day_is_no_event(folder: WorkspaceFolder) -> None:
    publish(folder, days=usual())
    assert watch(folder, now=NOW) == []


@pytest.mark.parametrize(("rows", "word"), [(400, "more"), (2, "fewer"), (0, "fewer")])
def test_a_day_with_far_more_or_fewer_rows_is_told_with_its_numbers(
    folder: WorkspaceFolder, rows: int, word: str
) -> None:
    days = {**usual(), date(2026, 3, 3): rows}
    publish(folder, days=days)
    (said,) = watch(folder, now=NOW)
    assert f"{rows} rows on Tue 03 Mar, {word} than usual (median of 8 such weekdays: 52)" in said.replace("51", "52")
    assert open_kinds() == ["volume_unusual"]


def test_today_is_not_judged_before_it_is_over(folder: WorkspaceFolder) -> None:
    publish(folder, days={**usual(), NOW.date(): 1})
    assert watch(folder, now=NOW) == []


def test_small_numbers_and_short_histories_are_not_judged(folder: WorkspaceFolder) -> None:
    publish(folder, days={**usual(rows=2), date(2026, 3, 3): 15})
    assert watch(folder, now=NOW) == []


def test_a_stale_dataset_is_told_once_and_ends_with_new_rows(folder: WorkspaceFolder) -> None:
    publish(folder, days=usual())
    later = NOW + timedelta(days=5)
    for _ in range(2):
        watch(folder, now=later)
    event = DataEvent.objects.get(kind="stale")
    assert (event.dataset, event.level) == ("leads", "error")
    assert "5 days old" in event.message
    publish(folder, days={later.date(): 50}, run="new")
    watch(folder, now=later)
    event.refresh_from_db()
    assert event.ended_at == later


def _source(**spec: object) -> Source:
    streams = {"streams": {"contacts": {"dataset": "leads"}}}
    made = NOW - timedelta(days=9)
    values = {"source": "crm", "type": "sql", "label": "CRM", **streams, **spec}
    return Source.objects.create(
        workspace="small", name="crm", kind="sql", spec=values, created_at=made, changed_at=made
    )


def test_a_source_that_was_not_read_when_it_should_have_been_is_late(folder: WorkspaceFolder) -> None:
    source = _source(schedule={"cron": "0 5 * * *", "zone": "UTC"})
    assert watch(folder, now=NOW) == ["CRM is late: it was never read."]
    SyncRun.objects.create(
        source=source, state="done", trigger="schedule", by="x", queued_at=NOW, finished_at=NOW - timedelta(hours=7)
    )
    assert watch(folder, now=NOW) == []
    assert open_kinds() == []
    assert watch(folder, now=NOW + timedelta(hours=17, minutes=29)) == []
    assert watch(folder, now=NOW + timedelta(hours=17, minutes=31)) == [
        "CRM is late: it was last read at 04 Mar 2026, 05:00."
    ]


def test_a_source_may_say_itself_when_it_is_late_and_a_paused_one_never_is(folder: WorkspaceFolder) -> None:
    source = _source(late_after="2h")
    assert len(watch(folder, now=NOW)) == 1
    Source.objects.filter(pk=source.pk).update(is_paused=True)
    assert watch(folder, now=NOW) == []


@pytest.mark.parametrize(("rows", "is_told"), [(37, True), (38, False), (62, False), (63, True)])
def test_a_day_is_only_unusual_when_it_differs_by_a_quarter_however_steady_the_days_were(
    folder: WorkspaceFolder, rows: int, is_told: bool
) -> None:
    steady = {NOW.date() - timedelta(days=back): 50 for back in range(64)}
    publish(folder, days={**steady, NOW.date() - timedelta(days=1): rows})
    said = watch(folder, now=NOW)
    assert len(said) == is_told
    event = DataEvent.objects.filter(kind="volume_unusual").first()
    assert (event and (event.detail["least"], event.detail["most"])) == ((38, 62) if is_told else None)
