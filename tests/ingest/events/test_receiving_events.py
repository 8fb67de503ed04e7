"""Events over HTTP: who may send, what is taken, what is answered, and that it is on disk."""

from __future__ import annotations

import gzip
import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import cramjam
import orjson
import pytest
from django.http import HttpResponse
from django.test import Client

from events_sender import SECRET, prometheus_body, signed
from sightline.accounts.actions.create_token import create_token
from sightline.accounts.models import User
from sightline.api.limits import Limits
from sightline.ingest.connections import keep_secrets
from sightline.ingest.events.body import MOST_BYTES, MOST_RECORDS
from sightline.ingest.models import InboxBatch, Source

pytestmark = [pytest.mark.req("PLT-2", "AUT-8.2"), pytest.mark.django_db]
ADDRESS = "/api/v1/workspaces/small/events/shop"
Make = Callable[..., Source]


def send(
    body: bytes, headers: dict[str, str] | None = None, *, to: str = ADDRESS, kind: str = "application/json"
) -> HttpResponse:
    client = Client(raise_request_exception=False)
    return client.post(to, data=body, content_type=kind, headers=signed(body) if headers is None else headers)  # type: ignore[return-value]  # the test client's response is one


def problem(response: HttpResponse) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = orjson.loads(response.content)
    assert found["status"] == response.status_code
    return found


@pytest.mark.parametrize(
    ("body", "kind", "number"),
    [
        (b'{"id": 1}', "application/json", 1),
        (b'[{"id": 1}, {"id": 2}]', "application/json", 2),
        (b'{"events": [{"id": 1}, {"id": 2}, {"id": 3}]}', "application/json", 3),
        (b'{"events": [1], "id": 4}', "application/json", 1),
        (b'{"id": 1}\n\n{"id": 2}\n', "application/x-ndjson", 2),
        (b'{"id": 1}\n{"id": 2}\n', "text/plain", 2),
        (b'\xef\xbb\xbf{"id": 1}', "", 1),
    ],
)
def test_every_shape_is_taken_and_kept_as_it_came(source: Make, body: bytes, kind: str, number: int) -> None:
    source()
    response = send(body, kind=kind)
    assert response.status_code == 202, response.content
    receipt = orjson.loads(response.content)
    batch = InboxBatch.objects.get()
    assert receipt == {"accepted": number, "id": batch.key}
    assert (bytes(batch.body or b""), batch.records, batch.state) == (
        body.removeprefix(b"\xef\xbb\xbf"),
        number,
        "waiting",
    )


