"""A role of one pack sees nothing of another; a role that several packs know is one role, each speaking of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sightline.definitions.catalog import Catalog
from sightline.definitions.loader import load
from sightline.definitions.policy import policy_of, seen_catalog
from sightline.definitions.schema.pack import Settings

pytestmark = pytest.mark.req("PLT-8", "PRG-4.1")


def pack(root: Path, name: str, *, column: str, roles: dict[str, object]) -> Path:
    """Write a pack with one dataset, a metric, a dashboard and roles."""
    folder = root / name
    (folder / "datasets").mkdir(parents=True)
    (folder / "metrics").mkdir()
    (folder / "dashboards").mkdir()
    dataset = {
        "dataset": f"{name}_rows",
        "entities": {f"{name}_row": {"type": "primary", "column": "id"}},
        "columns": {
            "id": {"type": "string"},
            column: {"type": "string", "dimension": True},
            "email": {"type": "string", "pii": "email"},
        },
    }
    metric = {"type": "simple", "dataset": f"{name}_rows", "agg": "count", "description": "Rows."}
    dashboard = {"dashboard": f"{name}_page", "title": name, "panels": [{"tile": f"{name}_count", "sparkline": None}]}
    (folder / "pack.yaml").write_text(f"pack: {name}\n")
    (folder / "datasets" / "rows.yaml").write_text(yaml.safe_dump(dataset, sort_keys=False))
    (folder / "metrics" / "all.yaml").write_text(yaml.safe_dump({"metrics": {f"{name}_count": metric}}))
    (folder / "dashboards" / "page.yaml").write_text(yaml.safe_dump(dashboard, sort_keys=False))
    (folder / "roles.yaml").write_text(yaml.safe_dump({"roles": roles}))
    return folder


ADMIN = {"description": "Everything.", "permissions": ["*"], "rows": {"*": "all"}, "masks": {"*": "show"}}
READER = {
    "description": "Sees all schools.",
    "permissions": ["view", "see_rows"],
    "rows": {"*": "all"},
    "masks": {"email": "partial"},
}


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    partner = {"permissions": ["view"], "rows": {"*": "school in $user.school"}, "export_limit": 10}
    narrow = {"permissions": ["view"], "rows": {"*": "region = 'north'"}, "masks": {"*": "hash"}, "export_limit": 5}
    first = pack(tmp_path, "one", column="school", roles={"admin": ADMIN, "partner": partner, "reader": READER})
    narrow["description"] = "Sees the north."
    second = pack(tmp_path, "two", column="region", roles={"admin": ADMIN, "reader": narrow})
    loaded = load(settings=Settings(workspace="w"), packs=[first, second], overrides=None)
    assert [str(issue) for issue in loaded.issues] == []
    return loaded.catalog


def seen(catalog: Catalog, role: str) -> tuple[set[str], set[str], list[str]]:
    found = seen_catalog(catalog, policy_of(catalog.roles[role], {}))
    return set(found.metrics), set(found.dashboards), [each.pack for each in found.packs]


def test_a_role_of_one_pack_sees_nothing_of_another(catalog: Catalog) -> None:
    policy = policy_of(catalog.roles["partner"], {"school": ["a"]})
    assert policy.rows_of("one_rows") == "school in $user.school"
    assert policy.rows_of("two_rows") is None
    assert seen(catalog, "partner") == ({"one_count"}, {"one_page"}, ["one"])


def test_a_role_that_every_pack_knows_sees_of_each_what_that_pack_says(catalog: Catalog) -> None:
    policy = policy_of(catalog.roles["reader"], {})
    assert (policy.rows_of("one_rows"), policy.rows_of("two_rows")) == ("all", "region = 'north'")
    assert policy.mask_of("one_rows", "email", "email") == "partial"
    assert policy.mask_of("two_rows", "email", "email") == "hash"
    assert seen(catalog, "reader")[2] == ["one", "two"]


def test_datasets_of_another_pack_are_not_named_either(catalog: Catalog) -> None:
    found = seen_catalog(catalog, policy_of(catalog.roles["partner"], {}))
    assert set(found.datasets) == {"one_rows"}
    assert set(seen_catalog(catalog, policy_of(catalog.roles["admin"], {})).datasets) == {"one_rows", "two_rows"}


OWN = {
    "share": {"type": "ratio", "numerator": "two_count", "denominator": "one_count", "description": "Of both."},
    "twice": {"type": "derived", "expression": "2 * share", "description": "Of what is of both."},
    "counted": {"type": "simple", "dataset": "two_rows", "agg": "count", "description": "Of two."},
    "doubled": {"type": "derived", "expression": "2 * one_count", "description": "Of one."},
}


def test_what_the_workspace_made_of_several_packs_is_seen_by_who_sees_them_all(tmp_path: Path) -> None:
    partner = {"permissions": ["view"], "rows": {"*": "all"}}
    packs = [
        pack(tmp_path, "one", column="school", roles={"admin": ADMIN, "partner": partner}),
        pack(tmp_path, "two", column="region", roles={"admin": ADMIN}),
    ]
    own = tmp_path / "own"
    (own / "metrics").mkdir(parents=True)
    (own / "dashboards").mkdir()
    (own / "metrics" / "own.yaml").write_text(yaml.safe_dump({"metrics": OWN}))
    for name, registry in (("mixed", ["one_count", "two_count"]), ("plain", ["one_count", "doubled"])):
        page = {"dashboard": name, "title": name, "panels": [{"registry": registry}]}
        (own / "dashboards" / f"{name}.yaml").write_text(yaml.safe_dump(page, sort_keys=False))
    added = {"dashboard": "one_page", "title": "one", "panels": [{"registry": ["one_count", "two_count"]}]}
    (own / "dashboards" / "one_page.yaml").write_text(yaml.safe_dump(added, sort_keys=False))
    loaded = load(settings=Settings(workspace="w"), packs=packs, overrides=own)
    assert [str(issue) for issue in loaded.issues] == []
    assert seen(loaded.catalog, "partner") == ({"one_count", "doubled"}, {"one_page", "plain"}, ["one"])
    assert set(OWN) <= seen(loaded.catalog, "admin")[0]
    assert {"mixed", "plain"} <= seen(loaded.catalog, "admin")[1]


def test_it_may_do_what_all_of_them_allow(catalog: Catalog) -> None:
    role = catalog.roles["reader"]
    assert (role.permissions, role.export_limit) == (["view"], 5)
    assert catalog.roles["admin"].permissions == ["*"]


def test_it_is_described_in_the_words_of_every_pack_once(catalog: Catalog) -> None:
    assert catalog.roles["reader"].description == "Sees all schools. Sees the north."
    assert catalog.roles["admin"].description == "Everything."


def test_the_admin_of_all_packs_sees_everything_unmasked(catalog: Catalog) -> None:
    policy = policy_of(catalog.roles["admin"], {})
    assert {policy.rows_of(name) for name in catalog.datasets} == {"all"}
    assert policy.masks["*"] == "show"


def test_a_role_of_the_workspaces_own_definitions_is_taken_as_it_stands(tmp_path: Path) -> None:
    packs = [pack(tmp_path, name, column="region", roles={"admin": ADMIN}) for name in ("one", "two")]
    own = tmp_path / "own"
    own.mkdir()
    (own / "roles.yaml").write_text(yaml.safe_dump({"roles": {"auditor": READER}}))
    catalog = load(settings=Settings(workspace="w"), packs=packs, overrides=own).catalog
    assert policy_of(catalog.roles["auditor"], {}).rows_of("two_rows") == "all"


def test_one_pack_alone_is_read_as_it_is_written(tmp_path: Path) -> None:
    catalog = load(
        settings=Settings(workspace="w"),
        packs=[pack(tmp_path, "one", column="school", roles={"admin": ADMIN})],
        overrides=None,
    ).catalog
    assert catalog.roles["admin"].rows == {"*": "all"}
