"""What surrounds every page of a workspace: navigation, workspace name, person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from re import findall

from sightline.accounts.access import Access
from sightline.definitions.built_in import BUILT_IN
from sightline.definitions.catalog import Catalog
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dashboard import Dashboard
from sightline.definitions.schema.pack import Pack

SPRITE = Path(__file__).parent / "static" / "web" / "img" / "sprite.svg"
QUICK = 3
ALIASES = {
    "building": "home",
    "chart-line": "trend",
    "coins": "cash",
    "database": "db",
    "dollar-sign": "cash",
    "filter": "funnel",
    "gauge": "pulse",
    "graduation-cap": "book",
    "house": "home",
    "megaphone": "meg",
    "trending-up": "trend",
    "user": "users",
}
"""Names that packs use for icons of the sprite."""
SHORT = 12
HEALTH = "data_health"
"""The dashboard about data itself, which every workspace has."""


@dataclass(frozen=True)
class Item:
    """One place to go. `short` is the label of the tab bar on phones."""

    label: str
    href: str
    icon: str
    current: bool = False
    short: str = ""
    count: str = ""


@dataclass(frozen=True)
class Group:
    label: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Shell:
    """The frame of a page. `base` is the root of the workspace: every relative link starts there."""

    workspace: str
    label: str
    strap: str
    base: str
    logo: str
    groups: tuple[Group, ...]
    foot: tuple[Item, ...]
    quick: tuple[Item, ...]
    person: str
    email: str
    initials: str
    can_view_as: bool
    viewing_as: str = ""


@lru_cache(maxsize=1)
def drawn_icons() -> frozenset[str]:
    """Return the names of the icons in the sprite."""
    return frozenset(findall(r'id="i-([a-z-]+)"', SPRITE.read_text(encoding="utf-8")))


def icon_of(name: str, otherwise: str = "grid") -> str:
    """Return the icon a definition names, or another when the sprite lacks it."""
    known = ALIASES.get(name, name)
    return known if known in drawn_icons() else otherwise


def base_of(workspace: str) -> str:
    """Return the root of a workspace's pages."""
    return f"/w/{workspace}/"


def dashboards_of(catalog: Catalog) -> tuple[tuple[Pack, tuple[Dashboard, ...]], ...]:
    """Return the packs in order with the dashboards that stand in the navigation (not those about one member)."""
    found = []
    for pack in sorted(catalog.packs, key=lambda pack: (pack.order, pack.pack)):
        mine = [d for name, d in catalog.dashboards.items() if not d.entity and _pack_of(catalog, name) == pack.pack]
        found.append((pack, tuple(sorted(mine, key=lambda d: (d.order, d.title)))))
    return tuple(found)


def home_dashboard(catalog: Catalog) -> str | None:
    """Return the dashboard a workspace opens with: never the one that every workspace has."""
    for pack, dashboards in dashboards_of(catalog):
        if pack.home and pack.home in catalog.dashboards:
            return pack.home
        if dashboards:
            return dashboards[0].name
    return next((name for name in catalog.dashboards if _pack_of(catalog, name) != BUILT_IN), None)


def shell_of(access: Access, *, current: str, viewing_as: str = "", can_view_as: bool = False) -> Shell:
    """Return the frame for one member; it holds only what this member may open."""
    catalog, base = access.catalog, base_of(access.folder.name)
    branding = catalog.settings.branding
    dashboards = [
        Group(label_of(pack.pack, pack.label), tuple(_dashboard(d, base, current) for d in mine))
        for pack, mine in dashboards_of(catalog)
        if mine
    ]
    quick = tuple(item for group in dashboards for item in group.items)[:QUICK]
    metrics = Item("Metrics", f"{base}metrics", "hash", current == "metrics", "Metrics")
    guides = Item("Guides", f"{base}guides/", "book", current == "guides")
    return Shell(
        workspace=access.folder.name,
        label=branding.name or catalog.settings.label or label_of(access.folder.name),
        strap=_strap(len(catalog.packs)),
        base=base,
        logo=f"{base}logo" if branding.logo else "",
        groups=(Group("", (metrics, guides)), *dashboards, Group("Data", _data(access, base, current))),
        foot=_foot(access, base, current),
        quick=(*quick, metrics),
        person=access.user.shown_name,
        email=access.user.email,
        initials=initials(access.user.shown_name),
        can_view_as=can_view_as,
        viewing_as=viewing_as,
    )


def initials(name: str) -> str:
    """Return one or two letters for the round picture."""
    words = name.replace(".", " ").replace("-", " ").split()
    return "".join(word[0] for word in words[:2]).upper() or "?"


def _pack_of(catalog: Catalog, dashboard: str) -> str:
    mapping: Mapping[tuple[str, str], str] = catalog.pack_of
    return mapping.get(("dashboard", dashboard), catalog.packs[0].pack if catalog.packs else "")


def _dashboard(dashboard: Dashboard, base: str, current: str) -> Item:
    title = dashboard.title
    short = title if len(title) <= SHORT else title.split()[-1].capitalize()
    return Item(title, f"{base}d/{dashboard.name}", icon_of(dashboard.icon), current == f"d/{dashboard.name}", short)


def _strap(packs: int) -> str:
    return f"Sightline, {packs} pack{'' if packs == 1 else 's'}"


def _data(access: Access, base: str, current: str) -> tuple[Item, ...]:
    items = [Item("Datasets", f"{base}data", "table", current == "data", "Data")]
    if access.viewer.policy.allows("manage_sources") or access.viewer.policy.allows("see_quarantine"):
        items.append(Item("Sources", f"{base}data/sources", "db", current == "sources", "Sources"))
    if HEALTH in access.catalog.dashboards:
        title = access.catalog.dashboard(HEALTH).title
        items.append(Item(title, f"{base}d/{HEALTH}", "pulse", current == f"d/{HEALTH}", "Health"))
    if access.viewer.policy.allows("import_data"):
        items.append(Item("Import", f"{base}data/import", "upload", current == "import", "Import"))
    if access.viewer.policy.allows("see_quarantine"):
        items.append(Item("Quarantine", f"{base}data/quarantine", "filter", current == "quarantine", "Quarantine"))
    return tuple(items)


def _foot(access: Access, base: str, current: str) -> tuple[Item, ...]:
    allows = access.viewer.policy.allows
    items = []
    if allows("manage_members"):
        items.append(Item("Members", f"{base}admin/members", "users", current == "members"))
    if allows("see_audit"):
        items.append(Item("Audit log", f"{base}admin/audit", "hist", current == "audit"))
    if allows("manage_settings"):
        items.append(Item("Settings", f"{base}admin/settings", "sliders", current == "settings"))
    return tuple(items)
