"""`sightline import` says how many rows came, what became of them and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import Result

from lead_home import make_lead_home

pytestmark = pytest.mark.django_db
Run = Callable[..., Result]
ROWS = """lead_id,created_at,program_id,source,region,status,value,note
900001,2025-06-01T10:00:00Z,p00,fax,north,won,10,x
900002,2025-06-01T11:00:00Z,p00,fax,north,new,-5,y
900003,2025-06-01T12:00:00Z,p00,fax,south,won,20.5,z
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_lead_home(tmp_path / "home", workspaces=("demo",))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text(ROWS)
    return path


@pytest.mark.req("PLT-2")
def test_json_counts_and_reasons(run: Run, home: Path, file: Path) -> None:
    result = run("import", "leads", str(file), "--json", home=home)
    assert result.exit_code == 0, result.output
    body = orjson.loads(result.stdout)
    assert (body["received"], body["accepted"], body["rejected"]) == (3, 2, 1)
    assert body["reasons"][0]["example"]
    assert body["unused_columns"] == ["note"]
    asked = run("query", "--metrics", "leads,pipeline_value", "--where", "source = 'fax'", "--json", home=home)
    assert orjson.loads(asked.stdout)["rows"] == [[2, 30.5]]


@pytest.mark.req("PLT-2")
def test_people_read_what_became_of_the_rows(run: Run, home: Path, file: Path) -> None:
    output = run("import", "leads", str(file), home=home).stdout
    assert "3 rows received, 2 accepted, 1 rejected" in output
    assert "1 row rejected:" in output
    assert "not used: note" in output
    assert "Published in snapshot" in output
    assert "quarantine" in output
    assert "0 new" in run("import", "leads", str(file), home=home).stdout


@pytest.mark.req("PLT-2")
def test_a_dry_run_writes_nothing(run: Run, home: Path, file: Path) -> None:
    output = run("import", "leads", str(file), "--dry-run", home=home).stdout
    assert "2 would be accepted, 1 would be rejected" in output
    assert "Nothing was written" in output
    asked = run("query", "--metrics", "leads", "--where", "source = 'fax'", "--json", home=home)
    assert orjson.loads(asked.stdout)["rows"] == [[0]]


def test_a_map_says_which_column_fills_which(run: Run, home: Path, file: Path, tmp_path: Path) -> None:
    file.write_text(ROWS.replace("source", "Herkunft", 1))
    (tmp_path / "map.yaml").write_text("columns: {source: Herkunft}\n")
    result = run("import", "leads", str(file), "--map", str(tmp_path / "map.yaml"), "--json", home=home)
    assert orjson.loads(result.stdout)["sources"]["source"] == "Herkunft"


def test_an_unknown_dataset_exits_with_1_and_a_missing_file_with_2(run: Run, home: Path, file: Path) -> None:
    wrong = run("import", "lead", str(file), home=home)
    assert wrong.exit_code == 1
    assert 'did you mean "leads"' in str(wrong.exception)
    assert run("import", "leads", "/no/such/file.csv", home=home).exit_code == 2
