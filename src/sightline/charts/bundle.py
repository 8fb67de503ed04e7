"""The script that draws charts in the browser: Vega, Vega-Lite and Embed with our themes, from this installation."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from sightline.charts.theme import themes

SNIPPET = "window.vegaEmbed = vegaEmbed;"
_MARK = b"/* sightline charts */"


@dataclass(frozen=True)
class Script:
    """JavaScript to serve under an address that holds `digest`, so that it may be cached for ever."""

    body: bytes
    digest: str

    @property
    def name(self) -> str:
        return f"vega-{self.digest}.js"


def script(*, cache_folder: Path | None = None) -> Script:
    """Return the script: from the folder when it was made there before by the same versions, else made now (1 s).

    The bundle leaks one-letter globals that clash with other scripts, so it runs inside a function and hands out
    `window.vegaEmbed` and `window.sightlineThemes` only.
    """
    if cache_folder is None:
        return _of(_build())
    kept = cache_folder / f"vega-{_versions()}.js"
    if kept.exists() and (body := kept.read_bytes()).startswith(_MARK):
        return _of(body)
    body = _build()
    cache_folder.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(f".{hashlib.sha256(body).hexdigest()[:8]}.part")
    fresh.write_bytes(body)
    fresh.replace(kept)  # whole or not at all: two processes may make it at once
    return _of(body)


def _of(body: bytes) -> Script:
    return Script(body, hashlib.sha256(body).hexdigest()[:16])


@cache
def _build() -> bytes:
    import vl_convert  # heavy and optional: only when charts are shown

    bundle = vl_convert.javascript_bundle(SNIPPET)
    config = json.dumps(themes(), ensure_ascii=False, separators=(",", ":"))
    return _MARK + f"(function(){{{bundle}\n;window.sightlineThemes={config};}})();\n".encode()


@cache
def _versions() -> str:
    parts = (version("vl-convert-python"), SNIPPET, json.dumps(themes(), sort_keys=True))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]
