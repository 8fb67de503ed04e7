"""HTTP that writes answers to files, so that a large one never is in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx

from sightline.sources.files.pattern import Entry
from sightline.sources.files.place import MEGABYTE, require_small
from sightline.sources.http import Http, TryAgain

Read = TypeVar("Read")


class FileHttp(Http):
    """A client that can also download. What `send` promises holds for downloads: guards, retries, errors."""

    def download(
        self, path: str, into: Path, *, entry: Entry, largest_mb: int, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Write a file and return the answer's status and headers. A cut-off one is fetched again from its beginning.

        Raises FileTooLarge as soon as more has come than is allowed, and what `send` raises.
        """
        answer: httpx.Response = self._retried(
            "GET", path, _as_it_is, headers=headers, into=into, entry=entry, most=largest_mb
        )
        return answer

    def parsed(self, path: str, read: Callable[[httpx.Response], Read], *, headers: Mapping[str, str]) -> Read:
        """Return what `read` makes of an answer; when it raises TryAgain, the answer is fetched again."""
        found: Read = self._retried("GET", path, read, headers=headers)
        return found

    def _once(self, method: str, path: str, given: dict[str, str], parts: dict[str, Any]) -> httpx.Response:
        if "into" not in parts:
            return super()._once(method, path, given, parts)
        self._require_own(path)
        self._keep_pace()
        try:
            with self._client.stream(method, path, headers={**self._credentials.headers(), **given}) as answer:
                _write(answer, parts["into"], parts["entry"], parts["most"]) if answer.is_success else answer.read()
                return answer
        except httpx.TransportError as error:
            raise TryAgain(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from error


def _write(answer: httpx.Response, into: Path, entry: Entry, largest_mb: int) -> None:
    size = 0
    with into.open("wb") as file:
        for chunk in answer.iter_bytes(MEGABYTE):
            size += len(chunk)
            require_small(Entry(entry.name, size=size), largest_mb=largest_mb)
            file.write(chunk)


def _as_it_is(answer: httpx.Response) -> httpx.Response:
    return answer
