"""Metrics that are defined by one another in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from sightline.definitions.book import Book
from sightline.definitions.catalog import Issue
from sightline.definitions.lineage import metric_references


def cycles(book: Book) -> Iterator[Issue]:
    """Yield one issue per circle, at the metric of it that comes first by name."""
    graph = {
        entry.name: [(path, name) for path, name in metric_references(entry.value)] for entry in book.entries("metric")
    }
    edges = {name: [target for _, target in targets] for name, targets in graph.items()}
    entries = {entry.name: entry for entry in book.entries("metric")}
    for circle in circles(edges):
        path = next(path for path, name in graph[circle[0]] if name == circle[1])
        message = "defined by itself: " + " → ".join(circle)
        yield entries[circle[0]].issue(path, message, "PACK-E016", "break the circle at one of them")


def circles(edges: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """Return a circle through every node that lies on one, each circle once, from and to its first name."""
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for start in sorted(edges):
        way = _way_back(edges, start)
        if way:
            first = way.index(min(way))
            found.setdefault(frozenset(way), (*way[first:], *way[:first], way[first]))
    return list(found.values())


def _way_back(edges: dict[str, list[str]], start: str) -> tuple[str, ...] | None:
    """Return the shortest way from a node to itself, without its end."""
    came_from: dict[str, str] = {}
    waiting = [start]
    for node in waiting:
        for target in edges.get(node, []):
            if target == start:
                return _retrace(came_from, node, start)
            if target not in came_from and target in edges:
                came_from[target] = node
                waiting.append(target)
    return None


def _retrace(came_from: dict[str, str], node: str, start: str) -> tuple[str, ...]:
    way = [node]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return tuple(reversed(way))
