"""`sightline data-events`: what people should know of data that came in."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, cast, get_args

import typer

from sightline.accounts.access import operator_access
from sightline.cli.context import WorkspaceOption, the_workspace
from sightline.ingest.event_list import EventLine, EventState, data_events

MOST = 200


def register(app: typer.Typer) -> None:
    app.command("data-events")(list_events)


def list_events(
    state: Annotated[str, typer.Option(help="open, ended or all.", metavar="STATE")] = "open",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List late sources, unusual days, changed columns, counts that differ and incomplete data, the newest first."""
    if state not in get_args(EventState):
        raise typer.BadParameter(f'"{state}" is none of {", ".join(get_args(EventState))}', param_hint="--state")
    access = operator_access(the_workspace(workspace))
    found = data_events(access=access, state=cast("EventState", state), page_size=MOST)
    if as_json:
        print(json.dumps([vars(each) for each in found.events], default=_written, indent=2, ensure_ascii=False))
        return
    for each in found.events:
        print(_told(each))
    if found.total > len(found.events):
        print(f"{found.total - len(found.events):,} more", file=sys.stderr)


def _told(event: EventLine) -> str:
    ended = f"ended {event.ended_at:%Y-%m-%d %H:%M} UTC" if event.ended_at else "open"
    about = event.source or event.dataset
    return f"{event.at:%Y-%m-%d %H:%M} UTC\t{event.level}\t{event.kind}\t{about}\t{ended}\t{event.message}"


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"not a moment: {value!r}")