def test_gzip_is_unpacked_and_its_signature_is_over_what_was_sent(source: Make) -> None:
    source()
    packed = gzip.compress(b'{"id": 1}')
    assert send(packed, {**signed(packed), "Content-Encoding": "gzip"}).status_code == 202
    assert bytes(InboxBatch.objects.get().body or b"") == b'{"id": 1}'


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b'{"id": 1,}', "line 1, column 9"),
        (b'[{"id": 1},\n 7]', "record 2 is not a JSON object"),
        (b'{"id": 1}\n{"id": oops}\n', "line 2, column 8"),
        (b"[]", "no records"),
        (b"", "line 1, column 1"),
        (b'{"id": NaN}', "line 1, column 8"),
        (b"\xff\xfe", "column 1"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(source: Make, body: bytes, where: str) -> None:
    source()
    found = problem(send(body))
    assert (found["status"], found["code"]) == (400, "SL-E351")
    assert where in found["detail"]
    assert not InboxBatch.objects.exists()


def test_what_is_too_large_is_refused_before_it_is_unpacked_whole(source: Make) -> None:
    source()
    bomb = gzip.compress(b"[" + b" " * (20 * MOST_BYTES) + b"]")
    many = b"\n".join([b"{}"] * (MOST_RECORDS + 1))
    for body, more in ((bomb, {"Content-Encoding": "gzip"}), (many, {}), (b" " * (MOST_BYTES + 1), {})):
        found = problem(send(body, {**signed(body), **more}))
        assert (found["status"], found["code"]) == (413, "SL-E353")
    found = problem(send(b"{}", {**signed(b"{}"), "Content-Encoding": "br"}))
    assert (found["status"], found["code"]) == (415, "SL-E354")
    cut = gzip.compress(b'{"id": 1}')[:-9]
    assert problem(send(cut, {**signed(cut), "Content-Encoding": "gzip"}))["code"] == "SL-E351"


def test_unknown_places_and_wrong_signatures_read_alike(source: Make, person: Callable[[str], User]) -> None:
    source()
    source("open", secrets={})
    body, now = b"{}", datetime.now(UTC)
    tries = [
        (ADDRESS, signed(body, secret="guessed")),
        (ADDRESS, signed(b"other")),
        (ADDRESS, signed(body, at=now - timedelta(minutes=6))),
        (ADDRESS, signed(body, at=now + timedelta(minutes=6))),
        (ADDRESS, {}),
        (ADDRESS, {"Sightline-Signature": "t=x,v1=é"}),
        (ADDRESS, {"Authorization": "Bearer sl_0_0"}),
        (ADDRESS, {"Authorization": "Basic " + b64encode(f"x:{SECRET}".encode()).decode()}),
        (ADDRESS.replace("shop", "open"), signed(body, secret="")),
        (ADDRESS.replace("shop", "none"), signed(body)),
        (ADDRESS.replace("small", "none"), signed(body)),
        (ADDRESS.replace("small", "none"), signed(body, secret="nobody knows this one")),
    ]
    answers = [problem(send(body, headers, to=address)) for address, headers in tries]
    assert {answer["status"] for answer in answers} == {401}
    assert len({(answer["detail"], answer["code"], answer["hint"]) for answer in answers}) == 1
    assert not InboxBatch.objects.exists()


def test_two_secrets_are_valid_while_a_sender_changes_over(source: Make) -> None:
    made = source()
    keep_secrets(made, {"signing_secret": "new", "previous_signing_secret": SECRET}, now=datetime.now(UTC))
    assert [send(b"{}", signed(b"{}", secret=each)).status_code for each in ("new", SECRET)] == [202, 202]
    made.secrets.get(field="previous_signing_secret").delete()
    assert [send(b"{}", signed(b"{}", secret=each)).status_code for each in ("new", SECRET)] == [202, 401]


def test_a_signature_as_github_makes_it_is_taken(source: Make) -> None:
    source()
    digest = hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest()
    assert send(b"{}", {"X-Hub-Signature-256": f"sha256={digest}"}).status_code == 202
    assert send(b"{} ", {"X-Hub-Signature-256": f"sha256={digest}"}).status_code == 401


def test_a_token_that_may_import_sends_without_signing(source: Make, person: Callable[[str], User]) -> None:
    source()

    def bearer(user: User, scope: str) -> dict[str, str]:
        made = create_token(
            user=user, name="n8n", scopes=[scope], expires_at=None, now=datetime.now(UTC), by_operator=True
        )
        return {"Authorization": f"Bearer {made.secret}"}

    owner = person("admin")
    stranger = User.objects.create_user("stranger@example.org")
    assert send(b"{}", bearer(owner, "import")).status_code == 202
    assert problem(send(b"{}", bearer(owner, "read")))["status"] == 403
    assert problem(send(b"{}", bearer(stranger, "import")))["status"] == 401
    assert problem(send(b"{}", bearer(owner, "import"), to=ADDRESS.replace("shop", "none")))["status"] == 404


def test_a_key_sent_again_is_the_same_batch_and_another_body_a_conflict(source: Make) -> None:
    source()
    source("other")
    body = b'[{"id": 1}, {"id": 2}]'
    keyed = {**signed(body), "Idempotency-Key": "order-1"}
    first, again = send(body, keyed), send(body, keyed)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert orjson.loads(again.content) == {"accepted": 2, "id": "order-1"}
    packed = gzip.compress(body)
    assert send(packed, {**signed(packed), "Idempotency-Key": "order-1", "Content-Encoding": "gzip"}).status_code == 202
    assert InboxBatch.objects.count() == 1
    conflict = problem(send(b"{}", {**signed(b"{}"), "Idempotency-Key": "order-1"}))
    assert (conflict["status"], conflict["code"]) == (409, "SL-E352")
    assert (
        send(b"{}", {**signed(b"{}"), "Idempotency-Key": "order-1"}, to=ADDRESS.replace("shop", "other")).status_code
        == 202
    )
    assert problem(send(b"{}", {**signed(b"{}"), "Idempotency-Key": "k" * 201}))["status"] == 400


def test_without_a_key_every_request_is_its_own_batch_in_order_of_time(source: Make) -> None:
    source()
    keys = [orjson.loads(send(b"{}").content)["id"] for _ in range(5)]
    assert len(set(keys)) == 5
    assert [key[:12] for key in keys] == sorted(key[:12] for key in keys)


def test_a_sender_gone_wild_is_slowed_down(source: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    source()
    monkeypatch.setattr("sightline.api.events.EVENT_LIMITS", Limits(per_second=0.5, burst=2))
    assert [send(b"{}").status_code for _ in range(3)] == [202, 202, 429]
    limited = send(b"{}")
    assert int(limited.headers["Retry-After"]) >= 1
    assert "several events in one request" in problem(limited)["hint"]


def test_a_remote_write_is_kept_as_it_came(source: Make) -> None:
    source("metrics", samples="samples")
    to = ADDRESS.replace("shop", "metrics") + "/prometheus"
    body = prometheus_body({"orders_total": [(1, 5.0), (2, 9.0)]})
    headers = {"Content-Encoding": "snappy", "Authorization": "Basic " + b64encode(f"any:{SECRET}".encode()).decode()}
    response = send(body, headers, to=to, kind="application/x-protobuf")
    assert (response.status_code, response.content) == (204, b"")
    batch = InboxBatch.objects.get()
    assert (batch.format, batch.records, bytes(batch.body or b"")) == ("remote_write", 2, body)
    wrong = {**headers, "Authorization": "Basic " + b64encode(b"any:wrong").decode()}
    assert send(body, wrong, to=to, kind="application/x-protobuf").status_code == 401
    assert problem(send(b"nonsense", headers, to=to, kind="application/x-protobuf"))["status"] == 400
    assert problem(send(body, headers, to=to, kind="application/json"))["status"] == 415
    assert InboxBatch.objects.count() == 1
    assert bytes(cramjam.snappy.decompress_raw(body))
