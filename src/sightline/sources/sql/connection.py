"""Connections to a database, and its errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import certifi
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from sightline.sources.address import reachable_address
from sightline.sources.base import SourceError, SourceRefused, SourceUnavailable, Surroundings
from sightline.sources.driver import driver
from sightline.sources.folders import allowed_path
from sightline.sources.sql.config import SqlConfig
from sightline.sources.sql.dialect import Dialect, Spot


class DatabaseRefusal(SourceError):
    """The database does not understand or does not do what we ask."""

    code = "SL-E324"


class TooSlow(SourceError):
    """A statement took longer than the settings allow."""

    code = "SL-E325"


class Database:
    """A database whose transactions only read. Each transaction has a connection of its own, to a checked address."""

    def __init__(self, config: SqlConfig, dialect: Dialect, surroundings: Surroundings) -> None:
        driver(dialect.driver, label=dialect.label, extra=dialect.extra)
        self._config, self._dialect = config, dialect
        self._surroundings = surroundings
        self._engine = sa.create_engine(
            f"{dialect.engine}://", creator=self._connect, poolclass=NullPool, hide_parameters=True
        )

    @property
    def name(self) -> str:
        """What was reached, in words."""
        place = f"{self._config.host}/{self._config.database}" if self._config.host else self._config.database
        return f"{self._dialect.label} {place}"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction that cannot write. Raises SourceError and SourceUnavailable."""
        with self._told(), self._engine.connect() as connection:
            for statement in self._dialect.begin(self._config):
                connection.exec_driver_sql(statement)
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _connect(self) -> object:
        return self._dialect.connect(self._config, self._spot())

    def _spot(self) -> Spot:
        config, folders = self._config, self._surroundings.folders
        if not self._dialect.port:
            return Spot(file=_existing(config.database, folders))
        port = config.port or self._dialect.port
        address = reachable_address(config.host, port, allow_private=self._surroundings.allow_private)
        if config.tls != "verified":
            return Spot(address, port)
        authority = str(_existing(config.ca_file, folders)) if config.ca_file else certifi.where()
        return Spot(address, port, authority=authority)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell errors of the database: what it said itself, without the statement and its values."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise self._meaning(error.orig or error) from error
        except sa.exc.SQLAlchemyError as error:
            raise DatabaseRefusal(f"{self.name}: {error}") from error

    def _meaning(self, error: BaseException) -> SourceError | SourceUnavailable:
        said = str(error.args[-1] if error.args else error).strip().splitlines()
        message = f"{self.name}: {said[0] if said else type(error).__name__}"
        failure = self._dialect.failure(error)
        if failure == "refused":
            return SourceRefused(message, hint="Check user, password and what the user may read.")
        if failure == "later":
            return SourceUnavailable(message, hint="The next sync tries again.")
        if failure == "too slow":
            limit = f"a statement took longer than {self._config.statement_seconds} seconds"
            hint = 'An index on the cursor and key columns helps, or a larger "statement_seconds".'
            return TooSlow(f"{self.name}: {limit}", hint=hint)
        tls = "SSL" in message and self._config.tls == "required"
        hint = 'Set "tls: off" when the way to the database is trusted.' if tls else ""
        return DatabaseRefusal(message, hint=hint)


def _existing(path: str, folders: tuple[Path, ...]) -> Path:
    found = allowed_path(path, folders)
    if not found.is_file():
        raise DatabaseRefusal(f'there is no file "{path}"')
    return found
