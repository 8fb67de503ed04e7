"""The rows of one dataset with the dimensions it reaches: FROM, the many-to-one joins, and the conditions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from sqlglot import exp

from sightline.definitions.dimensions import Dimension, Join
from sightline.definitions.expressions import parse_expression, replace_leaves
from sightline.definitions.schema.metric import Grain
from sightline.definitions.value_types import ARITHMETIC, KINDS
from sightline.lake.relation import DAY_SUFFIX
from sightline.metrics.calendar import Calendar
from sightline.metrics.compile.statement import Statement, all_of, cast_of, column_of, name_of
from sightline.metrics.question import Filter, Period


class Frame:
    """Builds the FROM clause of one aggregate. Columns are asked for by dimension or by name; joins follow."""

    def __init__(self, statement: Statement, dataset: str, *, alias: str = "f") -> None:
        self.statement = statement
        self.dataset = statement.catalog.dataset(dataset)
        self.alias = alias
        self._joins: dict[tuple[Join, ...], str] = {}
        self._attached: dict[Hashable, tuple[str, Callable[[str], exp.Join]]] = {}
        statement.scan(dataset)

    def own(self, column: str) -> exp.Expr:
        """Return a column of the dataset itself."""
        self.statement.need(self.dataset.name, column)
        return column_of(self.alias, column)

    def dimension(self, name: str) -> exp.Expr:
        """Return a dimension as this dataset reaches it, masked as the viewer may see it."""
        return self._at(self.statement.joins.resolve(self.dataset.name, name))

    def entity(self, name: str) -> exp.Expr:
        """Return the key of an entity as stored: rows are matched by it and it is never shown."""
        return self._at(self.statement.joins.resolve(self.dataset.name, name), stored=True)

    def reached(self, dimension: Dimension) -> exp.Expr:
        """Return what stands where a dimension says, masked."""
        return self._at(dimension)

    def shown(self, name: str) -> exp.Expr:
        """Return a column of the dataset or a dimension it reaches, masked."""
        return self._at(self.statement.joins.column(self.dataset.name, name))

    def stored(self, name: str) -> exp.Expr:
        """Return a column as stored, for conditions of definitions and for counts: a mask changes no number."""
        return self._at(self.statement.joins.column(self.dataset.name, name), stored=True)

    def _at(self, dimension: Dimension, *, stored: bool = False) -> exp.Expr:
        for length in range(1, len(dimension.path) + 1):
            path = dimension.path[:length]
            if path not in self._joins:
                self._joins[path] = f"{self.alias}{len(self._joins) + 1}"
                step = path[-1]
                self.statement.scan(step.target)
                for dataset, column in ((step.dataset, step.column), (step.target, step.target_column)):
                    self.statement.need(dataset, self.statement.stored_name(dataset, column))
        column = dimension.column
        if stored:
            column = self.statement.stored_name(dimension.dataset, column)
        self.statement.need(dimension.dataset, column)
        return column_of(self._joins[dimension.path] if dimension.path else self.alias, column)

    def attach(self, key: Hashable, join: Callable[[str], exp.Join]) -> str:
        """Return the alias of a join to at most one row, which every SELECT of the frame makes; once for each key."""
        return self._attached.setdefault(key, (f"{self.alias}x{len(self._attached) + 1}", join))[0]

    def condition(self, text: str | None) -> exp.Expr | None:
        """Return a `where:` of a definition with its names resolved and its values bound."""
        if text is None:
            return None
        return replace_leaves(parse_expression(text), column=self.stored, value=self.statement.bind)

    def expression(self, text: str, *, stored: bool) -> exp.Expr:
        """Return an expression of a definition over columns as stored or as shown."""
        column = self.stored if stored else self.shown
        return replace_leaves(parse_expression(text), column=column, value=self.statement.bind)

    def time(self, column: str | None) -> exp.Expr | None:
        """Return the moment a row happened (a date counts from its midnight), or None for a timeless dataset."""
        name = column or self.dataset.time
        return self.own(name) if name else None

    def day(self, column: str | None) -> exp.Expr | None:
        """Return the local day of a row."""
        name = column or self.dataset.time
        if name is None:
            return None
        if self.dataset.columns[name].type == "date":
            return self.own(name)
        return self.own(name + DAY_SUFFIX)

    def within(self, period: Period, time: str | None) -> list[exp.Expr]:
        """Return the conditions that hold rows to the period."""
        day = self.day(time)
        found: list[exp.Expr] = []
        if day is None:
            return found
        if period.start is not None:
            found.append(exp.GTE(this=day, expression=self.statement.bind(period.start)))
        if period.end is not None:
            found.append(exp.LT(this=day.copy(), expression=self.statement.bind(period.end)))
        return found

    def bucket(self, grain: Grain, time: str | None, calendar: Calendar) -> exp.Expr:
        """Return the bucket a row falls in."""
        if grain == "hour":
            return self._hour(time)
        day = self.day(time)
        if day is None:
            return cast_of(exp.Null(), "date")
        return self.statement.functions.bucket(
            day, grain, week_start=calendar.week_start, fiscal_year_start=calendar.fiscal_year_start
        )

    def _hour(self, time: str | None) -> exp.Expr:
        moment = self.time(time)
        name = time or self.dataset.time
        if moment is None or name is None:
            return exp.Cast(this=exp.Null(), to=exp.DataType.build("timestamp"))
        if self.dataset.columns[name].type == "date":
            return exp.Cast(this=moment, to=exp.DataType.build("timestamp"))
        return self.statement.functions.hour(moment, self.statement.bind(self.statement.zone))

    def filters(self, filters: tuple[Filter, ...], where: str | None) -> list[exp.Expr]:
        """Return the question's own conditions."""
        found = [self._filter(each) for each in filters]
        if where:
            tree = parse_expression(where)
            column = self._real if tree.find(*ARITHMETIC) else self.dimension
            found.append(replace_leaves(tree, column=column, value=self.statement.bind))
        return found

    def _real(self, name: str) -> exp.Expr:
        """Return a dimension, numbers as real ones: their arithmetic cannot fail on a row nobody may know of."""
        column = self.dimension(name)
        kind = KINDS[self.statement.joins.resolve(self.dataset.name, name).type]
        return exp.Cast(this=column, to=exp.DataType.build("double")) if kind == "number" else column

    def _filter(self, held: Filter) -> exp.Expr:
        column = self.dimension(held.dimension)
        spec = self.statement.joins.resolve(self.dataset.name, held.dimension)
        if held.operator in ("in", "not_in"):
            inside = self._inside(column, held, spec.type)
            return exp.Not(this=exp.Paren(this=inside)) if held.operator == "not_in" else inside
        value = held.values[0]
        if held.operator == "contains":
            lowered = exp.func("lower", exp.Cast(this=column, to=exp.DataType.build("text")))
            return exp.Anonymous(this="contains", expressions=[lowered, self.statement.bind(written(value).lower())])
        kinds = {">=": exp.GTE, "<=": exp.LTE, ">": exp.GT, "<": exp.LT}
        return kinds[held.operator](this=column, expression=self._value(value, spec.type))

    def _value(self, value: object, column_type: str) -> exp.Expr:
        """Return the value as the column's type; one between two integers stays between them."""
        if column_type == "string":
            return self.statement.bind(written(value))
        is_between = column_type == "integer" and not float(str(value)).is_integer()
        return cast_of(self.statement.bind(value), "number" if is_between else column_type)

    def _inside(self, column: exp.Expr, held: Filter, column_type: str) -> exp.Expr:
        """`x IN (…)`, never unknown: the missing value is inside only when asked for."""
        missing = exp.Is(this=column.copy(), expression=exp.Null())
        values = [self._value(each, column_type) for each in held.values if each is not None]
        if not values:
            return missing if None in held.values else exp.false()
        inside = exp.In(this=column, expressions=values)
        known = exp.func("coalesce", inside, exp.false())
        return exp.Or(this=known, expression=missing) if None in held.values else known

    def select(self, expressions: Sequence[exp.Expr], conditions: list[exp.Expr]) -> exp.Select:
        """Return SELECT … FROM dataset LEFT JOIN … WHERE …; call it when every column has been asked for."""
        query = exp.Select(expressions=list(expressions))
        query.set("from_", exp.From(this=self._table(self.dataset.name, self.alias)))
        for path, alias in self._joins.items():
            step = path[-1]
            before = self._joins[path[:-1]] if len(path) > 1 else self.alias
            left = column_of(before, self.statement.stored_name(step.dataset, step.column))
            right = column_of(alias, self.statement.stored_name(step.target, step.target_column))
            on = exp.EQ(this=left, expression=right)
            query.append("joins", exp.Join(this=self._table(step.target, alias), side="LEFT", on=on))
        for alias, join in self._attached.values():
            query.append("joins", join(alias))
        condition = all_of(conditions)
        if condition is not None:
            query.set("where", exp.Where(this=condition))
        return query

    def _table(self, dataset: str, alias: str) -> exp.Table:
        return exp.Table(this=name_of(dataset), alias=exp.TableAlias(this=name_of(alias)))


def written(value: object) -> str:
    """Return a value as a column of text holds it: JSON's 5 is read as 5.0, and is written 5 again."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
