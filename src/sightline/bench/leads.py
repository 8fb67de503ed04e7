"""Generated leads: two years of them, the same for every run of the same size."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

FIRST_DAY = date(2024, 1, 1)
DAYS = 731
PROGRAMS = 24
BATCH_ROWS = 250_000

_LEADS = f"""
SELECT
    i AS lead_id,
    TIMESTAMPTZ '{FIRST_DAY} 00:00:00+00'
        + to_microseconds((i * ({DAYS}.0 * 86400000000 / $rows))::BIGINT) AS created_at,
    'p' || lpad(((hash(i + 11) % {PROGRAMS}) * (hash(i + 13) % {PROGRAMS}) // {PROGRAMS - 1})::VARCHAR, 2, '0')
        AS program_id,
    ['organic', 'paid_search', 'paid_social', 'display', 'email', 'partner', 'event', 'referral']
        [least(hash(i + 17) % 8, hash(i + 19) % 12)::INT + 1] AS source,
    ['north', 'south', 'east', 'west', 'abroad'][(hash(i + 23) % 5)::INT + 1] AS region,
    CASE WHEN hash(i + 29) % 100 < 5 + hash(i + 11) % {PROGRAMS} THEN 'won'
         ELSE ['new', 'contacted', 'lost'][(hash(i + 31) % 3)::INT + 1] END AS status,
    (hash(i + 37) % 100000)::DOUBLE / 100 AS value
FROM range($rows) leads(i)
"""  # noqa: S608 (constants of this module only)

_PROGRAMS = f"""
SELECT
    'p' || lpad(i::VARCHAR, 2, '0') AS program_id,
    'Program ' || chr((65 + i)::INT) AS name,
    'School ' || (1 + i % 5) AS school,
    CASE WHEN i % 3 = 0 THEN 'degree' ELSE 'certificate' END AS level
FROM range({PROGRAMS}) programs(i)
"""  # noqa: S608 (constants of this module only)


def lead_batches(*, rows: int) -> pa.RecordBatchReader:
    """Return the leads in order of time, a quarter of a million at once."""
    return _generator().execute(_LEADS, {"rows": rows}).to_arrow_reader(BATCH_ROWS)


def programs() -> pa.Table:
    """Return the programs that the leads are about."""
    return _generator().execute(_PROGRAMS).to_arrow_table()


def write_csv(file: Path, *, rows: int) -> None:
    """Write the leads as people export them: a header, commas, UTC times."""
    target = str(file).replace("'", "''")
    sql = (
        f"COPY ({_LEADS.replace('$rows', str(int(rows)))}) TO '{target}' (HEADER, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ')"
    )
    _generator().execute(sql)


def _generator() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    return connection
