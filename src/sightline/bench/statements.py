"""The twelve panels of the benchmark's dashboard as a person would write them in SQL, over the same files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

_RATE = "COUNT(*) FILTER (WHERE status = 'won') * 1.0 / NULLIF(COUNT(*), 0)"
_WON = "COUNT(*) FILTER (WHERE status = 'won')"
_PROGRAM = "JOIN programs USING (program_id)"

PANELS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {  # panel: (groups, figures, join)
        "leads": ("", "COUNT(*)", ""),
        "won": ("", _WON, ""),
        "win_rate": ("", _RATE, ""),
        "pipeline_value": ("", "SUM(value)", ""),
        "leads by week": ("DATE_TRUNC('week', created_at__day)", "COUNT(*)", ""),
        "win_rate by month": ("DATE_TRUNC('month', created_at__day)", _RATE, ""),
        "leads by source": ("source", "COUNT(*)", ""),
        "pipeline_value by level": ("level", "SUM(value)", _PROGRAM),
        "won by month and level": ("DATE_TRUNC('month', created_at__day), level", _WON, _PROGRAM),
        "win_rate by region and source": ("region, source", _RATE, ""),
        "leads and win_rate by program": ("program_id, name", f"COUNT(*), {_RATE}", _PROGRAM),
        "table by program": ("program_id, name", f"COUNT(*), {_WON}, {_RATE}, SUM(value)", _PROGRAM),
    }
)
"""By panel: what it groups by, what it computes, and whether it needs the programs."""


def statements(*, leads: Sequence[str], programs: Sequence[str]) -> dict[str, str]:
    """Return the SQL of each panel, reading these Parquet files, with $start and $end (excluded) as dates."""
    return {
        name: _statement(groups, figures, join, leads, programs) for name, (groups, figures, join) in PANELS.items()
    }


def _statement(groups: str, figures: str, join: str, leads: Sequence[str], programs: Sequence[str]) -> str:
    selected = f"{groups}, {figures}" if groups else figures
    tail = f" GROUP BY {groups} ORDER BY {groups}" if groups else ""
    named = f"SELECT program_id, name, level FROM read_parquet({_files(programs)})"  # noqa: S608 (our own file list)
    lookup = f"WITH programs AS ({named}) " if join else ""
    return (
        f"{lookup}SELECT {selected} FROM read_parquet({_files(leads)}) leads {join} "  # noqa: S608 (the same)
        f"WHERE created_at__day >= $start AND created_at__day < $end{tail}"
    )


def _files(files: Sequence[str]) -> str:
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in files)
    return f"[{quoted}]"
