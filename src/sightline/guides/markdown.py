"""A guide as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sightline.guides.document import Entry, Fact, Guide, Section, Table, Words

_MARKS = re.compile(r"([\\`*_\[\]<>|#])")


def markdown(guide: Guide) -> str:
    """Return the guide as a Markdown document. Links of the product are left out: a file stands alone."""
    parts = [f"# {escaped(guide.title)}", escaped(guide.lead)]
    for section in guide.sections:
        parts += _section(section)
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """Return text that Markdown shows as it stands, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _section(section: Section) -> Iterator[str]:
    yield f"## {escaped(section.title)}"
    yield escaped(section.text)
    yield _facts(section.facts)
    for table in section.tables:
        yield _table(table, titled=table.caption != section.title)
    for entry in section.entries:
        yield from _entry(entry)


def _entry(entry: Entry) -> Iterator[str]:
    yield f"### {escaped(entry.title.text)}"
    yield escaped(entry.text)
    yield _facts(entry.facts)


def _facts(facts: tuple[Fact, ...]) -> str:
    return "\n".join(f"- **{escaped(each.label)}**: {_joined(each.words)}" for each in facts)


def _joined(said: tuple[Words, ...]) -> str:
    return "; ".join(escaped(each.text) for each in said)


def _table(table: Table, *, titled: bool) -> str:
    head = " | ".join(map(escaped, table.heads))
    rows = "\n".join("| " + " | ".join(escaped(cell.text) or "–" for cell in row) + " |" for row in table.rows)
    title = f"**{escaped(table.caption)}**\n\n" if titled else ""
    return f"{title}| {head} |\n|{'---|' * len(table.heads)}\n{rows}"
