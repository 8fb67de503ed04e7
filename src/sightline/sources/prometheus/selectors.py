"""PromQL text: selectors narrowed to one metric, and how many samples a selection has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_TEXT = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`'
SELECTOR = re.compile(
    rf"(?=\S)(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)?\s*(?P<braces>\{{(?P<matchers>(?:[^{{}}\"'`]|{_TEXT})*)\}})?", re.DOTALL
)
"""An instant vector selector: a name, matchers in braces, or both. The server judges what stands in the braces."""

NAME_AS_LABEL = 'label_replace({}, "sightline_metric", "$1", "__name__", "(.+)")'
NAMED = 'label_replace({}, "sightline_metric", "{}", "", "")'


def narrowed(selector: str, metric: str) -> str | None:
    """Return a selector that yields only one metric of what this one yields; None when there can be none of it."""
    found = SELECTOR.fullmatch(selector.strip())
    if found is None:
        return None
    if found["name"]:
        return selector if found["name"] == metric else None
    matchers = (found["matchers"] or "").strip()
    return f'{{__name__="{metric}"{", " + matchers if matchers else ""}}}'


def count_query(selectors: Sequence[str], expressions: Mapping[str, str]) -> str:
    """Return PromQL for how many of the selected series have a value that is kept, at one moment.

    `or` compares labels without the metric's name, so the name is made a label first. Comparing drops NaN.
    """
    parts = [NAME_AS_LABEL.format(selector) for selector in selectors]
    parts += [NAMED.format(f"({promql})", name) for name, promql in expressions.items()]
    return f"count(({' or '.join(parts)}) > -Inf < Inf)"
