"""What a benchmark found: figures with their targets, as a table or JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Literal

from rich import box
from rich.table import Table

Bound = Literal["at_most", "at_least"]


@dataclass(frozen=True)
class Figure:
    """One measured number. `raw` is the same work done by plain DuckDB in the same run, in the same unit.

    `target` bounds the value, or the ratio to `raw` when `of_ratio`.
    """

    name: str
    value: float
    unit: str
    raw: float | None = None
    target: float | None = None
    bound: Bound = "at_most"
    of_ratio: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as long as plain DuckDB."""
        return self.value / self.raw if self.raw else None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target, or without the ratio that it is about."""
        judged = self.ratio if self.of_ratio else self.value
        if self.target is None or judged is None:
            return None
        return judged <= self.target if self.bound == "at_most" else judged >= self.target


@dataclass(frozen=True)
class Report:
    """The figures of one run on one machine."""

    rows: int
    users: int
    figures: tuple[Figure, ...]


def report_document(report: Report) -> dict[str, Any]:
    """Return the report as JSON values."""
    return {
        "rows": report.rows,
        "users": report.users,
        "machine": machine(),
        "figures": [asdict(figure) | {"ratio": figure.ratio, "met": figure.met} for figure in report.figures],
    }


def machine() -> dict[str, Any]:
    """Return what the figures depend on: processors, memory, versions."""
    packages = ("sightline", "duckdb", "deltalake", "django", "granian")
    return {
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def report_table(report: Report) -> Table:
    """Return the report as a table for people."""
    table = Table(box=box.SIMPLE_HEAD, title=f"{report.rows:,} leads, {report.users} users", title_justify="left")
    table.add_column("measured")
    for heading in ("value", "plain DuckDB", "ratio", "target"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for figure in report.figures:
        table.add_row(
            figure.name + (f" ({figure.note})" if figure.note else ""),
            quantity(figure.value, figure.unit),
            quantity(figure.raw, figure.unit) if figure.raw is not None else "",
            f"{figure.ratio:.2f}×" if figure.ratio is not None else "",
            _target(figure),
            {True: "met", False: "[bold]missed[/bold]", None: ""}[figure.met],
        )
    return table


def quantity(value: float, unit: str) -> str:
    """Return three significant digits and the unit: 12.3 ms, 145,000 rows/s."""
    digits = f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return f"{digits} {unit}"


def _target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    sign = "≤" if figure.bound == "at_most" else "≥"
    return f"{sign} {figure.target:g}×" if figure.of_ratio else f"{sign} {quantity(figure.target, figure.unit)}"


def median(values: Sequence[float]) -> float:
    """Return the middle value of a non-empty sequence (the lower one of two)."""
    return sorted(values)[(len(values) - 1) // 2]
