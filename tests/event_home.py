"""A home that events are sent to, made for a server of its own: signups by event id, clicks without a key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from sightline.home import Home

SECRET = "whsec of a test"
COLUMNS = {"event_id": {"type": "string", "arrives_as": ["_event_id"]}, "page": {"type": "string", "dimension": True}}
DATASETS = (
    {
        "dataset": "signups",
        "entities": {"signup": {"type": "primary", "column": "event_id"}},
        "columns": COLUMNS,
    },
    {"dataset": "clicks", "columns": COLUMNS},
)
METRICS = {"metrics": {"signups": {"type": "simple", "dataset": "signups", "agg": "count"}}}
ROLES = {"roles": {"admin": {"permissions": ["*"], "rows": {"*": "all"}, "masks": {"*": "show"}}}}
SET_UP = """
import json, sys, django
django.setup()
from datetime import UTC, datetime
from django.core.management import call_command
from sightline.accounts.access import current_home, operator_access
from sightline.accounts.actions.create_token import create_token
from sightline.accounts.models import Membership, User
from sightline.ingest.connections import keep_secrets
from sightline.ingest.models import Source
call_command("migrate", verbosity=0)
now = datetime.now(UTC)
spec = json.loads(sys.argv[1])
made = Source.objects.create(
    workspace="small", name="shop", kind="webhook", spec=spec, created_at=now, changed_at=now
)
keep_secrets(made, {"signing_secret": sys.argv[2]}, now=now)
user = User.objects.create_user("owner@example.org")
Membership.objects.create(user=user, workspace="small", role="admin")
token = create_token(user=user, name="test", scopes=["admin"], expires_at=None, now=now, by_operator=True)
print(token.secret, end="")
"""


def make_event_home(path: Path, *, streams: Mapping[str, str], options: Mapping[str, str] | None = None) -> Path:
    """Return the home, with the source `shop` in the workspace `small`. An API token is in the file `token`."""
    pack = path.parent / "pack"
    for name, content in (("datasets", DATASETS), ("metrics", (METRICS,)), ("roles", (ROLES,))):
        for number, each in enumerate(content):
            file = pack / name / f"{number}.yaml" if name != "roles" else pack / "roles.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(yaml.safe_dump(each, sort_keys=False))
    (pack / "pack.yaml").write_text("pack: small\nlabel: Small\n")
    Home.create(path).create_workspace("small", packs=[str(pack)], label="Small", zone="UTC")
    spec = {"source": "shop", "type": "webhook", "streams": {name: {"dataset": to} for name, to in streams.items()}}
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SIGHTLINE_", "DJANGO_"))}
    environment |= {"SIGHTLINE_HOME": str(path), "DJANGO_SETTINGS_MODULE": "sightline.config.settings"}
    environment |= options or {}
    done = subprocess.run(
        [sys.executable, "-c", SET_UP, json.dumps(spec), SECRET], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (path / "token").write_text(done.stdout)
    return path
