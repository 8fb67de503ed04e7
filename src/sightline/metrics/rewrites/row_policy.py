"""Row policy: which rows of a dataset exist for this viewer. No rule means none."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from sightline.definitions.dimensions import Dimension, Joins, UnknownDimension
from sightline.definitions.expressions import columns_in, parse_expression, replace_leaves
from sightline.definitions.policy import Policy


def shows_nothing(*, policy: Policy, dataset: str, joins: Joins) -> bool:
    """Whether no row of the dataset can be seen, whatever it holds: no rule, or one whose columns it does not reach."""
    rule = policy.rows_of(dataset)
    if rule is None or rule == "all":
        return rule is None
    try:
        for name in columns_in(parse_expression(rule)):
            joins.column(dataset, name)
    except UnknownDimension:
        return True
    return False


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
    if shows_nothing(policy=policy, dataset=dataset, joins=joins):
        return exp.false()
    rule = policy.rows_of(dataset)
    if rule is None or rule == "all":
        return None
    tree = parse_expression(rule)
    resolved = {name: joins.column(dataset, name) for name in columns_in(tree)}
    return replace_leaves(
        tree,
        column=lambda name: column(resolved[name]),
        value=bind,
        attribute=lambda name: [bind(each) for each in policy.attributes.get(name, ())],
    )
