"""A SELECT that people wrote, as something to select from."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sqlalchemy as sa
import sqlglot
from sqlglot import exp

from sightline.sources.base import SourceError
from sightline.sources.sql.config import QueryConfig
from sightline.sources.sql.dialect import Dialect

OUTSIDE_QUERIES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.DDL, exp.Drop, exp.Command, exp.Into, exp.Lock)
PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")
"""What SQLAlchemy would take for a parameter of its own."""


class NotOneQuery(SourceError):
    """A query is not exactly one SELECT that only reads."""

    code = "SL-E323"


def require_one_select(query: QueryConfig, dialect: Dialect) -> None:
    """Raise NotOneQuery for anything else. What functions do is up to the database, which is asked to write nothing."""
    hint = "Write one SELECT statement."
    try:
        statements = [each for each in sqlglot.parse(query.sql, dialect=dialect.grammar) if each is not None]
    except sqlglot.errors.SqlglotError as error:
        first = str(error).splitlines()[0]
        raise NotOneQuery(f'query "{query.name}" cannot be understood: {first}', hint=hint) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise NotOneQuery(f'query "{query.name}" is not one SELECT', hint=hint)
    writing = statements[0].find(*OUTSIDE_QUERIES)
    if writing is not None:
        raise NotOneQuery(f'query "{query.name}" holds {writing.key.upper()}, which does not only read', hint=hint)


def as_table(query: QueryConfig, columns: Sequence[str]) -> sa.FromClause:
    """Return a query to select from. Its text stays as it is; a comment at its end hides nothing of ours."""
    text = sa.text(PARAMETER.sub(r"\\:", query.sql.strip().rstrip(";")) + "\n")
    return text.columns(*(sa.column(name) for name in columns)).subquery("q")
