"""Guides say of every metric of every pack what its definition says, and nothing of what their reader cannot see."""

from __future__ import annotations

from pathlib import Path

import pytest

from sightline.definitions.catalog import Catalog, UnknownName
from sightline.definitions.folders import shipped_packs
from sightline.definitions.loader import load, shipped_pack
from sightline.definitions.policy import SYSTEM, Policy, policy_of
from sightline.definitions.schema.pack import Settings
from sightline.guides.kinds import GUIDES, Reader, guide_named
from sightline.guides.markdown import escaped, markdown
from sightline.guides.scope import Scope
from sightline.metrics.explain import formula

pytestmark = pytest.mark.req("SAA-9")
EXAMPLES = ("olist", "retail", "cdnow")
SEGMENTED = """
metrics:
  heads: {type: simple, dataset: people, agg: count, description: All., targets: [{value: 5, segment: {site: qxsite}}]}
"""


def catalog_of(*packs: Path) -> Catalog:
    loaded = load(settings=Settings(workspace="test"), packs=packs, overrides=None)
    assert not loaded.errors
    return loaded.catalog


def folder_of(name: str, repository: Path) -> Path:
    return repository / "examples" / name if name in EXAMPLES else shipped_pack(name) or Path()


def reader_of(catalog: Catalog, policy: Policy = SYSTEM) -> Reader:
    return Reader(catalog, policy, tuple(catalog.roles))


@pytest.mark.parametrize("pack", [*sorted(shipped_packs()), *EXAMPLES])
def test_every_visible_metric_appears_with_its_formula(pack: str, repository: Path) -> None:
    catalog = catalog_of(folder_of(pack, repository))
    reader = reader_of(catalog)
    parts = markdown(guide_named("metrics", reader)).split("\n### ")[1:]
    visible = [name for name, metric in catalog.metrics.items() if not metric.hidden]
    assert len(parts) == len(visible)
    told = {(part.partition("\n")[0], line) for part in parts for line in part.splitlines() if "**Formula**" in line}
    scope = Scope.of(catalog, SYSTEM)
    for name in visible:
        assert (escaped(scope.label(name)), f"- **Formula**: {escaped(formula(name, catalog))}") in told
    quick = markdown(guide_named("quick-reference", reader)).splitlines()
    reviews = markdown(guide_named("reviews", reader))
    for name in visible:
        assert any(line.startswith(f"| {escaped(scope.label(name))} |") for line in quick)
        assert f"| {escaped(scope.label(name))} |" in reviews


def test_bands_say_what_to_do_and_who() -> None:
    catalog = catalog_of(shipped_pack("programs") or Path())
    parts = markdown(guide_named("metrics", reader_of(catalog))).split("\n### ")
    [cost] = [part for part in parts if part.startswith("Cost per lead\n")]
    assert "- **On track**: at most $65. Nothing to do; keep what works." in cost
    assert "- **On watch**: from $65 to $80. Head of marketing finds the cause at the next review." in cost
    assert "- **Off track**: above $80. Head of marketing acts now and says what is done. Take it apart: Spend" in cost
    assert "- **Target**: $62" in cost
    assert "- **Shown on**: " in cost
    sheet = markdown(guide_named("benchmarks", reader_of(catalog))).splitlines()
    row = next(line for line in sheet if "| Cost per lead |" in line)
    assert "at most $65" in row


def test_a_role_is_told_what_it_sees_opens_and_reviews() -> None:
    catalog = catalog_of(shipped_pack("saas") or Path())
    for name, role in catalog.roles.items():
        text = markdown(guide_named("roles", Reader(catalog, SYSTEM, (name,))))
        assert f"## {escaped(role.label)}" in text
        assert text.count("\n## ") == 1
        owned = [metric for metric in catalog.metrics.values() if metric.owner == name and metric.cadence == "monthly"]
        assert ("**Reviews monthly**" in text) == any(not metric.hidden for metric in owned)


def test_a_role_of_one_pack_is_told_of_that_pack_only() -> None:
    packs = [shipped_pack(name) or Path() for name in ("programs", "saas")]
    catalog = load(settings=Settings(workspace="test"), packs=packs, overrides=None).catalog
    saas = {name for (kind, name), pack in catalog.pack_of.items() if kind == "dataset" and pack == "saas"}
    policy = Policy(permissions=frozenset({"view"}), rows=dict.fromkeys(saas, "all"))
    everything = {name: markdown(guide_named(name, reader_of(catalog))) for name in GUIDES}
    seen = {name: markdown(guide_named(name, Reader(catalog, policy, ()))) for name in GUIDES}
    for name in ("metrics", "quick-reference", "benchmarks", "reviews"):
        assert "Cost per lead" in everything[name]
        assert "Cost per lead" not in seen[name]
        assert "Program shelf" not in seen[name]
    assert "Monthly recurring revenue" in seen["metrics"]


def test_a_target_of_a_segment_is_told_only_to_who_sees_all_rows(tmp_path: Path) -> None:
    for path, text in {
        "pack.yaml": "pack: staff\n",
        "datasets/people.yaml": "dataset: people\nkey: [id]\n"
        "columns: {id: {type: string}, site: {type: string, dimension: true}}\n",
        "metrics/heads.yaml": SEGMENTED,
        "roles.yaml": "roles: {local: {permissions: [view], rows: {people: site in $user.site}}}\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    catalog = catalog_of(tmp_path)
    local = policy_of(catalog.roles["local"], {"site": ["own"]})
    for name in GUIDES:
        assert "qxsite" not in markdown(guide_named(name, reader_of(catalog, local)))
    assert "qxsite" in markdown(guide_named("metrics", reader_of(catalog)))


def test_an_unknown_guide_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="metric") as caught:
        guide_named("metric", Reader(Catalog(Settings(workspace="x")), SYSTEM, ()))
    assert "metrics" in str(caught.value.hint)
