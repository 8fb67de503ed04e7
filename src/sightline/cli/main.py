"""The command line. A command's module is imported only when that command runs, so that `--help` is quick."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import django
import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from sightline.cli.table import COMMANDS
from sightline.errors import SightlineError


class Commands(TyperGroup):
    """The commands of the table; each is loaded when it is called."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer's own context
        return [name for name in COMMANDS if self.get_command(ctx, name)]

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperCommand | None:  # type: ignore[override]  # as above
        entry = COMMANDS.get(cmd_name)
        if entry is None or not _is_there(entry.module):
            return super().get_command(ctx, cmd_name)  # type: ignore[return-value]  # None
        return TyperCommand(cmd_name, help=entry.summary, short_help=entry.summary, hidden=entry.is_hidden)

    def resolve_command(self, ctx, args):  # type: ignore[no-untyped-def]  # the types are private to typer
        name, found, rest = super().resolve_command(ctx, args)
        if name is not None and name in COMMANDS:
            _choose_home(ctx.params.get("home"), default=COMMANDS[name].home)
            return name, _loaded(name), rest
        return name, found, rest


def _is_there(module: str) -> bool:
    return importlib.util.find_spec(f"sightline.cli.{module}") is not None


def _choose_home(home: Path | None, *, default: str) -> None:
    """Say by the environment where the home is: settings read it, and so do the processes we start."""
    os.environ["SIGHTLINE_HOME"] = str((home or Path(os.environ.get("SIGHTLINE_HOME", default))).absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sightline.config.settings")


def _loaded(name: str) -> TyperCommand | TyperGroup:
    entry = COMMANDS[name]
    if entry.django:
        django.setup()
    commands = typer.Typer(add_completion=False)
    importlib.import_module(f"sightline.cli.{entry.module}").register(commands)
    found = get_command(commands)
    return found.commands[name] if isinstance(found, TyperGroup) and name in found.commands else found  # type: ignore[return-value]  # commands are ours


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Know what is true, what will happen and what to do.",
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        print(version("sightline"))
        raise typer.Exit


@app.callback()
def choose(
    home: Annotated[
        Path | None,
        typer.Option("--home", help="The home folder. Default: SIGHTLINE_HOME, else ./sightline-home.", metavar="DIR"),
    ] = None,
    is_version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Know what is true, what will happen and what to do."""


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 it could not be done, 2 the command is not written correctly."""
    try:
        app()
    except SightlineError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
