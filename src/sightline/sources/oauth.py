"""Access tokens of an OAuth 2 server, renewed when the source no longer takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx

from sightline.sources.base import SourceAnswer, SourceRefused, Surroundings
from sightline.sources.flat import found_at
from sightline.sources.http import RETRIED_STATUSES, Http


class OAuth:
    """Credentials that ask `url` for an access token with a form (grant type, client, refresh token).

    `keep`: told a refresh token that replaces ours, which some servers hand out with every renewal.
    """

    def __init__(
        self,
        url: str,
        form: Mapping[str, str],
        *,
        surroundings: Surroundings,
        keep: Callable[[str], None] | None = None,
    ) -> None:
        self._form = dict(form)
        self._keep = keep
        self._url = url
        self._token = ""
        self._http = Http(url, surroundings=surroundings, judge=self._judge)

    def headers(self) -> Mapping[str, str]:
        """Return the header that authorises a request; gets a token first when there is none."""
        if not self._token:
            self.renew()
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """Get a new access token. Raises SourceRefused when the server does not give one."""
        answer = self._http.json("POST", self._url, form=self._form)
        token, refresh = found_at(answer, "access_token"), found_at(answer, "refresh_token")
        if not isinstance(token, str) or not token:
            raise SourceAnswer(f"{self._url} answered without an access token")
        self._token = token
        if self._keep and isinstance(refresh, str) and refresh and refresh != self._form.get("refresh_token"):
            self._form["refresh_token"] = refresh
            self._keep(refresh)
        return True

    def close(self) -> None:
        self._http.close()

    def _judge(self, answer: httpx.Response) -> None:
        """Refuse with the server's own words for it; its answer may repeat our secrets, so no more is quoted."""
        if answer.status_code in RETRIED_STATUSES:
            return
        raise SourceRefused(
            f"{self._url} gives no access token ({answer.status_code}{_reason(answer)})",
            hint="Check the client and its secret, or connect the source again.",
        )


def _reason(answer: httpx.Response) -> str:
    """Return the error code of RFC 6749, section 5.2, which is one of a few words."""
    try:
        code = found_at(answer.json(), "error")
    except ValueError:
        return ""
    return f", {code}" if isinstance(code, str) and code.isascii() and code.replace("_", "").isalpha() else ""
