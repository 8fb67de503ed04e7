"""CONTRACT (to be implemented by the lake's author; keep these names and meanings)

class Lake:
    def __init__(self, root: Path): ...                        # root = workspace folder / "lake"
    def snapshot(self, id: int | None = None) -> Snapshot      # current or a kept one; cheap (one stat when unchanged)
    def snapshots(self) -> list[Snapshot]
    def relation(self, dataset: str, snapshot: Snapshot) -> Relation | None   # None: never published
    def keep(self, snapshot_id: int, reason: str) -> None      # never vacuumed
    root: Path                                                 # the folder DuckDB is allowed to read
"""
