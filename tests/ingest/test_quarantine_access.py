"""Who may look at the rows that were held back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sightline.accounts.access import Access
from sightline.accounts.models import Membership, User
from sightline.definitions.policy import SYSTEM, Policy, Viewer
from sightline.errors import NotAllowed
from sightline.home import WorkspaceFolder
from sightline.ingest.actions.import_file import import_file
from sightline.ingest.quarantine import held_rows

pytestmark = pytest.mark.django_db

BAD = "lead_id,email,created_at\na,secret@x.org,soon\nb,other@x.org,2026-01-01\n"


@pytest.fixture
def access(folder: WorkspaceFolder, tmp_path: Path) -> Callable[[Policy], Access]:
    """Return a function from a policy to the access of a member, in a workspace that holds one row back."""
    path = tmp_path / "leads.csv"
    path.write_text(BAD)
    import_file(folder=folder, dataset="leads", path=path, now=datetime(2026, 3, 1, tzinfo=UTC), by="me")

    def make(policy: Policy) -> Access:
        return Access(User(email="m@x.org"), Membership(role="r"), folder, None, Viewer("m", policy), "m@x.org")

    return make


def allowed(**changes: object) -> Policy:
    given = {"permissions": frozenset({"see_quarantine"}), "rows": {"*": "all"}, "masks": {"*": "show"}, **changes}
    return Policy(**given)  # type: ignore[arg-type]  # fields of a policy


@pytest.mark.req("PRG-1.3", "PRG-4.1")
def test_whoever_may_see_everything_sees_the_record(access: Callable[[Policy], Access]) -> None:
    for policy in (SYSTEM, allowed()):
        page = held_rows(access=access(policy), dataset="leads")
        assert (page.total, page.rows[0].value) == (1, "soon")
        assert "secret@x.org" in page.rows[0].record


@pytest.mark.req("PRG-4.1")
@pytest.mark.parametrize(
    "policy",
    [
        allowed(permissions=frozenset({"view"})),
        allowed(rows={"*": "program = 'p1'"}),
        allowed(rows={"*": "all", "leads": "program in $user.programs"}),
        allowed(rows={}),
    ],
)
def test_a_viewer_of_some_rows_only_sees_none_of_the_held_ones(
    access: Callable[[Policy], Access], policy: Policy
) -> None:
    with pytest.raises(NotAllowed):
        held_rows(access=access(policy), dataset="leads")


@pytest.mark.req("PRG-4.1")
def test_where_personal_data_is_masked_the_raw_record_stays_empty(access: Callable[[Policy], Access]) -> None:
    page = held_rows(access=access(allowed(masks={"email": "hide"})), dataset="leads")
    assert page.total == 1
    assert page.rows[0].reasons == "Created at is not a timestamp"
    assert "secret" not in repr(page)
