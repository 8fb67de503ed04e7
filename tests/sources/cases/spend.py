"""The case of the spend connector: daily exports of Google Ads in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from behaviour import Case, Clock, Key, World

from cases.files import FILES_CANNOT, LOCAL
from sightline.sources.spend.source import SPEND

HEAD = "Campaign report\nMarch 1, 2026 - March 31, 2026\nDay,Campaign,Campaign ID,Currency code,Cost,Impr.,Clicks\n"


class SpendWorld(World):
    """An export a day."""

    stream = "spend"
    page = 4

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self.clock = folder, clock
        self.folders = (folder,)
        self.config = {"place": "folder", "folder": ".", "page_rows": 3}
        self.days: list[int] = []
        for _ in range(3):
            self.change(4)

    def keys(self) -> set[Key]:
        return {key for day, campaigns in enumerate(self.days, 1) for key in self._keys(day, campaigns)}

    def change(self, number: int) -> set[Key]:
        self.days.append(number)
        day = len(self.days)
        rows = "".join(f'2026-03-{day:02d},"Brand, {each}",{each},EUR,"1,234.50",100,7\n' for each in range(number))
        (self.folder / f"spend-{day:02d}.csv").write_text(f"{HEAD}{rows}Total: Campaigns, --, --,EUR,9.00,1,1\n")
        return self._keys(day, number)

    def _keys(self, day: int, campaigns: int) -> set[Key]:
        return {(f"2026-03-{day:02d}", "google_ads", str(each)) for each in range(campaigns)}


@contextmanager
def _exports(folder: Path, clock: Clock) -> Iterator[World]:
    yield SpendWorld(folder, clock)


CASES = (Case("spend", SPEND, _exports, {**FILES_CANNOT, **LOCAL, "schema": "the columns are always the same"}),)
