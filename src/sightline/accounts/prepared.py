"""Queries whose SQL is written once.

Writing a query's SQL takes Django ten times as long as running it. Every page asks the same three questions (which
session, which person, which membership), and writing them anew was 40 % of the time of a page that is already drawn.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Field, Manager, Model

Found = TypeVar("Found", bound=Model)
COMPARISONS = ("exact", "gt")


class Prepared(Generic[Found]):
    """Finds one object of a model by the values of its lookups: `Prepared(Session.objects, session_key="exact")`.

    The SQL is Django's own, for the database in use; only comparisons with one value are possible.
    """

    def __init__(self, objects: Manager[Found], **lookups: str) -> None:
        unknown = sorted(set(lookups.values()) - set(COMPARISONS))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: a prepared query compares by {' or '.join(COMPARISONS)}")
        self._objects = objects
        self._lookups = lookups
        fields: dict[str, Field[Any, Any]] = {
            field.name: field
            for field in objects.model._meta.concrete_fields  # noqa: SLF001 - Django's documented interface
        }
        self._fields = {name: fields[name] for name in lookups}
        self._sql: dict[str, str] = {}

    def first(self, **values: Any) -> Found | None:
        """Return the object that all values fit, or None. A value that its field refuses raises ValueError."""
        prepared = [field.get_db_prep_value(values[name], connection) for name, field in self._fields.items()]
        if connection.vendor not in self._sql:
            self._sql[connection.vendor] = self._written(values)
        for found in self._objects.raw(self._sql[connection.vendor], prepared):
            return found
        return None

    def _written(self, values: dict[str, Any]) -> str:
        query = self._objects.order_by()
        for name, comparison in self._lookups.items():  # one after the other: Django sorts those given at once
            query = query.filter(**{f"{name}__{comparison}": values[name]})
        sql, parameters = query.query.sql_with_params()
        if len(parameters) != len(self._lookups):
            raise ValueError(f"{sql}: one value each was expected")
        return sql
