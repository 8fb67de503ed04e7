"""Recording and alerting rules for Prometheus, from the definitions: `promtool check rules` accepts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sightline.definitions.bands import Status, parsed
from sightline.definitions.catalog import Catalog
from sightline.definitions.exported import WHOLE_WINDOW, Exported, exports_of, label_name, prefix_of
from sightline.definitions.schema.bands import Ranges
from sightline.definitions.schema.metric import Metric, Ratio, Simple, Target
from sightline.exports.band_rules import condition
from sightline.exports.files import ExportContext, ExportFile, yaml_text
from sightline.exports.names import camel, label, quoted, selected, unit
from sightline.exports.samples import maturation_days

Rule = dict[str, Any]
Labels = dict[str, str]
ALERTED: tuple[Status, ...] = ("critical", "warning")
FOR = {"critical": "15m", "warning": "1h"}
"""How long a band must be held before anybody is told: figures change with the data, not with the scrape."""

GRAIN_PERIODS = {"last_week": "week", "last_month": "month", "last_quarter": "quarter", "last_year": "year"}
ADDED_UP = ("sum", "count")


def rule_files(context: ExportContext) -> tuple[ExportFile, ...]:
    """Return the rules of the workspace, and an example of how it is scraped."""
    rules = {"groups": [group for group in _groups(context) if group["rules"]]}
    about = f"Sightline: rules of workspace {context.workspace}. Written by `sightline export prometheus`."
    return (
        ExportFile(f"{context.workspace}.rules.yaml", yaml_text(rules, about=about)),
        ExportFile("scrape_configs.yaml", yaml_text({"scrape_configs": [scrape_config(context)]}, about=SCRAPE_HELP)),
    )


SCRAPE_HELP = """\
Sightline: how Prometheus scrapes this workspace. The file of credentials holds an API token:
sightline token add EMAIL --scope read"""


def scrape_config(context: ExportContext) -> dict[str, Any]:
    """Return the job that scrapes the workspace. Figures change when data is loaded: five minutes are often enough."""
    scheme, _, host = context.url.rstrip("/").rpartition("://")
    return {
        "job_name": f"sightline-{context.workspace}",
        "scheme": scheme or "http",
        "metrics_path": f"/api/v1/workspaces/{context.workspace}/prometheus/metrics",
        "scrape_interval": "5m",
        "scrape_timeout": "1m",
        "authorization": {"type": "Bearer", "credentials_file": f"sightline-{context.workspace}.token"},
        "static_configs": [{"targets": [host]}],
    }


def _groups(context: ExportContext) -> Iterator[dict[str, Any]]:
    catalog, workspace = context.catalog, context.workspace
    exported = [
        (each, catalog.metric(name))
        for name, metric in sorted(catalog.metrics.items())
        if not metric.hidden
        for each in exports_of(name, metric, prefix=prefix_of(catalog, name))
    ]
    yield _group(workspace, "ratios", [rule for each, metric in exported for rule in _ratios(each, metric, catalog)])
    yield _group(
        workspace, "targets", [rule for each, metric in exported for rule in _targets(each, metric, workspace)]
    )
    yield _group(workspace, "bands", [rule for each, metric in exported for rule in _alerts(each, metric, context)])


def _group(workspace: str, what: str, rules: list[Rule]) -> dict[str, Any]:
    return {"name": f"sightline-{workspace}-{what}", "rules": rules}


def _ratios(exported: Exported, metric: Metric, catalog: Catalog) -> Iterator[Rule]:
    """Yield the ratio recomputed from exported parts that can be added up, by the labels that both have."""
    if not isinstance(metric, Ratio):
        return
    parts = [_added_up(name, catalog) for name in (metric.numerator, metric.denominator)]
    top, bottom = parts
    if top is None or bottom is None or top.periods != bottom.periods or top.says_period or bottom.says_period:
        return
    by = ", ".join(["workspace", *(name for name in top.label_names if name in bottom.label_names)])
    sums = [f"sum by ({by}) ({selected(each.name, workspace=catalog.settings.workspace)})" for each in (top, bottom)]
    yield {"record": f"{exported.name}:ratio", "expr": f"{sums[0]} / ({sums[1]} != 0)"}


def _added_up(name: str, catalog: Catalog) -> Exported | None:
    metric = catalog.metrics.get(name)
    is_added_up = isinstance(metric, Simple) and not metric.hidden and metric.agg in ADDED_UP
    if metric is None or not is_added_up or maturation_days(name, catalog):
        return None
    return exports_of(name, metric, prefix=prefix_of(catalog, name))[0]


def _targets(exported: Exported, metric: Metric, workspace: str) -> Iterator[Rule]:
    """Yield the targets that hold for the exported period, and how far the figure is from that of the whole."""
    if len(exported.periods) > 1:
        return
    held = [each for each in metric.targets if each.per is None or _grain(exported) == each.per]
    record = f"{exported.name}:target"
    for target in held:
        own = {"workspace": workspace, "metric": exported.metric, **({"owner": target.owner} if target.owner else {})}
        segment = {label_name(name): value for name, value in target.segment.items()}
        yield {"record": record, "expr": _while_valid(target), "labels": own | segment}
    if any(not each.segment for each in held) and not exported.labels:
        whole = {label_name(key): "" for each in held for key in each.segment}
        due = selected(record, workspace=workspace, **whole)
        figure = selected(exported.name, workspace=workspace)
        yield {"record": f"{exported.name}:target_gap", "expr": f"{figure} - on () group_left () max ({due})"}


def _grain(exported: Exported) -> str | None:
    return GRAIN_PERIODS.get(exported.periods[0]) if exported.periods[0] != WHOLE_WINDOW else None


def _while_valid(target: Target) -> str:
    bounds = [f"(vector(time()) >= {_seconds(target.since)})"] if target.since else []
    bounds += [f"(vector(time()) < {_seconds(target.until)})"] if target.until else []
    return " and ".join([f"vector({target.value!r})", *bounds])


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _alerts(exported: Exported, metric: Metric, context: ExportContext) -> Iterator[Rule]:
    """Yield an alert per band of the whole, and of each segment whose dimensions are labels of the series."""
    if metric.bands is None:
        return
    called = dict(zip(exported.labels, exported.label_names, strict=True))
    segments = [
        (each, {called[name]: value for name, value in each.segment.items()})
        for each in metric.bands.segments
        if each.segment.keys() <= called.keys()
    ]
    for ranges, held in ((metric.bands, {}), *segments):
        apart = [inner for _, inner in segments if held.items() < inner.items()]
        yield from _alerts_of(ranges, held, apart, exported, metric, context)


def _alerts_of(
    ranges: Ranges,
    held: Labels,
    apart: Sequence[Labels],
    exported: Exported,
    metric: Metric,
    context: ExportContext,
) -> Iterator[Rule]:
    """Yield the alerts of the series with these labels, without those `apart` that have ranges of their own."""
    series = selected(exported.name, workspace=context.workspace, **held)
    others = [f" unless {selected(exported.name, workspace=context.workspace, **each)}" for each in apart]
    bands = parsed(ranges)
    for severity in ALERTED:
        if severity in bands:
            yield {
                "alert": camel("sightline", exported.name.removeprefix("sightline_"), *held.values(), severity),
                "expr": "".join([condition(series, bands, severity), *others]),
                "for": FOR[severity],
                "labels": _labels(exported, metric, context, severity),
                "annotations": _annotations(exported, metric, context, severity, getattr(ranges, severity) or ""),
            }


def _labels(exported: Exported, metric: Metric, context: ExportContext, severity: str) -> dict[str, str]:
    owner = {"owner": metric.owner} if metric.owner else {}
    return {"severity": severity, "workspace": context.workspace, "metric": exported.metric, **owner}


def _annotations(
    exported: Exported, metric: Metric, context: ExportContext, severity: Status, band: str
) -> dict[str, str]:
    name = label(context.catalog, exported.metric)
    where = "".join(f", {each} {{{{ $labels.{each} }}}}" for each in exported.label_names)
    found = {
        "summary": f"{name} is {_value(context.catalog, exported.metric)}{where}: {severity}",
        "label": name,
        "band": band,
    }
    if metric.description:
        found["description"] = _plain(metric.description)
    if metric.owner:
        found["owner"] = metric.owner
    found["url"] = f"{context.url.rstrip('/')}/w/{context.workspace}/metrics/{exported.metric}"
    return found


def _value(catalog: Catalog, metric: str) -> str:
    written = unit(catalog, metric)
    if written.is_rate:
        return "{{ $value | humanizePercentage }}"
    return f"{written.prefix}{{{{ $value | humanize }}}}{written.suffix}"


def _plain(text: str) -> str:
    """Return text on one line in which Prometheus sees no template of its own."""
    return " ".join(text.split()).replace("{{", "{{" + quoted("{{") + "}}")
