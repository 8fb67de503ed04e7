"""The audit log: append-only, and any tampering shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from cast import NOW
from sightline.accounts import append_only, audit
from sightline.accounts.models import AuditEntry

pytestmark = [pytest.mark.req("PLT-8"), pytest.mark.django_db]


def write(number: int = 3) -> list[AuditEntry]:
    return [
        audit.record(
            workspace="w", actor="a@b.test", verb="exported", object=f"panel {n}", detail={"rows": n, "ü": 1.5}, now=NOW
        )
        for n in range(number)
    ]


def test_an_untouched_log_is_sound() -> None:
    entries = write()
    chain = audit.verify_chain()
    assert (chain.is_sound, chain.entries, chain.head) == (True, 3, entries[-1].digest)
    assert entries[0].previous == audit.GENESIS


def test_an_empty_log_is_sound() -> None:
    assert audit.verify_chain().is_sound


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody@else.test"},
        {"verb": "viewed"},
        {"object": "panel 9"},
        {"detail": {"rows": 0}},
        {"workspace": "x"},
        {"at": NOW + timedelta(microseconds=1)},
        {"address": "10.0.0.1"},
    ],
)
def test_a_changed_entry_shows(change: dict[str, object]) -> None:
    entries = write()
    AuditEntry.objects.filter(pk=entries[1].pk).update(**change)
    chain = audit.verify_chain()
    assert (chain.is_sound, chain.broken_at) == (False, entries[1].pk)


def test_a_changed_entry_with_a_fitting_digest_shows_at_the_next() -> None:
    entries = write()
    entries[1].actor = "somebody@else.test"
    AuditEntry.objects.filter(pk=entries[1].pk).update(actor="somebody@else.test", digest=audit.digest_of(entries[1]))
    assert audit.verify_chain().broken_at == entries[2].pk


def test_a_removed_entry_shows() -> None:
    entries = write()
    AuditEntry.objects.filter(pk=entries[0].pk).delete()
    assert audit.verify_chain().broken_at == entries[1].pk


@pytest.mark.parametrize("statement", ["UPDATE accounts_auditentry SET actor = 'x'", "DELETE FROM accounts_auditentry"])
def test_the_database_refuses_to_change_or_delete(statement: str) -> None:
    append_only.install(connection)
    write(1)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        cursor.execute(statement)
    assert AuditEntry.objects.count() == 1


def test_an_entry_falls_with_the_change_it_records() -> None:
    def fails() -> None:
        with transaction.atomic():
            write(1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert not AuditEntry.objects.exists()


def test_looking_at_the_same_thing_again_is_one_entry_per_quarter_of_an_hour() -> None:
    def look(minutes: int, thing: str = "dashboard shelf of test") -> None:
        audit.record_access(
            workspace="w", actor="a@b.test", verb="viewed", object=thing, now=NOW + timedelta(minutes=minutes)
        )

    for minute in (0, 1, 14, 15, 16):
        look(minute)
    look(16, "dashboard trends of test")
    assert AuditEntry.objects.filter(object="dashboard shelf of test").count() == 2
    assert AuditEntry.objects.count() == 3
