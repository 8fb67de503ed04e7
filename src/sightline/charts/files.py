"""A chart as a file: SVG or PNG, drawn in this process and never from the network."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Literal

from sightline.charts.theme import Mode, canvas, themed
from sightline.errors import SightlineError

_LOCK = threading.Lock()
WAIT_SECONDS = 20.0
VEGA_LITE = "6.4"


class ChartNotDrawn(SightlineError):
    """The chart could not be drawn as a file."""

    code = "SL-E060"
    permanent = False


def draw(
    spec: Mapping[str, Any], *, form: Literal["svg", "png"], mode: Mode = "light", width: int = 760, scale: float = 2.0
) -> bytes:
    """Return the chart as SVG or PNG with a solid background.

    The first drawing of a process takes about 0.3 s, later ones about 25 ms. The library is not faster in several
    threads (it holds the interpreter), so one draws at a time and others wait, at most WAIT_SECONDS. A drawing cannot
    be interrupted: callers with a large spec should run in a worker process.
    """
    import vl_convert  # heavy and optional: only when a file is asked for

    drawn = {**themed(spec, mode), "width": width, "background": canvas(mode), "padding": 16}
    if not _LOCK.acquire(timeout=WAIT_SECONDS):
        raise ChartNotDrawn("Other charts are being drawn.", hint="Try again in a moment.")
    try:
        # No base address is allowed: a spec can never make this process fetch something.
        if form == "svg":
            return str(vl_convert.vegalite_to_svg(drawn, vl_version=VEGA_LITE, allowed_base_urls=[])).encode()
        return bytes(vl_convert.vegalite_to_png(drawn, vl_version=VEGA_LITE, scale=scale, allowed_base_urls=[]))
    except ValueError as error:
        raise ChartNotDrawn("This chart could not be drawn as a file.", hint="Download its table instead.") from error
    finally:
        _LOCK.release()
