"""Types of the expression language: a condition that compares unlike things is refused before any row is read.

An engine would find out only at the rows, and whether it stumbles would tell of rows that the viewer may not see.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Literal

from sqlglot import exp

from sightline.definitions.expressions import ExpressionError

Kind = Literal["text", "number", "truth", "day", "moment", "any"]

KINDS: dict[str, Kind] = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "decimal": "number",
    "boolean": "truth",
    "date": "day",
    "timestamp": "moment",
}
WORDS: dict[Kind, str] = {
    "text": "text",
    "number": "a number",
    "truth": "true or false",
    "day": "a date such as 2025-01-31",
    "moment": "a time such as 2025-01-31T09:00",
    "any": "anything",
}
TRUTHS = frozenset({"true", "false"})
LARGEST = 2**63
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Abs, exp.Round)
TEXTUAL = (exp.Lower, exp.Upper, exp.Trim)


def fits(value: object, kind: Kind) -> bool:
    """Whether the value can be compared with a column of this kind. Text that reads as the kind does."""
    if isinstance(value, bool):
        return kind in ("truth", "text", "any")
    if isinstance(value, (int, float)):
        return kind in ("number", "text", "any") and math.isfinite(value) and abs(value) < LARGEST
    return isinstance(value, str) and _is_storable(value) and _reads_as(value, kind)


def _is_storable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _reads_as(text: str, kind: Kind) -> bool:
    if kind == "truth":
        return text.lower() in TRUTHS
    readers: dict[str, Callable[[str], object]] = {
        "number": float,
        "day": date.fromisoformat,
        "moment": datetime.fromisoformat,
    }
    if kind not in readers:
        return True
    try:
        read = readers[kind](text)
    except ValueError:
        return False
    return not isinstance(read, float) or fits(read, "number")


def require_condition(tree: exp.Expr, *, text: str, type_of: Callable[[str], str]) -> None:
    """Raise ExpressionError unless the expression is a condition whose parts fit each other.

    `type_of` returns the column type of a name.
    """
    require_kind(tree, "truth", text=text, type_of=type_of)


def require_kind(tree: exp.Expr, kind: Kind, *, text: str, type_of: Callable[[str], str]) -> None:
    """Raise ExpressionError unless the expression is of the kind and its parts fit each other."""
    _Reader(text, type_of).require(tree, kind)


class _Reader:
    """Finds the kind of every part of one expression."""

    def __init__(self, text: str, type_of: Callable[[str], str]) -> None:
        self.text = text
        self.type_of = type_of

    def require(self, node: exp.Expr, kind: Kind, *, is_compared: bool = False) -> None:
        found = self.kind(node)
        if kind in ("any", found) or found == "any":
            return
        written = _written(node)
        if is_compared and written is not None and fits(written, kind):
            return
        part = node.sql(dialect="duckdb")
        raise ExpressionError(f'"{part}" in "{self.text}" is {WORDS[found]}, but {WORDS[kind]} belongs there')

    def alike(self, *nodes: exp.Expr, are_compared: bool = False) -> Kind:
        """Return the kind that all of the parts have; compared text may read as the kind of the columns it meets."""
        columns_first = sorted(nodes, key=lambda node: isinstance(node, exp.Literal))
        known = [each for each in map(self.kind, columns_first) if each != "any"]
        kind: Kind = known[0] if known else "any"
        for node in nodes:
            self.require(node, kind, is_compared=are_compared)
        return kind

    def kind(self, node: exp.Expr) -> Kind:
        if isinstance(node, exp.Paren):
            return self.kind(node.this)
        if isinstance(node, exp.Column):
            return KINDS[self.type_of(node.name)]
        if isinstance(node, exp.Literal):
            return self._literal(node)
        if isinstance(node, (exp.Null, exp.Dot)):  # what a user attribute holds is known only of the user
            return "any"
        if isinstance(node, (exp.Case, exp.If, exp.Coalesce, exp.Least, exp.Greatest, exp.Nullif)):
            return self._choice(node)
        if isinstance(node, ARITHMETIC):
            return self._each(node, "number", "number")
        if isinstance(node, exp.Length):
            return self._each(node, "text", "number")
        if isinstance(node, TEXTUAL):
            return self._each(node, "text", "text")
        return self._condition(node)

    def _literal(self, node: exp.Literal) -> Kind:
        kind: Kind = "text" if node.is_string else "number"
        if not fits(str(node.this), kind):
            raise ExpressionError(f'"{str(node.this)!a}" is beyond what can be compared')
        return kind

    def _each(self, node: exp.Expr, parts: Kind, whole: Kind) -> Kind:
        for part in _parts(node):
            self.require(part, parts)
        return whole

    def _choice(self, node: exp.Expr) -> Kind:
        if not isinstance(node, (exp.Case, exp.If)):
            return self.alike(*_parts(node))
        branches = list(node.args.get("ifs") or [node])
        for branch in branches:
            if node.this is not None and isinstance(node, exp.Case):
                self.alike(node.this, branch.this)
            else:
                self.require(branch.this, "truth")
        results = [each.args["true"] for each in branches]
        last = node.args.get("default") if isinstance(node, exp.Case) else node.args.get("false")
        return self.alike(*results, *([last] if last is not None else []))

    def _condition(self, node: exp.Expr) -> Kind:
        if isinstance(node, (exp.And, exp.Or, exp.Not)):
            return self._each(node, "truth", "truth")
        if isinstance(node, (exp.Like, exp.ILike)):
            return self._each(node, "text", "truth")
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Boolean):
            self.require(node.this, "truth")
        elif isinstance(node, exp.In) and not node.expressions and not isinstance(node.args.get("field"), exp.Dot):
            raise ExpressionError(f'"{node.this.sql()} in" names no values in "{self.text}"', hint="in ('a', 'b')")
        elif not isinstance(node, exp.Boolean):
            self.alike(*_parts(node), are_compared=True)
        return "truth"


def _parts(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Connector):
        return list(node.flatten())
    return [each for each in node.iter_expressions() if not isinstance(each, exp.Identifier)]


def _written(node: exp.Expr) -> str | None:
    """Return the text that is written, None for anything else."""
    return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None
