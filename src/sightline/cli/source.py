"""`sightline source`: connections to other systems."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml

from sightline.accounts.access import operator_access
from sightline.cli.context import WorkspaceOption, the_workspace
from sightline.cli.user import upgrade_database
from sightline.errors import UserError
from sightline.ingest.actions.remove_source import remove_source
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.actions.start_sync import pause_source
from sightline.ingest.connections import opened, source_named
from sightline.ingest.models import Source, SyncRun
from sightline.ingest.spec import BadSource, spec_from
from sightline.sources.catalogue import CONNECTORS

sources = typer.Typer(help="Connect, check, list and remove sources.", no_args_is_help=True, callback=upgrade_database)
Name = Annotated[str, typer.Argument(help="The source.", metavar="SOURCE")]


def register(app: typer.Typer) -> None:
    app.add_typer(sources, name="source")


@sources.command("add")
def add(
    file: Annotated[
        Path, typer.Argument(help="The specification: see docs/sources.md.", metavar="SOURCE.yaml", exists=True)
    ],
    secret: Annotated[
        list[str] | None,
        typer.Option(
            "--secret", help="A secret setting, asked for or read from standard input, a line each.", metavar="NAME"
        ),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for the history.")] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Connect a source, or change one of the same name."""
    access = operator_access(the_workspace(workspace))
    spec = spec_from(_read(file), where=file.name)
    secrets = {name: _secret(name) for name in secret or []}
    source = save_source(access=access, spec=spec, secrets=secrets, now=datetime.now(UTC), reason=reason)
    print(f'Source "{source.name}" is saved as version {source.version}.')
    print(f"Check it: sightline source check {source.name}; read it: sightline sync {source.name}")


@sources.command("list")
def list_sources(workspace: WorkspaceOption = None) -> None:
    """List the sources: name, kind, schedule, state of the last run."""
    folder = the_workspace(workspace)
    for source in Source.objects.filter(workspace=folder.name):
        last = SyncRun.objects.filter(source=source).first()
        said = f"{last.state} at {last.queued_at:%Y-%m-%d %H:%M} UTC" if last else "never read"
        cron = (source.spec.get("schedule") or {}).get("cron", "by hand")
        print(f"{source.name}\t{source.kind}\t{'paused' if source.is_paused else cron}\t{said}")


@sources.command("show")
def show(name: Name, workspace: WorkspaceOption = None) -> None:
    """Print a source's specification as YAML, without its secrets."""
    source = source_named(the_workspace(workspace).name, name)
    print(yaml.safe_dump(source.spec, sort_keys=False, allow_unicode=True), end="")


@sources.command("check")
def check(name: Name, workspace: WorkspaceOption = None) -> None:
    """Reach a source with its settings and say what can be read."""
    folder = the_workspace(workspace)
    with opened(source_named(folder.name, name), folder, clock=_clock) as connection:
        found = connection.check()
        print(f"Reached {found.reached}.")
        for title, value in found.details.items():
            print(f"  {title}: {value}")
        for stream in connection.streams():
            columns = f"{len(stream.columns)} columns" if stream.columns else "columns known when read"
            print(f"  {stream.name}\tkey {', '.join(stream.key)}\t{columns}")


@sources.command("pause")
def pause(name: Name, workspace: WorkspaceOption = None) -> None:
    """Let a source's schedule rest."""
    pause_source(access=operator_access(the_workspace(workspace)), name=name, paused=True, now=datetime.now(UTC))


@sources.command("resume")
def resume(name: Name, workspace: WorkspaceOption = None) -> None:
    """Let a source's schedule go on."""
    pause_source(access=operator_access(the_workspace(workspace)), name=name, paused=False, now=datetime.now(UTC))


@sources.command("remove")
def remove(name: Name, workspace: WorkspaceOption = None) -> None:
    """Remove a source with its secrets and history; the rows it brought stay."""
    remove_source(access=operator_access(the_workspace(workspace)), name=name, now=datetime.now(UTC))
    print(f'Source "{name}" is removed; the rows it brought stay.')


@sources.command("types")
def types() -> None:
    """List the connectors and their settings."""
    for name, connector in CONNECTORS.items():
        print(f"{name}\t{connector.label}: {connector.summary}")
        for setting, field in connector.config.model_fields.items():
            needed = "needed" if field.is_required() else f"default {json.dumps(field.default, default=str)}"
            print(f"    {setting}\t{needed}\t{field.description or ''}")


def _clock() -> datetime:
    return datetime.now(UTC)


def _read(file: Path) -> object:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadSource(f"{file}: {error}") from error


def _secret(name: str) -> str:
    """Return a secret from the terminal, or one line of standard input: never from the command line itself."""
    value = typer.prompt(name, hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not value:
        raise UserError(f"no value was given for the secret {name}")
    return str(value)
