"""Choices that a page loads when they are asked for: members of a dimension, jump targets, workspaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from sightline.accounts.access import Access, workspaces_of
from sightline.dashboards.selection import dimension_labels
from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.base import label_of
from sightline.errors import NotFound
from sightline.guides.kinds import GUIDES
from sightline.metrics.members import members
from sightline.metrics.warehouse import Warehouse, warehouse_of
from sightline.web.guards import member, person
from sightline.web.page import fragment
from sightline.web.shell import base_of, dashboards_of, icon_of

MOST_CHOICES = 200
SEARCH_ABOVE = 8
PER_KIND = 6


@dataclass(frozen=True)
class Target:
    """One place to jump to. `shown` has the matched letters marked."""

    kind: str
    shown: SafeString
    note: str
    href: str
    icon: str


@require_GET
@member("view")
def of_dimension(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the options of a filter chip: only members this person may see."""
    dimension = request.GET.get("dimension", "")
    labels = dimension_labels(access.catalog)
    if dimension not in labels:
        raise NotFound(f'there is no dimension "{dimension}"')
    selected = set(request.GET.getlist("selected"))
    found = members(dimension, access.viewer, warehouse=warehouse_of(access.folder), limit=MOST_CHOICES)
    # "~" is the missing value in addresses, and a text that begins with it is doubled (see dashboards.selection)
    keys = ["~" if each.key is None else f"~{each.key}" if each.key.startswith("~") else each.key for each in found]
    options = [(key, each.label, key in selected) for key, each in zip(keys, found, strict=True)]
    return fragment(
        request,
        "web/parts/members.html",
        access=access,
        label=labels[dimension],
        dimension=dimension,
        options=options,
        searchable=len(options) > SEARCH_ABOVE,
    )


@require_GET
@member("view")
def palette(request: HttpRequest, access: Access) -> HttpResponse:
    """Return what the command palette lists for a text."""
    text = " ".join(request.GET.get("q", "").split())[:80]
    targets = list(_targets(access, text))
    groups = [(kind, list(found)) for kind, found in groupby(targets, key=lambda target: target.kind)]
    return fragment(request, "web/parts/palette.html", access=access, groups=groups, text=text)


@require_GET
@member("view")
def workspace_menu(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the workspaces of the person, for the switch."""
    return fragment(
        request,
        "web/parts/workspace_menu.html",
        access=access,
        places=workspaces_of(person(request)),
        here=access.workspace,
    )


def marked(label: str, text: str) -> SafeString:
    """Return a label with the matched letters marked."""
    at = label.lower().find(text.lower()) if text else -1
    if at < 0:
        return SafeString(escape(label))
    end = at + len(text)
    parts = (escape(label[:at]), escape(label[at:end]), escape(label[end:]))
    return mark_safe("{}<mark>{}</mark>{}".format(*parts))  # noqa: S308 - each part is escaped


def _targets(access: Access, text: str) -> Iterator[Target]:
    catalog, base = access.catalog, base_of(access.workspace)
    yield from _dashboards(catalog, base, text)
    if text:
        yield from _members(catalog, warehouse_of(access.folder), access, base, text)
    yield from _metrics(catalog, base, text)
    yield from _guides(base, text)
    yield from _commands(access, base, text)


def _dashboards(catalog: Catalog, base: str, text: str) -> Iterator[Target]:
    for pack, dashboards in dashboards_of(catalog):
        for each in dashboards:
            if text.lower() in each.title.lower():
                note = label_of(pack.pack, pack.label)
                yield Target("Dashboards", marked(each.title, text), note, f"{base}d/{each.name}", icon_of(each.icon))


def _members(catalog: Catalog, warehouse: Warehouse, access: Access, base: str, text: str) -> Iterator[Target]:
    for each in catalog.dashboards.values():
        if not each.entity:
            continue
        for found in members(each.entity, access.viewer, warehouse=warehouse, search=text, limit=PER_KIND):
            if found.key is not None:
                address = f"{base}d/{each.name}?{urlencode({each.entity: found.key})}"
                kind = f"{label_of(each.entity)}s"
                yield Target(kind, marked(found.label, text), each.title, address, icon_of(each.icon))


def _metrics(catalog: Catalog, base: str, text: str) -> Iterator[Target]:
    count = 0
    for name, metric in catalog.metrics.items():
        label = label_of(name, metric.label)
        if metric.hidden or text.lower() not in label.lower() or count >= PER_KIND * (2 if text else 1):
            continue
        count += 1
        yield Target("Metrics", marked(label, text), metric.group, f"{base}metrics/{name}", "hash")


def _guides(base: str, text: str) -> Iterator[Target]:
    """Yield the guides by title or by what they are for; each is written for its reader when it is opened."""
    for name, kind in GUIDES.items():
        if text.lower() in f"{kind.title} {kind.summary}".lower():
            yield Target("Guides", marked(kind.title, text), kind.summary, f"{base}guides/{name}", "book")


def _commands(access: Access, base: str, text: str) -> Iterator[Target]:
    places = [
        ("Browse the metric catalogue", "metrics", "hash", "view"),
        ("See datasets and freshness", "data", "db", "view"),
    ]
    places += [
        ("Import a file", "data/import", "upload", "import_data"),
        ("Manage members", "admin/members", "users", "manage_members"),
    ]
    places += [
        ("Change settings", "admin/settings", "sliders", "manage_settings"),
        ("Read the audit log", "admin/audit", "hist", "see_audit"),
    ]
    for label, path, icon, permission in places:
        if access.allows(permission) and text.lower() in label.lower():
            yield Target("Commands", marked(label, text), "", f"{base}{path}", icon)
