"""One workspace with the packs programs, saas and executive, full of their samples, and a member of every role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from sample_company import read_module

from sightline.definitions.catalog import Catalog
from sightline.definitions.loader import shipped_pack
from sightline.home import Home
from sightline.lake.write import publish_table

PACKS = ("programs", "saas", "executive")
ATTRIBUTES: Mapping[str, dict[str, list[str]]] = {
    "school_partner": {"school": ["business"]},
    "account_manager": {"account_manager": ["ana"]},
    "department_head": {"owner": ["CFO"]},
}
SEES: Mapping[str, set[str]] = {
    "admin": {"programs", "saas", "executive"},
    "reader": {"programs", "saas"},
    **{role: {"programs"} for role in ("leadership", "school_partner")},
    **{role: {"saas"} for role in ("founder", "customer_success", "account_manager", "growth")},
    **{role: {"executive"} for role in ("executive", "board", "department_head")},
}
"""Role → the packs whose `roles.yaml` name it, written by hand."""


SCORECARD = """
dashboard: scorecard
title: Company scorecard
period: last_12_months
panels:
  - registry: [mrr, customers_total, inquiries, kpi_cac, kpi_security_incidents, kpi_training_completion]
    title: Everything
"""
"""A page of the workspace's own: metrics of two packs, values a connection brought, and values entered by hand."""
OWN_METRIC = """
metrics:
  mrr_per_inquiry: {type: ratio, numerator: mrr, denominator: inquiries, unit: usd, description: Of two packs.}
"""


def sample_of(pack: str) -> ModuleType:
    folder = shipped_pack(pack)
    assert folder is not None
    return read_module(folder / "sample.py", f"three_{pack}_sample")


def make_three_pack_home(places: pytest.TempPathFactory) -> Path:
    """Return a home whose workspace `demo` holds half a year of programs and saas and two years of KPIs."""
    path = places.mktemp("three") / "home"
    home, now = Home.create(path), datetime.now(UTC)
    (path / "static").mkdir()
    folder = home.create_workspace("demo", packs=PACKS, zone="America/New_York")
    (folder.definitions / "dashboards").mkdir(parents=True, exist_ok=True)
    (folder.definitions / "dashboards" / "scorecard.yaml").write_text(SCORECARD)
    (folder.definitions / "metrics").mkdir(exist_ok=True)
    (folder.definitions / "metrics" / "own.yaml").write_text(OWN_METRIC)
    folder = home.workspace("demo")
    short = {"months": 6, "problems": False}
    for pack, how in (("programs", short), ("saas", short), ("executive", {})):
        for name, table in sample_of(pack).generate(seed=7, end=now.date(), **how).items():
            publish_table(
                folder.lake, folder.catalog.dataset(name), table, zone="America/New_York", now=now, run=f"sample-{name}"
            )
    return path


@dataclass(frozen=True)
class Traces:
    """Words that only one pack has: names of its parts, labels of two words or more, and members of its data."""

    pattern: re.Pattern[str]

    def found(self, text: str) -> list[str]:
        return sorted(set(self.pattern.findall(text)))


def traces_of(pack: str, catalog: Catalog) -> Traces:
    """Return what may not be read by somebody who sees nothing of the pack; words other packs use too are left out."""
    own, others = _words(pack, catalog), set[str]()
    for other in PACKS:
        others |= _words(other, catalog) if other != pack else set()
    prose = " ".join(_prose(catalog, other) for other in PACKS if other != pack)
    words = {word for word in own - others if not re.search(rf"\b{re.escape(word)}\b", prose)}
    assert len(words) > 50
    return Traces(re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})\b"))


MEMBERS = {
    "programs": {"School of Business", "business_analytics", "ms_finance"},
    "saas": {"Harbor Labs", "Kestrel", "Juniper", "billing.1@example.com", "enterprise"},
    "executive": {
        "Helena Brandt",
        "Idris Okafor",
        "Customer concentration",
        "Open the Nordic market",
        "Series A closed",
    },
}


def _words(pack: str, catalog: Catalog) -> set[str]:
    parts = {key: each for (kind, key), each in catalog.pack_of.items() if kind in ("dataset", "metric", "dashboard")}
    found = {name for name, of in parts.items() if of == pack and ("_" in name or len(name) > 9)}
    for kind in (catalog.datasets, catalog.metrics):
        found |= {each.label for name, each in kind.items() if parts[name] == pack and " " in each.label}
    found |= {each.title for name, each in catalog.dashboards.items() if parts[name] == pack and " " in each.title}
    return found | MEMBERS[pack]


def _prose(catalog: Catalog, pack: str) -> str:
    """Return all that a pack's definitions say, in one text."""
    kinds = {"dataset": catalog.datasets, "metric": catalog.metrics, "dashboard": catalog.dashboards}
    return " ".join(
        str(each.model_dump())
        for kind, all_of in kinds.items()
        for name, each in all_of.items()
        if catalog.pack_of[kind, name] == pack
    )
