"""Saved filters of a person."""

from __future__ import annotations

import pytest

from cast import NOW, Cast
from sightline.accounts.actions.save_filter import FilterNotSaved, delete_filter, save_filter
from sightline.accounts.models import SavedFilter, User
from sightline.definitions.catalog import UnknownName
from sightline.errors import NotFound

pytestmark = pytest.mark.req("PRG-4.3")


def save(
    cast: Cast, user: User, name: str = "mine", *, query: str = "?school=business", is_default: bool = False
) -> SavedFilter:
    return save_filter(
        access=cast.access(user), dashboard="shelf", name=name, query=query, is_default=is_default, now=NOW
    )


def test_a_filter_is_saved_and_replaced_by_name(cast: Cast) -> None:
    save(cast, cast.viewer)
    saved = save(cast, cast.viewer, "  mine ", query="school=education")
    assert (SavedFilter.objects.count(), saved.query) == (1, "school=education")


def test_there_is_one_default_for_each_person_and_dashboard(cast: Cast) -> None:
    save(cast, cast.viewer, "first", is_default=True)
    save(cast, cast.analyst, "other", is_default=True)
    save(cast, cast.viewer, "second", is_default=True)
    assert set(SavedFilter.objects.filter(is_default=True).values_list("name", flat=True)) == {"second", "other"}


def test_nobody_deletes_the_filter_of_another(cast: Cast) -> None:
    saved = save(cast, cast.viewer)
    with pytest.raises(NotFound):
        delete_filter(access=cast.access(cast.owner), filter_id=saved.pk, now=NOW)
    delete_filter(access=cast.access(cast.viewer), filter_id=saved.pk, now=NOW)
    assert not SavedFilter.objects.exists()


def test_a_filter_needs_a_name_and_a_dashboard_that_exists(cast: Cast) -> None:
    for name in ("", " ", "x" * 81):
        with pytest.raises(FilterNotSaved):
            save(cast, cast.viewer, name)
    with pytest.raises(UnknownName):
        save_filter(access=cast.access(cast.viewer), dashboard="shel", name="x", query="", is_default=False, now=NOW)
