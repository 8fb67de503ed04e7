"""A small sound pack, and what changing one file of it reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sightline.definitions.loader import Loaded, check

SOUND = {
    "pack.yaml": "pack: acme\nhome: shelf\n",
    "datasets/programs.yaml": """\
dataset: programs
entities: {program: {type: primary, column: program_id, label: name}}
columns:
  program_id: {type: string}
  name: {type: string}
  level: {type: string, dimension: true}
""",
    "datasets/leads.yaml": """\
dataset: leads
entities:
  lead: {type: primary, column: lead_id}
  program: {type: foreign, column: program_id}
time: created_at
columns:
  lead_id: {type: string}
  program_id: {type: string}
  source: {type: string, dimension: true}
  email: {type: string, pii: email}
  amount: {type: decimal, currency: USD}
  created_at: {type: timestamp}
""",
    "metrics/volume.yaml": """\
metrics:
  inquiries: {type: simple, dataset: leads, agg: count, description: Leads.}
  spend: {type: simple, dataset: leads, agg: sum, column: amount, description: Money.}
  cpl:
    type: ratio
    numerator: spend
    denominator: inquiries
    description: Money per lead.
""",
    "dashboards/shelf.yaml": """\
dashboard: shelf
title: Program shelf
variables: [level, source]
panels:
  - {tile: inquiries, drill: shelf}
  - {table: programs, metrics: [inquiries, cpl], by: program, sort: -cpl}
""",
    "roles.yaml": """\
roles:
  admin: {permissions: ["*"], rows: {"*": all}, masks: {"*": show}}
  partner: {permissions: [view], rows: {"*": program in $user.program}, masks: {email: hide}}
""",
}

Changes = Mapping[str, str]


@pytest.fixture
def pack(tmp_path: Path) -> Callable[[Changes], Path]:
    """Return a function that writes the sound pack with some files changed and returns its folder."""

    def write(changes: Changes) -> Path:
        return write_files(tmp_path / "acme", {**SOUND, **changes})

    return write


@pytest.fixture
def load_pack(pack: Callable[[Changes], Path]) -> Callable[[Changes], Loaded]:
    """Return a function that loads the sound pack with some files changed."""
    return lambda changes: check(pack(changes))


def write_files(folder: Path, files: Changes) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def sound_pack() -> Changes:
    """Return the files of the sound pack."""
    return SOUND
