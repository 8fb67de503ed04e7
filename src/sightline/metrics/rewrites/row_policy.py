"""Row policy: which rows of a dataset exist for this viewer. No rule means none."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from sightline.definitions.dimensions import Dimension, Joins, UnknownDimension
from sightline.definitions.expressions import columns_in, parse_expression, replace_leaves
from sightline.definitions.policy import Policy


def row_filter(
    *,
    policy: Policy,
    dataset: str,
    joins: Joins,
    column: Callable[[Dimension], exp.Expr],
    bind: Callable[[object], exp.Expr],
) -> exp.Expr | None:
    """Return the condition on rows of the dataset, or None when all are visible.

    A dataset that does not reach what the rule names shows nothing: a rule that cannot be checked is not met.
    """
    rule = policy.rows_of(dataset)
    if rule is None:
        return exp.false()
    if rule == "all":
        return None
    tree = parse_expression(rule)
    try:
        resolved = {name: joins.column(dataset, name) for name in columns_in(tree)}
    except UnknownDimension:
        return exp.false()
    return replace_leaves(
        tree,
        column=lambda name: column(resolved[name]),
        value=bind,
        attribute=lambda name: [bind(each) for each in policy.attributes.get(name, ())],
    )
