"""The JSON Schemas for editors."""

import json

import pytest

from sightline.definitions.json_schema import schemas, write_schemas

pytestmark = pytest.mark.req("PLT-3")


def test_the_published_schemas_are_current(repository):
    published = {
        path.name: path.read_text(encoding="utf-8") for path in (repository / "docs" / "schemas").glob("*.json")
    }
    assert published == schemas(), "run: python -m sightline.definitions.json_schema"


def test_a_schema_refuses_unknown_keys_and_describes_the_others():
    dataset = json.loads(schemas()["dataset.json"])
    assert dataset["additionalProperties"] is False
    assert dataset["properties"]["time"]["description"] == "The column that places a row in time."


def test_writing_twice_changes_nothing(tmp_path):
    assert len(write_schemas(tmp_path)) == len(schemas())
    assert write_schemas(tmp_path) == []
