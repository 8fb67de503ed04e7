"""`sightline sync`: read a source now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sightline.accounts.access import operator_access
from sightline.cli.context import WorkspaceOption, the_workspace
from sightline.dashboards.formats import plural
from sightline.ingest.actions.start_sync import start_sync
from sightline.ingest.connections import source_named
from sightline.ingest.models import SyncRun
from sightline.ingest.processes import process_here
from sightline.ingest.sync.dry_run import DryStream, dry_run_of
from sightline.ingest.sync.outcome import StreamOutcome
from sightline.ingest.sync.run import carry_out
from sightline.jobs.upgrade import upgrade
from sightline.metrics.document import to_json

Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Read what is from then on anew.")
]


def register(app: typer.Typer) -> None:
    app.command("sync")(sync)


def sync(
    source: Annotated[str, typer.Argument(help="The source.", metavar="SOURCE")],
    since: Day = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="With --since: up to then.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be read and written; write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Read a source: what changed since the last time, or with --since a stretch of time anew.

    An interrupted one goes on where it stopped. Exit code 1 when a stream failed or counts differ from the source.
    """
    folder = the_workspace(workspace)
    upgrade(home=folder.path.parents[1])
    access, zone = operator_access(folder), ZoneInfo(folder.catalog.settings.zone)
    bounds = {"since": _in(zone, since), "until": _in(zone, until)}
    if dry_run:
        found = dry_run_of(source_named(folder.name, source), folder, clock=_clock, **bounds)
        _print([each.as_dict() for each in found] if as_json else None, (line for each in found for line in _dry(each)))
        return
    queued = start_sync(access=access, name=source, now=_clock(), **bounds)
    with _watched(source) as watch:
        done = carry_out(queued.pk, folder=folder, worker=process_here("cli"), clock=_clock, watch=watch)
    done = done or SyncRun.objects.get(pk=queued.pk)  # the worker was faster
    _print(_document(done) if as_json else None, _lines(done))
    if done.state != SyncRun.State.DONE or any(each["differing"] for each in done.streams.values()):
        raise typer.Exit(1)


def _clock() -> datetime:
    return datetime.now(UTC)


def _in(zone: ZoneInfo, moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=zone).astimezone(UTC)


def _print(document: Any, lines: Iterator[str]) -> None:
    typer.echo("\n".join(lines) if document is None else to_json(document, indent=True).decode())


def _document(run: SyncRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "state": run.state,
        "received": run.received,
        "accepted": run.accepted,
        "rejected": run.rejected,
        "streams": run.streams,
        "problem": run.problem,
        "snapshot": run.snapshot,
    }


def _lines(run: SyncRun) -> Iterator[str]:
    read = plural(run.received, "record")
    yield f"{run.get_state_display()}: {read} read, {run.accepted:,} accepted, {run.rejected:,} held"
    for name, each in run.streams.items():
        yield (
            f"  {name} → {each['dataset']}: {each['inserted']:,} new, {each['updated']:,} changed, "
            f"{each['unchanged']:,} as they were, {each['rejected']:,} held, {each['removed']:,} removed"
        )
        yield from (f"    held: {count:,} × {reason}" for reason, count in each["reasons"].items())
        if each["drift"]:
            yield f"    columns changed: {each['drift']}"
        if each["compared_days"]:
            yield f"    counts of {plural(each['compared_days'], 'day')} compared, {len(each['differing'])} differ"
        yield from (f"    {day['told']}" for day in each["differing"])
    if run.problem:
        yield run.problem


def _dry(each: DryStream) -> Iterator[str]:
    yield f"{each.stream} → {each.dataset}: {each.plan}"
    if each.problem:
        yield f"  {each.problem}"
        return
    first = plural(each.received, "record")
    yield f"  of the first {first}: {each.accepted:,} would be accepted, {each.rejected:,} held"
    yield from (f"    held: {count:,} × {reason}" for reason, count in each.reasons.items())
    yield "  fills " + ", ".join(f"{column} from {source}" for column, source in each.sources.items())


@contextmanager
def _watched(name: str) -> Iterator[Callable[[str, Mapping[str, StreamOutcome]], None] | None]:
    """Show what is being done on a terminal, and nothing in a script's log."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task(name)

        def show(doing: str, _: Mapping[str, StreamOutcome]) -> None:
            bar.update(task, description=f"{name}: {doing}")

        yield show
