"""Pages compute one at a time and let each other in while the engine works: see sightline.engines.turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sightline.engines.turns import TURNS

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def in_turns(application: Application) -> Application:
    """Return the WSGI application with its threads taking turns. Bodies that stream are sent outside of the turn."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with TURNS.taken():
            return application(environ, start_response)

    return serve
