"""Template tags of sources: states of runs, the strip of the last syncs."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sightline.web.source_lines import RUNS, SLOTS, STEP, WIDTH, Row
from sightline.web.templatetags.sightline import drawn

register = template.Library()


@register.simple_tag
def run_state(state: str, pill: bool = False) -> SafeString:
    """Return how a sync stands: icon, word and colour together."""
    glyph, tone, word = RUNS[state]
    css = f"st {tone}{' pill' if pill else ''}"
    return format_html('<span class="{}">{}{}</span>', css, drawn(glyph), word)


@register.simple_tag
def source_state(row: Row, pill: bool = False) -> SafeString:
    """Return how a source stands: icon, word and colour together."""
    css = f"st {row.tone}{' pill' if pill else ''}"
    return format_html('<span class="{}">{}{}</span>', css, drawn(row.icon), row.word)


@register.simple_tag
def sync_strip(row: Row) -> SafeString:
    """Return the last syncs as bars: low ones went well, tall ones did not. The words say the same."""
    width = SLOTS * STEP
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        ((bar.css, bar.x, bar.y, WIDTH, bar.height) for bar in row.bars),
    )
    floor = SafeString("") if row.bars else format_html('<path class="sn" d="M0 13.5H{}"/>', width)
    return format_html(
        '<svg class="sync" viewBox="0 0 {w} 14" width="{w}" height="14" role="img" '
        'aria-label="{said}">{floor}{bars}</svg>',
        w=width,
        said=row.said,
        floor=floor,
        bars=bars,
    )


@register.simple_tag
def error_of(errors: dict[str, str], name: str) -> str:
    """Return what is wrong with an input; empty when nothing is."""
    return errors.get(name, "")


@register.filter
def stored(value: object) -> str:
    """Return a value as it would be stored: moments to the second, everything else as it is."""
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)
