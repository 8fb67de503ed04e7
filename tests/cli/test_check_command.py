"""`sightline check` reports every problem in one run and says by its exit code whether there was one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from lead_home import make_lead_home
from sightline.bench.home import PACK

Run = Callable[..., Result]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACK, tmp_path / "bench"))


@pytest.mark.req("PLT-3")
def test_a_clean_pack_has_no_problems(run: Run, pack: Path) -> None:
    result = run("check", str(pack))
    assert result.exit_code == 0, result.output
    assert "0 problems in 2 datasets, 4 metrics, 1 dashboard" in result.stdout


@pytest.mark.req("PLT-3")
def test_every_problem_is_told_with_its_place_and_what_was_meant(run: Run, pack: Path) -> None:
    metrics = pack / "metrics" / "leads.yaml"
    metrics.write_text(
        metrics.read_text().replace("numerator: won", "numerator: wno").replace("unit: usd", "unti: usd")
    )
    result = run("check", str(pack))
    assert result.exit_code == 1
    assert "metrics/leads.yaml:" in result.stdout
    assert 'did you mean "won"' in result.stdout
    assert "unti" in result.stdout
    assert result.stdout.count("[PACK-E") >= 2
    assert "0 problems" not in result.stdout


def test_without_a_path_the_workspaces_of_the_home_are_checked(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 0
    assert 'workspace "demo": 0 problems' in result.stdout


@pytest.mark.parametrize("wrong", [("/no/such/folder",), (".", "--data")])
def test_a_path_that_is_not_there_is_a_wrong_command(run: Run, wrong: tuple[str, ...]) -> None:
    assert run("check", *wrong).exit_code == 2


@pytest.mark.req("PLT-3.6")
def test_tie_outs_and_freshness_are_checked_on_the_data(run: Run, tmp_path: Path) -> None:
    home = make_lead_home(tmp_path / "home", workspaces=("demo",))
    folder = home / "workspaces" / "demo" / "definitions" / "tieouts"
    folder.mkdir()
    good = "tieouts:\n  by_source: {parts: leads, by: [source]}\n"
    (folder / "leads.yaml").write_text(good)
    result = run("check", "--data", home=home)
    assert result.exit_code == 0, result.output
    assert 'tie-out "by_source": ok' in result.stdout
    assert 'dataset "leads": 2,000 rows, data to 2025-12-31' in result.stdout
    (folder / "leads.yaml").write_text(good + "  all_won: {left: won, right: leads}\n")
    result = run("check", "--data", home=home)
    assert result.exit_code == 1
    assert 'tie-out "all_won": differs' in result.stdout


def test_schema_writes_the_schemas_once(run: Run, tmp_path: Path) -> None:
    first = run("schema", str(tmp_path / "schemas"))
    assert first.exit_code == 0
    assert "metrics.json" in first.stdout or "metric.json" in first.stdout
    assert "is current" in run("schema", str(tmp_path / "schemas")).stdout
