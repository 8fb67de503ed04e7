"""What each operand alone does to a computed metric: the metric with this one as it is now, the others as before."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from sightline.definitions.expressions import parse_expression
from sightline.definitions.schema.metric import Computed, Metric, Ratio
from sightline.engines.base import Engine
from sightline.metrics.plan import operands

Values = Mapping[str, float | None]


def effects(metric: Metric, *, now: Values, before: Values, engine: Engine) -> dict[str, float]:
    """Return by operand how far it alone moves the metric from its value before; operands without one are left out."""
    names = operands(metric)
    formula = _formula(metric)
    if not names or formula is None or any(before.get(name) is None or now.get(name) is None for name in names):
        return {}
    columns = [_filled(formula, before).as_("base", quoted=True)]
    for place, name in enumerate(names):
        columns.append(_filled(formula, {**before, name: now[name]}).as_(f"e{place}", quoted=True))
    sql = exp.Select(expressions=columns).sql(dialect=engine.capabilities.dialect)
    found = engine.run(sql, {}).to_pylist()[0]
    base = found["base"]
    if base is None:
        return {}
    moved = {name: found[f"e{place}"] for place, name in enumerate(names)}
    return {name: float(value) - float(base) for name, value in moved.items() if value is not None}


def _formula(metric: Metric) -> exp.Expr | None:
    if isinstance(metric, Ratio):
        return parse_expression(f"{metric.numerator} / nullif({metric.denominator}, 0)")
    return parse_expression(metric.formula) if isinstance(metric, Computed) else None


def _filled(formula: exp.Expr, values: Values) -> exp.Expr:
    """Return the formula with numbers in place of names."""

    def number(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        value = values.get(node.name)
        inner = exp.Null() if value is None else exp.Literal.number(repr(float(value)))
        return exp.Cast(this=inner, to=exp.DataType.build("double"))

    return formula.copy().transform(number)
