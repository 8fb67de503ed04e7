"""The files that a table is offered as, in one order and in the same words wherever it is."""

from __future__ import annotations

File = tuple[str, str, str]
"""Words, a note at the end of the line, and the address."""


def table_files(address: str, *, query: str, note: str) -> list[File]:
    """Return the files at an address without its ending; the query carries the filters."""
    plain = f"?{query}" if query else ""
    told = f"?{query}&context=1" if query else "?context=1"
    return [
        ("CSV", note, f"{address}.csv{plain}"),
        ("CSV with filters", "", f"{address}.csv{told}"),
        ("Excel (XLSX)", note, f"{address}.xlsx{plain}"),
    ]
