"""A workspace's own definitions on top of packs, and the digest that changes with what they say."""

from pathlib import Path

import pytest

from sightline.definitions.catalog import Location
from sightline.definitions.folders import SHIPPED, find_packs, shipped_pack, shipped_packs
from sightline.definitions.loader import check, load, read_settings
from sightline.definitions.schema.pack import Settings

pytestmark = pytest.mark.req("PLT-3")

OWN_CPL = "metrics:\n  cpl: {type: ratio, numerator: spend, denominator: inquiries, label: Ours, description: x}\n"


@pytest.fixture
def workspace(tmp_path, pack):
    """Return a function that loads the sound pack with these override files on top."""

    def load_with(overrides, **settings):
        folder = tmp_path / "demo" / "definitions"
        for name, text in overrides.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load(settings=Settings(workspace="demo", **settings), packs=[pack({})], overrides=folder)

    return load_with


def test_an_override_replaces_the_whole_object_and_leaves_the_pack_as_it_is(workspace, tmp_path):
    before = tmp_path / "acme" / "metrics" / "volume.yaml"
    loaded = workspace({"metrics/cpl.yaml": OWN_CPL})
    assert loaded.issues == ()
    assert loaded.catalog.metric("cpl").label == "Ours"
    assert str(loaded.catalog.locations["metric", "cpl"]) == "definitions/metrics/cpl.yaml:2:3"
    assert loaded.catalog.pack_of["metric", "cpl"] == "acme"
    assert "Ours" not in before.read_text(encoding="utf-8")


def test_a_new_definition_is_added_and_belongs_to_no_pack(workspace):
    loaded = workspace({"metrics/own.yaml": OWN_CPL.replace("cpl", "own_cpl")})
    assert loaded.issues == ()
    assert set(loaded.catalog.metrics) == {"cpl", "inquiries", "own_cpl", "spend"}
    assert loaded.catalog.pack_of["metric", "own_cpl"] == ""


def test_a_bad_override_is_reported_and_the_packs_own_stays_in_force(workspace):
    loaded = workspace({"metrics/cpl.yaml": "metrics:\n  cpl: {type: ratio, numerator: spend}\n"})
    assert [str(issue) for issue in loaded.issues] == [
        'definitions/metrics/cpl.yaml:2:3  metric "cpl"\n  the key "denominator" is missing  [PACK-E004]'
    ]
    assert loaded.catalog.metric("cpl").denominator == "inquiries"


def test_two_overrides_of_one_object_are_a_problem(workspace):
    loaded = workspace({"metrics/a.yaml": OWN_CPL, "metrics/b.yaml": OWN_CPL})
    assert [issue.code for issue in loaded.issues] == ["PACK-E007"]


def test_the_digest_follows_what_definitions_say_and_not_how_they_are_written(workspace):
    plain = workspace({}).catalog.digest
    spaced = OWN_CPL.replace("cpl: {", "# a comment\n  cpl: {  ")
    first = workspace({"metrics/cpl.yaml": OWN_CPL}).catalog.digest
    assert workspace({"metrics/cpl.yaml": spaced}).catalog.digest == first != plain
    assert workspace({}, zone="Europe/Berlin").catalog.digest != first
    assert workspace({}, branding={"name": "Acme"}).catalog.digest == first


def test_two_packs_may_not_define_the_same_name(pack, tmp_path):
    first = pack({})
    second = tmp_path / "other"
    (second / "metrics").mkdir(parents=True)
    (second / "pack.yaml").write_text("pack: other\n", encoding="utf-8")
    (second / "metrics" / "m.yaml").write_text(OWN_CPL, encoding="utf-8")
    loaded = load(settings=Settings(workspace="demo"), packs=[first, second], overrides=None)
    assert [str(issue) for issue in loaded.issues] == [
        'other/metrics/m.yaml:2:3  metric "cpl"\n  the name is taken by acme/metrics/volume.yaml:4:3\n'
        "  rename one of them, or delete it  [PACK-E007]"
    ]
    assert [each.pack for each in loaded.catalog.packs] == ["acme", "other"]


def test_a_workspace_folder_is_checked_with_its_settings_and_packs(pack, tmp_path):
    pack({})
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "settings.yaml").write_text(
        "workspace: demo\npacks: [../acme, progams]\nzone: Europe/Berln\nholidays: [2025-12-25, 2025-13-01]\n",
        encoding="utf-8",
    )
    loaded = check(folder)
    assert [str(issue) for issue in loaded.issues] == [
        'demo/settings.yaml:1:1  settings › packs\n  there is no pack "progams"\n'
        '  did you mean "programs"? or a folder that holds pack.yaml  [PACK-E008]',
        'demo/settings.yaml:3:1  settings "demo" › zone\n  unknown time zone "Europe/Berln"\n'
        '  did you mean "Europe/Berlin"?  [PACK-E034]',
        'demo/settings.yaml:4:24  settings "demo" › holidays[1]\n  "2025-13-01" is not a date\n'
        "  write it as 2025-12-25  [PACK-E035]",
    ]
    assert "cpl" in loaded.catalog.metrics


def test_wrong_settings_are_told_like_any_definition(tmp_path):
    path = tmp_path / "demo" / "settings.yaml"
    path.parent.mkdir()
    path.write_text("workspace: demo\nweekstart: monday\n", encoding="utf-8")
    settings, issues = read_settings(path)
    assert settings is None
    assert [str(issue) for issue in issues] == [
        'demo/settings.yaml:2:1  settings "demo" › weekstart\n  unknown key "weekstart"\n'
        '  did you mean "week_start"?  [PACK-E003]'
    ]


def test_a_folder_without_a_pack_says_so(tmp_path):
    assert [issue.code for issue in check(tmp_path).issues] == ["PACK-E008"]


def test_every_shipped_pack_is_found_and_sound():
    assert "programs" in shipped_packs()
    assert shipped_pack("no_such_pack") is None
    assert shipped_pack("../programs") is None
    for name in shipped_packs():
        assert shipped_pack(name) == SHIPPED / name
        assert [str(issue) for issue in check(SHIPPED / name).issues] == []


def test_every_example_pack_is_sound(repository):
    packs = sorted(path.parent for path in (repository / "examples").glob("*/pack.yaml"))
    assert packs
    assert [str(issue) for pack in packs for issue in check(pack).issues] == []


def test_the_sample_generator_of_a_pack_is_a_file_of_the_pack(load_pack, tmp_path):
    (tmp_path / "evil.py").write_text("", encoding="utf-8")
    loaded = load_pack({"pack.yaml": "pack: acme\nsample: ../evil.py\n"})
    assert [issue.code for issue in loaded.issues] == ["PACK-E042"]


def test_packs_are_found_by_name_and_by_folder(pack):
    folder = pack({})
    found, issues = find_packs(["programs", "acme"], relative_to=folder.parent, named_in=Location("settings.yaml"))
    assert found == [SHIPPED / "programs", Path(folder)]
    assert issues == []
