"""Amazon's signature (version 4) of a request without a body, as every S3-compatible service understands it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

NOTHING = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Signer:
    """Signs requests of one account to one region. Source of the rules:
    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html"""

    access_key: str
    secret_key: str
    region: str

    def headers(
        self, *, host: str, path: str, query: str, now: datetime, more: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Return the headers of a GET. `path` and `query` as they are sent (see `encoded` and `query_of`)."""
        moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        signed = {"host": host, "x-amz-content-sha256": NOTHING, "x-amz-date": moment, **(more or {})}
        names = ";".join(sorted(signed))
        lines = "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed))
        request = f"GET\n{path}\n{query}\n{lines}\n{names}\n{NOTHING}"
        scope = f"{moment[:8]}/{self.region}/s3/aws4_request"
        text = "\n".join(("AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()))
        signature = hmac.new(self._key(moment[:8]), text.encode(), hashlib.sha256).hexdigest()
        told = f"Credential={self.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        del signed["host"]  # the client writes it
        return {**signed, "authorization": f"AWS4-HMAC-SHA256 {told}"}

    def _key(self, day: str) -> bytes:
        key = f"AWS4{self.secret_key}".encode()
        for part in (day, self.region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key


def encoded(path: str) -> str:
    """Return a path as it is sent and signed."""
    return quote(path, safe="/-_.~")


def query_of(values: Mapping[str, str]) -> str:
    """Return a query as it is sent and signed: sorted, nothing left to interpretation."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(values.items()))
