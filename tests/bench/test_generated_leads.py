"""Generated leads are the same every time, so that runs can be compared."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.csv

from sightline.bench.leads import PROGRAMS, lead_batches, programs, write_csv


def test_two_runs_of_one_size_give_the_same_leads() -> None:
    first, second = (lead_batches(rows=2_000).read_all() for _ in range(2))
    assert first.equals(second)
    assert first.num_rows == 2_000


def test_leads_cover_two_years_in_order() -> None:
    moments = lead_batches(rows=1_000).read_all()["created_at"].to_pylist()
    assert moments == sorted(moments)
    assert moments[0] == datetime(2024, 1, 1, tzinfo=UTC)
    assert moments[-1] < datetime(2026, 1, 1, tzinfo=UTC)


def test_every_lead_is_about_a_known_program() -> None:
    known = set(programs()["program_id"].to_pylist())
    assert len(known) == PROGRAMS
    assert set(lead_batches(rows=5_000).read_all()["program_id"].to_pylist()) <= known


def test_the_file_holds_the_same_leads(tmp_path: Path) -> None:
    write_csv(tmp_path / "leads.csv", rows=500)
    table = pyarrow.csv.read_csv(tmp_path / "leads.csv")
    assert table["lead_id"].to_pylist() == list(range(500))
    assert table["value"].to_pylist() == lead_batches(rows=500).read_all()["value"].to_pylist()
