"""A workspace's accent: checked for contrast, sent as a style sheet of its own (the pages have no inline styles)."""

from __future__ import annotations

import re

CANVAS = "#fdfdfc"
LEAST = 4.5
HEX = re.compile(r"^#[0-9a-f]{6}$")


def accent_problem(accent: str) -> str:
    """Return why a colour cannot be the accent, or "" when it can."""
    if not HEX.match(accent):
        return f'"{accent}" is not a colour; expected # and six digits, such as #215091.'
    seen = contrast(accent, CANVAS)
    if seen < LEAST:
        return f"{accent} has a contrast of {seen:.1f}:1 on the page; links need at least {LEAST}:1."
    return ""


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0..1."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def style_sheet(accent: str | None) -> str:
    """Return the rules that replace the accent; dark mode gets a lighter mix of it."""
    if not accent or not HEX.match(accent.lower()):
        return ""
    light, dark = accent.lower(), f"color-mix(in oklab, {accent.lower()} 45%, white)"
    wash = f"light-dark(color-mix(in oklab, {light} 10%, white), color-mix(in oklab, {light} 30%, #121315))"
    return (
        f"@layer tokens {{ :root {{ --accent: light-dark({light}, {dark}); --focus: var(--accent); "
        f"--accent-wash: {wash}; --selected: {wash}; }} }}\n"
    )
