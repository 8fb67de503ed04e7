"""The planted problems of the sample company are all held back, each with its reason, and nothing else is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pytest
from sample_company import END, NOW, ZONE

from sightline.definitions.dimensions import Joins
from sightline.definitions.loader import check, shipped_pack
from sightline.lake.rules import Reference
from sightline.lake.store import Lake
from sightline.lake.write import Written, write


@dataclass(frozen=True)
class Loaded:
    written: dict[str, Written]
    clean: dict[str, pa.Table]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, sample: ModuleType, clean_tables: dict[str, pa.Table]) -> Loaded:
    pack = shipped_pack("programs")
    assert pack is not None
    catalog = check(Path(pack)).catalog
    primaries = Joins.of(catalog).primaries
    lake = Lake(tmp_path_factory.mktemp("planted"))
    written: dict[str, Written] = {}
    for name, table in sample.generate(seed=7, end=END).items():
        dataset = catalog.dataset(name)
        snapshot = lake.snapshot()
        references = {
            entity: Reference(primaries[entity][0], primaries[entity][1], lake.relation(primaries[entity][0], snapshot))
            for entity, declared in dataset.entities.items()
            if declared.type == "foreign"
        }
        batches = table.to_batches()
        written[name] = write(lake, dataset, batches, zone=ZONE, now=NOW, run=f"load-{name}", references=references)
    return Loaded(written, clean_tables)


@pytest.mark.req("PRG-1.3")
def test_exactly_the_planted_rows_are_held_back(loaded: Loaded) -> None:
    assert {name: result.rejected for name, result in loaded.written.items()} == {
        "schools": 0,
        "programs": 0,
        "leads": 90,
        "lead_stages": 20,
        "spend": 4,
        "revenue": 3,
    }
    assert {name: result.accepted for name, result in loaded.written.items()} == {
        name: table.num_rows for name, table in loaded.clean.items()
    }


@pytest.mark.req("PRG-1.3")
@pytest.mark.parametrize(
    ("dataset", "reasons"),
    [
        # the 12 with an id that was there have the e-mail and program of the first as well
        ("leads", {"no_duplicate": 72, "unique": 12, "references": 9, "not_null": 4, "not_future": 5}),
        ("lead_stages", {"stage_order": 14, "references": 6}),
        ("spend", {"not_negative": 3, "references": 1}),
        ("revenue", {"references": 3}),
    ],
)
def test_each_held_row_says_why(loaded: Loaded, dataset: str, reasons: dict[str, int]) -> None:
    found = {reason.kind: reason.count for reason in loaded.written[dataset].reasons}
    assert found == reasons
    assert all(reason.text for reason in loaded.written[dataset].reasons)
