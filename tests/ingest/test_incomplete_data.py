"""A completeness below its floor is told member by member, and no longer when it recovers or nobody is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from sightline.accounts.access import operator_access
from sightline.definitions.policy import Policy, Viewer
from sightline.home import Home, WorkspaceFolder
from sightline.ingest.event_list import data_events
from sightline.ingest.models import DataEvent
from sightline.ingest.overview import events_about_datasets
from sightline.ingest.watch import watch
from sightline.lake.write import publish_table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("PRG-1.6", "PRG-1.7")]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DATASETS = {
    "programs": {
        "dataset": "programs",
        "entities": {"program": {"type": "primary", "column": "program_id", "label": "name"}},
        "archived": "gone",
        "columns": {"program_id": {"type": "string"}, "name": {"type": "string"}, "gone": {"type": "boolean"}},
    },
    "leads": {
        "dataset": "leads",
        "entities": {
            "lead": {"type": "primary", "column": "lead_id"},
            "program": {"type": "foreign", "column": "program_id"},
        },
        "time": "created_at",
        "columns": {
            "lead_id": {"type": "string"},
            "program_id": {"type": "string"},
            "email": {"type": "string"},
            "created_at": {"type": "timestamp"},
        },
    },
}
METRICS = {
    "leads": {"type": "simple", "dataset": "leads", "agg": "count", "description": "Leads."},
    "filled": {
        "type": "simple",
        "dataset": "leads",
        "agg": "count",
        "where": "email is not null",
        "description": "With an e-mail address.",
    },
    "share_filled": {
        "type": "ratio",
        "numerator": "filled",
        "denominator": "leads",
        "label": "E-mail addresses filled",
        "description": "Leads with an e-mail address.",
        "completeness": {"floor": 0.8, "by": "program", "period": "last_7_days"},
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> WorkspaceFolder:
    pack = tmp_path / "pack"
    for name in ("datasets", "metrics"):
        (pack / name).mkdir(parents=True)
    (pack / "pack.yaml").write_text("pack: small\nlabel: Small\n")
    for name, dataset in DATASETS.items():
        (pack / "datasets" / f"{name}.yaml").write_text(yaml.safe_dump(dataset))
    (pack / "metrics" / "all.yaml").write_text(yaml.safe_dump({"metrics": METRICS}))
    home = Home.create(tmp_path / "home")
    home.create_workspace("small", packs=[str(pack)], label="Small", zone="UTC")
    assert not home.workspace("small").issues
    return home.workspace("small")


def programs(folder: WorkspaceFolder, *, gone: str = "") -> None:
    keys = ["p1", "p2", "p3"]
    table = pa.table({"program_id": keys, "name": ["Law", "Art", "Sea"], "gone": [key == gone for key in keys]})
    publish_table(folder.lake, folder.catalog.dataset("programs"), table, zone="UTC", now=NOW, run=f"p{gone}")


def leads(folder: WorkspaceFolder, program: str, *, filled: int, empty: int) -> None:
    count = filled + empty
    table = pa.table(
        {
            "lead_id": [f"{program}-{number}" for number in range(count)],
            "program_id": [program] * count,
            "email": pa.array(["x@y.test"] * filled + [None] * empty, pa.string()),
            "created_at": [NOW - timedelta(days=1)] * count,
        }
    )
    publish_table(folder.lake, folder.catalog.dataset("leads"), table, zone="UTC", now=NOW, run=f"{program}{filled}")


def test_only_members_below_the_floor_are_told_with_their_numbers(folder: WorkspaceFolder) -> None:
    programs(folder)
    leads(folder, "p1", filled=3, empty=7)
    leads(folder, "p2", filled=8, empty=2)  # exactly at the floor; p3 has no lead, so nothing is known of it
    assert watch(folder, now=NOW) == ["E-mail addresses filled of Law is 30.0%, below 80.0%."]
    event = DataEvent.objects.get()
    assert (event.kind, event.dataset, event.subject, event.level) == (
        "incomplete",
        "leads",
        "share_filled p1",
        "warning",
    )
    assert event.detail == {
        "metric": "share_filled",
        "value": pytest.approx(0.3),
        "floor": 0.8,
        "period": "last_7_days",
        "by": "program",
        "member": "p1",
    }


@pytest.mark.req("PLT-3")
def test_a_figure_of_two_datasets_is_told_only_to_who_sees_every_row_of_both(folder: WorkspaceFolder) -> None:
    shared = {
        "type": "ratio",
        "numerator": "filled",
        "denominator": "programs",
        "completeness": {"floor": 9},
        "hidden": True,
    }
    counted = {"type": "simple", "dataset": "programs", "agg": "count", "hidden": True}
    made = {"metrics": {"per_program": shared, "programs": counted}}
    (folder.definitions / "metrics").mkdir()
    (folder.definitions / "metrics" / "more.yaml").write_text(yaml.safe_dump(made))
    again = Home(folder.path.parent.parent).workspace("small")
    assert not again.issues
    programs(again)
    leads(again, "p1", filled=6, empty=0)
    watch(again, now=NOW)

    def told(**rows: str) -> list[str]:
        policy = Policy(permissions=frozenset({"view", "manage_sources"}), rows=rows)
        access = replace(operator_access(again), viewer=Viewer("somebody", policy))
        found = data_events(access=access, state="all").events
        assert [each.message for each in events_about_datasets(access)] == [each.message for each in found]
        return [each.subject for each in found]

    assert told(leads="all", programs="all") == ["per_program"]
    assert told(leads="all", programs="program_id = 'p1'") == []
    assert told(leads="email = 'a'", programs="all") == []


def test_it_ends_when_the_figure_recovers_and_opens_once(folder: WorkspaceFolder) -> None:
    programs(folder)
    leads(folder, "p1", filled=3, empty=7)
    for _ in range(2):
        watch(folder, now=NOW)
    leads(folder, "p1", filled=9, empty=1)
    assert watch(folder, now=NOW) == []
    assert DataEvent.objects.get().ended_at == NOW


def test_an_archived_member_and_a_metric_without_a_floor_are_not_judged(folder: WorkspaceFolder) -> None:
    programs(folder)
    leads(folder, "p1", filled=0, empty=10)
    leads(folder, "p2", filled=0, empty=10)
    assert len(watch(folder, now=NOW)) == 2
    programs(folder, gone="p1")
    assert watch(folder, now=NOW) == ["E-mail addresses filled of Art is 0.0%, below 80.0%."]
    own = {
        "metrics": {
            "share_filled": {key: each for key, each in METRICS["share_filled"].items() if key != "completeness"}
        }
    }
    (folder.definitions / "metrics").mkdir()
    (folder.definitions / "metrics" / "own.yaml").write_text(yaml.safe_dump(own))
    assert watch(folder, now=NOW) == []
    assert not DataEvent.objects.filter(ended_at=None).exists()
