"""A home with an example pack and its real data, made as a reader of the README makes it: by the command line."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sightline.definitions.policy import SYSTEM_VIEWER, Viewer
from sightline.home import Home
from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.question import Question
from sightline.metrics.warehouse import Warehouse, warehouse_of

SIGHTLINE = Path(sys.executable).with_name("sightline")


@dataclass(frozen=True)
class ExampleHome:
    """The home of one example, and how it is asked."""

    path: Path
    name: str

    @property
    def warehouse(self) -> Warehouse:
        return warehouse_of(Home.open(self.path).workspace(self.name))

    def ask(self, *metrics: str, now: datetime, viewer: Viewer = SYSTEM_VIEWER, **question: Any) -> Answer:
        return ask(Question(metrics, **question), viewer, warehouse=self.warehouse, now=now)

    def run(self, *arguments: str) -> str:
        return sightline("--home", str(self.path), *arguments)

    def query(self, metrics: str) -> list[list[Any]]:
        rows: list[list[Any]] = json.loads(self.run("query", "--metrics", metrics, "--json"))["rows"]
        return rows


def sightline(*arguments: str, cwd: Path | None = None) -> str:
    """Return what a command prints; it must succeed."""
    done = subprocess.run([SIGHTLINE, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{shlex.join(arguments)}\n{done.stdout}{done.stderr}"
    return done.stdout


def follow_readme(readme: Path, *, home: Path, cwd: Path, **places: Path) -> None:
    """Run each command of a README in its order; a block that is no command must be part of what was printed before.

    `NAME-home` stands for `home`, `$FILES` for the place called FILES.
    """
    printed = ""
    for block in re.findall(r"```\n(.*?)```", readme.read_text(), flags=re.DOTALL):
        if not block.startswith("sightline"):
            shown = {words(line) for line in block.splitlines() if "─" not in line}
            assert shown <= {words(line) for line in printed.splitlines()}, printed
            continue
        for command in block.splitlines():
            if re.search(r" (serve|user add)\b", command):
                continue
            written = command
            for name, place in places.items():
                written = written.replace(f"${name}", shlex.quote(str(place)))
            _, *arguments = shlex.split(re.sub(r"\w+-home\b", shlex.quote(str(home)), written))
            printed = sightline(*arguments, cwd=cwd)


def words(line: str) -> tuple[str, ...]:
    """Return the cells of a printed line."""
    return tuple(word for word in re.split(r"\s{2,}", line.strip()) if word)


def cohorts(answer: Answer, metric: str) -> dict[str, list[int]]:
    """Return by month of the first purchase how many came at each age, ages in their order and without a gap."""
    found: dict[str, list[int]] = {}
    for row in answer.table.to_pylist():
        period: date = row["period"]
        ages = found.setdefault(f"{period:%Y-%m}", [])
        assert row["age"] == len(ages)
        ages.append(row[metric])
    return found


LATER = datetime(2026, 1, 1, 12, tzinfo=UTC)
