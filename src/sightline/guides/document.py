"""A guide as a document: sections of paragraphs, facts and tables. Pages and Markdown are drawn from the same one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Text that may lead somewhere: `href` is relative to the workspace."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Fact:
    """One line about a thing: what it is called, and what it is."""

    label: str
    words: tuple[Words, ...]


@dataclass(frozen=True)
class Table:
    """Heads, and rows of as many cells; the first cell names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True)
class Entry:
    """One thing of a section, such as a metric: a title, a paragraph, facts."""

    title: Words
    text: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of a guide."""

    title: str
    text: str = ""
    facts: tuple[Fact, ...] = ()
    entries: tuple[Entry, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Guide:
    """A guide: its name in addresses and file names, its title, what it is for, and its sections."""

    name: str
    title: str
    lead: str
    sections: tuple[Section, ...]


def words(*texts: str) -> tuple[Words, ...]:
    """Return texts that lead nowhere, empty ones left out."""
    return tuple(Words(text) for text in texts if text)


def fact(label: str, *texts: str) -> tuple[Fact, ...]:
    """Return the fact, or nothing when there is nothing to say."""
    said = words(*texts)
    return (Fact(label, said),) if said else ()
