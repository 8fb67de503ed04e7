"""docs/command-line.md, written from the commands themselves: `python tests/cli/command_line_document.py`."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import django
import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from sightline.cli.table import COMMANDS, Entry

DOCUMENT = Path(__file__).parents[2] / "docs" / "command-line.md"
HEAD = """\
# The command line

Written by `python tests/cli/command_line_document.py`; do not edit. These words are a contract: scripts rely on them.

`sightline --home DIR COMMAND …`: the home folder holds configuration, workspaces and data (default: `SIGHTLINE_HOME`,
else `./sightline-home`). Every command ends with 0 when it is done, 1 when it could not be done (the message, with its
code, is on standard error), 2 when the command is not written correctly.
"""


def command_line_text() -> str:
    """Return the document. Django must be set up."""
    parts = [HEAD]
    for name, entry in COMMANDS.items():
        if not entry.is_hidden:
            parts += [f"## {name}\n", f"{entry.summary}\n", *_described(f"sightline {name}", _command(name, entry))]
    return "\n".join(parts)


def _command(name: str, entry: Entry) -> TyperCommand | TyperGroup:
    commands = typer.Typer(add_completion=False)
    importlib.import_module(f"sightline.cli.{entry.module}").register(commands)
    found = get_command(commands)
    return found.commands[name] if isinstance(found, TyperGroup) and name in found.commands else found


def _described(usage: str, command: TyperCommand | TyperGroup) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from _described(f"{usage} {name}", inner)
        return
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and each.name != "help"]
    places = "".join(f" {_place(each)}" if each.required else f" [{_place(each)}]" for each in arguments)
    yield f"```\n{usage}{places}{' [OPTIONS]' if options else ''}\n```\n"
    for each in [*arguments, *options]:
        name = _place(each) if each in arguments else ", ".join(each.opts)
        taken = "" if each in arguments or getattr(each, "is_flag", False) else f" {_place(each)}"
        needed = " Required." if each.required and each in options else ""
        default = each.default
        shown = f" Default: {default}." if isinstance(default, int | str) and default not in ("", False, True) else ""
        told = f"{each.help or ''}{needed}{'' if 'Default' in (each.help or '') else shown}"
        yield f"- `{name}{taken}`: {told}" if told else f"- `{name}{taken}`"
    yield ""


def _place(parameter: object) -> str:
    metavar = getattr(parameter, "metavar", None)
    return str(metavar or getattr(parameter, "name", "")).upper() if not metavar else str(metavar)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sightline.config.settings")
    django.setup()
    DOCUMENT.write_text(command_line_text(), encoding="utf-8")
