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
    """Resident memory of a process and all its descendants, in MB. `resident_mb` counts what they share once.

    `added_mb` is the sum of each process's RSS: what they share is counted in each of them.
    """

    processes: int
    resident_mb: float
    added_mb: float


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
    """Return what a process and its descendants hold now."""
    pids = [pid, *descendants(pid)]
    anonymous = 0.0
    files: dict[str, float] = {}
    for member in pids:
        own: dict[str, float] = {}
        for name, rss, pss in _mappings(member):
            if name.startswith("/"):
                own[name] = own.get(name, 0.0) + rss
            else:
                anonymous += pss  # pages that a fork shares are divided among the family, nobody else has them
        for name, rss in own.items():
            files[name] = max(files.get(name, 0.0), rss)
    return Memory(
        processes=len(pids),
        resident_mb=(anonymous + sum(files.values())) / 1e3,
        added_mb=sum(_resident(member) for member in pids) / 1e3,
    )


def _mappings(pid: int) -> Iterator[tuple[str, float, float]]:
    """Yield file (or nothing), RSS and PSS in kB of each mapping of a process; nothing when it has ended meanwhile."""
    try:
        lines = (PROC / str(pid) / "smaps").read_text().splitlines()
    except OSError:
        return
    name, rss = "", 0.0
    for line in lines:
        if not line[0].isupper():  # the head of a mapping: address, rights, offset, device, inode and perhaps a path
            parts = line.split(maxsplit=5)
            name = parts[5] if len(parts) > 5 else ""
        elif line.startswith("Rss:"):
            rss = float(line.split()[1]) * 1.024
        elif line.startswith("Pss:"):
            yield name, rss, float(line.split()[1]) * 1.024


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


def _lines(path: Path) -> dict[str, str]:
    """Return the `name: value` lines of a file of /proc; nothing when the process has ended meanwhile."""
    try:
        text = path.read_text()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}
