"""`sightline user`: people and their roles."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from django.db import transaction

from sightline.accounts.access import operator_access
from sightline.accounts.actions.add_member import add_member
from sightline.accounts.actions.change_member import change_member
from sightline.accounts.actions.change_password import set_password
from sightline.accounts.actions.remove_member import remove_member
from sightline.accounts.models import Membership, User
from sightline.cli.context import WorkspaceOption, the_home, the_workspace
from sightline.cli.people import person
from sightline.jobs.upgrade import upgrade

users = typer.Typer(no_args_is_help=True)
Attributes = Annotated[
    list[str] | None,
    typer.Option("--attr", help="An attribute that row policies use, as name=value. Repeatable.", metavar="NAME=VALUE"),
]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def register(app: typer.Typer) -> None:
    app.add_typer(users, name="user")


@users.callback()
def upgrade_database() -> None:
    """Add, list and remove people; set passwords."""
    if "--help" in sys.argv:
        return  # help needs no home
    home = the_home()  # these commands are often the first after `init` or an update: the database may be an old one
    upgrade(home=home.path)


@users.command("add")
def add(
    email: str,
    role: Annotated[str, typer.Option(help="A role of the workspace's packs.")],
    attr: Attributes = None,
    name: Annotated[str, typer.Option(help="The name people see.")] = "",
    workspace: WorkspaceOption = None,
    password_stdin: FromInput = False,
) -> None:
    """Add a person to a workspace, or change the role of a member. Prints a password for a new account."""
    access, now = operator_access(the_workspace(workspace)), datetime.now(UTC)
    attributes = _attributes(attr or [])
    if Membership.objects.filter(workspace=access.workspace, user__email=email.strip().lower()).exists():
        change_member(access=access, email=email, role=role, attributes=attributes, now=now)
        print(f"{email} is now {role} in {access.workspace}.")
        return
    with transaction.atomic():  # a weak password must not leave an account behind
        added = add_member(access=access, email=email, role=role, attributes=attributes, name=name, now=now)
        password = _given_or_new(password_stdin) if added.is_new else ""
        if password:
            set_password(user=added.user, new=password, actor="operator", now=now)
    print(f"Added {added.user.email} to {access.workspace} as {role}.")
    if password and not password_stdin:
        print(f"Password: {password}")


@users.command("list")
def list_users(workspace: WorkspaceOption = None) -> None:
    """List the members of a workspace: address, role, attributes, last sign-in."""
    folder = the_workspace(workspace)
    for member in Membership.objects.filter(workspace=folder.name).select_related("user"):
        attributes = " ".join(f"{name}={','.join(values)}" for name, values in member.attributes.items())
        seen = member.user.last_login.strftime("%Y-%m-%d %H:%M") if member.user.last_login else "never"
        gone = "" if member.role in folder.catalog.roles else "  (no such role: sees nothing)"
        print(f"{member.user.email}\t{member.role}{gone}\t{attributes or '-'}\t{seen}")


@users.command("passwd")
def passwd(email: str, password_stdin: FromInput = False) -> None:
    """Set a person's password. Prints a new one unless it is given."""
    password = _given_or_new(password_stdin)
    set_password(user=person(email), new=password, actor="operator", now=datetime.now(UTC))
    print("Done." if password_stdin else f"Password: {password}")


@users.command("remove")
def remove(email: str, workspace: WorkspaceOption = None) -> None:
    """Take a person out of a workspace; without another workspace the account can no longer sign in."""
    user, folder = person(email), the_workspace(workspace)
    with transaction.atomic():
        remove_member(access=operator_access(folder), email=email, now=datetime.now(UTC))
        has_other = Membership.objects.filter(user=user).exists()
        if not has_other:
            User.objects.filter(pk=user.pk).update(is_active=False)
    print(f"Removed {user.email} from {folder.name}." + ("" if has_other else " The account is closed."))


def _attributes(given: list[str]) -> dict[str, list[str]]:
    """Return name=value pairs by name; a name given twice has both values."""
    values: dict[str, list[str]] = {}
    for pair in given:
        name, is_pair, value = pair.partition("=")
        if not is_pair or not name:
            raise typer.BadParameter(f'expected name=value, not "{pair}"', param_hint="--attr")
        values.setdefault(name, []).extend(part for part in value.split(",") if part)
    return values


def _given_or_new(from_input: bool) -> str:
    return sys.stdin.readline().rstrip("\n") if from_input else secrets.token_urlsafe(12)
