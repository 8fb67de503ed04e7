"""The same twelve statements run directly in DuckDB over the same files: what the figures are compared with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa

from sightline.bench.load import Latencies, latencies_of
from sightline.bench.statements import statements
from sightline.engines.duckdb import DuckDB
from sightline.home.workspace import WorkspaceFolder
from sightline.metrics.question import Period


class RawDashboard:
    """Twelve statements, run one after the other, as the dashboard's panels would be by hand."""

    def __init__(self, folder: WorkspaceFolder) -> None:
        self._engine = DuckDB(Path(folder.lake.root))
        self._statements = statements(leads=_files(folder, "leads"), programs=_files(folder, "programs"))

    def run(self, period: Period) -> None:
        """Run all statements for this period."""
        for panel in self._statements:
            self.run_one(panel, period)

    def run_one(self, panel: str, period: Period) -> pa.Table:
        """Return the result of one panel's statement for this period."""
        return self._engine.run(self._statements[panel], {"start": period.start, "end": period.end})

    def measure(self, *, users: int, runs: int, periods: Callable[[], Period]) -> Latencies:
        """Return the times of `runs` whole dashboards read by so many users at once."""
        times: list[float] = []
        lock = threading.Lock()
        left = [None] * runs

        def read() -> None:
            while True:
                with lock:
                    if not left:
                        return
                    left.pop()
                    period = periods()
                started = time.perf_counter()
                self.run(period)
                times.append((time.perf_counter() - started) * 1000)

        started = time.perf_counter()
        threads = [threading.Thread(target=read) for _ in range(users)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return latencies_of(times, seconds=time.perf_counter() - started)

    def close(self) -> None:
        self._engine.close()


def _files(folder: WorkspaceFolder, dataset: str) -> Sequence[str]:
    relation = folder.lake.relation(dataset, folder.lake.snapshot())
    return relation.files if relation else ()
