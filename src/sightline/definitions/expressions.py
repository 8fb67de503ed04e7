"""Safe expressions: the small language of `where:`, `rows:`, `condition:` and derived metrics.

SQLGlot parses; a list of allowed node kinds decides what the language is. Nothing outside the list can be written, so
an expression is data: it names columns and values, and becomes SQL only with its names resolved and its values bound.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from sqlglot import errors, exp, parse

from sightline.definitions.catalog import did_you_mean
from sightline.errors import UserError

LOGIC = (exp.And, exp.Or, exp.Not, exp.Paren, exp.Boolean)
COMPARISON = (
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.In,
    exp.Between,
    exp.Is,
    exp.Null,
    exp.Like,
    exp.ILike,
)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Literal)
FUNCTIONS = (
    exp.Coalesce,
    exp.Nullif,
    exp.Abs,
    exp.Round,
    exp.Least,
    exp.Greatest,
    exp.Lower,
    exp.Upper,
    exp.Trim,
    exp.Length,
    exp.Case,
    exp.If,
)
NAMES = (exp.Column, exp.Identifier)
ALLOWED = frozenset(LOGIC + COMPARISON + ARITHMETIC + FUNCTIONS + NAMES)
GRAMMAR = (
    "allowed: and, or, not, = != < <= > >=, in, between, is null, like, + - * /, case, "
    "coalesce, nullif, abs, round, least, greatest, lower, upper, trim, length, and $user.<attribute>"
)

DEEPEST = 60
TOO_DEEP = "the expression is nested too deeply"


class ExpressionError(UserError):
    """An expression that the language does not allow. `start` is the offset of the offending text, if known."""

    code = "SL-E021"

    def __init__(self, message: str, *, hint: str = "", start: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.start = start


def parse_expression(text: str, *, names: Collection[str] | None = None) -> exp.Expr:
    """Return the tree of a safe expression; its leaves are `exp.Column`, `exp.Literal` and user attributes.

    With `names`, a column outside them is an error that suggests the nearest. The tree is the caller's own copy.
    """
    tree = _parse(text).copy()
    if names is not None:
        for column in tree.find_all(exp.Column):
            if column.name not in names:
                raise ExpressionError(
                    f'unknown name "{column.name}" in "{text}"',
                    hint=did_you_mean(column.name, names),
                    start=max(text.find(column.name), 0),
                )
    return tree


def columns_in(tree: exp.Expr) -> set[str]:
    """Return the names of the columns the expression reads."""
    return {column.name for column in tree.find_all(exp.Column)}


def attributes_in(tree: exp.Expr) -> set[str]:
    """Return the user attributes the expression reads."""
    return {attribute_name(dot) for dot in tree.find_all(exp.Dot)}


def attribute_name(node: exp.Expr) -> str:
    """Return `school` for `$user.school`."""
    return str(node.expression.name)


def replace_leaves(
    tree: exp.Expr,
    *,
    column: Callable[[str], exp.Expr],
    value: Callable[[object], exp.Expr],
    attribute: Callable[[str], list[exp.Expr]] | None = None,
) -> exp.Expr:
    """Return the expression with columns resolved, values bound and user attributes filled in.

    `attribute` returns the bound values of one attribute: `x in $user.a` becomes `x IN (…)`. Of an attribute without
    values nothing is known, so neither `in` nor `not in` holds. A division by zero has no value either.
    """

    def swap(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return column(node.name)
        if isinstance(node, exp.Literal):
            return value(str(node.this) if node.is_string else _number(str(node.this)))
        if isinstance(node, (exp.In, exp.EQ, exp.NEQ)):
            dot = _attribute_side(node)
            if dot is not None and attribute is not None:
                return _membership(node, attribute(attribute_name(dot)), column)
        if isinstance(node, exp.Div):
            _guard(node)
        return node

    return tree.transform(swap, copy=False)


def _attribute_side(node: exp.Expr) -> exp.Dot | None:
    side = node.args.get("field") if isinstance(node, exp.In) else node.expression
    return side if isinstance(side, exp.Dot) else None


def _membership(node: exp.Expr, values: list[exp.Expr], column: Callable[[str], exp.Expr]) -> exp.Expr:
    if not values:
        return exp.Cast(this=exp.Null(), to=exp.DataType.build("boolean"))
    subject = column(node.this.name) if isinstance(node.this, exp.Column) else node.this
    inside: exp.Expr = exp.In(this=subject, expressions=values)
    return exp.Not(this=inside) if isinstance(node, exp.NEQ) else inside


def _guard(division: exp.Div) -> None:
    """Make the quotient a real number, missing when the denominator is zero."""
    if not isinstance(division.expression, exp.Nullif):
        zero = exp.Literal.number(0)
        division.set("expression", exp.Nullif(this=exp.Paren(this=division.expression), expression=zero))
    division.set("this", exp.Cast(this=exp.Paren(this=division.this), to=exp.DataType.build("double")))


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)


@lru_cache(maxsize=2048)
def _parse(text: str) -> exp.Expr:
    try:
        trees = _read(text)
    except RecursionError:
        raise ExpressionError(TOO_DEEP, hint="Write it flatter: with in (…), and, or.") from None
    if len(trees) != 1 or trees[0] is None:
        raise ExpressionError(f'"{text}" is not one expression', hint=GRAMMAR)
    tree = trees[0]
    for node in _nodes(tree):
        _require_allowed(node, text)
        node.comments = None
    _require_shallow(tree)
    return tree


def _require_shallow(tree: exp.Expr) -> None:
    """Refuse what would be too deep to write down again; a chain of `and` or of `or` is one level."""
    levels = {id(None): 0}
    for node in tree.walk():
        is_chain = isinstance(node, exp.Connector) and type(node) is type(node.parent)
        levels[id(node)] = levels.get(id(node.parent), 0) + (not is_chain)
    if max(levels.values()) > DEEPEST:
        raise ExpressionError(TOO_DEEP, hint="Write it flatter: with in (…), and, or.")


def _read(text: str) -> list[exp.Expr | None]:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ExpressionError(f"{text!a} holds half a character")
    try:
        return list(parse(text, dialect="duckdb"))
    except errors.ParseError as error:
        first = error.errors[0] if error.errors else {}
        near = str(first.get("highlight") or "")
        start = max(int(first.get("col") or 1) - len(near), 0)
        place = f' near "{near}"' if near else ""
        raise ExpressionError(f'"{text}" cannot be read{place}', hint=GRAMMAR, start=start) from error
    except errors.TokenError as error:
        raise ExpressionError(f'"{text}" cannot be read: a quote or bracket is not closed', hint=GRAMMAR) from error


def _nodes(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Yield every node, user attributes as one."""
    yield from tree.walk(prune=lambda node: isinstance(node, exp.Dot))


def _require_allowed(node: exp.Expr, text: str) -> None:
    if isinstance(node, exp.Dot):
        if (
            isinstance(node.this, exp.Placeholder)
            and node.this.name == "user"
            and isinstance(node.expression, exp.Identifier)
        ):
            if isinstance(node.parent, (exp.In, exp.EQ, exp.NEQ)) and _attribute_side(node.parent) is node:
                return
            raise ExpressionError(f'$user.{node.expression.name} stands only right of "in", "=" or "!=" in "{text}"')
        raise ExpressionError(
            f'"{node.sql()}" is not allowed in "{text}"', hint="join other datasets as entity__dimension"
        )
    if isinstance(node, exp.Column) and node.table:
        raise ExpressionError(
            f'"{node.sql()}" is not allowed in "{text}"',
            hint=f'write "{node.table}__{node.name}" for a joined dimension',
        )
    if isinstance(node, exp.Is) and not isinstance(node.expression, (exp.Null, exp.Boolean)):
        raise ExpressionError(f'"is" takes null, true or false in "{text}"', hint="Compare values with =.")
    if type(node) not in ALLOWED:
        raise ExpressionError(f'"{node.sql(dialect="duckdb")}" is not allowed in "{text}"', hint=GRAMMAR)
