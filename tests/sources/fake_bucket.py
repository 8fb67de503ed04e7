"""An S3 service in memory: ListObjectsV2 in small pages, GetObject, and every signature checked."""

from __future__ import annotations

import hashlib
from datetime import datetime
from urllib.parse import unquote
from xml.sax.saxutils import escape

from fake_server import Answer, Asked

from sightline.sources.files.signature import Signer, query_of

ACCESS, SECRET, REGION, BUCKET = "AKIAEXAMPLE", "wJalr/s3cret+KEY", "eu-central-1", "exports"


class FakeBucket:
    """Files by key. `page`: how many a list names at once."""

    def __init__(self, page: int = 2) -> None:
        self.files: dict[str, bytes] = {}
        self.page = page

    def __call__(self, asked: Asked) -> Answer:
        if not _is_signed(asked):
            return _refusal("SignatureDoesNotMatch", 403)
        path = unquote(asked.path)
        if path == f"/{BUCKET}":
            return self._list(asked)
        content = self.files.get(path.removeprefix(f"/{BUCKET}/"))
        return _refusal("NoSuchKey", 404) if content is None else Answer(content, headers={"Content-Type": "text/csv"})

    def _list(self, asked: Asked) -> Answer:
        after = asked.query.get("continuation-token", "")
        keys = [key for key in sorted(self.files) if key.startswith(asked.query["prefix"]) and key > after]
        chosen, more = keys[: self.page], len(keys) > self.page
        items = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.files[key])}</Size>"
            f"<ETag>&quot;{hashlib.md5(self.files[key]).hexdigest()}&quot;</ETag></Contents>"  # noqa: S324 - as S3 does
            for key in chosen
        )
        token = f"<NextContinuationToken>{escape(chosen[-1])}</NextContinuationToken>" if more else ""
        namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
        text = f'<?xml version="1.0"?><ListBucketResult xmlns="{namespace}">{items}{token}</ListBucketResult>'
        return Answer(text.encode(), headers={"Content-Type": "application/xml"})


def _is_signed(asked: Asked) -> bool:
    headers = {name.lower(): value for name, value in asked.headers.items()}
    moment = datetime.strptime(headers["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
    signer = Signer(ACCESS, SECRET, REGION)
    expected = signer.headers(host=headers["host"], path=asked.path, query=query_of(asked.query), now=moment)
    return headers["authorization"] == expected["authorization"]


def _refusal(code: str, status: int) -> Answer:
    return Answer(f"<Error><Code>{code}</Code></Error>".encode(), status, {"Content-Type": "application/xml"})
