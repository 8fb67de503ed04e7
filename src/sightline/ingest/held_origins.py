"""Where held rows came from, in words: the file of an import, a source, events; or tried again since."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from sightline.definitions.schema.base import label_of
from sightline.ingest.models import ImportRun, InboxBatch, Source
from sightline.ingest.origins import EVENTS, ORIGIN, root_run

Kind = Literal["import", "source", "events", "other"]
SYNC = "sync-"


@dataclass(frozen=True)
class Origin:
    """What brought a row. `name` is the source's name or the number of the import, empty where neither is known."""

    kind: Kind
    label: str
    name: str = ""
    again: bool = False


def origins_of(workspace: str, runs: Collection[str]) -> Mapping[str, Origin]:
    """Return where the rows of each run came from. Three queries, however many runs."""
    roots = {root_run(run) for run in runs}
    imports = {
        each.run_id: each
        for each in ImportRun.objects.filter(workspace=workspace, run_id__in=roots).order_by("pk")
        if each.run_id
    }
    labels = {
        name: str(spec.get("label") or label_of(name))
        for name, spec in Source.objects.filter(workspace=workspace).values_list("name", "spec")
    }
    batches = _sources_of_events(workspace, roots)
    return {run: _origin(run, imports, labels, batches) for run in runs}


def _origin(
    run: str, imports: Mapping[str, ImportRun], labels: Mapping[str, str], batches: Mapping[str, str]
) -> Origin:
    root, again = root_run(run), ORIGIN in run
    if root in imports:
        return Origin("import", imports[root].file_name, str(imports[root].pk), again)
    name = root.removeprefix(SYNC).partition("-")[0] if root.startswith(SYNC) else ""
    if name:  # no name of a source has a hyphen
        return Origin("source", labels.get(name, label_of(name)), name if name in labels else "", again)
    group = _group(root)
    if group in batches:
        return Origin("events", labels.get(batches[group], batches[group]), batches[group], again)
    return Origin("other", "Loaded directly", "", again)


def _sources_of_events(workspace: str, roots: Collection[str]) -> dict[str, str]:
    groups = {_group(root) for root in roots if root.startswith(EVENTS)}
    if not groups:
        return {}
    found = InboxBatch.objects.filter(source__workspace=workspace, run__in=groups).order_by()
    return dict(found.values_list("run", "source__name"))


def _group(run: str) -> str:
    """Return the id that all streams of one group of events share."""
    return EVENTS + run.removeprefix(EVENTS).partition("-")[0] if run.startswith(EVENTS) else ""
