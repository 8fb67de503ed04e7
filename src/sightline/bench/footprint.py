"""What an installation and a running server weigh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
PROC = Path("/proc")


@dataclass(frozen=True)
class Memory:
    """Of a process and all its descendants, in MB. PSS counts a page shared by two processes half in each."""

    processes: int
    rss_mb: float
    pss_mb: float | None


def installed_mb() -> float:
    """Return the size on disk of Sightline and everything it requires (no extras), in MB of a million bytes."""
    found: dict[str, Distribution] = {}
    pending = ["sightline"]
    while pending:
        name = pending.pop()
        key = _canonical(name)
        if key in found:
            continue
        try:
            found[key] = distribution(name)
        except PackageNotFoundError:
            continue
        pending += _required(found[key])
    total = sum(_size(member) for member in found.values())
    return (total + _folder_size(PACKAGE)) / 1e6


def _required(member: Distribution) -> Iterator[str]:
    for requirement in member.requires or []:
        if "extra ==" not in requirement:
            yield re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


def _size(member: Distribution) -> int:
    """Return the bytes of a distribution's files outside our own package, which is counted once as a folder."""
    paths = (Path(str(file.locate())) for file in member.files or [])
    return sum(path.stat().st_size for path in paths if path.is_file() and PACKAGE not in path.resolve().parents)


def _folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def memory_of(pid: int) -> Memory:
    """Return what a process and its descendants hold now. PSS is None where the system does not tell."""
    pids = [pid, *descendants(pid)]
    rolls = [_roll(member) for member in pids]
    pss = [roll["Pss"] for roll in rolls if "Pss" in roll]
    return Memory(
        processes=len(pids),
        rss_mb=sum(_resident(member) for member in pids) / 1e3,
        pss_mb=sum(pss) / 1e3 if pss else None,
    )


def descendants(pid: int) -> list[int]:
    """Return the ids of all processes started by this one, and by those."""
    parents: dict[int, int] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            status = _lines(entry / "status")
            parents[int(entry.name)] = int(status.get("PPid", "0") or 0)
    found = [pid]
    for parent in found:
        found += [child for child, of in parents.items() if of == parent and child not in found]
    return found[1:]


def _resident(pid: int) -> float:
    return float(_lines(PROC / str(pid) / "status").get("VmRSS", "0 kB").split()[0]) * 1.024


def _roll(pid: int) -> dict[str, float]:
    lines = _lines(PROC / str(pid) / "smaps_rollup")
    return {"Pss": float(lines["Pss"].split()[0]) * 1.024} if "Pss" in lines else {}


def _lines(path: Path) -> dict[str, str]:
    """Return the `name: value` lines of a file of /proc; nothing when the process has ended meanwhile."""
    try:
        text = path.read_text()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}
