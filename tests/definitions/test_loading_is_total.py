"""Whatever the files hold, loading ends in issues and never in a crash."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.definitions.documents import parse_document
from sightline.definitions.kinds import KINDS
from sightline.definitions.loader import load
from sightline.definitions.schema.pack import Settings

pytestmark = pytest.mark.req("PLT-3")

KEYS = st.sampled_from(
    [
        "dataset",
        "metrics",
        "type",
        "columns",
        "entities",
        "checks",
        "panels",
        "tile",
        "chart",
        "table",
        "by",
        "rows",
        "x",
    ]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(["ratio", "leads", "line", "A b", ""])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.sampled_from(sorted(KINDS)), st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_mapping_in_any_file_is_read_or_reported(tmp_path_factory, kind, data):
    folder = tmp_path_factory.mktemp("packs") / "acme"
    place = KINDS[kind].place
    path = folder / (f"{place}x.yaml" if place.endswith("/") else place)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(data), encoding="utf-8")
    loaded = load(settings=Settings(workspace="demo"), packs=[folder], overrides=None)
    assert all(issue.location.line >= 1 and issue.message and issue.code for issue in loaded.issues)


@given(st.text(max_size=60))
def test_any_text_is_a_document_or_an_issue(text):
    document, issues = parse_document(text, shown="x.yaml")
    assert (document is not None) or issues
