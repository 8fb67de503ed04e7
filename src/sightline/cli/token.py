"""`sightline token`: API tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from sightline.accounts.actions.create_token import create_token
from sightline.accounts.actions.revoke_token import revoke_token
from sightline.accounts.models import ApiToken
from sightline.accounts.tokens import is_live
from sightline.cli.people import person
from sightline.cli.user import upgrade_database

tokens = typer.Typer(help="Make, list and end API tokens.", no_args_is_help=True, callback=upgrade_database)


def register(app: typer.Typer) -> None:
    app.add_typer(tokens, name="token")


@tokens.command("add")
def add(
    email: str,
    scope: Annotated[list[str], typer.Option(help="read, import or admin. Repeatable.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "command line",
    days: Annotated[int | None, typer.Option(help="Ends after so many days. Default: never.", min=1)] = None,
) -> None:
    """Make a token that acts for a person, and print it. It is shown only now."""
    now = datetime.now(UTC)
    ends = now + timedelta(days=days) if days else None
    made = create_token(user=person(email), name=name, scopes=scope, expires_at=ends, now=now, by_operator=True)
    print(made.secret)


@tokens.command("list")
def list_tokens() -> None:
    """List the live tokens: prefix, person, scopes, name, last use, end."""
    now = datetime.now(UTC)
    for token in ApiToken.objects.select_related("user"):
        if is_live(token, now=now):
            used = token.last_used_at.strftime("%Y-%m-%d %H:%M") if token.last_used_at else "never used"
            ends = token.expires_at.strftime("%Y-%m-%d") if token.expires_at else "no end"
            print(f"{token.prefix}\t{token.user.email}\t{','.join(token.scopes)}\t{token.name}\t{used}\t{ends}")


@tokens.command("revoke")
def revoke(prefix: Annotated[str, typer.Argument(help="The token's prefix, as `token list` shows it.")]) -> None:
    """End a token for good."""
    revoke_token(user=None, prefix=prefix, now=datetime.now(UTC))
    print(f"Token {prefix} no longer works.")
