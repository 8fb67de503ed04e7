"""Series to draw, shared by the tests of charts."""

from __future__ import annotations

from datetime import date, timedelta

from sightline.charts.bar import bar_chart
from sightline.charts.line import line_chart
from sightline.charts.scatter import scatter_chart
from sightline.charts.series import Axis, Dot, Fan, FanStep, Line, Point, Reference, Spec

DOLLARS = Axis(prefix="$")
PERCENT = Axis(percent=True)


def weeks(label: str, *values: float | None, open_end: bool = False) -> Line:
    """Return a line with a point per week; the last is partial when `open_end`."""
    first = date(2025, 11, 3)
    return Line(
        label,
        tuple(
            Point(
                (first + timedelta(weeks=n)).isoformat(),
                value,
                "–" if value is None else f"${value:,.0f}",
                partial=open_end and n == len(values) - 1,
            )
            for n, value in enumerate(values)
        ),
    )


def fan() -> Fan:
    """Return two weeks beyond the last of four."""
    steps = (
        FanStep("2025-12-01", 720, (650, 790), (600, 840), "$720", ("$650", "$790"), ("$600", "$840")),
        FanStep("2025-12-08", 740, (640, 840), (560, 920), "$740", ("$640", "$840"), ("$560", "$920")),
    )
    return Fan(Point("2025-11-24", 700, "$700"), steps, "30 Nov", "2-week forecast")


def every_chart(*, narrow: bool = False) -> dict[str, Spec]:
    """Return one spec of each kind."""
    one, two = weeks("MS Finance", 900, 1200, 1100, 700, open_end=True), weeks("School", 800, 900, None, 950)
    dots = [
        Dot("MBA", 3420, 0.0149, "3,420"),
        Dot("MS Nursing", 2876, 0.0205, "2,876"),
        Dot("MPH", 1106, 0.0036, "1,106"),
    ]
    return {
        "line": line_chart([one, two], axis=DOLLARS, references=[Reference(1000, "Target $1,000")], narrow=narrow),
        "fan": line_chart([weeks("A", 900, 1200, 1100, 700)], axis=DOLLARS, fan=fan(), narrow=narrow),
        "bar": bar_chart([one, two], axis=DOLLARS, stacked=True, narrow=narrow),
        "ranked": bar_chart([one], axis=DOLLARS, horizontal=True, narrow=narrow),
        "scatter": scatter_chart(
            dots,
            x_axis=Axis(),
            y_axis=PERCENT,
            x_reference=Reference(1200, "Median 1,200"),
            y_reference=Reference(0.0117, "All 1.17%"),
            captions=["Low volume, high conversion: grow", "protect", "question", "fix"],
            narrow=narrow,
        ),
    }
