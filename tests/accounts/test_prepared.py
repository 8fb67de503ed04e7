"""Prepared queries find what Django's own queries find."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sightline.accounts.models import Membership, User
from sightline.accounts.prepared import Prepared

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    user = User.objects.create_user(email="ada@club.test", name="Ada", password="correct horse battery")
    Membership.objects.create(user=user, workspace="club", role="coach", attributes={"school": ["north", "o'south"]})
    Membership.objects.create(user=user, workspace="other", role="guest")
    return user


def test_the_same_object_is_found_as_by_djangos_query(person: User) -> None:
    prepared = Prepared(Membership.objects, user="exact", workspace="exact")
    for _ in range(2):  # the second time with SQL that was written before
        found = prepared.first(workspace="club", user=person.pk)
        assert found is not None
        known = Membership.objects.get(user=person, workspace="club")
        assert {field.attname: getattr(found, field.attname) for field in Membership._meta.concrete_fields} == {
            field.attname: getattr(known, field.attname) for field in Membership._meta.concrete_fields
        }
    other = prepared.first(workspace="other", user=person.pk)
    assert other is not None
    assert other.role == "guest"


@pytest.mark.parametrize("workspace", ["nowhere", "", "club' OR '1'='1", "%s", "%"])
def test_values_are_bound_and_never_part_of_the_sql(person: User, workspace: str) -> None:
    prepared = Prepared(Membership.objects, user="exact", workspace="exact")
    assert prepared.first(user=person.pk, workspace="club") is not None
    assert prepared.first(user=person.pk, workspace=workspace) is None


def test_one_query_is_asked(person: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        Prepared(User.objects, id="exact").first(id=person.pk)
    assert len(queries) == 1


def test_only_comparisons_with_one_value_are_prepared() -> None:
    with pytest.raises(ValueError, match="in: a prepared query compares by exact or gt"):
        Prepared(User.objects, id="in")
