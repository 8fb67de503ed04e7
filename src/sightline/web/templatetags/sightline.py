"""Template tags: icons from the sprite, links into the workspace, the words and icons of states."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sightline.dashboards import formats
from sightline.dashboards.parts import Bullet, Delta, Figure, Link, Spark
from sightline.dashboards.view import PanelView
from sightline.web.table_files import table_files
from sightline.web.views.charts import chart_script_address

register = template.Library()

FRESH = {"fresh": ("ok", "good", "Fresh"), "late": ("clock", "warn", "Late"), "stale": ("clock", "bad", "Stale")}
EMPTY = ("none", "", "Empty")
STATUS = {
    "excellent": ("star", "info"),
    "good": ("ok", "good"),
    "warning": ("warn", "warn"),
    "critical": ("bad", "bad"),
}
ARROWS = {"up": "M4 1 7.5 7H.5Z", "down": "M4 7 .5 1h7Z"}


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("web/img/sprite.svg")


@lru_cache(maxsize=256)
def drawn(name: str, extra: str = "") -> SafeString:
    """Return one icon of the sprite; screen readers skip it."""
    css = f"ic {extra}".strip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', css, _sprite(), name)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Return one icon of the sprite; screen readers skip it."""
    return drawn(name, extra)


@register.simple_tag(takes_context=True)
def href(context: template.Context, link: Link) -> str:
    """Return the address of a link that is relative to the workspace."""
    return f"{context['base']}{link.href}"


@register.simple_tag(takes_context=True)
def figure(context: template.Context, shown: Figure, css: str = "") -> SafeString:
    """Return a number as a link to its explanation, or as text with the reason why there is none."""
    text = format_html("{}", shown.text)
    if shown.state == "missing":
        text = format_html('<span aria-hidden="true">{}</span><span class="sr">{}</span>', shown.text, shown.reason)
    if not shown.explain:
        return text
    return format_html(
        '<a class="{}" href="{}{}" data-drawer title="{}" aria-label="{}, explain this number">{}</a>',
        f"num-btn {css}".strip(),
        context["base"],
        shown.explain.href,
        shown.reason or shown.exact,
        shown.spoken or shown.text,
        text,
    )


@register.simple_tag
def delta(change: Delta | None, with_base: bool = True) -> SafeString | str:
    """Return a change: arrow, amount, what it is against. Colour only says whether it is good."""
    if change is None:
        return ""
    tone = {"good": " good", "bad": " bad"}.get(change.tone, "")
    arrow = SafeString("")
    if change.arrow in ARROWS:
        arrow = format_html('<svg class="tri" viewBox="0 0 8 8"><path d="{}"/></svg>', ARROWS[change.arrow])
    base = f" {change.base}" if with_base and change.base else ""
    return format_html(
        '<span aria-hidden="true"><span class="dl{}">{}{}</span>{}</span><span class="sr">{}</span>',
        tone,
        arrow,
        change.text,
        base,
        change.spoken,
    )


@register.simple_tag
def spark(line: Spark | None, decorative: bool = False) -> SafeString | str:
    """Return a sparkline. Beside a figure that already speaks it is decoration."""
    if line is None:
        return ""
    dashed = format_html('<path class="ln s1 dash" d="{}"/>', line.dashed) if line.dashed else ""
    role = SafeString('aria-hidden="true"')
    if not decorative:
        role = format_html('role="img" aria-label="{}"', line.spoken)
    return format_html(
        '<svg class="spark" width="{w}" height="{h}" viewBox="0 0 {w} {h}" {role}>'
        '<path class="ln s1" d="{path}"/>{dashed}<circle class="f1" cx="{x}" cy="{y}" r="2"/></svg>',
        w=line.width,
        h=line.height,
        role=role,
        path=line.path,
        dashed=dashed,
        x=line.x,
        y=line.y,
    )


@register.simple_tag
def status(name: str | None, words: str, pill: bool = False) -> SafeString | str:
    """Return a status: icon, word and colour together."""
    if not words:
        return ""
    glyph, tone = STATUS.get(name or "", ("none", ""))
    css = f"st {tone}{' pill' if pill else ''}"
    return format_html('<span class="{}">{}{}</span>', css, drawn(glyph), words)


@register.filter
def fresh_icon(state: str) -> str:
    """Return the icon of a freshness state."""
    return FRESH.get(state, EMPTY)[0]


@register.filter
def fresh_tone(state: str) -> str:
    """Return the colour class of a freshness state."""
    return FRESH.get(state, EMPTY)[1]


@register.filter
def fresh_word(state: str) -> str:
    """Return the word of a freshness state."""
    return FRESH.get(state, EMPTY)[2]


@register.filter
def fresh_class(state: str) -> str:
    """Return the class of the indicator in the top bar."""
    return "ok" if state == "fresh" else "warn"


@register.filter
def panel_template(panel: PanelView) -> str:
    """Return the template of a panel's kind."""
    return f"web/panels/{panel.kind}.html"


@register.filter
def pos(value: float | None) -> str:
    """Return a percentage for an SVG attribute, kept inside its track."""
    return f"{min(100.0, max(0.0, value or 0.0)):.2f}"


@register.filter
def band(bullet: Bullet) -> str:
    """Return the width of the interval behind a bullet bar, in percent."""
    return pos((bullet.high or 0.0) - (bullet.low or 0.0))


@register.simple_tag(takes_context=True)
def export_links(context: template.Context, panel: PanelView) -> list[tuple[str, str, str]]:
    """Return (words, note, address) of the files a panel can be exported as."""
    query = context.get("carried") or ""
    carried = f"?{query}" if query else ""
    folder = context.get("files_at") or f"{context['base']}export/{context['page_name']}"
    address = f"{folder}/{panel.id}"
    rows = getattr(panel, "total_rows", 0)
    note = formats.plural(rows, "row") if rows else ""
    files = table_files(address, query=query, note=note)
    if panel.kind == "chart" or getattr(panel, "picture", None):
        files += [
            ("Picture (PNG)", "picture", f"{address}.png{carried}"),
            ("Drawing (SVG)", "picture", f"{address}.svg{carried}"),
        ]
    return files


@register.filter
def words(name: object) -> str:
    """Return a stored name as words: import_data → Import data."""
    return str(name).replace("_", " ").capitalize()


@register.simple_tag
def chart_script() -> str:
    """Return the address of the script that draws charts."""
    return chart_script_address()


@register.filter
def plain(text: object) -> str:
    """Return a description of a definition without its code marks."""
    return str(text).replace("`", "")


@register.filter
def thousands(value: object) -> str:
    """Return a count with thousands separated; anything else as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value)


@register.filter
def details(detail: dict[str, object]) -> str:
    """Return the detail of an audit entry in one line."""
    return "; ".join(f"{words(name)}: {_inside(value)}" for name, value in detail.items() if value not in ("", [], {}))


def _inside(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_inside(each)}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
