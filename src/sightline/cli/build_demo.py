"""`sightline build-demo`: fills the demo workspace. `sightline demo` runs it once, in a process of its own."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from sightline.accounts.access import operator_access
from sightline.accounts.actions.add_member import add_member
from sightline.accounts.actions.change_password import set_password
from sightline.accounts.models import Membership
from sightline.cli.demo import READY
from sightline.cli.launch import home_path
from sightline.cli.sample import load_sample
from sightline.home import Home, WorkspaceFolder
from sightline.home.files import replace
from sightline.jobs.upgrade import upgrade

WORKSPACE = "demo"
PACKS = ("programs", "saas", "executive")
SEED = 7
ZONE = "America/New_York"
PEOPLE: tuple[tuple[str, str, str, dict[str, list[str]]], ...] = (
    ("owner@demo.test", "Olivia Owner", "admin", {}),
    ("lead@demo.test", "Liam Lead", "leadership", {}),
    ("partner@demo.test", "Paula Partner", "school_partner", {"school": ["business"]}),
    ("founder@demo.test", "Fiona Founder", "founder", {}),
    ("manager@demo.test", "Marco Manager", "account_manager", {"account_manager": ["ana"]}),
    ("executive@demo.test", "Erik Executive", "executive", {}),
    ("board@demo.test", "Bea Board", "board", {}),
    ("reader@demo.test", "Ravi Reader", "reader", {}),
)


def register(app: typer.Typer) -> None:
    app.command("build-demo")(build_demo)


def build_demo(
    end: Annotated[datetime, typer.Option(help="The day after the last day of data.", formats=["%Y-%m-%d"])],
) -> None:
    """Make the demo's workspace, data and people. Running it again completes what was interrupted."""
    home = Home.create(home_path())
    is_new = WORKSPACE not in home.workspaces()
    folder = (
        home.create_workspace(WORKSPACE, packs=PACKS, label="Demo", zone=ZONE) if is_new else home.workspace(WORKSPACE)
    )
    upgrade(home=home.path)
    now = datetime.now(UTC)
    for line in load_sample(folder, seed=SEED, end=end.date(), now=now):
        print(line, flush=True)
    replace(home.path / READY, _people(folder, now).encode(), mode=0o600)


def _people(folder: WorkspaceFolder, now: datetime) -> str:
    """Add the people with fresh passwords; return how to sign in."""
    access = operator_access(folder)
    lines = ["Sign in as:"]
    for email, name, role, attributes in PEOPLE:
        known = Membership.objects.filter(workspace=WORKSPACE, user__email=email).select_related("user").first()
        user = (
            known.user
            if known
            else add_member(access=access, email=email, role=role, attributes=attributes, name=name, now=now).user
        )
        password = "-".join(secrets.token_hex(2) for _ in range(3))
        set_password(user=user, new=password, actor="operator", now=now)
        seen = folder.catalog.roles[role].label or role
        lines.append(
            f"  {email:<20} {password}   {seen}" + "".join(f", {k} {', '.join(v)}" for k, v in attributes.items())
        )
    return "\n".join(lines) + "\n"
