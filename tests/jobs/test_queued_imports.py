"""Uploads are carried out by the worker, and survive its death."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cast import NOW, Cast
from sightline.ingest.actions.upload import queue_import
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import ImportRun
from sightline.jobs import imports
from sightline.jobs.duties import has_imports
from sightline.jobs.imports import GIVEN_UP, INTERRUPTED, run_waiting

pytestmark = pytest.mark.req("PLT-2")
SCHOOLS = "school_id,name\nbusiness,Business\nlaw,Law\n"


@pytest.fixture
def upload(cast: Cast) -> ImportRun:
    """Return a queued upload of two schools."""
    path = cast.folder.path.parents[1] / "uploads" / "schools.csv"
    path.write_text(SCHOOLS)
    return queue(path)


def queue(path: Path) -> ImportRun:
    return queue_import(
        workspace="programs",
        dataset="schools",
        path=path,
        file_name=path.name,
        mapping=MapFile(),
        by="owner@cast.test",
        now=NOW,
    )


def test_a_waiting_upload_is_loaded_and_its_file_removed(cast: Cast, upload: ImportRun) -> None:
    assert has_imports(NOW)
    assert "2 rows accepted" in run_waiting(NOW)
    upload.refresh_from_db()
    assert upload.state == ImportRun.State.DONE
    assert cast.folder.lake.snapshot().datasets["schools"].rows == 2
    assert not Path(upload.path).exists()
    assert not has_imports(NOW)


def test_an_upload_left_running_by_a_killed_worker_is_run_again(cast: Cast, upload: ImportRun) -> None:
    ImportRun.objects.filter(pk=upload.pk).update(state=ImportRun.State.RUNNING, started_at=NOW)
    assert has_imports(NOW)
    assert "2 rows accepted" in run_waiting(NOW + timedelta(minutes=2))
    assert cast.folder.lake.snapshot().datasets["schools"].rows == 2


def test_an_upload_that_was_interrupted_twice_is_given_up(cast: Cast, upload: ImportRun) -> None:
    ImportRun.objects.filter(pk=upload.pk).update(state=ImportRun.State.RUNNING, problem=INTERRUPTED)
    assert run_waiting(NOW) == ""
    upload.refresh_from_db()
    assert (upload.state, upload.problem) == (ImportRun.State.FAILED, GIVEN_UP)


def test_an_import_of_the_command_line_is_left_alone(cast: Cast) -> None:
    ImportRun.objects.create(workspace="programs", dataset="schools", state="running", by="operator", queued_at=NOW)
    assert not has_imports(NOW)
    assert run_waiting(NOW) == ""
    assert ImportRun.objects.get().state == ImportRun.State.RUNNING


def test_an_upload_that_cannot_be_loaded_is_failed_and_does_not_stop_the_next(cast: Cast, upload: ImportRun) -> None:
    bad = queue(Path("/nowhere/schools.csv"))
    lost = queue(cast.folder.path / "settings.yaml")
    ImportRun.objects.filter(pk=lost.pk).update(workspace="gone")
    ImportRun.objects.filter(pk=upload.pk).update(queued_at=NOW + timedelta(seconds=1))
    run_waiting(NOW)
    states = dict(ImportRun.objects.values_list("pk", "state"))
    assert states == {bad.pk: "failed", lost.pk: "failed", upload.pk: "done"}
    assert "gone" in ImportRun.objects.get(pk=lost.pk).problem


def test_an_unexpected_fault_is_failed_without_its_details(
    cast: Cast, upload: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("secret path")

    monkeypatch.setattr(imports, "run_queued", broken)
    run_waiting(NOW)
    upload.refresh_from_db()
    assert upload.state == ImportRun.State.FAILED
    assert "secret" not in upload.problem
